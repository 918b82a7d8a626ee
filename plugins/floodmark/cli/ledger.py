"""``floodmark ledger``: the record of every read."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from floodmark.cli import sources
from floodmark.cli.exits import Exit, worst
from floodmark.cli.exits import code as exit_code
from floodmark.cli.screen import Json, Screen, described, report, shown
from floodmark.cli.sources import File, Tables
from floodmark.core.command_line import command_line
from floodmark.core.ledger.read import Read
from floodmark.errors import FloodmarkError
from floodmark.pipeline.reports.document import interval_document
from floodmark.pipeline.table_run import closing

if TYPE_CHECKING:
    from floodmark.pipeline.repairs.rebuild import Rebuilt

app = typer.Typer(no_args_is_help=True, help="The record of every read.")


@app.callback()
def ledger() -> None:
    """The record of every read."""


@app.command()
def reads(
    file: File,
    table: Annotated[str, typer.Argument(help="The table, by its name in the file.", show_default=False)],
    newest: Annotated[int, typer.Option(min=1, help="So many of the newest.")] = 20,
    query: Annotated[bool, typer.Option("--query", help="The SQL that ran, too.")] = False,
    as_json: Json = False,
) -> None:
    """A table's reads with their evidence, oldest first; the open one last."""
    screen = Screen(json=as_json)
    source = sources.read(file)
    [chosen] = source.tables([table])
    with closing(source.ports()) as ports:
        place = screen.ledger(ports.ledger)
        name = source.config.bigquery.current_table(chosen)
        found = [*ports.ledger.reads(name, newest=newest), *filter(None, [ports.ledger.head(name).open])]
    if as_json:
        screen.document({"ledger": place, "table": table, "target": name, "reads": [_document(read) for read in found]})
        return
    columns = ("read at", "kind", "state", "rows", "late", "sealed up to", "basis", "reads", "jobs")
    screen.table(columns, [_row(read) for read in found], title=name)
    for read in found if query else ():
        screen.line(f"-- {read.read_at.isoformat()}\n{read.query}\n")


@app.command()
def rebuild(file: File, table: Tables = None, as_json: Json = False) -> None:
    """Take over what a lost ledger has filled: for a new, empty ledger before targets that bear another's name.

    Stop whatever works with the lost one first. Nothing is taken for read: afterwards run --gaps, a backfill, or reload
    reads what is missing. A ledger that has filled a target itself is never overwritten. Tables that it filled for a
    source that was renamed since become this source's.
    """
    from floodmark.pipeline.repairs.rebuild import rebuild as rebuilt

    screen = Screen(json=as_json)
    source = sources.read(file)
    found, errors = [], []
    with closing(source.ports(missing="made")) as ports:
        place = screen.ledger(ports.ledger)
        for one in source.tables(table):
            try:
                found.append(rebuilt(source.table_run(one, ports, "ledger rebuild")))
            except FloodmarkError as error:
                errors.append((one.name, error))
    code = worst([exit_code(problem) for _, problem in errors])
    if as_json:
        failed = [{"table": name, "error": described(problem)} for name, problem in errors]
        adopted = [asdict(one) for one in found]
        screen.document({"ok": code is Exit.OK, "ledger": place, "tables": adopted, "failed": failed})
    else:
        for done in found:
            screen.line(_said(done))
        for _, problem in errors:
            report(problem, as_json=False)
        if any(done.adopted for done in found):
            again = " ".join(f"-t {done.table}" for done in found if done.adopted)
            screen.line(f"nothing is covered yet, and rows that were deleted in the source stay until a reload; next: "
                        f"{command_line('run --gaps', file)} {again}")  # fmt: skip
    if code is not Exit.OK:
        raise typer.Exit(code)


def _said(done: Rebuilt) -> str:
    if not done.stands:
        return f"{done.table}: {done.target} doesn't stand; its first read makes it"
    if done.renamed:
        return f"{done.table}: {done.target} is this source's now; it was filled by the source {done.renamed}"
    if not done.adopted:
        return f"{done.table}: {done.target} bears this ledger's name already"
    newest = shown(done.last_read_at) or "none"
    said = [f"{done.table}: taken over from ledger {done.former}; its newest read: {newest}"]
    if done.unapplied:
        rows = sum(rows for _, rows in done.unapplied)
        said.append(f"{rows:,} rows of {len(done.unapplied)} reads in raw never reached current; they are read again")
    if done.voided:
        said.append(f"the open read of {shown(done.voided)} is void")
    return "; ".join(said)


def _row(read: Read) -> tuple[object, ...]:
    spans = [str(span.interval) + (" again" if span.base is not None else "") for span in read.spans]
    jobs = [f"{effect.step} {effect.attempt}: {effect.state.value}" for effect in read.effects]
    return (
        read.read_at.isoformat(), read.kind.value, read.state.value, read.rows, read.late, read.watermark,
        read.basis.value, spans, jobs,
    )  # fmt: skip


def _document(read: Read) -> dict[str, Any]:
    return {
        "read_at": read.read_at,
        "kind": read.kind.value,
        "state": read.state.value,
        "run_id": read.run_id,
        "token": read.token,
        "intervals": [
            {"interval": interval_document(span.interval), "base": span.base, "recheck": span.recheck}
            for span in read.spans
        ],
        "watermark": read.watermark,
        "basis": read.basis.value,
        "held_by": [str(transaction) for transaction in read.held_by],
        "reasons": list(read.reasons),
        "rows": read.rows,
        "late": read.late,
        "manifest": read.manifest.uri if read.manifest else "",
        "query": read.query,
        "error": read.error,
        "jobs": [
            {
                "step": effect.step, "attempt": effect.attempt, "job_id": effect.job_id, "location": effect.location,
                "state": effect.state.value, "statistics": effect.statistics, "error": effect.error,
            }
            for effect in read.effects
        ],
    }  # fmt: skip
