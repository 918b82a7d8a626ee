"""``floodmark plan``: the next run's SQL, rows, bytes and price, with nothing read or written."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

import typer

from floodmark.cli import sources
from floodmark.cli.exits import Exit, code, worst
from floodmark.cli.options import Wanted, wanted
from floodmark.cli.screen import Json, Screen, described, report, shown
from floodmark.cli.sources import Dsn, File, SourceFile, Tables
from floodmark.cli.steps import run_id
from floodmark.core.bigquery.price import ALLOW_MORE, PRICE_PER_TIB
from floodmark.core.config.table import TableConfig
from floodmark.core.ledger.portion import Kind
from floodmark.core.ledger.step import Question
from floodmark.core.time import duration
from floodmark.core.time.interval import Interval
from floodmark.pipeline.clock import now
from floodmark.pipeline.reports.beside import Billed
from floodmark.pipeline.reports.document import interval_document
from floodmark.pipeline.reports.plan import Plan, following
from floodmark.pipeline.reports.plan import plan as planned
from floodmark.pipeline.table_run import Ports, Request


@dataclass(frozen=True, kw_only=True)
class Failed:
    """A table that can't be planned, and why."""

    table: str
    target: str
    error: Exception


def plan(
    *,
    file: File,
    table: Tables = None,
    last: Annotated[str, typer.Option(metavar="DURATION", help="As in run.", show_default=False)] = "",
    low: Annotated[str, typer.Option("--from", metavar="TIME", help="As in run.", show_default=False)] = "",
    high: Annotated[str, typer.Option("--to", metavar="TIME", help="As in run.", show_default=False)] = "",
    full: Annotated[bool, typer.Option("--full", help="As in run.")] = False,
    gaps: Annotated[bool, typer.Option("--gaps", help="As in run.")] = False,
    source_only: Annotated[
        bool, typer.Option("--source-only", help="Don't ask BigQuery: no bytes, no price, no tables to create.")
    ] = False,
    price_per_tib: Annotated[
        float, typer.Option(min=0, help="Price of a TiB processed; the default is in US dollars, on demand.")
    ] = PRICE_PER_TIB,
    summary: Annotated[
        bool, typer.Option("--summary", help="One line a table and a sum, the dear ones first.")
    ] = False,
    dsn: Dsn = "",
    as_json: Json = False,
) -> None:
    """The next run of each table: its SQL with its bounds, the rows to expect, bytes and monthly price of the merge,
    and of all that is asked beside it.

    Without an interval, the slice that the schedule comes to next. Nothing is recorded, in the ledger or anywhere else.
    A table that can't be planned does not stop the others. Exit 1 where max_bytes_billed would block a run.
    """
    from floodmark.pipeline import wiring

    screen = Screen(json=as_json)
    source = sources.read(file)
    wants = wanted(last=last, low=low, high=high, full=full, gaps=gaps)
    inspection = wiring.inspection_of(source.config, source.connections(dsn))
    found: list[Plan | Failed] = []
    with closing(source.ports(dsn, missing="empty")) as ports, closing(inspection):
        place = screen.ledger(ports.ledger)
        for chosen, request in requests(source, source.tables(table), wants, ports):
            run = source.table_run(chosen, ports, "plan")
            dry_run = None if source_only else partial(ports.warehouse.dry_run, labels=run.labels(Question.PLAN))
            try:
                found.append(planned(run, request, inspection.estimate, dry_run, price_per_tib=price_per_tib))
            except Exception as error:  # a defect too is this table's alone
                found.append(Failed(table=chosen.name, target=run.target, error=error))
    screen.document({"source": source.config.source, "ledger": place, "plans": [_document(one) for one in found]})
    if summary and not as_json:
        _summarize(screen, found, title=source.config.source)
    elif not as_json:
        for one in found:
            _show(screen, one)
    codes = [code(one.error) for one in found if isinstance(one, Failed)]
    codes += [Exit.FINDINGS for one in found if isinstance(one, Plan) and (one.too_dear or one.refused)]
    if codes:
        raise typer.Exit(worst(codes))


def requests(
    source: SourceFile, tables: tuple[TableConfig, ...], wants: Wanted, ports: Ports
) -> list[tuple[TableConfig, Request]]:
    """What is wanted of each table: without anything said, its next slice."""
    name, moment = run_id(), now()
    if wants.full:
        return [(table, Request(kind=Kind.RELOAD, run_id=name)) for table in tables]
    asked: list[tuple[TableConfig, Request]] = []
    for table in tables:
        coverage = ports.ledger.head(source.table_run(table, ports, "plan").target).coverage
        intervals: tuple[Interval, ...] = (following(table, coverage, moment),)
        if wants != Wanted():
            intervals = wants.intervals(table, coverage, moment)
        asked += [(table, Request(kind=Kind.SLICE, run_id=name, interval=interval)) for interval in intervals]
    return asked


