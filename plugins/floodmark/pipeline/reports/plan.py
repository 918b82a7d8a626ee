"""What the next run of a table would do, and what it would cost. Nothing is read, written or created.

It decides by the very functions that a run decides by, holds the table for a moment as a read does (R1), and asks the
planner of either side: EXPLAIN for the rows, a dry run for the bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from floodmark.core.bigquery import drift
from floodmark.core.bigquery import merge as merges
from floodmark.core.bigquery.price import MONTH, PRICE_PER_TIB, billed, price, row_bytes
from floodmark.core.config.table import TableConfig
from floodmark.core.ledger import coverage as coverages
from floodmark.core.ledger.coverage import Coverage, provisional
from floodmark.core.ledger.head import Head
from floodmark.core.ledger.manifest import Manifest
from floodmark.core.ledger.portion import Kind, Span
from floodmark.core.ledger.read import Read
from floodmark.core.ledger.step import apply_step
from floodmark.core.ledger.watermark import Basis, OpenTransaction
from floodmark.core.ports import TargetTable
from floodmark.core.time import slices
from floodmark.core.time.interval import Interval, subtract
from floodmark.pipeline import history, reads, room, targets
from floodmark.pipeline.decide import Decision, decide, require_decided, with_history
from floodmark.pipeline.reports.beside import Billed, beside, priced
from floodmark.pipeline.reports.cheaper import cheaper
from floodmark.pipeline.reports.too_dear import Sent, TooDear, too_dear
from floodmark.pipeline.reports.unfit_targets import unfit
from floodmark.pipeline.selection import selection
from floodmark.pipeline.table_run import Request, TableRun


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One table's next run.

    ``spans`` are what is read: empty for the whole table, or for nothing at all (then ``query`` is empty too).
    ``watermark`` is what the look would prove now, on ``basis``; up to ``seals_up_to`` the table would then be sealed:
    None where nothing of it would be, or where it has no cursor. ``held_by`` are who hold back some of what is read.
    ``again`` are provisional slices among them that nobody asked for. ``rows`` is the planner's guess. ``statements``
    apply the read; ``bytes`` is what they process together, None where BigQuery wasn't asked or the tables don't exist
    yet; ``price`` is per month at this cadence, in the currency of the price per TiB. ``checks`` are billed beside it.
    ``creates`` are the tables to be made, ``first`` the open read that would be finished before. ``notes`` say why it
    is not what was asked for, and what leaves (R29); under ``once`` the price is of this one run. ``rows_a_month`` are
    read at this cadence, and replaced where the table is read whole. ``guessed``: the bytes follow from the planner's
    rows and the sizes of types, since there is no table yet that BigQuery could be asked of. ``too_dear`` are what
    ``max_bytes_billed`` would stop. ``refused`` says why no run would go on with its targets. ``tables`` are raw and
    current, where there is something to read. ``alters`` have both fit what is read, each with its step, before any of
    the ``statements`` can run: the bytes are guessed, too.
    """

    table: str
    target: str
    kind: Kind
    sync: str
    query: str = ""
    spans: tuple[Span, ...] = ()
    again: tuple[Interval, ...] = ()
    watermark: datetime | None = None
    basis: Basis = Basis.PROVED
    seals_up_to: datetime | None = None
    held_by: tuple[OpenTransaction, ...] = ()
    rows: int | None = None
    statements: tuple[str, ...] = ()
    bytes: int | None = None
    price: float | None = None
    checks: tuple[Billed, ...] = ()
    creates: tuple[str, ...] = ()
    first: str = ""
    notes: tuple[str, ...] = ()
    once: bool = False
    rows_a_month: int | None = None
    guessed: bool = False
    too_dear: tuple[TooDear, ...] = ()
    refused: tuple[str, ...] = ()
    tables: tuple[TargetTable, ...] = ()
    alters: tuple[tuple[str, str], ...] = ()

    def sent(self) -> tuple[Sent, ...]:
        """All that BigQuery is asked in such a run, but for what ``reconcile_bytes`` forbids."""
        applies = (
            Sent(what=apply_step(number), statement=one, is_job=True) for number, one in enumerate(self.statements, 1)
        )
        checks = (
            Sent(what=one.what, statement=one.statement, parameters=one.parameters, bytes=one.bytes)
            for one in self.checks
            if not one.refused
        )
        return (*applies, *checks)

    @property
    def monthly(self) -> float | None:
        """Its price per month, the checks' too; None where it is not known."""
        prices = [*([] if self.once else [self.price]), *(one.price for one in self.checks if not one.seldom)]
        known = [one for one in prices if one is not None]
        return sum(known) if known else None


def following(table: TableConfig, coverage: Coverage, now: datetime) -> Interval:
    """The slice that the schedule comes to next: the first after what is covered, else the last full one."""
    if not coverage:
        return slices.newest(now, table.cadence)
    low = table.cadence.boundary(max(coverage[-1].interval.high, table.start))
    return Interval(low=low, high=table.cadence.after(low))


