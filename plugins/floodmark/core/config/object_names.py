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
