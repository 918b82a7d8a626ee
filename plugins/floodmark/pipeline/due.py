"""What is due of a table: look at the source, then decide what to read (R4, R9-R12)."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace

from floodmark.core import coverage as coverages
from floodmark.core import seal
from floodmark.core.head import Head
from floodmark.core.interval import merge
from floodmark.core.ports import Reading
from floodmark.core.read import Kind, Snapshot, Span
from floodmark.core.resolve import ResolvedTable, resolve
from floodmark.core.seal import Look, Mark
from floodmark.pipeline.sync import Ask, Sync

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Due:
    """What was seen and decided before the snapshot. ``spans`` None is the whole table, empty nothing at all."""

    ask: Ask
    look: Look
    mark: Mark
    resolved: ResolvedTable
    spans: tuple[Span, ...] | None

    @property
    def kind(self) -> Kind:
        if self.spans is not None:
            return Kind.SLICE
        return Kind.REFRESH if self.ask.kind is Kind.SLICE else self.ask.kind

    @property
    def append(self) -> bool:
        return self.resolved.sync == "append"


def decide(sync: Sync, head: Head, ask: Ask) -> Due:
    """Look first, then decide: what begins after the look has a later start (R4)."""
    source, table = sync.ports.source, sync.table
    look = source.look()
    schema = source.describe(table.relation.schema, table.relation.name)
    resolved = resolve(table, schema, sync.file)
    mark = seal.mark(look, settle=table.settle, skew=table.skew, assumed=resolved.assumptions)
    spans = None
    if ask.kind is Kind.SLICE and resolved.cursor:
        asked = [ask.interval] if ask.interval else []
        spans = coverages.todo(head.coverage, mark, look, asked, recheck=sync.recheck)
    return Due(ask=ask, look=look, mark=mark, resolved=resolved, spans=spans)


def with_history(head: Head, reading: Reading, due: Due) -> Due:
    """Bases hold only on one timeline of one cluster, and with the same physical tables (R10, R11).

    After a failover, rows that were read may never have been: the whole table is read and replaced.
    """
    last, spans = head.last, due.spans or ()
    if last is not None and _forked(last.snapshot, reading.snapshot):
        log.warning(
            "%s: the source went from timeline %s of cluster %s to %s of %s; what was read since the fork may be void, "
            "so the table is reloaded",
            head.target,
            last.snapshot.timeline,
            last.snapshot.system_id,
            reading.snapshot.timeline,
            reading.snapshot.system_id,
        )
        return replace(due, spans=None, ask=replace(due.ask, kind=Kind.RELOAD))
    if due.append or last is None or reading.snapshot.xmin is None or not _known(last.snapshot, reading.snapshot):
        return replace(due, spans=coverages.without_bases(spans))
    if {leaf.oid for leaf in reading.leaves} - {leaf.oid for leaf in last.leaves}:
        log.warning("%s: new physical tables since %s; all of it is read", head.target, last.read_at.isoformat())
        everything = [*(segment.interval for segment in head.coverage), *(span.interval for span in spans)]
        return replace(due, spans=tuple(Span(interval=interval) for interval in merge(everything)))
    return due


def _known(*snapshots: Snapshot) -> bool:
    return all(snapshot.system_id and snapshot.timeline for snapshot in snapshots)


def _forked(last: Snapshot, this: Snapshot) -> bool:
    return _known(last, this) and (last.system_id, last.timeline) != (this.system_id, this.timeline)
