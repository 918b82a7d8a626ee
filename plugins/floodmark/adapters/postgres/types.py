"""How a column's values travel: source type -> SELECT expression -> Arrow -> BigQuery (R27).

Only what Parquet maps natively is landed in raw; the MERGE converts the rest. Whatever Arrow or BigQuery can't hold
exactly travels as PostgreSQL's own text. ``char(n)`` travels without its padding, as that means nothing there.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from floodmark.core.config.names import OURS
from floodmark.core.schema import Column, TableSchema


class Expression(StrEnum):
    """How the SELECT writes a column; ``{}`` stands for its quoted name."""

    AS_IS = "{}"
    TEXT = "{}::text"
    BIGINT = "{}::bigint"
    TEXT_BIGINT = "{}::text::bigint"
    MONEY = "{}::numeric::text"
    JSON = "pg_catalog.to_json({})::text"


class Check(StrEnum):
    """What must be checked of each value, since its source type holds more than its target."""

    NONE = ""
    DATE = "date"
    TIME = "time"
    TIMESTAMP = "timestamp"
    DECIMAL = "decimal"


@dataclass(frozen=True, kw_only=True)
class Carriage:
    """How one column travels.

    ``landing`` is its BigQuery type in raw, ``target`` that in current; ``convert`` makes the one from the other in the
    MERGE, ``{col}`` standing for the quoted name. ``arrow`` names the Arrow type of the staged file.
    """

    expression: Expression
    arrow: str
    landing: str
    target: str
    convert: str = "{col}"
    check: Check = Check.NONE

    def select(self, quoted: str) -> str:
        """The SELECT's expression for a column whose name is quoted already."""
        return self.expression.value.format(quoted)

    def converted(self, quoted: str) -> str:
        """The MERGE's expression for a column whose name is quoted already."""
        return self.convert.format(col=quoted)


def _plain(arrow: str, landing: str, expression: Expression = Expression.AS_IS, check: Check = Check.NONE) -> Carriage:
    return Carriage(expression=expression, arrow=arrow, landing=landing, target=landing, check=check)


TEXT = _plain("string", "STRING", Expression.TEXT)
"""Anything else: PostgreSQL's own text, exact under the session's settings."""
JSON_TEXT = _plain("string", "STRING", Expression.JSON)
"""Arrays and composites: JSON text. Lower bounds of arrays other than 1 are not kept."""

_BY_NAME = {
    "int2": _plain("int16", "INT64"),
    "int4": _plain("int32", "INT64"),
    "int8": _plain("int64", "INT64"),
    "oid": _plain("int64", "INT64", Expression.BIGINT),
    "xid": _plain("int64", "INT64", Expression.TEXT_BIGINT),
    "cid": _plain("int64", "INT64", Expression.TEXT_BIGINT),
    "float4": _plain("float", "FLOAT64"),
    "float8": _plain("double", "FLOAT64"),
    # Cents where the server's lc_monetary has two digits, as most; NUMERIC holds it for none to three.
    "money": _plain("decimal128(22, 3)", "NUMERIC", Expression.MONEY, Check.DECIMAL),
    "bool": _plain("bool", "BOOL"),
    "text": _plain("string", "STRING"),
    "varchar": _plain("string", "STRING"),
    "name": _plain("string", "STRING"),
    "bytea": _plain("binary", "BYTES"),
    "date": _plain("date32[day]", "DATE", check=Check.DATE),
    "time": _plain("time64[us]", "TIME", check=Check.TIME),
    "timestamptz": _plain("timestamp[us, tz=UTC]", "TIMESTAMP", check=Check.TIMESTAMP),
    "timestamp": Carriage(
        expression=Expression.AS_IS,
        arrow="timestamp[us, tz=UTC]",
        landing="TIMESTAMP",
        target="DATETIME",
        convert="DATETIME({col})",
        check=Check.TIMESTAMP,
    ),
}


def carriage(column: Column) -> Carriage:
    """How a column of PostgreSQL travels. Types unknown here travel as text; see :func:`refusals` for what can't."""
    if column.array or column.kind == "c":
        return JSON_TEXT
    if column.kind == "e":
        return _plain("string", "STRING")
    if column.base_type == "numeric":
        return _numeric(column.modifier)
    return _BY_NAME.get(column.base_type, TEXT)


def precision_and_scale(modifier: int) -> tuple[int, int] | None:
    """What ``numeric(p, s)`` declares, from its ``atttypmod``; None for bare numeric. The scale may be negative."""
    if modifier < 4:
        return None
    precision, scale = (modifier - 4) >> 16, (modifier - 4) & 0x7FF
    return precision, scale - 2048 if scale >= 1024 else scale


def _numeric(modifier: int) -> Carriage:
    """NUMERIC or BIGNUMERIC where every declared value fits, else text.

    BigQuery's "Decimal types": NUMERIC holds 29 digits before the point and 9 after, BIGNUMERIC 38 and 38.
    Above 38 digits in all, it lands as text: not every reader of Parquet takes wider decimals.
    """
    declared = precision_and_scale(modifier)
    if declared is None:
        return TEXT
    precision, scale = declared
    if scale < 0:
        precision, scale = precision - scale, 0
    precision = max(precision, scale)
    whole = precision - scale
    if whole > 38 or scale > 38:
        return TEXT
    target = "NUMERIC" if whole <= 29 and scale <= 9 else f"BIGNUMERIC({precision}, {scale})"
    if precision > 38:
        return Carriage(
            expression=Expression.TEXT,
            arrow="string",
            landing="STRING",
            target=target,
            convert="CAST({col} AS BIGNUMERIC)",
            check=Check.DECIMAL,
        )
    width = "decimal64" if precision <= 18 else "decimal128"
    return Carriage(
        expression=Expression.TEXT,
        arrow=f"{width}({precision}, {scale})",
        landing=target,
        target=target,
        check=Check.DECIMAL,
    )


_BIGQUERY_KEEPS = ("_table_", "_file_", "_partition", "_row_timestamp", "__root__", "_colidentifier")
_BIGQUERY_BARS = set('!"$()*,./;?@[\\]^`{}~')


def refusals(table: TableSchema, columns: tuple[str, ...] | None = None) -> tuple[str, ...]:
    """Why columns can't be carried: what, where, the value and the remedy; empty where all can.

    BigQuery's "Column names": some prefixes are kept, some characters barred, and names differ by more than case.
    """
    where = f"{table.schema}.{table.name}"
    found = []
    seen: dict[str, str] = {}
    for column in table.columns:
        if columns is not None and column.name not in columns:
            continue
        folded = column.name.casefold()
        if reason := _refusal(column, folded, seen.get(folded)):
            found.append(f"{where}.{column.name} ({column.type}): {reason}; exclude it: columns: {{exclude: [...]}}")
        seen.setdefault(folded, column.name)
    return tuple(found)


def _refusal(column: Column, folded: str, twin: str | None) -> str:
    if column.kind == "p":
        return "a pseudo-type has no values of its own to carry"
    if twin is not None:
        return f"in BigQuery it is the same column as {twin!r}, since case doesn't count there"
    if folded.startswith(OURS):
        return f"names that begin with {OURS} are Floodmark's own"
    if folded.startswith(_BIGQUERY_KEEPS):
        return "BigQuery keeps names that begin so for itself"
    if barred := _BIGQUERY_BARS & set(column.name):
        return f"BigQuery allows no {' '.join(sorted(barred))} in a column's name"
    return ""
