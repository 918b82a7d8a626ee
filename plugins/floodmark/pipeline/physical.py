"""What became of the physical tables behind a table since its last read: gone, emptied or rewritten (R32).

Catalog changes don't show in any cursor. VACUUM FULL, CLUSTER and pg_repack move rows as they are, and keep every
transaction id: *measured*. ALTER ... TYPE, SET LOGGED and a volatile default write them anew, under the ALTER's own id.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from floodmark.core.ledger.head import Head
from floodmark.core.ledger.portion import Span
from floodmark.core.ledger.read import Read
from floodmark.core.ledger.snapshot import Leaf
from floodmark.core.ports import Reading
from floodmark.core.time.interval import Interval, subtract

_EVER = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Moved:
    """``rewritten`` says why what was read counts no more; ``leftovers`` which rows may be in current still."""

    rewritten: str = ""
    leftovers: tuple[str, ...] = ()


def moved(head: Head, last: Read, reading: Reading, spans: Sequence[Span]) -> Moved:
    """What became of the leaves that the last read knew. ``spans`` are what is read now anyway."""
    now = {leaf.id: leaf for leaf in reading.leaves}
    if _unseen(reading):
        return Moved()
    when = f"between {last.read_at:%Y-%m-%d %H:%M:%S} and now"
    gone = [leaf for leaf in last.leaves if leaf.id not in now]
    if gone and now and len(gone) == len(last.leaves) and not reading.schema.row_versions:
        # Another table under its name, one that was emptied, or the same rows written anew: all are read in any case.
        names = ", ".join(_named(leaf) for leaf in reading.leaves)
        return Moved(rewritten=f"{names} is another physical table {when}, or was written anew or emptied")
    leftovers = [f"{_named(leaf)} is gone {when}: its rows are in current still" for leaf in gone]
    anew = [leaf for leaf in last.leaves if leaf.id in now and _elsewhere(leaf, now[leaf.id])]
    if not anew or not head.coverage:
        return Moved(leftovers=tuple(leftovers))
    names = ", ".join(_named(leaf) for leaf in anew)
    if not reading.schema.row_versions:
        words = f"{names} was written anew or emptied {when}, and nothing here tells which"
        return Moved(leftovers=(*leftovers, words))
    ids = tuple(leaf.id for leaf in anew)
    old = Interval(low=_EVER, high=head.coverage[-1].interval.high)
    *fresh, standing = reading.fresh([*_elsewhere_read(head, spans, ids), Span(interval=old, leaves=ids)])
    if any(fresh):
        return Moved(rewritten=f"{names} was written anew {when} (ALTER TABLE): {sum(fresh):,} rows or more")
    if not standing:
        leftovers.append(f"{names} was emptied {when} (TRUNCATE): its rows are in current still")
    return Moved(leftovers=tuple(leftovers))


def known(last: Read | None, reading: Reading) -> tuple[Leaf, ...]:
    """The physical tables to go by next time: those of the last read, where nobody may see them now."""
    return last.leaves if last and _unseen(reading) else tuple(reading.leaves)


def _unseen(reading: Reading) -> bool:
    """Whether the account may see none (R7): a table of MySQL's has one at least, unlike its views."""
    return not (reading.leaves or reading.schema.row_versions) and reading.schema.indexable


def _named(leaf: Leaf) -> str:
    return leaf.name or f"physical table {leaf.id}"


def _elsewhere(before: Leaf, now: Leaf) -> bool:
    """Whether its rows lie elsewhere. A materialized view's do after each REFRESH."""
    return bool(before.storage and now.storage) and before.storage != now.storage and now.kind == "r"


def _elsewhere_read(head: Head, spans: Sequence[Span], leaves: tuple[int, ...]) -> list[Span]:
    """All that lies outside of what is read whole now: rows of these leaves that are newer there than their read."""
    whole = [span.interval for span in spans if span.base is None and not span.leaves]
    first = head.coverage[0]
    stretches = [(Interval(low=_EVER, high=first.interval.low), first.base)]
    stretches += [(segment.interval, segment.base) for segment in head.coverage]
    return [
        Span(interval=rest, base=base, leaves=leaves)
        for interval, base in stretches
        if base is not None
        for rest in subtract([interval], whole)
    ]
