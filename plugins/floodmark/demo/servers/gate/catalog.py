"""Tables in the form of BigQuery's REST API, as Google's analyzer takes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from zetasql.wasi._pb2.zetasql.proto import simple_catalog_pb2
from zetasql.wasi._pb2.zetasql.public import type_pb2

KINDS = {
    "BIGNUMERIC": "BIGNUMERIC",
    "BOOL": "BOOL",
    "BOOLEAN": "BOOL",
    "BYTES": "BYTES",
    "DATE": "DATE",
    "DATETIME": "DATETIME",
    "FLOAT": "DOUBLE",
    "FLOAT64": "DOUBLE",
    "GEOGRAPHY": "GEOGRAPHY",
    "INT64": "INT64",
    "INTEGER": "INT64",
    "INTERVAL": "INTERVAL",
    "JSON": "JSON",
    "NUMERIC": "NUMERIC",
    "STRING": "STRING",
    "TIME": "TIME",
    "TIMESTAMP": "TIMESTAMP",
}
"""BigQuery's names of types (its page "Table", ``TableFieldSchema.type``), and Google's own."""

Field = Mapping[str, Any]


def set_type(message: Any, field: Field, *, element: bool = False) -> None:
    """Fill a ``TypeProto`` with a column's type: ``REPEATED`` is an array, ``RECORD`` a struct."""
    if field.get("mode") == "REPEATED" and not element:
        message.type_kind = type_pb2.TYPE_ARRAY
        set_type(message.array_type.element_type, field, element=True)
    elif field["type"] in ("RECORD", "STRUCT"):
        message.type_kind = type_pb2.TYPE_STRUCT
        for part in field.get("fields") or ():
            inner = message.struct_type.field.add(field_name=part["name"])
            set_type(inner.field_type, part)
    else:
        message.type_kind = getattr(type_pb2, "TYPE_" + KINDS[field["type"]])


def parameter_field(parameter_type: Mapping[str, Any]) -> Field:
    """A query parameter's type (``QueryParameterType``) in the form of a column."""
    if parameter_type.get("type") == "ARRAY":
        return {**parameter_field(parameter_type["arrayType"]), "mode": "REPEATED"}
    parts = [
        {"name": part.get("name", ""), **parameter_field(part["type"])}
        for part in parameter_type.get("structTypes") or ()
    ]
    return {"type": parameter_type.get("type", ""), "fields": parts}


def catalog(tables: Iterable[tuple[str, str, Iterable[Field]]]) -> Any:
    """``(dataset, table, columns)`` as a ``SimpleCatalogProto``; it has no functions yet.

    Columns that BigQuery adds of itself can be read but not written.
    """
    made = simple_catalog_pb2.SimpleCatalogProto(name="bigquery")
    inner: dict[str, Any] = {}
    for dataset, name, columns in tables:
        if dataset not in inner:
            inner[dataset] = made.catalog.add(name=dataset)
        table = inner[dataset].table.add(name=name, full_name=f"{dataset}.{name}")
        for field in columns:
            column = table.column.add(name=field["name"], is_writable_column=True)
            set_type(column.type, field)
    return made
