"""Source and current compared key by key, and what differs healed by a read of its own (R25).

All of it happens against one snapshot of the source, and against current as it stands while we hold the lease. Reads
from top to bottom as the data flows: tidy, look, hold, compare, drill, heal.
"""

from __future__ import annotations

import logging
from dataclasses import replace

from floodmark.core.ledger import coverage as coverages
from floodmark.core.ledger import head as heads
from floodmark.core.ledger.head import Head
from floodmark.core.ledger.read import Kind, Manifest, Read, State
from floodmark.core.ports import Comparison, Reading
from floodmark.core.reconcile import Heal
from floodmark.errors import FatalError, KeysDoubled
from floodmark.pipeline.compare import Compared, compare
from floodmark.pipeline.decide import Due, decide, voided
from floodmark.pipeline.extract import refuse_stranger, stand_still, tidy
from floodmark.pipeline.lease import Lease, now
from floodmark.pipeline.outcome import Reconciliation, reconciliation
from floodmark.pipeline.selection import carried, selection
from floodmark.pipeline.staging import close_unchanged, object_name, record
from floodmark.pipeline.table_run import Ask, Sync

log = logging.getLogger(__name__)


def reconcile(sync: Sync, run_id: str, *, heal: bool) -> Reconciliation:
    """Compare one table; with ``heal``, stage what mends it, for ``load`` to apply. Else nothing is written.

    A retry goes on with the read that it began. Where nothing differs, the read is applied at once: it is evidence.

    Raises:
        ConfigurationError: it would cost more than ``reconcile_bytes``.
        RetriableError: too many keys are not settled yet.
        FatalError: the two ends don't agree on what a key is; nothing was removed.
    """
    with sync.lease() as lease:
        if adopted := tidy(sync, lease, run_id):
            return reconciliation(sync.table.name, lease.head, adopted)
        try:
            return _reconcile(sync, lease, run_id, heal=heal)
        except FatalError as error:
            if heal:
                stand_still(lease, error)
            if heal and isinstance(error, KeysDoubled):
                reason = error.reason
                lease.write(lambda head: heads.block(head, reason, wrong=True))
            raise


def _reconcile(sync: Sync, lease: Lease, run_id: str, *, heal: bool) -> Reconciliation:
    head = lease.head
    if head.last is None or head.last.continues:
        return _left_alone(sync, "its first load is under way" if head.last else "nothing of it was read yet")
    due = decide(sync, head, Ask(kind=Kind.RECONCILE, run_id=run_id))
    if due.resolved.sync != "incremental":
        return _left_alone(sync, f"only incremental tables are compared, and it is {due.resolved.sync}")
    if not coverages.sealed(head.coverage):
        return _left_alone(sync, "nothing of it is sealed yet")
    chosen = selection(sync, due.resolved)
    with sync.ports.source.open(chosen, head.last.snapshot) as reading:
        if reason := voided(head.last, reading.snapshot):
            return _left_alone(sync, f"it is to be reloaded first, as its next run does: {reason}")
        refuse_stranger(sync, due.look, reading)
        read = _read(head, due, reading, run_id, columns=carried(reading.schema, chosen), key=chosen.key)
        found = compare(sync, head, read, reading)
        _tell(sync, found)
        if not heal:
            return reconciliation(sync.table.name, head, None, found.reconciled, found.examples)
        read = replace(read, reconciled=found.reconciled)
        _begin(sync, lease, read, found.comparison, found.heal)
        _stage(sync, lease, reading, found)
    opened = lease.head.open
    if opened is not None and not opened.rows:
        opened = close_unchanged(lease)
    return reconciliation(sync.table.name, lease.head, opened, found.reconciled, found.examples)


def _left_alone(sync: Sync, reason: str) -> Reconciliation:
    log.warning("%s: not reconciled: %s", sync.target, reason)
    return Reconciliation(table=sync.table.name, target=sync.target, skipped=reason)


def _read(head: Head, due: Due, reading: Reading, run_id: str, **carried: object) -> Read:
    """The read as it would be begun. It covers nothing and proves nothing, so it has no mark.

    Its physical tables are those that the last slices saw: the rows of one that came since are still to be read (R11).
    """
    return Read(
        target=head.target,
        read_at=heads.next_read_at(head, due.look.clock),
        token=head.token,
        run_id=run_id,
        kind=Kind.RECONCILE,
        state=State.READING,
        spans=(),
        mark=None,
        snapshot=reading.snapshot,
        leaves=head.last.leaves if head.last else reading.leaves,
        unique=due.resolved.unique,
        began_at=now(),
        **carried,  # type: ignore[arg-type]
    )


def _tell(sync: Sync, found: Compared) -> None:
    said = found.reconciled
    level = logging.WARNING if said.differing or said.left else logging.INFO
    log.log(
        level,
        "%s: %d keys missing, %d changed, %d gone; %d of %d ranges of keys differ too and are left for the next one%s",
        sync.target,
        said.missing,
        said.changed,
        said.gone,
        said.left,
        said.of,
        f"; not compared: {', '.join(said.uncompared)}" if said.uncompared else "",
    )


def _begin(sync: Sync, lease: Lease, read: Read, comparison: Comparison, heal: Heal) -> None:
    """Open the read in the ledger, after the snapshot and before its rows (R15)."""
    if read.reconciled and read.reconciled.differing:
        read = replace(read, query=comparison.query(heal.buckets, read.read_at))
    lease.write(lambda current: heads.begin(current, read))
    log.info("%s: healing at %s\n%s", sync.target, read.read_at.isoformat(), read.query)


def _stage(sync: Sync, lease: Lease, reading: Reading, found: Compared) -> None:
    """The rows that heal, and those that are gone, in one object; the manifest last."""
    read = lease.head.open
    if read is None:
        raise heads.Unlawful(f"{sync.target}: no read is open")
    manifest = Manifest()
    if found.reconciled.differing:
        rows = found.comparison.healing(found.heal, read.read_at)
        manifest = sync.ports.stage.write(f"{object_name(sync, read)}.parquet", rows)
    record(sync, lease, reading, read, manifest)
