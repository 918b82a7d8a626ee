"""Columns that are others than those of their names before, where the source's catalog numbers none (R32). Pure.

MySQL knows a column by its name and its place alone. At once, and without writing a row, two columns change their
names (``CHANGE v w, CHANGE w v``), one is dropped and added again, or gets another name: *measured* on MariaDB 10.11,
nothing else in its catalog tells. What shows is the order of those that were there before, and that one went while
another of its type came. The last column, dropped and added again, shows nothing: the balance of rows tells (R36).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol


class Listed(Protocol):
    """A column, in the order of the table's."""

    @property
    def name(self) -> str: ...
    @property
    def number(self) -> int: ...
    @property
    def type(self) -> str: ...


def others(before: Sequence[Listed], now: Sequence[Listed]) -> Iterator[str]:
    """In words, each way in which a name may stand for another column by now."""
    if any(one.number for one in (*before, *now)):
        return
    names = [one.name for one in before], [one.name for one in now]
    stayed = [[name for name in side if name in names[0] and name in names[1]] for side in names]
    moved = [one for one, other in zip(*stayed, strict=True) if one != other]
    if moved:
        yield f"columns {_quoted(moved)} stand in another order, so one may be another of its name"
    for old in before:
        came = [new.name for new in now if new.name not in names[0] and new.type == old.type]
        if old.name not in names[1] and came:
            yield f'column "{old.name}" is gone, and {_quoted(came)} of its type came: it may be its other name'


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
