"""Which columns may be a cursor, and which of them a table without a word about it is read by."""

from __future__ import annotations

from floodmark.core.schema import Column, TableSchema

NAIVE = frozenset({"timestamp", "timestamp without time zone", "datetime"})
"""Timestamps without a time zone, by their names in PostgreSQL and MySQL."""
TIMESTAMPS = NAIVE | {"timestamptz", "timestamp with time zone"}
_MOVING = (
    ("updatedat",),
    ("modifiedat",),
    ("lastmodified", "lastmodifiedat", "lastupdated", "lastupdatedat", "updated", "modified", "updatedon",
     "modifiedon", "updatetime", "modifytime", "updatedtime", "modifiedtime", "updatets", "updateddate",
     "modifieddate", "changedat", "datemodified", "dateupdated"),
)  # fmt: skip
# Times that a client may give (occurred_at, event_time) are left out: only a person knows whose clock they are.
_SET_ONCE = (("createdat",), ("insertedat", "created", "createdon", "recordedat", "ingestedat"))


def is_time(column: Column) -> bool:
    """Whether a column may be a cursor: a timestamp, with or without zone, or a date; not an array."""
    return not column.array and (column.base_type in TIMESTAMPS or column.base_type == "date")


def moves(name: str) -> bool:
    """Whether a column's name says that it moves whenever its row changes: ``updated_at``, ``modifiedAt`` ..."""
    return any(_folded(name) in rank for rank in _MOVING)


def derived_cursor(schema: TableSchema, *, append: bool) -> tuple[str, ...]:
    """The timestamps of the best rank that any has: empty, one, or several that are equally good.

    A name that says *changed* comes before one that says *created*, which counts for append tables only, whose rows
    never change. Dates are never derived: their slices stay provisional until the day is over (R7).
    """
    candidates = [column.name for column in schema.columns if is_time(column) and column.base_type != "date"]
    for rank in (*_MOVING, *(_SET_ONCE if append else ())):
        if found := tuple(name for name in candidates if _folded(name) in rank):
            return found
    return ()


def _folded(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")
