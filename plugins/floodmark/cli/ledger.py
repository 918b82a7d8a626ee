"""``floodmark ledger``: the record of every read."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from floodmark.cli import sources
from floodmark.cli.screen import Json, Screen
from floodmark.cli.sources import File
from floodmark.cli.status import interval_document
from floodmark.core.read import Read
from floodmark.pipeline.status import target
from floodmark.pipeline.sync import closing

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
        name = target(source.config, chosen)
        found = [*ports.ledger.reads(name, newest=newest), *filter(None, [ports.ledger.head(name).open])]
    if as_json:
        screen.document({"table": table, "target": name, "reads": [_document(read) for read in found]})
        return
    columns = ("read at", "kind", "state", "rows", "late", "sealed up to", "basis", "reads", "jobs")
    screen.table(columns, [_row(read) for read in found], title=name)
    for read in found if query else ():
        screen.line(f"-- {read.read_at.isoformat()}\n{read.query}\n")


def _row(read: Read) -> tuple[object, ...]:
    spans = [str(span.interval) + (" again" if span.base is not None else "") for span in read.spans]
    jobs = [f"{effect.step} {effect.attempt}: {effect.state.value}" for effect in read.effects]
    return (
        read.read_at.isoformat(), read.kind.value, read.state.value, read.rows, read.late, read.mark,
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
        "mark": read.mark,
        "basis": read.basis.value,
        "held_by": [str(holder) for holder in read.held_by],
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
