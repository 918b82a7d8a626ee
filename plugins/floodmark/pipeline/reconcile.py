"""Source and current compared key by key, and what differs healed by a read of its own (R25).

All of it happens against one snapshot of the source, and against current as it stands while we hold the lease. Reads
from top to bottom as the data flows: tidy, look, hold, compare, drill, heal.
"""

from __future__ import annotations

import logging
from contextlib import nullcontext
from dataclasses import replace

from floodmark.core.bigquery import partitions
from floodmark.core.ledger import coverage as coverages
from floodmark.core.ledger import head as heads
from floodmark.core.ledger.head import Head
from floodmark.core.ledger.manifest import Manifest
from floodmark.core.ledger.portion import Kind, Reconcile
from floodmark.core.ledger.read import Read
from floodmark.core.ports import Comparison, Reading
from floodmark.core.reconcile import Heal
from floodmark.core.time import duration
from floodmark.errors import BudgetReached, ConfigurationError, KeysDoubled, RetriableError, reason
from floodmark.pipeline import changed, reads, renames
from floodmark.pipeline.compare import Compared, compare
from floodmark.pipeline.decide import Decision, decide, require_decided
from floodmark.pipeline.extract import refuse_stranger, tidy
from floodmark.pipeline.lease import Lease
from floodmark.pipeline.outcome import Reconciliation, reconciliation
from floodmark.pipeline.selection import selection
from floodmark.pipeline.staging import close_unchanged, record, staged, tell_bad_values
from floodmark.pipeline.standing import stand_still, told
from floodmark.pipeline.table_run import Request, TableRun

log = logging.getLogger(__name__)


def reconcile(run: TableRun, run_id: str, *, heal: bool) -> Reconciliation:
    """Compare one table; with ``heal``, stage what mends it, for ``load`` to apply. Else nothing is written.

    A retry goes on with the read that it began. Where nothing differs, the read is applied at once: it is evidence.

    Raises:
        ConfigurationError: it would cost more than ``reconcile_bytes``.
        BudgetReached: it would cost more than the source's budget leaves.
        RetriableError: too many keys are not settled yet.
        FatalError: the two ends don't agree on what a key is; nothing was removed.
    """
    run.meter.run_id = run_id
    with run.lease() as lease:
        if adopted := tidy(run, lease, run_id):
            return reconciliation(run.table, lease.head, adopted)
        try:
            return _reconcile(run, lease, run_id, heal=heal)
        except (RetriableError, ConfigurationError, BudgetReached):  # its limits are its own: slices go on without it
            raise
        except Exception as error:
            if heal:
                stand_still(lease, error)
            if heal and isinstance(error, KeysDoubled):
                text = reason(error)
                lease.write(lambda head: heads.block(head, text, wrong=True))
            raise


def _reconcile(run: TableRun, lease: Lease, run_id: str, *, heal: bool) -> Reconciliation:
    head = lease.head
    if head.last is None or head.last.portion.continues:
        return _left_alone(run, "its first load is under way" if head.last else "nothing of it was read yet")
    with told(lease) if heal else nullcontext():
        decision = decide(run, head, Request(kind=Kind.RECONCILE, run_id=run_id))
    if why := _not_yet(head, decision):
        return _left_alone(run, why)
    chosen = selection(run, decision.resolved)
    with run.ports.source.open(chosen, head.last.snapshot) as reading:
        voided, now = run.ports.source.history(head.last.snapshot, reading.snapshot).voided, decision.fingerprint
        if why := voided or changed.reason_in_snapshot(run, head, reading, now, decision.request):
            return _left_alone(run, f"it is to be reloaded first, as its next run does: {why}")
        refuse_stranger(run, decision.look, reading)
        require_decided(run, decision, reading)
        read = reads.of_reconcile(head, decision, reading, chosen, run_id)
        found = compare(run, head, read, reading)
        _tell(run, found)
        if not heal:
            return reconciliation(run.table, head, None, found.reconciled, found.examples)
        read = replace(read, portion=Reconcile(reconciled=found.reconciled))
        _begin(run, lease, read, found.comparison, found.heal)
        _stage(run, lease, reading, found)
    opened = lease.head.open
    notes = _tell_expired(run, opened, found) if opened else ()
    if opened is not None and not opened.rows:
        opened = close_unchanged(lease)
    return replace(reconciliation(run.table, lease.head, opened, found.reconciled, found.examples), notes=notes)


def _tell_expired(run: TableRun, read: Read, found: Compared) -> tuple[str, ...]:
    """Rows that came back to partitions which had expired: they go again if somebody sets that again (R34)."""
    cut, lived = run.table.partition_by, found.expired
    if cut is None or lived is None or read.manifest is None:
        return ()
    places = (partitions.parse(one, cut.by) for one in read.manifest.partitions if one is not None)
    old = sum(1 for start in places if start < read.read_at - lived)
    if not old:
        return ()
    said = (
        f"{old} partitions of what is healed are older than {duration.render(lived)}, after which partitions of "
        f"{run.target} expired until now, though nothing of ours asks for that: whoever set it (the dataset's default, "
        "an ALTER TABLE) lets them expire again by setting it again"
    )
    log.warning("%s", said)
    return (said,)


def _not_yet(head: Head, decision: Decision) -> str:
    """Why it can't be compared now, as far as that is known before the snapshot."""
    if decision.voids:
        return f"it is to be reloaded first, as its next run does: {decision.voids}"
    if decision.renamed:
        return renames.FIRST
    if decision.resolved.sync != "incremental":
        return f"only incremental tables are compared, and it is {decision.resolved.sync}"
    return "" if coverages.sealed(head.coverage) else "nothing of it is sealed yet"


def _left_alone(run: TableRun, reason: str) -> Reconciliation:
    log.warning("%s: not reconciled: %s", run.target, reason)
    return Reconciliation(table=run.table.name, target=run.target, skipped=reason)


def _tell(run: TableRun, found: Compared) -> None:
    said = found.reconciled
    level = logging.WARNING if said.differing or said.left else logging.INFO
    log.log(
        level,
        "%s: %d keys missing, %d changed, %d deleted; %d of %d ranges of keys differ too, left for the next one%s",
        run.target,
        said.missing,
        said.changed,
        said.deleted,
        said.left,
        said.of,
        f"; compared but for what they hold: {', '.join(said.unlike)}" if said.unlike else "",
    )


def _begin(run: TableRun, lease: Lease, read: Read, comparison: Comparison, heal: Heal) -> None:
    """Open the read in the ledger, after the snapshot and before its rows (R15)."""
    if read.reconciled and read.reconciled.differing:
        read = replace(read, query=comparison.query(heal.buckets, read.read_at))
    lease.write(lambda current: heads.begin(current, read))
    log.info("%s: healing at %s\n%s", run.target, read.read_at.isoformat(), read.query)


def _stage(run: TableRun, lease: Lease, reading: Reading, found: Compared) -> None:
    """The rows that heal, and those that are deleted, in one object; the manifest last."""
    read = lease.head.open
    if read is None:
        raise heads.Unlawful(f"{run.target}: no read is open")
    manifest = Manifest()
    if found.reconciled.differing:
        rows = found.comparison.healing(found.heal, read.read_at)
        manifest = staged(run, read, rows)
        tell_bad_values(run, manifest)
    record(run, lease, reading, read, manifest)