def plan(
    run: TableRun,
    request: Request,
    estimate: Callable[[str], int],
    dry_run: Callable[..., int] | None = None,
    *,
    price_per_tib: float = PRICE_PER_TIB,
) -> Plan:
    """What ``request`` would do now. ``estimate`` gives a query's expected rows; without ``dry_run`` BigQuery isn't
    asked.

    Raises what an extract raises before its first row.
    """
    ledger = run.ports.ledger
    head = ledger.head(run.target)
    decision = decide(run, head, request)
    head = decision.head
    found = Plan(
        table=run.table.name,
        target=run.target,
        kind=decision.kind,
        sync=decision.resolved.sync,
        watermark=decision.watermark.at,
        basis=decision.watermark.basis,
        seals_up_to=_sealed(run, head.coverage),
        first=_first(head),
    )
    if decision.spans == ():
        return replace(found, notes=_notes(run, decision))
    chosen = selection(run, decision.resolved)
    with run.ports.source.open(chosen, head.last.snapshot if head.last else None) as reading:
        require_decided(run, decision, reading)
        decision = with_history(run, head, reading, decision)
        schema, asked_whole = reading.schema, request.kind is Kind.RELOAD
        warning = cheaper(run.table, schema, decision.resolved.sync)
        notes = (*_notes(run, decision), *([warning] if warning else []))
        found = replace(found, notes=notes, once=bool(decision.voids) or asked_whole)
        read = replace(reads.of_decision(run, head, decision, reading, chosen), manifest=_manifest(head))
    query = read.query
    asked = [request.interval] if request.interval else []
    wanted = read.portion.wanted or ()
    again = _again(head.coverage, wanted, asked)
    first = read.kind in (Kind.FIRST, Kind.FIRST_PART) and found.sync != "full"
    found = replace(found, once=found.once or first, kind=read.kind, query=query, spans=wanted, again=again)
    after = coverages.cover(head.coverage, read) if read.portion.covers else head.coverage
    found = replace(found, seals_up_to=_sealed(run, after), held_by=coverages.holders(read))
    both = targets.tables(run, head, read, ledger.uuid)
    merge = targets.merge_of(run, read, both)
    if run.table.several and read.portion.wanted is None:
        found = replace(found, notes=(*found.notes, f"up to {run.table.several} readers read it side by side"))
    if dry_run is not None:
        found = replace(found, notes=(*found.notes, *room.notes(run, merge)))
    statements = merges.merges(merge) if query else ()
    checks = tuple(beside(run, head, read, merge)) if query else ()
    rows = estimate(query) if query else 0
    often = None if found.once else MONTH / run.table.cadence.mean
    found = replace(
        found, rows=rows, rows_a_month=None if often is None else round(rows * often), statements=statements,
        checks=checks,
    )  # fmt: skip
    whole = max(rows, schema.estimated_rows) if read.kind in (Kind.FIRST, Kind.FIRST_PART) else rows
    refused = tuple(unfit(run, head, read, both)) if dry_run is not None else ()
    found = replace(found, tables=(both.raw, both.current), refused=refused)
    return _priced(found, run, read=read, rows=whole, dry_run=dry_run, price_per_tib=price_per_tib)


def _sealed(run: TableRun, coverage: Coverage) -> datetime | None:
    sealed = coverages.sealed_up_to(coverage, run.start)
    return sealed if sealed != run.start else None


def _notes(run: TableRun, decision: Decision) -> tuple[str, ...]:
    removed = (f'column "{name}" leaves raw and current' for name in decision.removed)
    view = history.planned(run, decision.head)
    return (*decision.notes, *removed, *decision.leftovers, *([view] if view else []))


def _first(head: Head) -> str:
    read = head.open
    return f"the {read.kind.value} of {read.read_at.isoformat()}, which is {read.state.value}" if read else ""


def _manifest(head: Head) -> Manifest:
    """The partitions that the next read touches aren't known; those that the last one touched are the best guess."""
    last = head.last.manifest if head.last else None
    return Manifest(partitions=last.partitions if last else ())


def _again(coverage: Coverage, spans: tuple[Span, ...], asked: list[Interval]) -> tuple[Interval, ...]:
    """The provisional parts among what is read, without what was asked for (R9)."""
    parts = (span.interval.intersect(part) for span in spans for part in provisional(coverage))
    return subtract([part for part in parts if part], asked)


def _priced(
    found: Plan,
    run: TableRun,
    *,
    read: Read,
    rows: int,
    dry_run: Callable[..., int] | None,
    price_per_tib: float,
) -> Plan:
    """``rows`` are those of the whole table, where it is read as that."""
    if dry_run is None:
        return found
    fields = run.ports.warehouse.fields
    standing = [(table, fields(table.project, table.dataset, table.table)) for table in found.tables]
    if creates := tuple(table.reference for table, there in standing if there is None):
        return _guessed(replace(found, creates=creates), run, read, rows, price_per_tib)
    alters = tuple(
        one
        for steps, (table, there) in zip((drift.OF_RAW, drift.OF_CURRENT), standing, strict=True)
        for one in drift.alterations(steps, table, there or (), read.removed, read.renamed)
    )
    if alters:
        return _guessed(replace(found, alters=alters), run, read, rows, price_per_tib)
    processed = [dry_run(statement) for statement in found.statements]
    each = price(sum(billed(one, len(found.tables)) for one in processed), price_per_tib)
    often = 1 if found.once else MONTH / run.table.cadence.mean
    limit = run.table.reconcile_bytes
    checks = tuple(priced(one, dry_run, limit, price_per_tib) for one in found.checks)
    found = replace(found, bytes=sum(processed), price=each * often, checks=checks)
    sent = found.sent()
    applies = [replace(one, bytes=size) for one, size in zip(sent, processed, strict=False)]
    return replace(found, too_dear=too_dear(run, found.tables, (*applies, *sent[len(applies) :])))


def _guessed(found: Plan, run: TableRun, read: Read, rows: int, price_per_tib: float) -> Plan:
    """What tables that are not there yet, or don't fit yet, can't be asked for: by rows and the sizes of types.

    A merge reads raw's rows; one that replaces a table again and again reads what it replaces, too.
    """
    size = rows * row_bytes(column.target for column in read.columns)
    size *= 2 if found.sync == "full" and not found.once else 1
    each = price(billed(size, 1 if found.once else 2), price_per_tib)
    return replace(found, bytes=size, guessed=True, price=each * (1 if found.once else MONTH / run.table.cadence.mean))
