"""What decided which rows and values are in current, and what follows where it is another by now (R29, R32).

One table, :data:`FOLLOWS`, says for each part of it what its change means.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from floodmark.core.config.readable import one_line
from floodmark.core.ledger.retyped import retyped, same_values, stays
from floodmark.core.ledger.unnumbered import others

_SHOWN = 60


class Consequence(StrEnum):
    """What a change means for what was read before it."""

    NOTHING = "nothing"
    """It stands as it is."""
    VOID = "void"
    """It counts no more: the table is read whole, and replaced."""
    REBUILT = "rebuilt"
    """The target itself must be made anew, by a person's command."""


@dataclass(frozen=True, kw_only=True)
class KnownColumn:
    """A column of the source. ``number`` is what the source's catalog tells it by, whatever it is called; 0: nothing.

    ``type`` is the source's base type, without its digits, ``written`` the type with them, as the source writes it;
    empty where it wasn't kept. ``held``: it came later, and waits for somebody to name it (``schema: {added:
    discard}``). ``filled``: rows from before it have a value in it. ``renamed`` is its name in the target, where that
    is another one, ``mask`` in words what stands for its values. ``chosen`` is the type that was chosen for it, in
    words; ``target`` the one that it has in the target, if known. ``variant`` is its name there since its type is one
    that the target's column couldn't become (R26).
    """

    name: str
    number: int = 0
    type: str = ""
    carried: bool = True
    held: bool = False
    filled: bool = False
    renamed: str = ""
    mask: str = ""
    written: str = ""
    chosen: str = ""
    target: str = ""
    variant: str = ""

    @property
    def in_target(self) -> str:
        """What it is called there."""
        return self.variant or self.renamed or self.name


@dataclass(frozen=True, kw_only=True)
class CatalogPart:
    """Something beside the table's columns that decides values: ``what`` in words, and a digest of how it is."""

    what: str
    digest: str


@dataclass(frozen=True, kw_only=True)
class Fingerprint:
    """Each part by itself, so that a change can be told in words. What is empty doesn't apply.

    ``table`` is ``<source>.<table>`` as the file has it, ``relation`` the source's name of it, ``relation_id`` its
    identity there (R32). ``own_select`` is a digest of the text. ``derived`` are those of key, cursor and sync that
    nobody wrote. ``timezone`` counts for cursors without one. ``start`` is in UTC. ``soft`` holds the column, the mode
    and the value that means *not deleted*. ``key_texts`` say how each column of the key travels (R30). ``mask_keys``
    are the connections of the HMACs among the masks, each with a digest of its key.
    """

    table: str = ""
    relation: str = ""
    relation_id: str = ""
    own_select: str = ""
    where: str = ""
    sync: str = ""
    key: tuple[str, ...] = ()
    key_texts: tuple[str, ...] = ()
    cursor: tuple[str, ...] = ()
    derived: tuple[str, ...] = ()
    timezone: str = ""
    clock: str = ""
    start: datetime | None = None
    soft: str = ""
    null_cursor: str = ""
    bad_values: str = ""
    leaving: str = ""
    partition_by: str = ""
    mask_keys: tuple[str, ...] = ()
    columns: tuple[KnownColumn, ...] = ()
    catalog: tuple[CatalogPart, ...] = ()

    @property
    def in_target(self) -> dict[str, str]:
        """What columns are called in the target, where that is another name."""
        return {one.name: one.in_target for one in self.columns if one.in_target != one.name}

    def column(self, name: str) -> KnownColumn | None:
        """The column of that name, if it is known."""
        return next((one for one in self.columns if one.name == name), None)

    def numbered(self, number: int) -> KnownColumn | None:
        """The column of that number, if it is known."""
        return next((one for one in self.columns if number and one.number == number), None)


@dataclass(frozen=True, kw_only=True)
class Change:
    """One part that is another now: ``words`` say which, from what to what."""

    words: str
    consequence: Consequence


