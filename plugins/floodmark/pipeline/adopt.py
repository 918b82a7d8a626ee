"""A table that somebody else filled, taken over without a reload where it equals the source (adopt).

It is held against one snapshot of the source, key by key and value by value, as a reconcile does (R25). What is equal
goes into raw and from there into current by a first read like any other, whose rows come from that table. It is never
touched itself, so going back is to go on with it.

What the read covers is sealed up to the newest cursor that the table has, or less, where the look allows less (R4):
whatever came since, or commits late, is read whole by the next run (R9, R10).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from floodmark.core.bigquery import merge as merges
from floodmark.core.bigquery import partitions, reconcile_sql
from floodmark.core.bigquery import takeover as takeovers
from floodmark.core.bigquery.merge import Merge
from floodmark.core.ledger import head as heads
from floodmark.core.ledger.manifest import Manifest
from floodmark.core.ledger.portion import Buckets, Kind, Reconciled, Takeover
from floodmark.core.ledger.read import Read, State
from floodmark.core.ledger.step import Question
from floodmark.core.ports import Reading
from floodmark.core.reconcile import KEY_BITS
from floodmark.core.time.interval import Interval
from floodmark.errors import ConfigurationError, KeysDoubled, Problem, TargetMismatch, TooMuchInFlight
from floodmark.pipeline import reads, targets
from floodmark.pipeline.compare import Compared, hold_against
from floodmark.pipeline.decide import Decision, decide, require_decided
from floodmark.pipeline.extract import cursor_counts, refuse_stranger, tidy
from floodmark.pipeline.lease import Lease
from floodmark.pipeline.load import finish
from floodmark.pipeline.outcome import Outcome, counted, outcome
from floodmark.pipeline.selection import selection
from floodmark.pipeline.staging import record, staged, tell_bad_values
from floodmark.pipeline.table_run import Request, TableRun
from floodmark.pipeline.take_over import stamp

log = logging.getLogger(__name__)

MOST_LEFT_OUT = 10_000
"""Keys, or ranges of them, that may be read anew instead: a statement names them, and it holds a megabyte."""


@dataclass(frozen=True, kw_only=True)
class Adoption:
    """What became of one table. ``origin`` is the table that was to be taken over, ``others`` its columns that stay.

    ``found`` is what differed; ``outcome`` is None where nothing was adopted.
    """

    table: str
    target: str
    origin: str
    rows: int = 0
    others: tuple[str, ...] = ()
    found: Reconciled = field(default_factory=Reconciled)
    examples: Mapping[str, Sequence[str]] = field(default_factory=dict)
    outcome: Outcome | None = None

    def document(self) -> dict[str, Any]:
        """As plain values."""
        examples = {sort: list(keys) for sort, keys in self.examples.items() if keys}
        said = {**asdict(replace(self, found=Reconciled())), **counted(self.found), "examples": examples}
        said.pop("found")
        return {**said, "others": list(self.others)}


def adopt(run: TableRun, run_id: str, *, origin: str, heal: bool = False, trust: Sequence[str] = ()) -> Adoption:
    """Compare ``origin`` (``project.dataset.table``) with the source, and begin the ledger with it where it is equal.

    With ``heal`` what differs is read from the source and goes in with it. ``trust`` are columns of which only whether
    they hold a value can be compared (JSON), to be taken as they are. Killed anywhere, the same command ends it.

    Raises:
        ConfigurationError: what of it can't be taken over, each with its remedy.
        TargetMismatch: the target is somebody's already.
        AdoptedChanged: somebody wrote to it meanwhile; nothing was adopted.
        TooMuchInFlight: too much of the source is newer than the table.
    """
    run.meter.run_id = run_id
    with run.lease() as lease:
        open_read = lease.head.open
        if open_read is not None and open_read.state is not State.READING and open_read.takeover:
            finish(run, lease)
            lease.store()
        elif open_read is not None:
            tidy(run, lease)
        last = lease.head.last
        if last is not None:
            return _adopted(run, lease, last, origin)
        return _adopt(run, lease, run_id, origin, heal=heal, trust=trust)


def _adopted(run: TableRun, lease: Lease, last: Read, origin: str) -> Adoption:
    """What was adopted before. Raises ``TargetMismatch`` where the table was filled otherwise."""
    done = (one for one in run.ports.ledger.reads(run.target) if one.state is State.APPLIED)
    first = next((one for one in done if one.takeover), None)
    takeover = first.takeover if first else None
    if first is None or takeover is None or takeover.table != origin:
        raise TargetMismatch(
            f"{run.target} was filled by this ledger already, from {takeover.table if takeover else 'its source'}: "
            f"there is nothing to adopt; to fill it anew: {run.command('reload')}"
        )
    became = outcome(run.table, lease.head, first)
    return Adoption(table=run.table.name, target=run.target, origin=origin, rows=takeover.rows, outcome=became)


def _adopt(run: TableRun, lease: Lease, run_id: str, origin: str, *, heal: bool, trust: Sequence[str]) -> Adoption:
    decision = decide(run, lease.head, Request(kind=Kind.RECONCILE, run_id=run_id))
    if decision.resolved.sync != "incremental":
        remedy = f"its next run fills it: {run.command('run', '--table')}"
        raise _refused(run, f"only incremental tables are adopted, and it is {decision.resolved.sync}", remedy)
    if run.config.adapter == "cloudsql":
        message = "it is read by exports (adapter: cloudsql), and none of them can be compared within one snapshot"
        raise _refused(run, message, f"its next run fills it: {run.command('run', '--table')}")
    fields = _fields(run, origin)
    stamped = stamp(run, origin)
    chosen = selection(run, decision.resolved)
    with run.ports.source.open(chosen) as reading:
        refuse_stranger(run, decision.look, reading)
        require_decided(run, decision, reading)
        counts = cursor_counts(run, reading, chosen)
        read = reads.of_takeover(run, lease.head, decision, reading, chosen)
        both = targets.tables(run, lease.head, read, run.ports.ledger.uuid)
        run.ports.warehouse.standing(both.current)
        run.ports.warehouse.standing(both.raw)
        taking = takeovers.taking(fields, read.columns, chosen.all_in_target(chosen.cursor), chosen.timezone)
        merge = targets.merge_of(run, read, both)
        _refuse_columns(run, origin, taking.problems, merge, trust)
        rows = takeovers.landed(origin, taking, read.read_at)
        merge = replace(merge, instead=takeovers.as_current(rows, merge), unheld=False)
        sealed = _sealed(run, origin, decision, rows)
        found = _compared(run, origin, merge, reading, sealed)
        said = Adoption(
            table=run.table.name, target=run.target, origin=origin, others=taking.others, found=found.reconciled,
            examples=found.examples,
        )  # fmt: skip
        if found.reconciled.differing and not heal:
            return said
        read = replace(read, watermark=sealed.high, query=takeovers.kept(rows, merge, _left_out(run, origin, found)))
        trusted = tuple(name for name in reconcile_sql.unlike(merge.columns) if name in trust)
        if trusted:
            reason = f"what {', '.join(trusted)} of {origin} held was taken on trust"
            read = replace(read, basis=decision.watermark.assuming((reason,)).basis, reasons=(*read.reasons, reason))
        kept = int(run.ask(Question.ADOPT, takeovers.count(read.query))[0]["rows"])
        takeover = Takeover(table=origin, rows=kept, stamp=stamped, trusted=trusted)
        read = reads.taking_over(read, takeover)
        lease.write(lambda head: heads.begin(head, read))
        log.info("%s: taking over %d rows of %s\n%s", run.target, kept, origin, read.query)
        manifest = _healed(run, read, found)
        manifest = replace(
            manifest,
            rows=manifest.rows + kept,
            partitions=_partitions(run, merge, manifest.partitions),
            null_cursors=counts[0],
            future_cursors=counts[1],
        )
        record(run, lease, reading, read, manifest)
    finish(run, lease)
    applied = lease.head.last
    return replace(said, rows=kept, outcome=outcome(run.table, lease.head, applied))


def _fields(run: TableRun, origin: str) -> tuple[tuple[str, str], ...]:
    """The columns of the table that is to be adopted. Raises ``ConfigurationError``."""
    place = run.config.bigquery
    if origin in (run.target, place.raw_table(run.table)):
        name = origin.rpartition(".")[2]
        raise _refused(
            run,
            f"{origin} bears the very name of the table that is to be filled",
            f"pause what writes to it, rename it (ALTER TABLE `{origin}` RENAME TO `{name}_before`), then adopt it by "
            f"--from {origin}_before; or give Floodmark's another dataset or name (to:)",
        )
    parts = origin.rsplit(".", 2)
    fields = run.ports.warehouse.fields(*parts) if len(parts) == 3 else None
    if fields is None:
        raise _refused(run, f"there is no table {origin}", "write --from PROJECT.DATASET.TABLE")
    if not run.ports.warehouse.is_table(*parts):
        raise _refused(run, f"{origin} is a view, or lies outside BigQuery", "make a table of it, and adopt that")
    return fields


def _refuse_columns(
    run: TableRun, origin: str, problems: Sequence[tuple[str, str, str]], merge: Merge, trust: Sequence[str]
) -> None:
    """Raise ``ConfigurationError`` with everything that can't be taken over."""
    blind = [
        (name, "is JSON, of which only whether it holds a value can be compared",
         f"exclude it, carry it as text (types:), or take it as it is: --trust {name}")
        for name in reconcile_sql.unlike(merge.columns) if name not in trust
    ]  # fmt: skip
    unknown = [
        (name, "is compared like any other, or isn't carried", f"leave out --trust {name}")
        for name in trust if name not in reconcile_sql.unlike(merge.columns)
    ]  # fmt: skip
    if found := [*problems, *blind, *unknown]:
        raise ConfigurationError(
            [Problem(file=origin, path=name, message=message, remedy=remedy) for name, message, remedy in found]
        )


