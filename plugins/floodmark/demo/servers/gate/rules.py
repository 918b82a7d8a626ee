"""What BigQuery refuses in a table's or dataset's resource: names, texts, labels, partitioning and clustering.

From its pages "Specify a schema", "Quotas and limits", "Requirements for labels", "Introduction to partitioned tables"
and "Introduction to clustered tables". Resources are in the form of the REST API; a refusal is what it would say, empty
where it wouldn't.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

Resource = Mapping[str, Any]

_SIGNS = frozenset("&%=+:'<>#| ")
_CATEGORIES = ("L", "M", "N", "Pc", "Pd")
_PREFIXES = (
    "_table_",
    "_file_",
    "_partition",
    "_row_timestamp",
    "__root__",
    "_colidentifier",
    "_change_sequence_number",
    "_change_type",
    "_change_timestamp",
)
_NAME, _COLUMNS = 300, 10_000
_TABLE_TEXT, _COLUMN_TEXT = 16_384, 1_024
_LABELS, _LABEL = 64, 63
CLUSTERABLE = frozenset(
    ("BIGNUMERIC", "BOOL", "DATE", "DATETIME", "GEOGRAPHY", "INT64", "NUMERIC", "RANGE", "STRING", "TIMESTAMP")
)
_CLUSTERED = 4
UNITS = {
    "DATE": ("DAY", "MONTH", "YEAR"),
    "DATETIME": ("HOUR", "DAY", "MONTH", "YEAR"),
    "TIMESTAMP": ("HOUR", "DAY", "MONTH", "YEAR"),
}
_STANDARD = {"BOOLEAN": "BOOL", "FLOAT": "FLOAT64", "INTEGER": "INT64", "RECORD": "STRUCT"}


def column_name(name: str) -> str:
    """Whether a column may bear the name."""
    wrong = [each for each in name if each not in _SIGNS and not unicodedata.category(each).startswith(_CATEGORIES)]
    if wrong or not name.strip() or len(name) > _NAME:
        return (
            f'Invalid field name "{name}". Fields must contain the allowed characters, and be at most '
            f"{_NAME} characters long."
        )
    if name.casefold().startswith(_PREFIXES):
        return f'Invalid field name "{name}". Field names are not allowed to start with the reserved prefixes'
    return ""


def table(resource: Resource) -> str:
    """Whether a table may be as it is asked for."""
    fields = (resource.get("schema") or {}).get("fields") or ()
    return _first(
        (
            *_columns(fields),
            _text(resource, "description", _TABLE_TEXT),
            labels(resource),
            _partitioning(resource, fields),
            _clustering(resource, fields),
        )
    )


def labels(resource: Resource) -> str:
    """Whether a table, a dataset or a job may bear its labels."""
    given = resource.get("labels") or {}
    if len(given) > _LABELS:
        return f"Too many labels: {len(given)}; at most {_LABELS}"
    for key, value in given.items():
        if not _is_key(key):
            return f'Label key "{key}" has invalid characters, or begins with none that is allowed, or is too long'
        if value is not None and not _is_label(value):
            return f'Label value "{value}" has invalid characters, or is too long'
    return ""


def kind(field: Resource) -> str:
    """A column's type by its standard name."""
    return _STANDARD.get(field["type"]) or str(field["type"])


def _is_label(text: str) -> bool:
    """At most 63 letters (none of them a capital), digits, ``_`` and ``-``, of any script."""
    return len(text) <= _LABEL and all(
        each in "_-" or unicodedata.category(each) in ("Ll", "Lo", "Lm", "Mn", "Mc", "Nd") for each in text
    )


def _is_key(text: str) -> bool:
    return _is_label(text) and unicodedata.category(text[:1] or " ") in ("Ll", "Lo")


def _columns(fields: Iterable[Resource]) -> Iterable[str]:
    names: set[str] = set()
    for count, field in enumerate(fields, start=1):
        name = field.get("name") or ""
        if count > _COLUMNS:
            yield f"Too many total leaf fields: at most {_COLUMNS}"
            return
        if name.casefold() in names:
            yield f"Duplicate field name: {name}"
        names.add(name.casefold())
        yield column_name(name)
        yield _text(field, "description", _COLUMN_TEXT)
        yield _parameters(field)
        yield from _columns(field.get("fields") or ())


def _parameters(field: Resource) -> str:
    if kind(field) not in ("NUMERIC", "BIGNUMERIC") or not field.get("precision"):
        return ""
    precision, scale = int(field["precision"]), int(field.get("scale") or 0)
    whole, most = (29, 9) if kind(field) == "NUMERIC" else (38, 38)
    if scale <= most and 1 <= precision - scale <= whole:
        return ""
    if scale <= most and precision == scale:
        return ""
    return f"Invalid {kind(field)} precision and scale: {precision}, {scale} (field: {field['name']})"


def _text(resource: Resource, key: str, most: int) -> str:
    length = len(resource.get(key) or "")
    return f"The {key} is too long: {length} characters, at most {most}" if length > most else ""


def _partitioning(resource: Resource, fields: Iterable[Resource]) -> str:
    cut = resource.get("timePartitioning") or {}
    if not cut.get("field"):
        return ""
    field = _find(fields, cut["field"])
    if field is None:
        return "The field specified for partitioning cannot be found in the schema."
    unit = cut.get("type") or "DAY"
    if kind(field) not in UNITS or field.get("mode") == "REPEATED":
        return f"The field specified for time partitioning must be a DATE, TIMESTAMP or DATETIME: {field['name']}"
    if unit not in UNITS[kind(field)]:
        return f"{unit} partitioning is not supported for {kind(field)} columns (field: {field['name']})"
    return ""


def _clustering(resource: Resource, fields: Iterable[Resource]) -> str:
    names = (resource.get("clustering") or {}).get("fields") or ()
    if len(names) > _CLUSTERED:
        return f"Too many clustering fields: {len(names)}; at most {_CLUSTERED}"
    for name in names:
        field = _find(fields, name)
        if field is None:
            return f"The field specified for clustering cannot be found in the schema. Invalid field: {name}"
        if kind(field) not in CLUSTERABLE or field.get("mode") == "REPEATED":
            return f"Clustering is not supported on a field of type {kind(field)}. Invalid field: {name}"
    return ""


def _find(fields: Iterable[Resource], name: str) -> Resource | None:
    return next((field for field in fields if field["name"].casefold() == name.casefold()), None)


def _first(refusals: Iterable[str]) -> str:
    return next((each for each in refusals if each), "")


_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def needs_character_map(name: str) -> bool:
    """Whether a load job changes the name, unless ``columnNameCharacterMap`` is V2."""
    return _PLAIN.fullmatch(name) is None
