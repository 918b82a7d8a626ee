"""Columns that are others than those of their names before, where the source's catalog numbers none (R32). Pure.

MySQL knows a column by its name and its place alone. At once, and without writing a row, two columns change their
names (``CHANGE v w, CHANGE w v``), one is dropped and added again, or gets another name: *measured* on MariaDB 10.11,
nothing else in its catalog tells. What shows is the order of those that were there before, and that one went while
another of its type came. The last column, dropped and added again, shows nothing: the balance of rows tells (R36).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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


def not_renamed(before: Sequence[Listed], now: Sequence[Listed], written: Mapping[str, str], old: str) -> str:
    """Why a column that the file says is called ``written[old]`` by now can't be that one; empty where it can.

    It can where the old name went, the new one came, of its type, and both stand alike among all the others. A stale
    line, whose names both stood there and stand there still, is no reason.
    """
    new, types = written[old], {one.name: one.type for one in now}
    column = next(one for one in before if one.name == old)
    names = {one.name for one in before}
    if new in names:
        gone = f'"{old}" and "{new}" stood beside each other, and nothing tells which of them "{new}" is: take it out'
        return "" if old in types else gone
    if new not in types:
        still = f'it is still called so, and there is no "{new}": write it once it is renamed'
        return still if old in types else f'there is no column "{new}"'
    if old in types:
        return f'"{new}" is another column, since "{old}" is there still: take it out'
    if types[new] != column.type:
        return f'"{new}" is {types[new]}, and it was {column.type}, so it may be another column: take it out'
    called = {old: new for old, new in written.items() if old in names - set(types) and new in set(types) - names}
    then = [called.get(one.name, one.name) for one in before]
    stayed = [name for name in then if name in types], [one.name for one in now if one.name in then]
    return "" if stayed[0] == stayed[1] else f'"{new}" stands elsewhere than "{old}" stood: take it out'


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
