"""Where every table of a source stands, from the ledger alone: no source, no Google."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from floodmark.core.config.source import SourceConfig
from floodmark.core.config.table import TableConfig
from floodmark.core.ledger import coverage as coverages
from floodmark.core.ledger.coverage import Coverage
from floodmark.core.ledger.forgotten import NOTHING_FORGOTTEN, Forgotten
from floodmark.core.ledger.head import Head
from floodmark.core.ledger.read import Added, Read
from floodmark.core.ledger.watermark import Basis, OpenTransaction
from floodmark.core.ports import Ledger
from floodmark.core.time.interval import Interval
from floodmark.pipeline import first_load
from floodmark.pipeline.extent import may_hold_more
from floodmark.pipeline.reports import balance as balances


@dataclass(frozen=True, kw_only=True)
class TableStatus:
    """One table. Moments are UTC.

    ``sealed_up_to`` is T of the promise: None where nothing is sealed, or the table has no cursor. ``as_of`` is the
    same; of a table without a cursor its last whole read. ``assumed`` are the sealed intervals that rest on something
    taken on trust. ``reasons`` are what the last read says of itself (why nothing was proved, or only assumed), and
    every reload that the source made necessary. ``gaps`` lie before the newest slice read. ``behind`` is what is due
    and not covered after it. ``first_load`` says how far that is, while it is under way (R24). ``partial`` are columns
    that the source gained: rows from before the named read have NULL in them (R26); ``retired`` stand in the
    target, and nothing of the source fills them any more. ``late`` counts the rows that turned up in sealed slices,
    the last of them in the read of ``late_at``. ``lag`` is the age of the data; ``stale`` says that it is over
    ``freshness``. ``reconciled_at`` is the newest reconcile after which nothing differed (R25). ``balance`` says
    what the last comparisons of both ends found, ``unbalanced`` that rows are missing, or differ, or are too many
    where that is a fault, ``balanced_at`` when that was (R36). ``wrong``: it is blocked, since current holds something
    else than what was read.
    ``forgotten`` says how many keys' rows were taken out for good, and whether some came again. ``history`` is the
    view that shows every version, where there is one.

    ``quarantined`` rows were held out and ``unheld`` values encoded by the last whole read and those after it: a row
    that was read twice counts twice (R31). ``null_cursors`` and ``future_cursors`` are the source's rows that lie in no
    slice, and those whose slice is yet to come, when it was last read (R22). ``selects_none``: current is empty, and
    the table has a where, or a SELECT of its own.
    """

    table: str
    target: str
    sealed_up_to: datetime | None = None
    as_of: datetime | None = None
    assumed: tuple[Interval, ...] = ()
    provisional: tuple[Interval, ...] = ()
    held_by: tuple[OpenTransaction, ...] = ()
    reasons: tuple[str, ...] = ()
    gaps: tuple[Interval, ...] = ()
    behind: Interval | None = None
    partial: tuple[Added, ...] = ()
    retired: tuple[str, ...] = ()
    late: int = 0
    late_at: datetime | None = None
    quarantined: int = 0
    held_out: tuple[tuple[str, int], ...] = ()
    unheld: tuple[tuple[str, int], ...] = ()
    null_cursors: int = 0
    future_cursors: int = 0
    selects_none: bool = False
    lag: timedelta | None = None
    stale: bool = False
    rows: int = 0
    last_read_at: datetime | None = None
    reconciled_at: datetime | None = None
    forgotten: Forgotten = NOTHING_FORGOTTEN
    history: str = ""
    under_way: str = ""
    first_load: str = ""
    balance: tuple[str, ...] = ()
    unbalanced: bool = False
    balanced_at: datetime | None = None
    error: str = ""
    wrong: bool = False
    holder: str = ""
    renewed_at: datetime | None = None

    @property
    def well(self) -> bool:
        """Whether nobody has to do anything: not blocked, no gap, fresh enough, no row missing."""
        return not (self.error or self.gaps or self.stale or self.unbalanced)


def gaps(table: TableConfig, coverage: Coverage) -> tuple[Interval, ...]:
    """Slices that no applied read covers although a later one is covered: skipped, or failed for good."""
    if not coverage:
        return ()
    return coverages.gaps(coverage, table.start, coverage[-1].interval.high)


def missing(table: TableConfig, coverage: Coverage, now: datetime) -> tuple[Interval, ...]:
    """Every full slice since the table's start that no applied read covers: the gaps, and what is behind."""
    return coverages.gaps(coverage, table.start, table.cadence.boundary(now))