Judge = Callable[[Any, Any], Consequence]


def _void(_before: Any, _now: Any) -> Consequence:
    return Consequence.VOID


def _rebuilt(_before: Any, _now: Any) -> Consequence:
    return Consequence.REBUILT


def _start(before: datetime, now: datetime) -> Consequence:
    """What lies before a later start stays; an earlier one asks for what was never promised."""
    return Consequence.VOID if now < before else Consequence.NOTHING


def _clock(before: str, _now: str) -> Consequence:
    """What was sealed on the database's word rested on a wrong one."""
    return Consequence.VOID if before == "database" else Consequence.NOTHING


def _null_cursor(before: str, _now: str) -> Consequence:
    """Only rows that were included stand where they don't belong; those that will be come with each read."""
    return Consequence.VOID if before == "include" else Consequence.NOTHING


def _leaving(before: str, _now: str) -> Consequence:
    """Only under ``ignore`` did rows stay that ``where`` selects no more (R37)."""
    return Consequence.VOID if before == "ignore" else Consequence.NOTHING


def _bad_values(before: str, _now: str) -> Consequence:
    """Under ``fail`` none was ever let pass."""
    return Consequence.NOTHING if before == "fail" else Consequence.VOID


FOLLOWS: dict[str, tuple[str, Judge]] = {
    "relation": ("from", _void),
    "relation_id": ("the table behind its name", _void),
    "own_select": ("sql", _void),
    "where": ("where", _void),
    "sync": ("sync", _void),
    "key": ("key", _void),
    "key_texts": ("how the key travels", _void),
    "cursor": ("cursor", _void),
    "timezone": ("timezone", _void),
    "clock": ("clock", _clock),
    "start": ("start", _start),
    "soft": ("deletes.soft", _void),
    "null_cursor": ("null_cursor", _null_cursor),
    "bad_values": ("bad_values", _bad_values),
    "leaving": ("leaving", _leaving),
    "partition_by": ("partition_by", _rebuilt),
    "mask_keys": ("the key of a mask", _void),
}
"""By field: how people call it, and what its change means. Columns and the catalog's parts are judged one by one."""

_KNOWN_AT_BOTH = ("relation_id", "start", "key_texts", "mask_keys")
"""What isn't known at one of both times is no change."""


def changes(before: Fingerprint, now: Fingerprint) -> tuple[Change, ...]:
    """Every part that is another now, and what follows of it."""
    columns = (*_columns(before, now), *_masks(before, now), *_types(before, now))
    return (*_settings(before, now), *columns, *_catalog(before, now))


def followed_by(found: tuple[Change, ...], consequence: Consequence) -> str:
    """The changes with that consequence, in words; empty where there is none."""
    return "; ".join(one.words for one in found if one.consequence is consequence)


def excluded(before: Fingerprint, now: Fingerprint) -> tuple[str, ...]:
    """The columns whose values were carried, and are no longer, though the source has them: as the target calls them.

    They are excluded by now, or masked otherwise.
    """
    known = {one.name: one for one in before.columns if one.carried}
    return tuple(
        known[one.name].in_target
        for one in now.columns
        if one.name in known and not (one.carried and one.mask == known[one.name].mask)
    )


def _masks(before: Fingerprint, now: Fingerprint) -> Iterator[Change]:
    """A key's column can't leave the target, so raw would keep its values as they were: both are made anew."""
    for column in now.columns:
        old = before.column(column.name)
        if old and old.carried and column.carried and old.mask != column.mask:
            words = f'mask of "{column.name}": {old.mask or "none"} -> {column.mask or "none"}'
            in_key = column.name in (*before.key, *now.key)
            yield Change(words=words, consequence=Consequence.REBUILT if in_key else Consequence.VOID)


