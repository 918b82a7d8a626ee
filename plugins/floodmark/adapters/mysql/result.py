"""What a SELECT of the user's own returns, by what the protocol says of its columns."""

from __future__ import annotations

from typing import Any

import pymysql
from pymysql.constants import FIELD_TYPE, FLAG

from floodmark.adapters.mysql.catalog import KEYLESS
from floodmark.adapters.mysql.errors import mapped
from floodmark.adapters.mysql.types import Declared, base_type, described
from floodmark.core.schema import Column, TableSchema
from floodmark.errors import SourceRefused

_BINARY = 63
"""The charset of bytes."""
_TYPES = {
    FIELD_TYPE.TINY: "tinyint",
    FIELD_TYPE.SHORT: "smallint",
    FIELD_TYPE.INT24: "mediumint",
    FIELD_TYPE.LONG: "int",
    FIELD_TYPE.LONGLONG: "bigint",
    FIELD_TYPE.FLOAT: "float",
    FIELD_TYPE.DOUBLE: "double",
    FIELD_TYPE.BIT: "bit",
    FIELD_TYPE.YEAR: "year",
    FIELD_TYPE.DATE: "date",
    FIELD_TYPE.NEWDATE: "date",
    FIELD_TYPE.TIME: "time",
    FIELD_TYPE.DATETIME: "datetime",
    FIELD_TYPE.TIMESTAMP: "timestamp",
    FIELD_TYPE.JSON: "json",
    FIELD_TYPE.GEOMETRY: "geometry",
    FIELD_TYPE.NEWDECIMAL: "decimal",
    FIELD_TYPE.DECIMAL: "decimal",
}


def describe_result(connection: Any, schema: str, table: str, statement: str) -> TableSchema:
    """The columns of a SELECT. As a view, it has no key and no index."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            fields = list(cursor._result.fields)
    except (pymysql.err.Error, OSError) as error:
        raise mapped(error, f"the SELECT for {schema}.{table}") from error
    names = [field.name for field in fields]
    if doubled := sorted({one for one in names if names.count(one) > 1}):
        raise SourceRefused(
            f"the SELECT for {schema}.{table} returns {', '.join(doubled)} twice; name each column once"
        )
    columns = tuple(_column(field) for field in fields)
    return TableSchema(
        schema=schema, name=table, columns=columns, row_versions=False, splittable=False, indexable=False,
        undivided=KEYLESS,
    )  # fmt: skip


def _column(field: Any) -> Column:
    declared = _declared(field)
    return described(Column(name=field.name, type=declared.column_type, base_type=base_type(declared)), declared)


def _declared(field: Any) -> Declared:
    if field.flags & FLAG.ENUM or field.flags & FLAG.SET:
        return Declared(data_type="varchar", column_type="varchar")
    name = _TYPES.get(field.type_code)
    if name is None:
        name = "varbinary" if field.charsetnr == _BINARY else "varchar"
    unsigned = " unsigned" if field.flags & FLAG.UNSIGNED and name != "bit" else ""
    if name == "decimal":
        precision = field.length - (2 if field.scale else 1) + (1 if unsigned else 0)
        return Declared(
            data_type=name, column_type=f"decimal({precision},{field.scale}){unsigned}", precision=precision,
            scale=field.scale,
        )  # fmt: skip
    precision = field.length if name == "bit" else None
    return Declared(data_type=name, column_type=f"{name}{unsigned}", precision=precision)
