"""Whose rows were taken out of the target for good: how many, and by digests that name nobody."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation

from floodmark.core.refused import Refused
from floodmark.core.time.units import EPOCH, MICROSECOND

DIGITS = 32
"""Hexadecimal digits of a digest: half of SHA-256's."""
MOST = 1_000
"""Keys of one command: each head carries the digests of all."""


@dataclass(frozen=True, kw_only=True)
class Act:
    """One command. ``keys`` were named, of which ``unknown`` stood nowhere; rows and files are those that went.

    ``at`` is UTC.
    """

    at: datetime
    keys: int
    unknown: int
    current: int
    raw: int
    files: int


@dataclass(frozen=True, kw_only=True)
class Forgotten:
    """What was forgotten of one table.

    ``digests`` are salted, so that they name nobody to who reads them; who has the salt and a list of keys can tell
    whether one of these is among them. By them a later read's rows are told that bear such a key again: ``returned``
    rows, the last of them in the read of ``returned_at`` (UTC), since the last act.
    """

    salt: str = ""
    digests: tuple[str, ...] = ()
    acts: tuple[Act, ...] = ()
    returned: int = 0
    returned_at: datetime | None = None


NOTHING_FORGOTTEN = Forgotten()


def digest(salt: str, texts: Sequence[str]) -> str:
    """The digest of a key by its columns' canonical texts; ``bigquery/forget.sql`` says the same of a row."""
    parts = (hashlib.sha256(f"={text}".encode()).hexdigest() for text in texts)
    return hashlib.sha256((salt + "".join(parts)).encode()).hexdigest()[:DIGITS]


def key_of(written: str, types: Sequence[str]) -> tuple[str, ...]:
    """A key as a person wrote it: its one column's value, or a JSON list of several; each in its canonical text.

    ``types`` are BigQuery's, a column each. Raises ``Refused``, which repeats no value.
    """
    if len(types) == 1:
        return (canonical(written, types[0]),)
    try:
        values = json.loads(written, parse_float=str, parse_int=str)
    except ValueError:
        values = None
    if not isinstance(values, list) or len(values) != len(types):
        raise Refused(f"is not a list of the key's {len(types)} columns", 'write JSON, in the key\'s order: [7, "a"]')
    return tuple(canonical(_text(value), kind) for value, kind in zip(values, types, strict=True))


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    raise Refused("holds something that is neither a text nor a number", "a key's columns are never NULL")


def canonical(written: str, kind: str) -> str:
    """A value's canonical text, as ``bigquery/canonical.sql`` makes it. Raises ``Refused``, which repeats no value."""
    bare = kind.partition("(")[0]
    try:
        return _CANONICAL.get(bare, str)(written)
    except (ValueError, InvalidOperation, OverflowError):
        raise Refused(f"is no {bare}", _EXAMPLES.get(bare, "write it as BigQuery shows it")) from None


_EXAMPLES = {
    "DATE": "write 2026-11-01",
    "TIME": "write 12:30:00",
    "DATETIME": "write 2026-11-01T12:30:00",
    "TIMESTAMP": "write it with its zone: 2026-11-01T12:30:00Z",
    "BYTES": "write hexadecimal digits",
    "BOOL": "write true or false",
}


def _decimal(written: str) -> str:
    plain = format(Decimal(written), "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def _bool(written: str) -> str:
    return {"true": "1", "false": "0"}.get(written.strip().lower()) or _no()


def _time(written: str) -> str:
    return _micros(datetime.combine(EPOCH, time.fromisoformat(written.strip()), UTC))


def _timestamp(written: str) -> str:
    moment = datetime.fromisoformat(written.strip())
    return _micros(moment) if moment.tzinfo else _no()


def _micros(moment: datetime) -> str:
    return str((moment - EPOCH) // MICROSECOND)


def _no() -> str:
    raise ValueError


_CANONICAL: dict[str, Callable[[str], str]] = {
    "INT64": lambda written: str(int(written)),
    "NUMERIC": _decimal,
    "BIGNUMERIC": _decimal,
    "FLOAT64": lambda written: "0" if float(written) == 0 else f"{float(written):.16e}",
    "BOOL": _bool,
    "DATE": lambda written: str((date.fromisoformat(written.strip()) - EPOCH.date()).days),
    "TIME": _time,
    "DATETIME": lambda written: _micros(datetime.fromisoformat(written.strip()).replace(tzinfo=UTC)),
    "TIMESTAMP": _timestamp,
    "BYTES": lambda written: bytes.fromhex(written.removeprefix("\\x")).hex(),
}
