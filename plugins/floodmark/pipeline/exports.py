"""The export of a read: written down, begun once, found again after a crash, and its rows (R17).

Each attempt has an object of its own. A request whose answer was lost, or whose step was killed, is looked for by that
name; only where nobody knows of it a further attempt is made, under another name, so that none is ever done twice.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from floodmark.core.ledger import exporting
from floodmark.core.ledger.effect import Effect, EffectState
from floodmark.core.ledger.manifest import Manifest
from floodmark.core.ledger.portion import Kind
from floodmark.core.ledger.read import Read
from floodmark.core.ledger.requested import Requester
from floodmark.core.ports import Exporter, NotBegun, Reading, Rows, Selection
from floodmark.errors import FatalError, SourceRefused, SourceUnavailable, reason
from floodmark.pipeline.decide import Decision
from floodmark.pipeline.fitting import fit
from floodmark.pipeline.lease import Lease
from floodmark.pipeline.selection import selection
from floodmark.pipeline.staging import object_name, staged
from floodmark.pipeline.table_run import TableRun

log = logging.getLogger(__name__)

EXPORT = "export"
"""The step's name in the ledger."""
_OFFLOAD = "offload"
ATTEMPTS = 3
"""So many requests of one step may get lost."""


def offloads(run: TableRun, decision: Decision) -> bool:
    """Whether the read is to be exported from a copy: where it is large and can wait, unless the table says."""
    if run.config.adapter is None or run.table.offload != "auto":
        return run.config.adapter is not None and bool(run.table.offload)
    large = decision.spans is None and decision.kind in (Kind.FIRST, Kind.RELOAD)
    return large or decision.request.by is Requester.BACKFILL


def staged_export(run: TableRun, lease: Lease, exporter: Exporter) -> Manifest:
    """The rows of the open read as the source exported them, checked and cast, in one object.

    What is not believed is not kept: the next try begins with a look.
    """
    rows = _exported(run, lease, exporter)
    try:
        found = rows()
        if found.empty() and not found.quarantined:
            return Manifest(digest=found.digest, tally=found.tally)
        return staged(run, _open(lease), found)
    except (SourceUnavailable, FatalError) as error:
        text = reason(error)
        lease.write(lambda head: exporting.disbelieve(head, text))
        raise


@contextmanager
def going_on(run: TableRun, lease: Lease) -> Iterator[tuple[Reading, Selection, Read] | None]:
    """The open read, taken over by this step, with its table; None where no export of it is to be gone on with.

    Nor is one that the configuration or the table would have otherwise by now: its text would be another.
    """
    read = lease.head.open
    if read is None or not exporting.goes_on(read):
        yield None
        return
    table, source = run.table, run.ports.source
    if read.exports[-1].state is EffectState.INTENDED:
        source.until_exported(read.exports[-1].configuration)  # before it is asked anything
    place = table.relation
    schema = source.describe(place.schema, place.name, where=table.where or "", choices=table.choices)
    resolved = fit(run.config, table, schema, run.file, lease.head.last, anew=read.remade)
    chosen = selection(run, resolved, offload=bool(read.exports[-1].statistics.get(_OFFLOAD)))
    with source.open(chosen) as reading:
        if reading.query(read.portion.wanted, read.read_at, read.part) != read.query:
            yield None
            return
        taken = lease.write(exporting.take_over).open
        assert taken is not None
        yield reading, chosen, taken


def _exported(run: TableRun, lease: Lease, exporter: Exporter) -> Callable[[], Rows]:
    """The rows of the open read, once they are exported, by this step or by one before it.

    Raises what the exporter raises; the attempt has failed then, and the next try begins with a look.
    """
    sent = _under_way(_open(lease)) is not None
    for _ in range(ATTEMPTS):
        effect = _under_way(_open(lease)) or _intended(run, lease, exporter)
        if effect.state is EffectState.DONE:
            break
        try:
            statistics = exporter.carry_out(effect.configuration, sent=sent)
        except NotBegun as error:
            log.warning("%s; another attempt is made", error)
            _conclude(lease, effect.concluded(EffectState.FAILED, error=str(error)))
        except (SourceUnavailable, SourceRefused) as error:
            _conclude(lease, effect.concluded(EffectState.FAILED, error=reason(error)))
            raise
        else:
            effect = effect.concluded(EffectState.DONE, statistics=statistics)
            _conclude(lease, effect)
            break
        sent = False
    else:
        raise SourceUnavailable(f"{run.target}: {ATTEMPTS} requests to export it were lost; it is tried again later")
    read, request = _open(lease), effect.configuration
    return lambda: exporter.rows(request, read.snapshot, read.portion.wanted, read.read_at, read.part)


def _open(lease: Lease) -> Read:
    read = lease.head.open
    assert read is not None
    return read


def _under_way(read: Read) -> Effect | None:
    return read.exports[-1] if exporting.goes_on(read) else None


def _intended(run: TableRun, lease: Lease, exporter: Exporter) -> Effect:
    read = _open(lease)
    attempt = len(read.exports) + 1
    uri = f"{run.config.stage}/{object_name(run, read)}.export-{attempt}.csv"
    request = exporter.request(uri, read.query)
    digest = hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()
    effect = Effect(
        step=EXPORT, attempt=attempt, job_id=uri, location=exporter.place, configuration=request, digest=digest,
        statistics={_OFFLOAD: exporter.offload},
    )  # fmt: skip
    lease.write(lambda head: exporting.intend(head, effect))
    return effect


def _conclude(lease: Lease, effect: Effect) -> None:
    lease.write(lambda head: exporting.conclude(head, effect))
