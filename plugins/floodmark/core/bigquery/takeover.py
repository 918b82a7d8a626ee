"""A table that somebody else filled, read as one of ours would have been: what can be taken over, and how (adopt).

Every expression here only proposes: what it gives is compared with the source, value by value, before it is taken.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from floodmark.core.bigquery.googlesql import name as quoted
from floodmark.core.bigquery.googlesql import statement
from floodmark.core.bigquery.merge import Merge, SoftMode
from floodmark.core.bigquery.tables import CURSOR, READ_AT
from floodmark.core.ledger.portion import Buckets
from floodmark.core.reconcile import DIGITS
from floodmark.core.schema import Carried

_NUMBERS = frozenset({"INT64", "NUMERIC", "BIGNUMERIC", "FLOAT64"})
_DECIMALS = frozenset({"NUMERIC", "BIGNUMERIC"})
_TEXTS = {
    "JSON": "IF({col} IS NULL, NULL, TO_JSON_STRING({col}))",
    "BYTES": "SAFE_CONVERT_BYTES_TO_STRING({col})",
}
_TIMES = {
    ("DATETIME", "TIMESTAMP"): "TIMESTAMP({col}, 'UTC')",
    ("DATE", "TIMESTAMP"): "TIMESTAMP({col}, 'UTC')",
    ("TIMESTAMP", "DATE"): "DATE({col}, 'UTC')",
    ("DATETIME", "DATE"): "DATE({col})",
}
_MOMENTS = {
    "TIMESTAMP": "{col}",
    "DATETIME": "TIMESTAMP({col}, '{zone}')",
    "DATE": "TIMESTAMP({col}, '{zone}')",
}  # fmt: skip
_UNREADABLE = frozenset({"STRUCT", "GEOGRAPHY", "RANGE", "INTERVAL"})

Fields = Sequence[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Taking:
    """How the columns of a foreign table become ours. ``columns`` are (name in raw, expression over the table).

    ``cursor`` is the expression of the row's cursor as an instant. ``others`` are the table's columns that nobody here
    asks for. ``problems`` are (column, what is wrong, remedy).
    """

    columns: tuple[tuple[str, str], ...] = ()
    cursor: str = ""
    others: tuple[str, ...] = ()
    problems: tuple[tuple[str, str, str], ...] = ()


def taking(fields: Fields, columns: Sequence[Carried], cursor: Sequence[str], zone: str) -> Taking:
    """What of a table of these ``fields`` (name, type) is taken for ``columns``. ``cursor`` is named as in the target.

    ``zone`` is that of a cursor that has none of its own.
    """
    there = {name.casefold(): (name, kind) for name, kind in fields}
    taken, problems = [], []
    for column in columns:
        stands = there.get(column.name.casefold())
        if stands is None:
            problems.append((column.name, "is not there", "exclude it (columns: {exclude: [...]}), or add and fill it"))
            continue
        way = expression(stands[1], column.landing)
        if way is None:
            said = f"is {stands[1]}, of which no {column.landing} can be made"
            problems.append((column.name, said, "exclude it, choose another type for it (types:), or reload the table"))
            continue
        taken.append((column.name, way.format(col=_of(stands[0]))))
    moments = []
    for one in cursor:
        stands = there.get(one.casefold())
        kind = next((column.target for column in columns if column.name.casefold() == one.casefold()), "")
        carried = dict(taken).get(one)
        if stands is None or carried is None or kind not in _MOMENTS:
            problems.append((one, "is the cursor, and can't be taken", "carry it, as a timestamp or a date"))
            continue
        convert = next(column.convert for column in columns if column.name.casefold() == one.casefold())
        moments.append(_MOMENTS[kind].format(col=convert.format(col=carried), zone=zone))
    ours = {column.name.casefold() for column in columns}
    return Taking(
        columns=tuple(taken),
        cursor=f"COALESCE({', '.join(moments)})" if len(moments) > 1 else "".join(moments),
        others=tuple(name for name, _ in fields if name.casefold() not in ours),
        problems=tuple(dict.fromkeys(problems)),
    )


def expression(kind: str, landing: str) -> str | None:
    """How a column of type ``kind`` becomes one of type ``landing``, ``{col}`` standing for it; None: not at all."""
    old, new = _bare(kind), _bare(landing)
    if old == new:
        return "{col}"
    if new == "STRING":
        return _as_text(old)
    if old == "STRING":
        return "SAFE.FROM_BASE64({col})" if new == "BYTES" else f"SAFE_CAST({{col}} AS {new})"
    if old == "FLOAT64" and new in _DECIMALS:  # by the digits that tell it from its neighbours: 0.1 is 0.1
        return f"SAFE_CAST(CAST({{col}} AS STRING) AS {new})"
    if old in _NUMBERS and new in _NUMBERS:
        return f"SAFE_CAST({{col}} AS {new})"
    return _TIMES.get((old, new))


def _as_text(kind: str) -> str | None:
    if kind.startswith("ARRAY"):
        return "TO_JSON_STRING({col})"
    return None if kind in _UNREADABLE else _TEXTS.get(kind, "CAST({col} AS STRING)")


def landed(table: str, taking: Taking, read_at: datetime) -> str:
    """The SELECT of its rows as a read at ``read_at`` would have landed them in raw."""
    values = {"table": table, "columns": taking.columns, "cursor": taking.cursor, "read_at": read_at}
    return statement("takeover_rows.sql", values)


def kept(rows: str, merge: Merge, left_out: Sequence[Buckets]) -> str:
    """Of the rows of :func:`landed`, those whose key lies in none of ``left_out``."""
    by_name = {column.name: column for column in merge.columns}
    key = [
        (by_name[one].convert.format(col=f"_floodmark_r.{quoted(one)}"), by_name[one].target.partition("(")[0])
        for one in merge.key
    ]
    wanted = [(one.bits, one.numbers) for one in left_out if one.numbers]
    return statement("takeover_kept.sql", {"rows": rows, "key": key, "left_out": wanted, "digits": DIGITS})


def as_current(rows: str, merge: Merge) -> str:
    """The rows of :func:`landed` as current would hold them."""
    soft = merge.soft_delete
    removed = soft.column if soft is not None and soft.mode is SoftMode.REMOVE else ""
    types: Mapping[str, str] = {column.name: column.target for column in merge.columns}
    values = {"columns": merge.columns, "rows": rows, "removed": removed, "boolean": types.get(removed) == "BOOL"}
    return statement("takeover_current.sql", values)


def newest(rows: str) -> str:
    """Asks for their ``newest`` cursor."""
    return statement("takeover_extent.sql", {"rows": rows})


def count(rows: str) -> str:
    """Asks how many ``rows`` they are."""
    return statement("takeover_count.sql", {"rows": rows})


def insert(rows: str, raw: str, columns: Collection[str]) -> str:
    """The statement that puts them into raw."""
    return statement("takeover.sql", {"raw": raw, "stored": [*columns, CURSOR, READ_AT], "rows": rows})


def _of(column: str) -> str:
    return f"_floodmark_o.{quoted(column)}"


def _bare(kind: str) -> str:
    return kind if kind.startswith("ARRAY") else kind.partition("(")[0]
