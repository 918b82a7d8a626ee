"""A table's columns, as the source's catalog gives them and as the target holds them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from floodmark.core.carriage import TEXT, Carriage


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a source table.

    ``type`` is the source's text for it, with its modifiers (``numeric(12,2)``); ``base_type`` the name of the type
    under any domain, without modifiers. ``carriage`` is how its values travel, ``key`` how they do as a part of the key
    (its ``refusal``: why they can't be one, R30). ``kind``, ``modifier`` and ``in_parts`` are
    the source's own, for its adapter alone: PostgreSQL's ``typtype`` (``b`` base, ``e`` enum, ``c`` composite …),
    ``atttypmod`` (-1 for none), and how an array or a composite travels that JSON would not keep: by its ``elements``'
    own texts, or as its own text, ``whole``. ``chosen`` says in words which type was chosen for it, where it has
    another by itself; ``misfit`` why that can't be, and the remedy behind a semicolon. ``tick`` is the distance of the
    moments that a timestamp can hold, or that its writers may keep to; zero where these are microseconds. ``folding``
    names the collation that holds different texts of it for equal, as BigQuery doesn't; empty where none does.
    """

    name: str
    type: str
    base_type: str
    kind: str = "b"
    modifier: int = -1
    array: bool = False
    nullable: bool = True
    comment: str = ""
    carriage: Carriage = TEXT
    key: Carriage = TEXT
    filled: bool = False
    in_parts: str = ""
    chosen: str = ""
    misfit: str = ""
    tick: timedelta = timedelta(0)
    folding: str = ""


@dataclass(frozen=True, kw_only=True)
class Carried:
    """One column on its way: ``landing`` is its BigQuery type in raw, ``target`` that in current.

    ``convert`` makes the one from the other; ``{col}`` stands for the column. ``source`` is the source's type.
    ``filled``: the source has a value in every row; ``checked``: the target may not hold some of them; ``folded``: the
    source holds texts for equal that differ in case or trailing spaces.
    """

    name: str
    landing: str
    target: str
    convert: str = "{col}"
    description: str = ""
    source: str = ""
    filled: bool = False
    checked: bool = False
    folded: bool = False


@dataclass(frozen=True, kw_only=True)
class Identity:
    """What a table and its columns are in the source's catalog, whatever they are called (R32).

    ``relation`` is the source's own id of the table, ``columns`` have a name and the source's own number each. Empty
    where there is none: a SELECT of one's own.
    """

    relation: str = ""
    columns: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, kw_only=True)
class TableSchema:
    """One source table. ``key`` is its primary key, empty where it has none.

    ``unique`` are the column tuples of every valid, non-partial unique index over NOT NULL columns, the primary key's
    among them (R2). ``row_versions`` says whether rows can be told by the transaction that wrote them (R10),
    ``splittable`` whether a first load can be cut along the index of its key (R24), ``indexable`` whether it may have
    indexes at all, as a view has none. ``undivided`` says why several readers can't share it out; empty where they can.
    ``in_part``: the source tells us of some columns only; what mends that, empty where it tells of all. ``restless``
    says why no snapshot holds it still, and the remedy behind a semicolon; empty where one does.
    """

    schema: str
    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    comment: str = ""
    row_versions: bool = True
    splittable: bool = True
    indexable: bool = True
    estimated_rows: int = 0
    identity: Identity = Identity()
    undivided: str = ""
    in_part: str = ""
    restless: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names, in the table's order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """The column of that name. Raises ``KeyError``."""
        return next((column for column in self.columns if column.name == name), None) or self._missing(name)

    def _missing(self, name: str) -> Column:
        raise KeyError(f"{self.schema}.{self.name} has no column {name!r}; it has: {', '.join(self.names)}")
