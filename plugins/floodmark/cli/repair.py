"""``floodmark unblock`` and ``floodmark void``: what only a person decides about a table that stands still."""

from __future__ import annotations

from typing import Annotated

import typer

from floodmark.cli import sources
from floodmark.cli.screen import Json, Screen
from floodmark.cli.sources import File
from floodmark.pipeline.table_run import closing

Table = Annotated[str, typer.Argument(help="The table, by its name in the file.", show_default=False)]


def unblock(file: File, table: Table, as_json: Json = False) -> None:
    """Let a blocked table go on: say that the cause of its error is mended. The failed step is then tried once more."""
    from floodmark.pipeline.repairs.void import unblock as lift

    screen = Screen(json=as_json)
    source = sources.read(file)
    [chosen] = source.tables([table])
    with closing(source.ports()) as ports:
        place = screen.ledger(ports.ledger)
        run = source.table_run(chosen, ports, "unblock")
        error = lift(run)
    document = {"ledger": place, "table": table, "target": run.target}
    screen.document({**document, "unblocked": bool(error), "error": error})
    if not as_json:
        screen.line(f"{table}: unblocked; it was: {error}" if error else f"{table} is not blocked")


def void(
    file: File,
    table: Table,
    reason: Annotated[str, typer.Option(help="Why; the ledger keeps it.")] = "given up by hand",
    as_json: Json = False,
) -> None:
    """Give up a table's open read, so that its slices are read anew: one that waits in the stage, or is in raw already.

    What it put into raw stays there, and nothing applies it. Refused where its merge has run, or may still run.
    """
    from floodmark.pipeline.repairs.void import give_up

    screen = Screen(json=as_json)
    source = sources.read(file)
    [chosen] = source.tables([table])
    with closing(source.ports()) as ports:
        place = screen.ledger(ports.ledger)
        run = source.table_run(chosen, ports, "void")
        read = give_up(run, reason)
    document = {"ledger": place, "table": table, "target": run.target}
    screen.document({**document, "void": read.read_at.isoformat(), "reason": reason})
    if not as_json:
        screen.line(f"{table}: the read of {read.read_at.isoformat()} is void; run its slices again")
