"""What a read leaves behind in its head as it is applied, beside coverage. Pure."""

from __future__ import annotations

from dataclasses import replace

from floodmark.core.ledger.balance import RANGES, Balance, Census, Content, Counts, Keys, Stretch
from floodmark.core.ledger.read import Added, Read
from floodmark.core.time.interval import Interval, merge


def balance_after(before: Balance, target_rows: int | None, read: Read) -> Balance:
    """What the comparisons before it still say once a read is applied (R36).

    A read of the whole table counts both ends by itself; a reconcile that left nothing compared all keys and rows.
    """
    if read.takeover is not None:  # equal by key and content, as far as it is sealed; newer rows were not counted
        stretch = Stretch(at=read.read_at, low=0, high=RANGES)
        return Balance(keys=Keys(at=read.read_at), rows=() if read.takeover.trusted else (stretch,))
    whole = read.portion.replaces and not read.portion.continues
    if whole and target_rows is not None and read.manifest is not None:
        deleted = max(0, read.rows - target_rows)
        source = Census(settled=read.rows - deleted, deleted=deleted, bad=read.manifest.quarantined)
        rows = target_rows
        counts = Counts(
            at=read.read_at, source=source, current=rows, expected=rows, movable=source.bad, standing=rows,
        )  # fmt: skip
        return Balance(counts=counts, content=_content_after(before.content, read))
    if read.portion.replaces or read.portion.anew:
        return Balance(content=_content_after(before.content, read) if whole else None)
    reconciled = read.reconciled
    if reconciled is None or not reconciled.complete:
        return before
    counted = before.counts if before.counts and not (before.counts.missing or before.counts.surplus) else None
    stretch = Stretch(at=read.read_at, low=0, high=RANGES)
    return replace(
        before, counts=counted, keys=Keys(at=read.read_at), skipped=(),
        rows=() if reconciled.uncompared else (stretch,),
    )  # fmt: skip


def _content_after(before: Content | None, read: Read) -> Content | None:
    """Which read current holds, of a table that is read whole; another one than before is still to be compared."""
    if read.spans:
        return None  # slices follow, and change it
    if not read.effects:
        return before  # it read what current holds, and left that alone (R23)
    return Content(read_at=read.read_at, before=(before.at or before.before) if before else None)


def partial(last: Read | None, read: Read) -> tuple[Added, ...]:
    """The columns that rows from before this read, and after the last whole one, have no values of (R26)."""
    if last is None or read.portion.renewed:
        return ()
    reconciled = read.reconciled
    if reconciled is not None and reconciled.complete and not reconciled.uncompared:
        return ()  # older rows that had another value than NULL in them were changed rows
    before, now = {one.name for one in last.columns}, {one.name for one in read.columns}
    new = [one.name for one in read.columns if before and one.name not in before]
    filled = {one.in_target for one in read.fingerprint.columns if one.filled} if read.fingerprint else set()
    came = (Added(column=name, read_at=read.read_at, filled=name in filled) for name in new)
    return (*(one for one in last.partial if one.column in now), *came)


def taken_whole(read: Read) -> tuple[Interval, ...]:
    """The intervals of which it read every row."""
    return merge(span.interval for span in read.spans if span.base is None and not span.leaves)


def leftovers(last: Read | None, read: Read) -> tuple[str, ...]:
    """What may be in current though it left the source, until all of it is read or compared (R32)."""
    reconciled = read.reconciled
    if read.portion.renewed or (reconciled is not None and reconciled.complete):
        return ()
    return tuple(dict.fromkeys((*(last.leftovers if last else ()), *read.leftovers)))


def is_same(read: Read | None, last: Read | None) -> bool:
    """Whether ``read`` is a refresh whose rows and columns equal those of the last applied whole read."""
    if read is None or last is None or not read.portion.repeats or not last.portion.replaces or read.effects:
        return False
    if last.error:
        return False
    if read.manifest is None or last.manifest is None or not read.manifest.digest:
        return False
    return (read.manifest.digest, read.rows, read.columns, read.key) == (
        last.manifest.digest, last.rows, last.columns, last.key,
    )  # fmt: skip
