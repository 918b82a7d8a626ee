"""Names of the source's as parts of an object's name, and back.

``*`` in the address of an object means all that it may stand for, in BigQuery's load jobs as in tools; so do ``?``,
``[`` and ``]``, ``#`` names a generation, ``/`` makes a folder, and a control character or a backslash is no good
anywhere (Cloud Storage's page "About Cloud Storage objects", *Object names*; BigQuery's "Batch loading data",
*Wildcard support*).
"""

from __future__ import annotations

import re

_ODD = re.compile(r"[^\w -]")
_WRITTEN = re.compile(r"(?:~[0-9A-F]{2})+")


def as_part(name: str) -> str:
    """Letters, digits, ``_``, ``-`` and blanks as they are, the bytes of all else as ``~2A``. No two names give one."""
    return _ODD.sub(lambda odd: "".join(f"~{byte:02X}" for byte in odd[0].encode()), name)


def of_part(part: str) -> str:
    """The name that :func:`as_part` wrote."""
    return _WRITTEN.sub(lambda written: bytes.fromhex(written[0].replace("~", "")).decode(), part)


def target_as_part(target: str) -> str:
    """A target as one part of an object's name: what isn't a letter, a digit or ``._-`` as ``=`` and its bytes."""
    return "".join(c if (c.isascii() and c.isalnum()) or c in "._-" else f"={c.encode().hex()}=" for c in target)


def target_of_part(part: str) -> str:
    """The target that :func:`target_as_part` wrote."""
    pieces = part.split("=")
    return "".join(bytes.fromhex(piece).decode() if number % 2 else piece for number, piece in enumerate(pieces))


MOST_BYTES = 1024
"""Of an object's name: Cloud Storage's page "Quotas & limits", *Objects*."""
_BESIDE_A_TABLE = len("//./dt=2026-11-01/hr=10/20261101T100000.000000Z-.quarantine.ndjson") + len(str(2**63))
_BESIDE_A_TARGET = len("/reads//2026-11-01T10:00:00.000000Z.json")


def longest_of_stage(prefix: str, source: str, schema: str, table: str) -> int:
    """Bytes of the longest name that an object of the stage has: :func:`floodmark.pipeline.staging.object_name`."""
    return _BESIDE_A_TABLE + sum(len(one.encode()) for one in (prefix, source, as_part(schema), as_part(table)))


def longest_of_ledger(prefix: str, target: str) -> int:
    """The same of a ledger of objects."""
    return _BESIDE_A_TARGET + len(prefix.encode()) + len(target_as_part(target))
