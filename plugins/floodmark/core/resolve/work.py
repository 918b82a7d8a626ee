"""What resolving a table comes to, and the work on its way: problems and derivations as they turn up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from floodmark.core.config.table import TableConfig
from floodmark.core.ledger.fingerprint import Fingerprint
from floodmark.core.schema import TableSchema
from floodmark.errors import Problem

Sync = Literal["incremental", "append", "full"]


@dataclass(frozen=True, kw_only=True)
class ResolvedTable:
    """What only the catalog could say.

    ``key`` is empty for append tables, and for full ones without a key; ``unique`` says that a unique index over
    NOT NULL columns stands behind it (R2). ``cursor`` is empty for full tables. ``columns`` are those that are
    carried, in the table's order. ``derived`` has a line for everything that was not written, with the reason;
    ``assumptions`` one for everything that makes this table's seals assumed rather than proved (R7).
    ``unwritten`` are those of key, cursor and sync that were derived. ``told`` has a line for everything that the
    catalog has by now and that changes nothing by itself, ``held`` the columns that wait to be named (R29), ``added``
    those that came since the last read and travel from now on. ``variants`` are what columns are called in the target
    since its own column can't become their type, ``unfit`` says of others why they can't go there at all (R26).
    """

    key: tuple[str, ...]
    unique: bool
    cursor: tuple[str, ...]
    sync: Sync
    columns: tuple[str, ...]
    derived: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    unwritten: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    variants: Mapping[str, str] = field(default_factory=dict)
    unfit: Mapping[str, str] = field(default_factory=dict)


@dataclass(kw_only=True)
class Resolution:
    """One table on its way: problems and derivations as they turn up. ``before`` is what held at its last read."""

    table: TableConfig
    schema: TableSchema
    file: str
    before: Fingerprint | None = None
    told: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    derived: list[str] = field(default_factory=list)

    @property
    def where(self) -> str:
        return str(self.table.relation)

    def refuse(self, key: str, message: str, remedy: str = "") -> None:
        path = f"tables.{self.table.name}.{key}" if key else f"tables.{self.table.name}"
        self.problems.append(Problem(file=self.file, path=path, message=message, remedy=remedy))

    def present(self, key: str, columns: tuple[str, ...], among: tuple[str, ...]) -> bool:
        """Whether all columns are there; each that isn't is refused, with what there is ``among`` those that fit."""
        missing = [column for column in columns if column not in self.schema.names]
        for column in missing:
            there = ", ".join(among) or "none that fits"
            self.refuse(key, f'column "{column}" does not exist in {self.where}; it has: {there}')
        return not missing


def is_proved(schema: TableSchema, key: tuple[str, ...]) -> bool:
    """Whether a unique index over some of the key's columns, none of the key's being nullable, stands behind it."""
    rigid = all(not schema.column(name).nullable for name in key)
    return bool(key) and rigid and any(set(index) <= set(key) for index in (schema.key, *schema.unique) if index)
