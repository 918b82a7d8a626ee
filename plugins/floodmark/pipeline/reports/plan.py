"""What the next run of a table would do, and what it would cost. Nothing is read, written or created.

It decides by the very functions that a run decides by, holds the table for a moment as a read does (R1), and asks the
planner of either side: EXPLAIN for the rows, a dry run for the bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from floodmark.core.balance import Depth, every
from floodmark.core.bigquery import checksum_sql, reconcile_sql
from floodmark.core.bigquery import merge as merges
from floodmark.core.bigquery.price import MONTH, PRICE_PER_TIB, billed, price
from floodmark.core.config.table import TableConfig
from floodmark.core.ledger import coverage as coverages
from floodmark.core.ledger.coverage import Coverage, provisional
from floodmark.core.ledger.head import Head
from floodmark.core.ledger.manifest import Manifest
from floodmark.core.ledger.portion import Kind, Span
from floodmark.core.ledger.watermark import Basis, OpenTransaction
from floodmark.core.ports import TargetTable
from floodmark.core.reconcile import MOST_BITS
from floodmark.core.time import slices
from floodmark.core.time.interval import Interval, subtract
from floodmark.core.time.units import DAY
from floodmark.pipeline import reads, room, targets, verify
from floodmark.pipeline.decide import Decision, decide, with_history
from floodmark.pipeline.selection import selection
from floodmark.pipeline.table_run import Request, TableRun


@dataclass(frozen=True, kw_only=True)
class Billed:
    """A check beside the merge (R25, R28): what it processes each time, and its price per month."""

    what: str
    statement: str
    every: timedelta
    parameters: Mapping[str, str] = field(default_factory=dict)
    bytes: int | None = None
    price: float | None = None


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
    is not what was asked for, and what leaves (R29); under ``once`` the price is of this one run.
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


def following(table: TableConfig, coverage: Coverage, now: datetime) -> Interval:
    """The slice that the schedule comes to next: the first after what is covered, else the last full one."""
    if not coverage:
        return slices.newest(now, table.cadence)
    low = max(coverage[-1].interval.high, table.start)
    low = slices.boundary(low, table.cadence)
    return Interval(low=low, high=low + table.cadence)


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
        return replace(found, notes=_notes(decision))
    chosen = selection(run, decision.resolved)
    with run.ports.source.open(chosen, head.last.snapshot if head.last else None) as reading:
        decision = with_history(run, head, reading, decision)
        found = replace(found, notes=_notes(decision), once=bool(decision.voids))
        read = replace(reads.of_decision(run, head, decision, reading, chosen), manifest=_manifest(head))
    query = read.query
    asked = [request.interval] if request.interval else []
    wanted = read.portion.wanted or ()
    again = _again(head.coverage, wanted, asked)
    found = replace(found, kind=read.kind, query=query, spans=wanted, again=again)
    after = coverages.cover(head.coverage, read) if read.portion.covers else head.coverage
    found = replace(found, seals_up_to=_sealed(run, after), held_by=coverages.holders(read))
    both = targets.tables(run, head, read, ledger.uuid)
    merge = targets.merge_of(run, read, both)
    if dry_run is not None:
        found = replace(found, notes=(*found.notes, *room.notes(run, merge)))
    statements = merges.merges(merge) if query else ()
    known = {column.name for column in head.last.columns} if head.last else set()
    checks = tuple(_checks(run, merge, known)) if query else ()
    found = replace(found, rows=estimate(query) if query else 0, statements=statements, checks=checks)
    return _priced(found, run, (both.raw, both.current), dry_run, price_per_tib)


def _sealed(run: TableRun, coverage: Coverage) -> datetime | None:
    sealed = coverages.sealed_up_to(coverage, run.start)
    return sealed if sealed != run.start else None


def _notes(decision: Decision) -> tuple[str, ...]:
    removed = (f'column "{name}" leaves raw and current' for name in decision.removed)
    return (*decision.notes, *removed, *decision.leftovers)


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
    tables: tuple[TargetTable, ...],
    dry_run: Callable[..., int] | None,
    price_per_tib: float,
) -> Plan:
    if dry_run is None:
        return found
    warehouse = run.ports.warehouse
    creates = tuple(
        table.reference for table in tables if warehouse.fields(table.project, table.dataset, table.table) is None
    )
    if creates:
        return replace(found, creates=creates)
    processed = [dry_run(statement) for statement in found.statements]
    each = price(sum(billed(one, len(tables)) for one in processed), price_per_tib)
    often = 1 if found.once else MONTH / run.table.cadence
    limit = run.table.reconcile_bytes
    asked = [(one, dry_run(one.statement, one.parameters)) for one in found.checks]
    checks = tuple(
        _check_priced(_as_often(one, processed, limit), processed, price_per_tib) for one, processed in asked
    )
    return replace(found, bytes=sum(processed), price=each * often, checks=checks)


def _checks(run: TableRun, merge: merges.Merge, known: set[str]) -> Iterator[Billed]:
    """``known`` are the columns that current has."""
    each, daily = run.table.cadence, DAY
    if merge.key:
        yield Billed(what="keys touched", statement=merges.keys_doubled(merge), every=each)
        yield Billed(what="keys in all", statement=merges.keys_doubled(merge, whole=True), every=daily)
    if run.table.deletes.how == "reconcile":
        columns = [column.name for column in merge.columns if column.name in {*merge.key, *known}]
        statement, nothing = reconcile_sql.sums(merge, columns, MOST_BITS), reconcile_sql.leaving_out(())
        yield Billed(what="keys compared", statement=statement, every=daily, parameters=nothing)
    if merge.key:
        yield from _balance(run, merge, known)
    level = run.table.verify
    if level != "none":
        yield Billed(what=f"{level}, raw", statement=checksum_sql.of_raw(merge, level), every=each)
        if not verify.as_landed(merge):
            yield Billed(what=f"{level}, to be", statement=checksum_sql.of_wanted(merge, level), every=each)
        yield Billed(what=f"{level}, current", statement=checksum_sql.of_current(merge, level), every=each)


def _as_often(check: Billed, processed: int, limit: int | None) -> Billed:
    """A comparison of both ends that would process much comes once a week (R36)."""
    if not check.what.startswith("balance"):
        return check
    return replace(check, every=every(processed, limit) or check.every)


def _balance(run: TableRun, merge: merges.Merge, known: set[str]) -> Iterator[Billed]:
    """The daily comparison of both ends, as deep as the table's goes (R36)."""
    depth, daily, nothing = Depth(run.table.balance), timedelta(days=1), reconcile_sql.leaving_out(())
    if depth.reaches(Depth.KEYS):
        keys = reconcile_sql.sums(merge, merge.key, MOST_BITS, keys_only=True)
        yield Billed(what="balance: keys", statement=keys, every=daily, parameters=nothing)
    if depth.reaches(Depth.ROWS):
        columns = [column.name for column in merge.columns if column.name in {*merge.key, *known}]
        rows = reconcile_sql.sums(merge, columns, MOST_BITS)
        yield Billed(what="balance: rows", statement=rows, every=daily, parameters=nothing)


def _check_priced(check: Billed, processed: int, price_per_tib: float) -> Billed:
    each = price(billed(processed), price_per_tib)
    return replace(check, bytes=processed, price=each * (MONTH / check.every))