def _types(before: Fingerprint, now: Fingerprint) -> Iterator[Change]:
    for column in now.columns:
        old = before.column(column.name)
        if old and (words := retyped(old, column)):
            consequence = Consequence.VOID if stays(old.target, column.target) else Consequence.REBUILT
            yield Change(words=words, consequence=consequence)


def _settings(before: Fingerprint, now: Fingerprint) -> Iterator[Change]:
    for field, (name, judge) in FOLLOWS.items():
        old, new = getattr(before, field), getattr(now, field)
        if old == new or (field in _KNOWN_AT_BOTH and not (old and new)):
            continue
        said = "another SELECT" if field == "own_select" else f"{_shown(old)} -> {_shown(new)}"
        yield Change(words=f"{name}: {said}", consequence=judge(old, new))


def _columns(before: Fingerprint, now: Fingerprint) -> Iterator[Change]:
    """A name on another number is another column; one that was there, and left out, has values in every row (R32).

    A column that isn't carried decides rows too, where it is the cursor or ``where`` speaks of it.
    """
    yield from _names(before, now)
    yield from (Change(words=one, consequence=Consequence.VOID) for one in others(before.columns, now.columns))
    for column in now.columns:
        old, same = before.column(column.name), before.numbered(column.number)
        if not (column.carried or _decides(now, column.name)) or (old is None and same is None):
            continue
        if old and old.number and column.number and old.number != column.number:
            yield Change(words=f'"{column.name}" is another column of that name', consequence=Consequence.VOID)
        elif old is None and same and same.name != column.name:
            yield Change(words=f'column "{same.name}" is called "{column.name}"', consequence=Consequence.VOID)
        elif old and not old.carried and column.carried:
            yield Change(words=f'column "{column.name}" is carried from now on', consequence=Consequence.VOID)
        elif old and old.type and column.type and not same_values(old.type, column.type):
            words = f'column "{column.name}" is {column.type}, and was {old.type}'
            yield Change(words=words, consequence=Consequence.VOID)


def _decides(now: Fingerprint, name: str) -> bool:
    """Whether a column decides which rows are read, and when."""
    return name in now.cursor or name in re.findall(r"\w+", now.where)


def _names(before: Fingerprint, now: Fingerprint) -> Iterator[Change]:
    """A column of the target that is to be called otherwise, or that another column of the source is to fill."""
    taken = {one.in_target.casefold(): one for one in before.columns if one.carried}
    for column in now.columns:
        old, other = before.column(column.name), taken.get(column.in_target.casefold())
        if not column.carried:
            continue
        if old and old.carried and old.variant != column.variant:
            words = f'column "{column.name}" goes to "{column.in_target}" of the target, and went to "{old.in_target}"'
            yield Change(words=words, consequence=Consequence.VOID)
        elif old and old.carried and old.in_target != column.in_target:
            words = f'rename: "{column.name}" was called "{old.in_target}", and is to be "{column.in_target}"'
            yield Change(words=words, consequence=Consequence.REBUILT)
        elif other and other.name != column.name and (column.renamed or other.renamed) and not _one(other, column):
            words = f'rename: "{column.name}" takes the name of "{other.name}", "{column.in_target}"'
            yield Change(words=words, consequence=Consequence.REBUILT)


def _one(column: KnownColumn, other: KnownColumn) -> bool:
    """Whether they are one column by the catalog, that was called otherwise in between."""
    return bool(column.number) and column.number == other.number


def _catalog(before: Fingerprint, now: Fingerprint) -> Iterator[Change]:
    known = {part.what: part.digest for part in before.catalog}
    for part in now.catalog:
        if known.get(part.what, part.digest) != part.digest:
            yield Change(words=f"{part.what} is another now", consequence=Consequence.VOID)


def _shown(value: Any) -> str:
    """One line, cut where it is long."""
    if isinstance(value, tuple):
        value = ", ".join(value)
    return one_line(str(value.isoformat() if isinstance(value, datetime) else value), _SHOWN) or "none"
