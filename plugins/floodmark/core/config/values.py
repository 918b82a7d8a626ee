"""The values that configurations are made of: each with its parser and what an editor's JSON Schema says of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, PlainSerializer, PlainValidator, WithJsonSchema, model_validator

from floodmark.core.config import cadences, masks, names, parsers, pods, target_types
from floodmark.core.config.parsers import ConnectionLedger, FolderLedger, Ledger, SqliteLedger
from floodmark.core.refused import Refused
from floodmark.core.time import duration
from floodmark.core.time.cadence import LENGTHS, Cron, Every


class Keys(BaseModel):
    """A mapping of the configuration: frozen, and no key is let pass that it doesn't know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


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
    Every: lambda cadence: cadence.written,
    Cron: lambda cadence: cadence.written,
    masks.Masks: lambda these: {glob: mask.written for glob, mask in these.by_glob},
    target_types.Types: lambda these: {glob: chosen.written for glob, chosen in these.by_glob},
    tuple: list,
    float: lambda share: f"{share * 100:g}%",
}

_STRINGS = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}
_DURATION = {"anyOf": [{"type": "string", "pattern": duration.PATTERN, "minLength": 1}, {"const": 0}]}
_CADENCE = {
    "anyOf": [
        {"type": "string", "examples": [*map(duration.render, LENGTHS), "0 */5 * * *"]},
        {"type": "object", "properties": {"cron": {"type": "string"}, "timezone": {"type": "string"}},
         "required": ["cron"], "additionalProperties": False},
    ]
}  # fmt: skip
_LIFE = {"type": "string", "examples": ["7d", "90d", "forever"]}
_STAGE_LIFE = {"anyOf": [{"type": "string", "examples": ["0", "7d", "forever"]}, {"const": 0}]}
_INSTANT = {"type": "string", "examples": ["2026-11-01", "2026-11-01T06:00:00Z"]}
_BYTES = {"type": ["integer", "string"], "examples": ["50GB", "1TiB"]}
_SHARE = {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?%$", "examples": ["10%", "0.5%"]}
_LEDGER = {
    "anyOf": [
        {"type": "string", "pattern": "^(sqlite:///.+|gs://.+)$"},
        {"type": "object", "properties": {"connection": {"type": "string"}}, "required": ["connection"],
         "additionalProperties": False},
    ]
}  # fmt: skip
_MASK = {
    "anyOf": [
        {"enum": ["sha256", "redact", "null", "clear"]},
        {"type": "object", "properties": {"hmac": {"type": "string"}}, "required": ["hmac"],
         "additionalProperties": False},
        {"type": "object", "properties": {"truncate": {"type": "integer", "minimum": 1}}, "required": ["truncate"],
         "additionalProperties": False},
        {"type": "null"},
    ]
}  # fmt: skip
_TYPE = {
    "anyOf": [
        {"type": "string", "minLength": 1, "examples": ["NUMERIC", "NUMERIC(12, 2)", "JSON", "ARRAY<STRING>"]},
        {"type": "object", "properties": {"JSON": {"const": target_types.ROUND}}, "required": ["JSON"],
         "additionalProperties": False},
    ]
}  # fmt: skip
_EXECUTOR = {
    "type": "object", "properties": {pods.POD: {"type": "object"}}, "required": [pods.POD],
    "additionalProperties": False,
}  # fmt: skip
_READERS = {"anyOf": [{"const": "auto"}, {"type": "integer", "minimum": 1}, {"type": "string", "pattern": "^[0-9]+$"}]}
_NUMBER = {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "pattern": "^[0-9]+$"}]}