def status(config: SourceConfig, ledger: Ledger, now: datetime, *, named: str = "") -> list[TableStatus]:
    """Every table of the source, in the file's order. ``now`` is this machine's clock, UTC. Nothing is written.

    ``named`` is how a command line names the source, where not by its name.
    """
    tables = config.tables.values()
    heads = ledger.heads([config.bigquery.current_table(table) for table in tables])
    return [of_head(table, head, now, named or config.source) for table, head in zip(tables, heads, strict=True)]


def of_head(table: TableConfig, head: Head, now: datetime, named: str) -> TableStatus:
    """One table, from its head alone. ``named`` is how a command line names its source."""
    coverage, totals = head.coverage, head.totals
    sealed = coverages.sealed_up_to(coverage, table.start) if coverages.sealed(coverage) else None
    last = head.last
    as_of = sealed if coverage else coverages.read_whole_at(head.coverage, head.last)
    lag = now - as_of if as_of else None
    return TableStatus(
        table=table.name,
        target=head.target,
        sealed_up_to=sealed if sealed != table.start else None,
        as_of=as_of if as_of != table.start else None,
        assumed=coverages.sealed(coverage, Basis.ASSUMED),
        provisional=coverages.provisional(coverage),
        held_by=_open_transactions(coverage),
        reasons=_reasons(head),
        gaps=gaps(table, coverage),
        behind=_behind(table, coverage, now),
        partial=last.partial if last else (),
        retired=tuple(one.name for one in last.retired) if last else (),
        late=totals.late,
        late_at=totals.late_at,
        quarantined=totals.quarantined,
        held_out=totals.held_out,
        unheld=totals.unheld,
        null_cursors=totals.null_cursors,
        future_cursors=totals.future_cursors,
        selects_none=head.target_rows == 0 and bool(table.where or table.sql),
        lag=lag,
        stale=table.freshness is not None and (lag is None or lag > table.freshness),
        rows=last.rows if last else 0,
        last_read_at=last.read_at if last else None,
        reconciled_at=head.reconciled_at,
        forgotten=head.forgotten,
        under_way=_under_way(head.open),
        history=head.versions.view,
        first_load=first_load.progress(last, now),
        balance=_balance(table, head, now, named),
        unbalanced=not head.balance.balances(more=may_hold_more(table, head)),
        balanced_at=balances.newest(head),
        error=head.error,
        wrong=last is not None and bool(last.error),
        holder=head.holder,
        renewed_at=head.renewed_at if head.holder else None,
    )


def _balance(table: TableConfig, head: Head, now: datetime, named: str) -> tuple[str, ...]:
    """What the last comparisons of both ends said (R36)."""
    if head.last is None:
        return ()
    faults = balances.faults(table, head, now, named)
    said = (balances.sums(head), *balances.looked(head, now), *faults, *balances.told(table, head))
    return tuple(one for one in said if one)


def _behind(table: TableConfig, coverage: Coverage, now: datetime) -> Interval | None:
    """What is due after the newest slice read; of a table never read, or without a cursor, nothing can be said."""
    if not coverage:
        return None
    decision = table.cadence.boundary(now)
    covered = coverage[-1].interval.high
    return Interval(low=covered, high=decision) if covered < decision else None


def _open_transactions(coverage: Coverage) -> tuple[OpenTransaction, ...]:
    found = {
        transaction.identity: transaction
        for segment in coverage
        if segment.provisional
        for transaction in segment.held_by
    }
    return tuple(found.values())


def _reasons(head: Head) -> tuple[str, ...]:
    last = head.last
    forced = [
        f"{one.read_at:%Y-%m-%d %H:%M:%S}: {one.reason}"
        for one in head.totals.reloads
        if last is None or one.read_at != last.read_at
    ]
    proving = head.totals.reasons if head.totals.reads or last is None else last.reasons  # a head of an older program
    return (*forced, *proving, *(last.leftovers if last else ()))


def _under_way(read: Read | None) -> str:
    return f"{read.kind.value} of {read.read_at.isoformat()}: {read.state.value}" if read else ""