def _summarize(screen: Screen, found: list[Plan | Failed], *, title: str) -> None:
    plans = sorted((one for one in found if isinstance(one, Plan)), key=lambda one: -(one.monthly or 0))
    rows = [
        (
            one.table, one.sync, _number(one.rows), _number(one.bytes), _money(one.price if one.once else None),
            _number(one.rows_a_month), _money(one.monthly), [*one.refused, *one.notes, *map(str, one.too_dear)],
        )
        for one in plans
    ]  # fmt: skip
    columns = ("table", "sync", "rows", "merge bytes", "once", "rows a month", "price a month", "notes")
    screen.table(columns, rows, title=title)
    unknown = [one.table for one in plans if one.monthly is None]
    others = f"; without a price by the month: {', '.join(unknown)}" if unknown else ""
    screen.line(f"in all {sum(one.monthly or 0 for one in plans):.2f} a month, checks included{others}")
    for failed in (one for one in found if isinstance(one, Failed)):
        _show(screen, failed)


def _number(count: int | None) -> str:
    return "" if count is None else f"{count:,}"


def _money(sum_: float | None) -> str:
    return "" if sum_ is None else f"{sum_:.2f}"


def _show(screen: Screen, found: Plan | Failed) -> None:
    if isinstance(found, Failed):
        screen.line(f"{found.table} -> {found.target}: can't be planned", style="bold")
        report(found.error, as_json=False)
        screen.line()
        return
    screen.line(f"{found.table} -> {found.target}: {found.kind.value}, sync {found.sync}", style="bold")
    for label, value in _lines(found):
        if value:
            screen.line(f"  {label:<13} {value}")
    screen.line(found.query or "  nothing to read")
    screen.line()


def _lines(found: Plan) -> list[tuple[str, str]]:
    held = "; ".join(str(transaction) for transaction in found.held_by)
    bytes_ = f"{found.bytes:,}" if found.bytes is not None else ""
    return [
        *(("note", note) for note in found.notes),
        ("first", f"{found.first}, would be finished" if found.first else ""),
        ("reads", ", ".join(str(span.interval) for span in found.spans)),
        ("again", ", ".join(str(interval) for interval in found.again)),
        ("seals up to", _sealed(found)),
        ("held back by", held),
        ("rows", _rows(found)),
        ("merge bytes", f"about {bytes_}, by the planner's rows" if found.guessed else bytes_),
        ("price", f"{found.price:.2f} {'once' if found.once else 'a month'}" if found.price is not None else ""),
        *((f"{one.what}", _cost(one)) for one in found.checks),
        *(("blocked", f"{one}: {ALLOW_MORE}") for one in found.too_dear),
        *(("refused", one) for one in found.refused),
        ("creates", ", ".join(found.creates)),
        *(("alters", " ".join(statement.split())) for _, statement in found.alters),
    ]


def _sealed(found: Plan) -> str:
    """Up to when the table would be sealed; a table without a cursor is whole as of its read."""
    if found.sync == "full":
        return ""
    return f"{shown(found.seals_up_to)} ({found.basis.value})" if found.seals_up_to else "nothing"


def _rows(found: Plan) -> str:
    if found.rows is None:
        return ""
    often = "read and replaced" if found.sync == "full" else "read"
    monthly = f", {found.rows_a_month:,} a month are {often}" if found.rows_a_month else ""
    return f"about {found.rows:,}{monthly}"


def _cost(check: Billed) -> str:
    if check.refused:
        return f"{check.bytes:,} bytes, which is more than reconcile_bytes: it is never asked"
    if check.bytes is not None and check.seldom:
        return f"{check.bytes:,} bytes whenever it has to be asked"
    if check.bytes is None or check.price is None:
        return ""
    return f"{check.bytes:,} bytes each {duration.render(check.every)}, {check.price:.2f} a month"


def _document(found: Plan | Failed) -> dict[str, Any]:
    if isinstance(found, Failed):
        return {"table": found.table, "target": found.target, "error": described(found.error)}
    return {
        "table": found.table,
        "target": found.target,
        "kind": found.kind.value,
        "sync": found.sync,
        "intervals": [interval_document(span.interval) for span in found.spans],
        "again": [interval_document(interval) for interval in found.again],
        "query": found.query,
        "statements": list(found.statements),
        "watermark": found.watermark,
        "seals_up_to": found.seals_up_to,
        "basis": found.basis.value,
        "held_by": [str(transaction) for transaction in found.held_by],
        "rows": found.rows,
        "rows_per_month": found.rows_a_month,
        "guessed": found.guessed,
        "all_per_month": found.monthly,
        "bytes": found.bytes,
        "price_per_month": None if found.once else found.price,
        "price_once": found.price if found.once else None,
        "notes": list(found.notes),
        "refused": list(found.refused),
        "too_dear": [
            {"what": one.what, "bytes": one.bytes, "billed": one.billed, "most": one.most, "remedy": ALLOW_MORE}
            for one in found.too_dear
        ],
        "checks": [
            {
                "what": one.what,
                "statement": one.statement,
                "every": duration.render(one.every),
                "bytes": one.bytes,
                "seldom": one.seldom,
                "refused": one.refused,
                "price_per_month": one.price,
            }
            for one in found.checks
        ],
        "creates": list(found.creates),
        "alters": [{"step": step, "statement": statement} for step, statement in found.alters],
        "finishes_first": found.first,
    }