def _sealed(run: TableRun, origin: str, decision: Decision, rows: str) -> Interval:
    """What is compared, and covered: from the table's start to its newest cursor, as far as the look allows."""
    newest: datetime | None = run.ask(Question.ADOPT, takeovers.newest(rows))[0]["newest"]
    if newest is None:
        raise _refused(run, f"{origin} holds no rows with a cursor", f"fill the table: {run.command('run', '--table')}")
    proved = decision.watermark.at
    if proved is None:
        raise TooMuchInFlight(
            f"{run.target}: nothing is proved now: {'; '.join(decision.watermark.reasons)}; try again"
        )
    high = min(proved, newest.astimezone(UTC))
    if high <= run.start:
        raise _refused(
            run,
            f"{origin} ends at {newest.isoformat()}, and what is proved at {proved.isoformat()}: both must lie after "
            f"the table's start, {run.start.isoformat()}",
            "write an earlier start, or fill the table by its runs",
        )
    return Interval(low=run.start, high=high)


def _compared(run: TableRun, origin: str, merge: Merge, reading: Reading, sealed: Interval) -> Compared:
    try:
        return hold_against(run, merge, reading, (sealed,), share=1.0)
    except KeysDoubled:
        raise KeysDoubled(
            f"{origin} holds a key ({', '.join(merge.key)}) more than once; delete the copies there, or adopt a table "
            "of its rows without them"
        ) from None
    except TooMuchInFlight as error:
        raise TooMuchInFlight(
            f"{run.target}: too many rows of the source are newer than {sealed.high.isoformat()}, where {origin} ends, "
            "or not settled yet: have what fills it run once more, then adopt it"
        ) from error


