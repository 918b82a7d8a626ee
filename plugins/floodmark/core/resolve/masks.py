"""Whether masks hide what they were written for, and nothing that the target needs."""

from __future__ import annotations

from collections.abc import Iterator

from floodmark.core.config import masks
from floodmark.core.resolve.work import Resolution


def check_masks(work: Resolution, columns: tuple[str, ...], key: tuple[str, ...], cursor: tuple[str, ...]) -> None:
    """Refuse globs that match nothing, masks of what they can't be, and a column that lost its mask by a new name."""
    table, there = work.table, work.schema.names
    for key_, glob in (*(("mask", one) for one in table.own_masks), *(("policy_tags", one) for one in table.own_tags)):
        if not any(masks.fits(glob, name) for name in there):
            remedy = "mend it, so that nobody sees what it was meant for; or take it out"
            work.refuse(key_, f'"{glob}" matches no column of {work.where}; it has: {", ".join(there)}', remedy)
    for message, remedy in (*masks.misfits(table.mask, table.uses(key, cursor)), *_unmasked(work, columns)):
        work.refuse("mask", message, remedy)
    for name in cursor:
        if name in there and name not in columns:
            message = f'column "{name}" is excluded, and would travel as _floodmark_cursor all the same, with every row'
            work.refuse("cursor", message, "carry it, name another cursor, or write sync: full")


def _unmasked(work: Resolution, columns: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """A column that was masked under another name is the same column still; no rename in the source takes that off."""
    if work.before is None:
        return
    numbers, table = dict(work.schema.identity.columns), work.table
    for name in columns:
        same = work.before.numbered(numbers.get(name, 0))
        if same and same.name != name and same.mask and not table.mask.of(name) and not _names(table.mask, name):
            message = f'column "{name}" is the one that was masked as "{same.name}"'
            yield message, f'mask "{name}" too; or, if it may travel as it is, write "{name}": clear'


def _names(written: masks.Masks, column: str) -> bool:
    return any(glob == column for glob, _ in written.by_glob)
