"""``floodmark forget``: the rows of some keys leave BigQuery and the stage for good."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from floodmark.cli import sources
from floodmark.cli.anew import at_a_terminal
from floodmark.cli.exits import Exit
from floodmark.cli.options import refused
from floodmark.cli.screen import Json, Screen, shown
from floodmark.cli.sources import File
from floodmark.cli.steps import ended_by_signals
from floodmark.core.command_line import command_line
from floodmark.core.ledger.forgotten import Act
from floodmark.pipeline.table_run import TableRun, closing

if TYPE_CHECKING:
    from floodmark.pipeline.repairs.forget import Standing


def forget(
    *,
    file: File,
    table: Annotated[str, typer.Argument(help="The table, by its name in the file.", show_default=False)],
    key: Annotated[
        list[str] | None,
        typer.Option(
            "--key", help='A key: its value, or a JSON list of the key\'s columns: [7, "a"]; may be repeated.'
        ),
    ] = None,
    keys: Annotated[
        str, typer.Option("--keys", metavar="FILE", help="A file with one key a line; - for standard input.")
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask whether the rows may go.")] = False,
    as_json: Json = False,
) -> None:
    """Remove all rows of some keys from current and raw, and the table's staged files: as a person may ask.

    Delete them in the source first: a later read that brings one of these keys again brings its rows, and says so. A
    shell keeps what stands behind --key in its history: --keys doesn't. The ledger keeps numbers and salted digests,
    and BigQuery's history of jobs neither keys nor values. Exit 1 where a key stands nowhere.
    """
    from floodmark.pipeline.repairs.forget import forget as forgotten
    from floodmark.pipeline.repairs.forget import standing

    screen, source = Screen(json=as_json), sources.read(file)
    written = _written(key or (), keys)
    [chosen] = source.tables([table])
    with ended_by_signals(), closing(source.ports()) as ports:
        place = screen.ledger(ports.ledger)
        run = source.table_run(chosen, ports, "forget")
        if not yes:
            _confirm(screen, run, standing(run, written), command_line("forget --yes", source.said, table))
        act, before = forgotten(run, written)
    if as_json:
        document = {"ledger": place, "table": table, "target": run.target, "forgotten": asdict(act)}
        screen.document({**document, "unknown": list(before.unknown), "kept_until": _kept(act)})
    else:
        _say(screen, run, act, before)
    if before.unknown:
        raise typer.Exit(Exit.FINDINGS)


def _written(key: Sequence[str], keys: str) -> list[str]:
    """All keys as they were written. Raises ``ConfigurationError`` where there is none."""
    written = [*key, *(line for line in _lines(keys) if line.strip())]
    if not written:
        raise refused("--key, --keys", "name no key", "name one with --key, or a file of them with --keys")
    return written


def _lines(keys: str) -> list[str]:
    if not keys:
        return []
    try:
        text = sys.stdin.read() if keys == "-" else Path(keys).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise refused("--keys", f"{keys} is not UTF-8 (byte {error.start})", "save it as UTF-8") from None
    except OSError as error:
        raise refused("--keys", f"{keys} can't be read: {error.strerror}", "name a file with one key a line") from None
    return text.removeprefix("\ufeff").splitlines()


def _confirm(screen: Screen, run: TableRun, before: Standing, again: str) -> None:
    screen.say(
        f"{run.table.name}: {len(before.digests)} keys: {sum(before.current.values())} rows of current and "
        f"{sum(before.raw.values())} of raw go, and all files that this table has in the stage; {_unknown(before)}"
    )
    if at_a_terminal() and not screen.json:
        typer.confirm("Remove them?", abort=True, err=True)
        return
    raise refused("forget", "removes rows for good, so it asks", f"if they may go: {again} --keys FILE")


def _say(screen: Screen, run: TableRun, act: Act, before: Standing) -> None:
    screen.line(
        f"{run.table.name}: {act.keys} keys forgotten: {act.current} rows removed from {run.target}, {act.raw} from "
        f"{run.config.bigquery.raw_table(run.table)}, {act.files} files from the stage; {_unknown(before)}"
    )
    kept = _kept(act)
    screen.line(
        f"BigQuery keeps removed rows for time travel until {shown(kept['time_travel'])} at the latest (the datasets' "
        f"max_time_travel_hours), and as fail-safe, for its own support only, until {shown(kept['fail_safe'])}; Cloud "
        "Storage keeps removed files as long as the bucket's soft delete and versions say; snapshots, copies and "
        "results of queries that others made are theirs to remove"
    )
    screen.line(
        "delete them in the source too: a read that brings one of these keys again brings its rows, and says so"
    )


def _unknown(before: Standing) -> str:
    if not before.unknown:
        return "each stands there"
    places = ", ".join(map(str, before.unknown[:20])) + (" ..." if len(before.unknown) > 20 else "")
    return f"{len(before.unknown)} stand nowhere: by their place in what was named: {places}"


def _kept(act: Act) -> dict[str, object]:
    from floodmark.pipeline.repairs.forget import FAIL_SAFE, TIME_TRAVEL

    return {"time_travel": act.at + TIME_TRAVEL, "fail_safe": act.at + TIME_TRAVEL + FAIL_SAFE}
