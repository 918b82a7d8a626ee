"""What became of a table's columns in the source since its last read, by kind: added, dropped, retyped (R26, R32).

What each kind does to the target is a policy of the table's (``schema``). Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from floodmark.core.ledger.fingerprint import Fingerprint, KnownColumn
from floodmark.core.ledger.read import Read
from floodmark.core.ledger.retyped import same_values
from floodmark.core.schema import Carried


class SchemaKind(StrEnum):
    """By its name in the configuration."""

    ADDED = "added"
    DROPPED = "dropped"
    RETYPED = "retyped"


@dataclass(frozen=True, kw_only=True)
class SchemaChange:
    """One column that is another by now; ``words`` say how."""

    kind: SchemaKind
    column: str
    words: str


def schema_changes(before: Fingerprint, now: Fingerprint, added: Sequence[str] = ()) -> tuple[SchemaChange, ...]:
    """What is another by now, of the columns that travel. ``added`` came since, and nobody named them."""
    return (*_added(added), *_dropped(before, now), *_retyped(before, now))


def _added(names: Sequence[str]) -> Iterator[SchemaChange]:
    for name in names:
        yield SchemaChange(kind=SchemaKind.ADDED, column=name, words=f'column "{name}" is new')


def _dropped(before: Fingerprint, now: Fingerprint) -> Iterator[SchemaChange]:
    """A column under another name is no dropped one: the void of a renamed one says so."""
    for column in before.columns:
        if column.carried and now.column(column.name) is None and not _elsewhere(column, before, now):
            words = f'column "{column.name}" is gone from the source'
            yield SchemaChange(kind=SchemaKind.DROPPED, column=column.name, words=words)


def _elsewhere(column: KnownColumn, before: Fingerprint, now: Fingerprint) -> bool:
    """Whether the very same table has it under another name."""
    return before.relation_id == now.relation_id and now.numbered(column.number) is not None


def _retyped(before: Fingerprint, now: Fingerprint) -> Iterator[SchemaChange]:
    """Another type, or other digits; how long a text may be is nobody's affair."""
    for column in now.columns:
        old = before.column(column.name) or before.numbered(column.number)
        if old is None or not (old.carried and column.carried) or same_values(old.type, column.type, digits=False):
            continue
        was, is_ = (old.written, column.written) if old.written and column.written else (old.type, column.type)
        if was and is_ and was != is_:
            words = f'column "{column.name}" is {is_}, and was {was}'
            yield SchemaChange(kind=SchemaKind.RETYPED, column=column.name, words=words)


def retired(last: Read | None, columns: Sequence[Carried], removed: Sequence[str] = ()) -> tuple[Carried, ...]:
    """The target's columns that reads before filled, and one with these ``columns`` doesn't (R26)."""
    if last is None:
        return ()
    gone = {name.casefold() for name in (*removed, *(one.name for one in columns))}
    return tuple(one for one in (*last.retired, *last.columns) if one.name.casefold() not in gone)


def returning(last: Read | None, now: Fingerprint) -> tuple[str, ...]:
    """Columns that are to fill one of the target's which another filled before: its values stand there still (R32)."""
    stands = {one.name.casefold() for one in last.retired} if last else set()
    return tuple(one.in_target for one in now.columns if one.carried and one.in_target.casefold() in stands)
