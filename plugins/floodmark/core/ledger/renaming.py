"""Columns that the source calls otherwise by now, followed as one says that they are (``renamed``, R32). Pure.

What the last read knew is put in the names of now, so that nothing else has to know of the old ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from floodmark.core.ledger.fingerprint import Fingerprint
from floodmark.core.ledger.read import Read, Renamed
from floodmark.core.ledger.unnumbered import Listed, not_renamed


@dataclass(frozen=True, kw_only=True)
class Names:
    """What a table's columns are called by now. ``numbers`` are the catalog's, ``target`` has names in BigQuery.

    ``listed`` are all its columns in their order, which has to do where the catalog numbers none.
    """

    relation: str
    numbers: Mapping[str, int]
    target: Mapping[str, str]
    listed: tuple[Listed, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Renaming:
    """What there is to follow, and why the rest can't be: by the old name."""

    followed: tuple[Renamed, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()


def renaming(
    last: Read | None, written: Mapping[str, str], now: Names, fixed: frozenset[str] = frozenset()
) -> Renaming:
    """What of the ``written`` renames is still to be done; one that was done, or was never needed, is nothing.

    ``fixed`` are columns, by the source's new names, whose name in BigQuery can't change: those that the target is
    partitioned or clustered by (its page "Data definition language", ALTER TABLE RENAME COLUMN).
    """
    before = last.fingerprint if last else None
    if last is None or before is None or before.relation_id != now.relation:
        return Renaming()
    there = {one.name.casefold() for one in (*last.columns, *last.retired)}
    followed: list[Renamed] = []
    refused: list[tuple[str, str]] = []
    for old, new in written.items():
        column = before.column(old)
        if column is None or not column.carried:
            continue
        target = column.variant or now.target.get(new, new)
        if reason := _reason(before, now, written, old):
            refused.append((old, reason))
        elif before.column(new) is not None and not _is_numbered(now, new, column.number):
            continue  # followed long ago: another column came under the old name since
        elif target != column.in_target and new in fixed:
            refused.append(
                (old, f"BigQuery renames no column that a table is partitioned or clustered by: write rename: "
                 f'{{"{new}": "{column.in_target}"}} beside it, and the target keeps its name')
            )  # fmt: skip
        elif target != column.in_target and target.casefold() in there - {column.in_target.casefold()}:
            refused.append((old, f'the target has a column "{target}" already: write another name for it in rename'))
        else:
            followed.append(Renamed(old=old, new=new, column=column.in_target, becomes=target))
    return Renaming(followed=tuple(followed), refused=tuple(refused))


def _is_numbered(now: Names, name: str, number: int) -> bool:
    """Whether a column has that number in the catalog."""
    return bool(number) and now.numbers.get(name) == number


def _reason(before: Fingerprint, now: Names, written: Mapping[str, str], old: str) -> str:
    """Why it can't be what was written."""
    new, column = written[old], before.column(old)
    assert column is not None
    if not now.numbers and not column.number and not before.own_select:
        return not_renamed(before.columns, now.listed, written, old)
    known, number = before.column(new), now.numbers.get(new, 0)
    if known is not None:
        same = _is_numbered(now, new, column.number)
        return f'"{new}" stood beside it, and took its place: take it out, and the table is read whole' if same else ""
    if not number:
        if _is_numbered(now, old, column.number):
            return f'it is still called so, and there is no "{new}": write it once it is renamed'
        return f'there is no column "{new}" that the catalog tells by a number'
    if number != column.number:
        still = f', which is there still, "{old}"' if _is_numbered(now, old, column.number) else ""
        return f'"{new}" is another column than the one that was read{still}: take it out'
    return ""


def in_new_names(last: Read, followed: tuple[Renamed, ...]) -> Read:
    """The read as if its columns had always had the names of now."""
    if not followed:
        return last
    target = {one.column: one.becomes for one in followed}
    return replace(
        last,
        key=tuple(target.get(name, name) for name in last.key),
        columns=tuple(replace(one, name=target.get(one.name, one.name)) for one in last.columns),
        partial=tuple(replace(one, column=target.get(one.column, one.column)) for one in last.partial),
        fingerprint=_renamed(last.fingerprint, {one.old: one.new for one in followed}, target),
    )


def _renamed(before: Fingerprint | None, names: Mapping[str, str], target: Mapping[str, str]) -> Fingerprint | None:
    if before is None:
        return None

    def all_of(columns: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(names.get(name, name) for name in columns)

    def first_of(words: str, end: str) -> str:
        name, ended, rest = words.partition(end)
        return f"{names.get(name, name)}{ended}{rest}"

    columns = []
    for one in before.columns:
        new = names.get(one.name, one.name)
        becomes = target.get(one.in_target, one.in_target)
        plain = "" if one.variant or becomes == new else becomes
        columns.append(replace(one, name=new, renamed=plain if one.name in names else one.renamed))
    return replace(
        before,
        key=all_of(before.key),
        cursor=all_of(before.cursor),
        soft=first_of(before.soft, ", "),
        partition_by=first_of(before.partition_by, " by "),
        columns=tuple(columns),
    )
