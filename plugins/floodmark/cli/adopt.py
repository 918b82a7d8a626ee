"""``floodmark adopt``: the ledger begins with a table that somebody else filled, where it equals the source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from floodmark.cli import sources
from floodmark.cli.exits import Exit
from floodmark.cli.screen import Json, Screen
from floodmark.cli.sources import Dsn, File
from floodmark.cli.steps import ended_by_signals, patiently, run_id
from floodmark.core.config.readable import readable
from floodmark.pipeline.table_run import closing

if TYPE_CHECKING:
    from floodmark.pipeline.adopt import Adoption


def adopt(
    *,
    file: File,
    table: Annotated[str, typer.Argument(metavar="TABLE", help="The table, as the source's file calls it.")],
    origin: Annotated[
        str, typer.Option("--from", metavar="[PROJECT.]DATASET.TABLE", help="The table that is taken over.")
    ],
    heal: Annotated[
        bool, typer.Option("--heal", help="Adopt it though some keys differ: those are read from the source.")
    ] = False,
    trust: Annotated[
        list[str] | None,
        typer.Option("--trust", metavar="COLUMN", help="Take a JSON column as it is; may be repeated."),
    ] = None,
    dsn: Dsn = "",
    as_json: Json = False,
) -> None:
    """Take over a table that something else filled, without a reload, where it equals the source key by key.

    It is compared in one snapshot of the source and copied within BigQuery; it is not changed itself. Its next run goes
    on where it ended. What differs is named, and nothing is adopted (exit 1), unless --heal. Killed, the same command
    ends it. Pause what writes to it first.
    """
    from floodmark.pipeline.adopt import adopt as adopted

    screen = Screen(json=as_json)
    source = sources.read(file)
    [chosen] = source.tables([table])
    place = source.config.bigquery
    whole = origin if origin.count(".") > 1 else f"{place.project}.{origin}"
    with ended_by_signals(), closing(source.ports(dsn, missing="made")) as ports:
        ledger = screen.ledger(ports.ledger)
        run, run_name = source.table_run(chosen, ports, "adopt"), run_id()
        screen.say(f"{table}: comparing {readable(whole, 200)} with the source")
        found = patiently(
            lambda: adopted(run, run_name, origin=whole, heal=heal, trust=tuple(trust or ())), table, screen
        )
    if as_json:
        document = {"ok": found.outcome is not None, "source": source.config.source, "ledger": ledger}
        screen.document({**document, "table": found.document()})
    else:
        columns = ("table", "from", "rows", "missing", "changed", "deleted", "keys", "state")
        screen.table(columns, [_row(found)], title=source.config.source)
    if found.outcome is None:
        raise typer.Exit(Exit.FINDINGS)


def _row(one: Adoption) -> tuple[object, ...]:
    counts = one.found
    examples = [f"{sort}: {'; '.join(keys)}" for sort, keys in one.examples.items() if keys]
    return (
        one.table, one.origin, one.rows, counts.missing, counts.changed, counts.deleted, examples, _state(one),
    )  # fmt: skip


def _state(one: Adoption) -> list[str]:
    """In words, what became of it and what stays behind."""
    if one.outcome is None:
        told = "differs, nothing was adopted: mend it there, or adopt it with --heal"
    else:
        told = f"adopted{', what differed read anew' if one.found.differing else ''}; {one.outcome.stands}"
    return [told, *([f"not taken over: {', '.join(one.others)}"] if one.others else [])]
