"""Parsers of the values that configurations are made of: what is written → what the rest of Floodmark works with."""

from __future__ import annotations

import re
import zoneinfo
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from pydantic import ByteSize, TypeAdapter

from floodmark.core.config import names
from floodmark.core.refused import Refused
from floodmark.core.time import duration
from floodmark.core.time.units import DAY


@dataclass(frozen=True, kw_only=True)
class SqliteLedger:
    """A SQLite file; without a path, the default one in ``state/``."""

    path: str | None = None


@dataclass(frozen=True, kw_only=True)
class FolderLedger:
    """Objects in Cloud Storage, for services whose tasks reach no database of ours."""

    folder: names.Folder


@dataclass(frozen=True, kw_only=True)
class ConnectionLedger:
    """A database behind an Airflow connection."""

    connection: str


Ledger = SqliteLedger | FolderLedger | ConnectionLedger


def ledger(value: object) -> Ledger:
    """A string is an address (``sqlite:///path``, ``gs://bucket/prefix``); a mapping names an Airflow connection."""
    remedy = "write sqlite:///path, gs://bucket/prefix, or {connection: an Airflow connection's id}"
    if isinstance(value, dict):
        if set(value) != {"connection"}:
            raise Refused("does not name one connection", remedy)
        return ConnectionLedger(connection=names.connection(value["connection"]))
    if isinstance(value, str) and value.startswith("gs://"):
        return FolderLedger(folder=names.folder(value))
    if isinstance(value, str) and value.startswith("sqlite:///") and value != "sqlite:///":
        return SqliteLedger(path=value.removeprefix("sqlite:///"))
    # A database's own URI would hold a password, so it is not repeated.
    raise Refused("is not the address of a ledger", remedy, secret=isinstance(value, str) and "@" in value)


def instant(value: object) -> datetime:
    """A date (its midnight in UTC) or a date and time with its zone, as an instant in UTC."""
    remedy = "write a date, 2026-11-01, or a time with its zone, 2026-11-01T06:00:00Z"
    if not isinstance(value, str):
        raise Refused("is not a date", remedy)
    try:
        if len(value) == len("2026-11-01"):
            return datetime.combine(date.fromisoformat(value), datetime.min.time(), UTC)
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise Refused("is not a date", remedy) from None
    if moment.tzinfo is None:
        raise Refused("has no time zone", "add Z for UTC")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise Refused("is not a date", remedy) from None


LEAST_RAW = 3 * DAY
"""Raw's partitions are days: what is kept for less may expire between load and merge (R33)."""


def stage_life(value: object) -> timedelta | None:
    """How long files are kept: a day or more, ``forever`` (None), or nothing: until what they hold is applied."""
    length = _life(value)
    if length is not None and timedelta(0) < length < DAY:
        raise Refused("is shorter than a day", "write 7d, 90d ... or forever; 0 for until they are applied")
    return length


def raw_life(value: object) -> timedelta | None:
    """How long what waits in raw to be merged is kept: three days or more, or ``forever`` (None; R33)."""
    length = _life(value)
    if length is not None and length < LEAST_RAW:
        raise Refused("is shorter than three days: it could expire before it is merged", "write 3d, 90d ... or forever")
    return length


def _life(value: object) -> timedelta | None:
    return None if value == "forever" else duration.parse(value)


def zone(value: object) -> str:
    """The name of a time zone in the IANA database."""
    name = names.text(value)
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise Refused("is not the name of a time zone", "write one such as Europe/Berlin, or UTC") from None
    return name


def live(value: object) -> str:
    """The soft delete column's value by which a row lives: a date, a moment, an infinity, as the source writes it."""
    text = names.text(value)
    if not _LIVE.fullmatch(text):
        raise Refused("is no date and no moment", "write it as the source does: 0001-01-01, infinity")
    return text


def whole(value: object) -> int:
    """A whole number of zero or more; a string of digits too, since the environment has only strings."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise Refused("is not a whole number", "write digits only")
    if value < 0:
        raise Refused("is negative", "write zero or more")
    return value


def counted(value: object) -> int:
    """A whole number of one or more."""
    if (number := whole(value)) == 0:
        raise Refused("is zero", "write one or more")
    return number


def readers(value: object) -> int | Literal["auto"]:
    """A whole number of one or more, or ``auto``."""
    return "auto" if value == "auto" else counted(value)


def size(value: object) -> int:
    """Bytes: a whole number, or with a unit, ``10GB``, ``1.5TiB``."""
    if isinstance(value, str):
        try:
            value = int(_BYTES_WITH_UNIT.validate_python(value))
        except ValueError:
            raise Refused("is not a number of bytes", "write one such as 50GB or 1TiB") from None
    return counted(value)


def share(value: object) -> float:
    """A percentage, ``10%``, as a share: more than none, at most all."""
    match = _PERCENTAGE.fullmatch(value) if isinstance(value, str) else None
    if match is None or not 0 < float(match[1]) <= 100:
        raise Refused("is not a share", "write a percentage, such as 10%, of more than 0% and at most 100%")
    return float(match[1]) / 100


_LIVE = re.compile(
    r"-?infinity|\d{4,6}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d(:?\d\d(:\d\d)?)?)?)?( BC)?"
)
_PERCENTAGE = re.compile(r"([0-9]+(?:\.[0-9]+)?)%")
_BYTES_WITH_UNIT = TypeAdapter(ByteSize)


def several(item: Callable[[object], str], most: int | None = None) -> Callable[[object], tuple[str, ...]]:
    """A parser of one name or a list of them, none twice."""

    def parse(value: object) -> tuple[str, ...]:
        written = value if isinstance(value, list) else [value]
        if not written:
            raise Refused("is an empty list", "name at least one, or take the key out")
        parsed = tuple(_item(item, one, place) for place, one in enumerate(written, start=1))
        if doubled := sorted(name for name, times in Counter(parsed).items() if times > 1):
            raise Refused(f'names "{doubled[0]}" twice', "name it once")
        if most is not None and len(parsed) > most:
            raise Refused(f"names {len(parsed)}", f"name at most {most}")
        return parsed

    return parse


def _item(parse: Callable[[object], str], value: object, place: int) -> str:
    try:
        return parse(value)
    except Refused as refused:
        if place == 1:
            raise
        raise Refused(f"item {place} {refused.message}", refused.remedy, secret=refused.secret) from None
