"""The values that configurations are made of, each with its parser and what an editor's JSON Schema says of it."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ByteSize,
    ConfigDict,
    PlainSerializer,
    PlainValidator,
    TypeAdapter,
    WithJsonSchema,
    model_validator,
)

from floodmark.core import duration, names
from floodmark.core.refused import Refused


class Keys(BaseModel):
    """A mapping of the configuration: frozen, and no key is let pass that it doesn't know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


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


def shelf_life(value: object) -> timedelta | None:
    """How long something is kept: a day or more, or ``forever`` (None)."""
    if value == "forever":
        return None
    length = duration.parse(value)
    if length < duration.DAY:
        raise Refused("is shorter than a day", "write 7d, 90d ... or forever")
    return length


def zone(value: object) -> str:
    """The name of a time zone in the IANA database."""
    name = names.text(value)
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise Refused("is not the name of a time zone", "write one such as Europe/Berlin, or UTC") from None
    return name


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


def size(value: object) -> int:
    """Bytes: a whole number, or with a unit, ``10GB``, ``1.5TiB``."""
    if isinstance(value, str):
        try:
            value = int(_BYTES_WITH_UNIT.validate_python(value))
        except ValueError:
            raise Refused("is not a number of bytes", "write one such as 50GB or 1TiB") from None
    return counted(value)


_BYTES_WITH_UNIT = TypeAdapter(ByteSize)


def several(item: Callable[[object], str], most: int | None = None) -> Callable[[object], tuple[str, ...]]:
    """A parser of one name or a list of them, none twice."""

    def parse(value: object) -> tuple[str, ...]:
        written = value if isinstance(value, list) else [value]
        if not written:
            raise Refused("is an empty list", "name at least one, or take the key out")
        parsed = tuple(_item(item, one, place) for place, one in enumerate(written, start=1))
        if doubled := sorted({name for name in parsed if parsed.count(name) > 1}):
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


def _parsed(parse: Callable[[Any], Any], **schema: Any) -> tuple[PlainValidator, PlainSerializer, WithJsonSchema]:
    return PlainValidator(parse), PlainSerializer(written), WithJsonSchema(schema)


def written(value: Any) -> Any:
    """A parsed value as one would write it in YAML."""
    for kind, write in _WRITERS.items():
        if isinstance(value, kind):
            return write(value)
    return value


_WRITERS: dict[type, Callable[[Any], Any]] = {
    timedelta: duration.render,
    datetime: lambda moment: moment.isoformat().replace("+00:00", "Z"),
    ConnectionLedger: lambda place: {"connection": place.connection},
    FolderLedger: lambda place: str(place.folder),
    SqliteLedger: lambda place: f"sqlite:///{place.path}" if place.path else None,
    names.Folder: str,
    names.Relation: str,
    tuple: list,
}

_STRINGS = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}
_DURATION = {"anyOf": [{"type": "string", "pattern": duration.PATTERN, "minLength": 1}, {"const": 0}]}
_CADENCE = {"type": "string", "examples": [duration.render(length) for length in duration.CADENCES]}
_LIFE = {"type": "string", "examples": ["7d", "90d", "forever"]}
_INSTANT = {"type": "string", "examples": ["2026-11-01", "2026-11-01T06:00:00Z"]}
_BYTES = {"type": ["integer", "string"], "examples": ["50GB", "1TiB"]}
_LEDGER = {
    "anyOf": [
        {"type": "string", "pattern": "^(sqlite:///.+|gs://.+)$"},
        {"type": "object", "properties": {"connection": {"type": "string"}}, "required": ["connection"],
         "additionalProperties": False},
    ]
}  # fmt: skip
_NUMBER = {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "pattern": "^[0-9]+$"}]}

Text = Annotated[str, *_parsed(names.text, type="string", minLength=1)]
SourceName = Annotated[str, *_parsed(names.source, type="string", minLength=1)]
TableName = Annotated[str, *_parsed(names.table, type="string", minLength=1)]
Dataset = Annotated[str, *_parsed(names.dataset, type="string", minLength=1)]
Project = Annotated[str, *_parsed(names.project, type="string", minLength=1)]
Location = Annotated[str, *_parsed(names.location, type="string", minLength=1)]
KmsKey = Annotated[str, *_parsed(names.kms_key, type="string", minLength=1)]
ConnectionId = Annotated[str, *_parsed(names.connection, type="string", minLength=1)]
Column = Annotated[str, *_parsed(names.column, type="string", minLength=1)]
Columns = Annotated[tuple[str, ...], *_parsed(several(names.column), **_STRINGS)]
Cluster = Annotated[tuple[str, ...], *_parsed(several(names.column, 4), **_STRINGS)]
Texts = Annotated[tuple[str, ...], *_parsed(several(names.text), **_STRINGS)]
Labels = Annotated[
    dict[str, str], *_parsed(names.labels, type="object", additionalProperties={"type": "string", "maxLength": 63})
]
Relation = Annotated[names.Relation, *_parsed(names.relation, type="string", minLength=1)]
Folder = Annotated[names.Folder, *_parsed(names.folder, type="string", minLength=1)]
LedgerPlace = Annotated[Ledger, *_parsed(ledger, **_LEDGER)]
Duration = Annotated[timedelta, *_parsed(duration.parse, **_DURATION)]
Cadence = Annotated[timedelta, *_parsed(duration.cadence, **_CADENCE)]
ShelfLife = Annotated[timedelta | None, *_parsed(shelf_life, **_LIFE)]
Instant = Annotated[datetime, *_parsed(instant, **_INSTANT)]
Zone = Annotated[str, *_parsed(zone, type="string", minLength=1)]
Whole = Annotated[int, *_parsed(whole, **_NUMBER)]
Counted = Annotated[int, *_parsed(counted, **_NUMBER)]
Bytes = Annotated[int, *_parsed(size, **_BYTES)]


def or_string(schema: dict[str, Any]) -> None:
    """Let an editor accept a bare string where a mapping stands: its short form."""
    mapping = dict(schema)
    schema.clear()
    schema["anyOf"] = [{"type": "string"}, mapping]


class Globs(Keys):
    """Which columns are carried: those that match ``include`` (all, without it), or all but ``exclude``."""

    include: Texts = ()
    exclude: Texts = ()


class Partition(Keys):
    """The column that partitions the current table. It must never change for a key (R20)."""

    model_config = ConfigDict(json_schema_extra=or_string)

    column: Column
    by: Literal["hour", "day", "month", "year"] = "day"

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: object) -> object:
        return {"column": value} if isinstance(value, str) else value


class Deletes(Keys):
    """How rows that are gone from the source leave the target (R25): ``ignore``, ``reconcile``, or by a column."""

    model_config = ConfigDict(json_schema_extra=or_string)

    how: Literal["ignore", "reconcile", "soft"] = "soft"
    soft: Column | None = None
    mode: Literal["remove", "flag"] = "remove"

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: object) -> object:
        if isinstance(value, dict):
            if "how" in value or "soft" not in value:
                raise Refused("does not say how", "write ignore, reconcile, or {soft: column, mode: remove or flag}")
            return value
        if value not in ("ignore", "reconcile"):
            raise Refused("is not a way to see deletes", "write ignore, reconcile, or {soft: a column}")
        return {"how": value}
