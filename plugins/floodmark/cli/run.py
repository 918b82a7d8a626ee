"""``floodmark run`` and ``floodmark reload``: the pipeline without Airflow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from floodmark.cli import sources
from floodmark.cli.anew import confirm
from floodmark.cli.exits import Exit, code, worst
from floodmark.cli.options import Wanted, wanted
from floodmark.cli.screen import Json, Screen, described, report
from floodmark.cli.sources import Dsn, File, SourceFile, Tables
from floodmark.cli.steps import carry, ended_by_signals, run_id, settled, standing
from floodmark.core.config.table import TableConfig
from floodmark.core.ledger.portion import Kind
from floodmark.pipeline.clock import now
from floodmark.pipeline.reports.document import interval_document
from floodmark.pipeline.table_run import Ports, Request, TableRun, closing


@dataclass(frozen=True, kw_only=True)
class Done:
    """One ask of one table, and what became of it: an outcome's document, or an error."""

    table: str
    request: Request
    outcome: dict[str, Any] | None = None
    error: Exception | None = None

    @property
    def exit(self) -> Exit:
        """The exit code that it stands for."""
        return Exit.OK if self.error is None else code(self.error)

    def document(self) -> dict[str, Any]:
        """As plain values."""
        interval = interval_document(self.request.interval) if self.request.interval else None
        document: dict[str, Any] = {"table": self.table, "kind": self.request.kind.value, "interval": interval}
        return document | (self.outcome or {}) | {"error": described(self.error) if self.error else None}


def run(
    *,
    file: File,
    table: Tables = None,
    last: Annotated[
        str, typer.Option(metavar="DURATION", help="So far back from the last full slice: 1h, 2d.", show_default=False)
    ] = "",
    low: Annotated[
        str, typer.Option("--from", metavar="TIME", help="From here: 2026-11-01T06:00Z, a date.", show_default=False)
    ] = "",
    high: Annotated[
        str,
        typer.Option(
            "--to", metavar="TIME", help="To here, without it. Default: the last full slice's end.", show_default=False
        ),
    ] = "",
    full: Annotated[bool, typer.Option("--full", help="The whole table, in place of what is there.")] = False,
    gaps: Annotated[
        bool, typer.Option("--gaps", help="Every full slice since the table's start that no read covers.")
    ] = False,
    no_wait: Annotated[
        bool, typer.Option("--no-wait", help="Read at once, before the slice has settled; it stays provisional.")
    ] = False,
    dsn: Dsn = "",
    as_json: Json = False,
) -> None:
    """Sync tables once, without Airflow. By default each table's last full slice.

    Neighbouring slices are read as one. A table that fails does not stop the others.
    """  # fmt: skip
    source = sources.read(file)
    wants = wanted(last=last, low=low, high=high, full=full, gaps=gaps)
    _run(Screen(json=as_json), source, source.tables(table), wants, dsn=dsn, command="run", wait=not no_wait)


def reload(
    *,
    file: File,
    tables: Annotated[list[str], typer.Argument(metavar="TABLE...", help="The tables.", show_default=False)],
    anew: Annotated[
        bool, typer.Option("--anew", help="Drop both of BigQuery's tables and make them again, for a changed type.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask whether what --anew drops may go.")] = False,
    dsn: Dsn = "",
    as_json: Json = False,
) -> None:
    """Read whole tables and replace what BigQuery holds, each in one statement: no reader sees half a table.

    With --anew raw and current are dropped and made again, as a changed type needs it: a read that waits to be loaded
    is given up, raw's history is lost, and so are descriptions, policy tags and grants of the tables; people miss
    current while its rows are merged. It says so and asks; without a terminal it does it only with --yes. Killed on
    the way, the same command goes on.
    """
    screen, source = Screen(json=as_json), sources.read(file)
    chosen = source.tables(tables)
    if anew and not yes:
        confirm(screen, source, chosen)
    wants = Wanted(full=True, anew=anew)
    _run(screen, source, chosen, wants, dsn=dsn, command="reload", wait=False)


def _run(
    screen: Screen,
    file: SourceFile,
    tables: Sequence[TableConfig],
    wants: Wanted,
    *,
    dsn: str,
    command: str,
    wait: bool,
) -> None:
    results: list[Done] = []
    with ended_by_signals(), closing(file.ports(dsn, missing="made")) as ports:
        requests = _requests(file, tables, wants, ports)
        place = screen.ledger(ports.ledger)
        for table, request in requests:
            one = _one(screen, file.table_run(table, ports, command), request, wait=wait)
            results.append(one)
            if one.error and not screen.json:
                report(one.error, as_json=False)
    exit_code = worst([one.exit for one in results])
    document = {"ok": exit_code is Exit.OK, "source": file.config.source, "ledger": place}
    screen.document({**document, "runs": [one.document() for one in results]})
    if not screen.json:
        _show(screen, results)
    if exit_code is not Exit.OK:
        raise typer.Exit(exit_code)


def _requests(
    file: SourceFile, tables: Sequence[TableConfig], wants: Wanted, ports: Ports
) -> list[tuple[TableConfig, Request]]:
    """All that is asked, before anything is read: a wrong interval stops nothing half-way."""
    name, moment = run_id(), now()
    if wants.full:
        return [(table, Request(kind=Kind.RELOAD, run_id=name, anew=wants.anew)) for table in tables]
    asked = []
    for table in tables:
        coverage = ports.ledger.head(file.table_run(table, ports, "run").target).coverage
        for place, interval in enumerate(wants.intervals(table, coverage, moment)):
            asked.append((table, Request(kind=Kind.SLICE, run_id=f"{name}_{place}", interval=interval)))
    return asked


def _one(screen: Screen, run: TableRun, request: Request, *, wait: bool) -> Done:
    name = run.table.name
    try:
        if wait:
            settled(request.interval, run.table.settle, name, screen)
        outcome = carry(run, request, screen)
    except Exception as error:  # a defect too is this table's alone
        return Done(table=name, request=request, error=error)
    return Done(table=name, request=request, outcome=outcome.document())


def _show(screen: Screen, done: list[Done]) -> None:
    if not done:
        screen.line("nothing to read: no full slice is missing since the tables' start")
        return
    columns = ("table", "state", "rows", "late", "held out", "unheld", "stands", "held back by")
    screen.table(columns, [_row(one) for one in done])


def _row(one: Done) -> tuple[object, ...]:
    if one.outcome is None:
        return one.table, f"failed: {type(one.error).__name__}"
    found = one.outcome
    state = found["state"] or "nothing to read"
    unheld = [f"{column}: {rows}" for column, rows in found["unheld"].items()]
    return (
        one.table, state, found["rows"], found["late"], found["quarantined"], unheld, standing(found),
        found["held_by"].split("; "),
    )  # fmt: skip
