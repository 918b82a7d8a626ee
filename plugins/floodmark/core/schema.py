"""A table's columns, as the source's catalog gives them and as the target holds them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a source table.

    ``type`` is PostgreSQL's ``format_type`` text, with its modifiers (``numeric(12,2)``); ``base_type`` the name of
    the type under any domain, without modifiers; ``kind`` PostgreSQL's ``typtype`` of it (``b`` base, ``e`` enum,
    ``c`` composite, ``r`` range …). ``modifier`` is the type's ``atttypmod`` (-1 for none).
    """

    name: str
    type: str
    base_type: str
    kind: str = "b"
    modifier: int = -1
    array: bool = False
    nullable: bool = True
    comment: str = ""


@dataclass(frozen=True, kw_only=True)
class Carried:
    """One column on its way: ``landing`` is its BigQuery type in raw, ``target`` that in current.

    ``convert`` makes the one from the other; ``{col}`` stands for the column. ``source`` is PostgreSQL's type.
    """

    name: str
    landing: str
    target: str
    convert: str = "{col}"
    description: str = ""
    source: str = ""


@dataclass(frozen=True, kw_only=True)
class TableSchema:
    """One source table. ``key`` is its primary key, empty where it has none.

    ``unique`` are the column tuples of every valid, non-partial unique index over NOT NULL columns, the primary key's
    among them (R2). ``xmin`` says whether rows can be told by the transaction that wrote them (R10).
    ``relkind`` is PostgreSQL's (``r`` table, ``p`` partitioned, ``v`` view, ``m`` materialized view, ``f`` foreign).
    """

    schema: str
    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    comment: str = ""
    relkind: str = "r"
    xmin: bool = True
    estimated_rows: int = 0

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names, in the table's order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """The column of that name. Raises ``KeyError``."""
        return next((column for column in self.columns if column.name == name), None) or self._missing(name)

    def _missing(self, name: str) -> Column:
        raise KeyError(f"{self.schema}.{self.name} has no column {name!r}; it has: {', '.join(self.names)}")