def _left_out(run: TableRun, origin: str, found: Compared) -> tuple[Buckets, ...]:
    """The keys whose rows are not taken over, since they are read anew or are not in the source."""
    wanted = (found.heal.buckets, Buckets(bits=KEY_BITS, numbers=found.gone))
    if found.reconciled.left or sum(len(one.numbers) for one in wanted) > MOST_LEFT_OUT:
        raise _refused(
            run,
            f"{origin} differs from the source in too many keys to be healed ({found.reconciled.differing:,} and more)",
            f"mend it, or fill the table anew: {run.command('reload')}",
        )
    return wanted


def _healed(run: TableRun, read: Read, found: Compared) -> Manifest:
    """The source's rows of what differs, in one object; nothing where nothing does."""
    if not found.heal.buckets.numbers:
        return Manifest()
    rows = found.comparison.healing(replace(found.heal, deleted=(), partitions=()), read.read_at)
    manifest = staged(run, read, rows)
    tell_bad_values(run, manifest)
    return manifest


def _partitions(run: TableRun, merge: Merge, staged: Sequence[str | None]) -> tuple[str | None, ...]:
    cut = merge.partitioning
    if cut is None:
        return ()
    stands = run.ask(Question.PARTITIONS, merges.partitions_standing(merge))
    found = {*staged, *(partitions.partition_of(row["start"], cut.unit) for row in stands)}
    return (*sorted(one for one in found if one is not None), *([None] if None in found else []))


def _refused(run: TableRun, message: str, remedy: str) -> ConfigurationError:
    return ConfigurationError([Problem(file=run.file, path=f"tables.{run.table.name}", message=message, remedy=remedy)])