Text = Annotated[str, *_parsed(names.text, type="string", minLength=1)]
SourceName = Annotated[str, *_parsed(names.source, type="string", minLength=1)]
TableName = Annotated[str, *_parsed(names.table, type="string", minLength=1)]
Dataset = Annotated[str, *_parsed(names.dataset, type="string", minLength=1)]
Project = Annotated[str, *_parsed(names.project, type="string", minLength=1)]
Instance = Annotated[str, *_parsed(names.instance, type="string", minLength=1)]
Endpoint = Annotated[str, *_parsed(names.endpoint, type="string", minLength=1)]
Location = Annotated[str, *_parsed(names.location, type="string", minLength=1)]
KmsKey = Annotated[str, *_parsed(names.kms_key, type="string", minLength=1)]
ConnectionId = Annotated[str, *_parsed(names.connection, type="string", minLength=1)]
Column = Annotated[str, *_parsed(names.column, type="string", minLength=1)]
Columns = Annotated[tuple[str, ...], *_parsed(parsers.several(names.column), **_STRINGS)]
Cluster = Annotated[tuple[str, ...], *_parsed(parsers.several(names.column, 4), **_STRINGS)]
Texts = Annotated[tuple[str, ...], *_parsed(parsers.several(names.text), **_STRINGS)]
Labels = Annotated[
    dict[str, str], *_parsed(names.labels, type="object", additionalProperties={"type": "string", "maxLength": 63})
]
Renamed = Annotated[
    dict[str, str], *_parsed(names.renamed, type="object", additionalProperties={"type": "string", "minLength": 1})
]
Followed = Annotated[
    dict[str, str], *_parsed(names.followed, type="object", additionalProperties={"type": "string", "minLength": 1})
]
PolicyTags = Annotated[
    dict[str, str], *_parsed(names.policy_tags, type="object", additionalProperties={"type": "string", "minLength": 1})
]
ExecutorConfig = Annotated[dict[str, Any], *_parsed(pods.parse, **_EXECUTOR)]
Masked = Annotated[masks.Masks, *_parsed(masks.parse, type="object", additionalProperties=_MASK)]
ChosenTypes = Annotated[target_types.Types, *_parsed(target_types.parse, type="object", additionalProperties=_TYPE)]
Relation = Annotated[names.Relation, *_parsed(names.relation, type="string", minLength=1)]
Folder = Annotated[names.Folder, *_parsed(names.folder, type="string", minLength=1)]
LedgerPlace = Annotated[Ledger, *_parsed(parsers.ledger, **_LEDGER)]
Duration = Annotated[timedelta, *_parsed(duration.parse, **_DURATION)]
Cadence = Annotated[Every | Cron, *_parsed(cadences.parse, **_CADENCE)]
StageLife = Annotated[timedelta | None, *_parsed(parsers.stage_life, **_STAGE_LIFE)]
RawLife = Annotated[timedelta | None, *_parsed(parsers.raw_life, **_LIFE)]
Instant = Annotated[datetime, *_parsed(parsers.instant, **_INSTANT)]
Zone = Annotated[str, *_parsed(parsers.zone, type="string", minLength=1)]
Whole = Annotated[int, *_parsed(parsers.whole, **_NUMBER)]
Counted = Annotated[int, *_parsed(parsers.counted, **_NUMBER)]
Readers = Annotated[int | Literal["auto"], *_parsed(parsers.readers, **_READERS)]
Share = Annotated[float, *_parsed(parsers.share, **_SHARE)]
Bytes = Annotated[int, *_parsed(parsers.size, **_BYTES)]


def or_string(schema: dict[str, Any]) -> None:
    """Let an editor accept a bare string where a mapping stands: its short form."""
    mapping = dict(schema)
    schema.clear()
    schema["anyOf"] = [{"type": "string"}, mapping]


Live = Annotated[str, *_parsed(parsers.live, type="string", minLength=1, examples=["0001-01-01", "infinity"])]


class Globs(Keys):
    """Which columns are carried: those that match ``include`` (all, without it), or all but ``exclude``."""

    include: Texts = ()
    exclude: Texts = ()

    def choose(self, column: str) -> bool:
        """Whether a column matches what is included, and nothing that is excluded."""
        included = not self.include or any(fnmatchcase(column, pattern) for pattern in self.include)
        return included and not any(fnmatchcase(column, pattern) for pattern in self.exclude)


def _or_word(schema: dict[str, Any]) -> None:
    or_string(schema)
    schema["anyOf"][0] = {"enum": ["evolve", "freeze"]}


class SchemaPolicy(Keys):
    """What a change of the source's columns does to the target (R26, R29), by kind of change; a word stands for all."""

    model_config = ConfigDict(json_schema_extra=_or_word)

    added: Literal["evolve", "freeze", "discard"] = "evolve"
    dropped: Literal["evolve", "freeze", "discard"] = "evolve"
    retyped: Literal["evolve", "freeze"] = "evolve"

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: object) -> object:
        if isinstance(value, dict):
            if value.get("retyped") == "discard":
                raise Refused("can't have retyped: discard: values of the new type don't fit the old one", _TYPED)
            return value
        if value == "discard":
            raise Refused("can't stand for all: values of a new type have no place in a column of the old one", _TYPED)
        if value not in ("evolve", "freeze"):
            raise Refused("is not a policy", "write evolve, freeze, or {added: ..., dropped: ..., retyped: ...}")
        return {"added": value, "dropped": value, "retyped": value}


_TYPED = "write {added: discard, dropped: discard, retyped: freeze}, or retyped: evolve"


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
    """How rows that are gone from the source leave the target (R25): not, by a column, or by comparing all keys."""

    model_config = ConfigDict(json_schema_extra=or_string)

    how: Literal["ignore", "soft", "reconcile"] = "soft"
    soft: Column | None = None
    mode: Literal["remove", "flag"] = "remove"
    live: Live | None = None

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
