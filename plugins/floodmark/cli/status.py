"""``floodmark status``: where every table stands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from floodmark.cli import sources
from floodmark.cli.brief import few, holders, length
from floodmark.cli.exits import Exit
from floodmark.cli.findings.dags import IMPORT_ERRORS, NO_FILE, missing, unpause
from floodmark.cli.options import refused
from floodmark.cli.screen import Json, Screen, shown
from floodmark.cli.sources import Files, SourceFile
from floodmark.cli.summaries import show_summaries
from floodmark.core.config.source import SourceConfig
from floodmark.core.ports import Ledger
from floodmark.errors import RetriableError
from floodmark.pipeline.clock import now
from floodmark.pipeline.reports.document import document
from floodmark.pipeline.reports.left_behind import LeftBehind, left_behind
from floodmark.pipeline.reports.status import TableStatus
from floodmark.pipeline.reports.status import status as statuses
from floodmark.pipeline.reports.summaries import SummaryStatus, unusable
from floodmark.pipeline.reports.summaries import statuses as summary_statuses
from floodmark.pipeline.reports.words import interval_words, words_of
from floodmark.pipeline.table_run import closing

Html = Annotated[
    Path | None,
    typer.Option("--html", metavar="FILE", help="Write the page of one source there, too.", show_default=False),
]


def status(files: Files = None, html: Html = None, as_json: Json = False) -> None:
    """Where every table stands, from the ledger alone; with --html as a page that needs nothing else.

    Where an Airflow is set up, it is asked which of the source's DAGs are paused, and which are missing.

    Exit 1 where a table is blocked, has a gap, or is staler than its freshness.
    """
    screen = Screen(json=as_json)
    documents: list[dict[str, Any]] = []
    well = True
    files_read = sources.read_all(files)
    if html is not None and len(files_read) != 1:
        named = ", ".join(file.config.source for file in files_read)
        raise refused("--html", f"a page is of one source, these are {len(files_read)}: {named}", "name one")
    beside = [file.config for file in sources.beside(files_read)]
    for file in files_read:
        with closing(file.ports()) as ports:
            place = str(ports.ledger)
            moment = now()
            summaries, unread = file.summaries_as_they_are()
            built = summary_statuses(file.config, summaries, ports.ledger)
            built += unusable(file.config, unread, ports.ledger, built)
            if html is None:
                listed = statuses(file.config, ports.ledger, moment, named=file.said)
            else:
                listed = _write(html, file, ports.ledger, built, moment)
                screen.say(f"{html} written")
            left = _left_behind(file.config, beside, ports.ledger, built)
        well = well and all(table.well for table in listed)
        well = well and all(one.well for one in built) and not unread
        if not documents or documents[-1]["ledger"] != place:
            screen.ledger(place)
        source = {"source": file.config.source, "ledger": place}
        tables = [document(table) for table in listed]
        own = [one.target for one in left if one.is_of(file.config.source)]
        documents.append({**source, "tables": tables, "no_longer_in_the_file": own})
        documents[-1]["of_unknown_sources"] = {one.target: one.source for one in left if one.target not in own}
        documents[-1] |= {"summaries": [one.document() for one in built], "problems": [str(one) for one in unread]}
        dags = _dags(screen, file.config)
        documents[-1] |= dags
        if not as_json:
            _show(screen, file.config, listed, left, moment)
            for dag_id in dags["missing_dags"] or ():
                screen.line(f"{dag_id} is not in Airflow: {NO_FILE}: {IMPORT_ERRORS}")
            for dag_id in dags["paused_dags"] or ():
                screen.line(f"{dag_id} is paused in Airflow, so its runs stay queued: {unpause(dag_id)}")
            show_summaries(screen, file.config.source, built, unread)
    screen.document({"ok": well, "sources": documents})
    if not well:
        raise typer.Exit(Exit.FINDINGS)


def _dags(screen: Screen, config: SourceConfig) -> dict[str, list[str] | None]:
    """The ids of its DAGs that are paused, and of those that are missing; None where no Airflow is here, or answers."""
    from floodmark.adapters.local_airflow import dags, home

    try:
        known = dags.seen(config.source) if home.is_set_up() else None
    except RetriableError as error:
        screen.say(f"whether its DAGs are there, and not paused, couldn't be asked: {error}")
        known = None
    if known is None:
        return {"paused_dags": None, "missing_dags": None}
    return {
        "paused_dags": [one for one, is_paused in known.items() if is_paused],
        "missing_dags": missing(config, known),
    }


def _write(
    path: Path, file: SourceFile, ledger: Ledger, summaries: Sequence[SummaryStatus], moment: datetime
) -> list[TableStatus]:
    """Write the page; where its tables stand, in the file's order, so that the ledger is read once for both."""
    from floodmark.pipeline.page.page import page
    from floodmark.pipeline.page.render import html

    shown = page(file.config, ledger, moment, named=file.said, summaries=summaries)
    try:
        path.write_text(html(shown), encoding="utf-8")
    except (OSError, ValueError) as error:  # a name may hold what none can
        remedy = "name a file in a folder that you may write to"
        raise refused(
            "--html", f"{path} can't be written: {getattr(error, 'strerror', None) or error}", remedy
        ) from None
    of = {row.status.target: row.status for row in shown.rows}
    return [of[file.config.bigquery.current_table(table)] for table in file.config.tables.values()]


def _show(
    screen: Screen, config: SourceConfig, tables: list[TableStatus], left: Sequence[LeftBehind], moment: datetime
) -> None:
    columns = (
        "table",
        "sealed up to",
        "lag",
        "provisional",
        "gaps",
        "late",
        "last read",
        "rows",
        "reconciled",
        "state",
    )
    blank = [""] * (len(columns) - 2)
    gone = [(one.name, *blank, _left(one, config)) for one in left]
    screen.line(f"as of {shown(moment)} UTC, as all times here")
    screen.table(columns, [*map(_row, tables), *gone], title=config.source)
    for line in holders([(table.table, table.held_by) for table in tables], moment):
        screen.line(line)


def _left_behind(
    config: SourceConfig, beside: Sequence[SourceConfig], ledger: Ledger, summaries: Sequence[SummaryStatus]
) -> list[LeftBehind]:
    """What no file beside it fills: its own, and what was filled by sources of which there is none that can be used."""
    filled = {one.bigquery.current_table(table) for one in beside for table in one.tables.values()}
    known = {one.source for one in beside} - {config.source}
    others = {one.bigquery.home for one in beside}
    found = left_behind(config, ledger, filled | {one.target for one in summaries}, others=others)
    return [one for one in found if one.source not in known]


def _left(one: LeftBehind, config: SourceConfig) -> str:
    if one.dataset != config.bigquery.home:
        return f"in {one.dataset}, no longer the source's dataset; its tables stay as they are"
    if one.is_of(config.source):
        return "no longer in the file; its tables stay as they are"
    return f"of the source {one.source}, of which no file here can be used"


def _row(table: TableStatus) -> tuple[object, ...]:
    sealed = shown(table.sealed_up_to) + (" (assumed)" if table.assumed else "")
    provisional, gaps = (few([interval_words(one) for one in ones]) for ones in (table.provisional, table.gaps))
    return (
        table.table, sealed, _lag(table), provisional, gaps, table.late,
        table.last_read_at, table.rows, table.reconciled_at, words_of(table),
    )  # fmt: skip


def _lag(table: TableStatus) -> str:
    if table.lag is None:
        return "stale" if table.stale else ""
    return length(table.lag) + (", stale" if table.stale else "")
