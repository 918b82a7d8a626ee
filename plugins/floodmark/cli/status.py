"""``floodmark status``: where every table stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

import typer

from floodmark.cli import sources
from floodmark.cli.exits import Exit
from floodmark.cli.screen import Json, Screen, shown
from floodmark.cli.sources import Files
from floodmark.cli.summaries import show_summaries
from floodmark.core.ledger.forgotten import Forgotten
from floodmark.core.time.interval import Interval
from floodmark.pipeline.clock import now
from floodmark.pipeline.reports.status import TableStatus, removed
from floodmark.pipeline.reports.status import status as statuses
from floodmark.pipeline.reports.summaries import statuses as summary_statuses
from floodmark.pipeline.table_run import closing


def status(files: Files = None, as_json: Json = False) -> None:
    """Where every table stands, from the ledger alone.

    Exit 1 where a table is blocked, has a gap, or is staler than its freshness.
    """
    screen = Screen(json=as_json)
    documents: list[dict[str, Any]] = []
    well = True
    files_read = sources.read_all(files)
    everything = [file.config for file in sources.beside(files_read)]
    for file in files_read:
        with closing(file.ports()) as ports:
            place = str(ports.ledger)
            listed = statuses(file.config, ports.ledger, now())
            summaries, unread = file.summaries_as_they_are()
            built = summary_statuses(file.config, summaries, ports.ledger)
            removed_tables = removed(file.config, everything, ports.ledger, [one.target for one in built])
        well = well and all(table.well for table in listed)
        well = well and all(one.well for one in built) and not unread
        if not documents or documents[-1]["ledger"] != place:
            screen.ledger(place)
        source = {"source": file.config.source, "ledger": place}
        tables = [_document(table) for table in listed]
        documents.append({**source, "tables": tables, "no_longer_in_the_file": removed_tables})
        documents[-1] |= {"summaries": [one.document() for one in built], "problems": [str(one) for one in unread]}
        if not as_json:
            _show(screen, file.config.source, listed, removed_tables)
            show_summaries(screen, file.config.source, built, unread)
    if as_json:
        screen.document({"ok": well, "sources": documents})
    if not well:
        raise typer.Exit(Exit.FINDINGS)


def _show(screen: Screen, source: str, tables: list[TableStatus], left: list[str]) -> None:
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
    gone = [
        (target.rpartition(".")[2], *blank, "no longer in the file; its tables stay as they are") for target in left
    ]
    screen.table(columns, [*map(_row, tables), *gone], title=source)


def _row(table: TableStatus) -> tuple[object, ...]:
    sealed = shown(table.sealed_up_to) + (" (assumed)" if table.assumed else "")
    provisional = [*map(_short, table.provisional), *(str(transaction) for transaction in table.held_by)]
    return (
        table.table, sealed, _lag(table), provisional, [_short(gap) for gap in table.gaps], table.late,
        table.last_read_at, table.rows, table.reconciled_at, _state(table),
    )  # fmt: skip


def _lag(table: TableStatus) -> str:
    if table.lag is None:
        return "stale" if table.stale else ""
    seconds = int(table.lag.total_seconds())
    text = f"{seconds // 3600}h{seconds % 3600 // 60:02}m" if seconds >= 3600 else f"{seconds // 60}m{seconds % 60:02}s"
    return text + (", stale" if table.stale else "")


def _state(table: TableStatus) -> list[str]:
    words = []
    if table.error:
        words.append(f"blocked: {table.error}")
    if table.first_load:
        words.append(table.first_load)
    if table.under_way:
        words.append(f"open: {table.under_way}")
    if table.holder:
        words.append(f"lease: {table.holder}, renewed {shown(table.renewed_at)}")
    if not words and table.last_read_at is None:
        words.append("never read")
    words.extend(table.balance)
    words.extend(table.reasons)
    words.extend(
        f"column {one.column} added at {shown(one.read_at)}: older rows are NULL in it until a reload"
        for one in table.partial
    )
    words.extend(
        f"column {name} is filled by nothing of the source any more: rows read since are NULL in it"
        for name in table.retired
    )
    words.extend(_bad_values(table))
    words.extend(_forgotten(table.forgotten))
    words.extend([f"history: {table.history}"] if table.history else [])
    if table.behind:
        words.append(f"behind: {_short(table.behind)}")
    return words or ["idle"]


def _bad_values(table: TableStatus) -> Iterator[str]:
    """What of the source's rows is not in current as it is (R22, R31)."""
    if table.quarantined:
        yield f"{table.quarantined} rows held out for values that BigQuery can't hold: {_counted(table.held_out)}"
    if table.unheld:
        yield f"values that BigQuery can't hold stand in _floodmark_unheld: {_counted(table.unheld)}"
    if table.null_cursors:
        yield f"{table.null_cursors} rows without a cursor, or an infinite one: they lie in no slice"
    if table.future_cursors:
        yield f"{table.future_cursors} rows with a cursor in the future: read once it has come"


def _forgotten(forgotten: Forgotten) -> Iterator[str]:
    if forgotten.acts:
        yield f"{len(forgotten.digests)} keys forgotten, last on {forgotten.acts[-1].at:%Y-%m-%d %H:%M:%S}"
    if forgotten.returned_at:
        yield (
            f"{forgotten.returned} rows of forgotten keys came again, last in the read of "
            f"{forgotten.returned_at:%Y-%m-%d %H:%M:%S}: delete them in the source, then forget them again"
        )


def _counted(counts: Sequence[tuple[str, int]]) -> str:
    return ", ".join(f"{column}: {rows}" for column, rows in counts)


def _short(interval: Interval) -> str:
    return f"{interval.low:%Y-%m-%d %H:%M:%S} .. {interval.high:%Y-%m-%d %H:%M:%S}"


def interval_document(interval: Interval) -> list[str]:
    """``[low, high]`` as ISO texts."""
    return [interval.low.isoformat(), interval.high.isoformat()]


def _forgotten_document(forgotten: Forgotten) -> dict[str, Any]:
    """Without salt and digests: they are nobody's business but the ledger's."""
    return {
        "keys": len(forgotten.digests),
        "acts": [asdict(act) for act in forgotten.acts],
        "returned": forgotten.returned,
        "returned_at": forgotten.returned_at,
    }


def _document(table: TableStatus) -> dict[str, Any]:
    return {
        "table": table.table,
        "target": table.target,
        "well": table.well,
        "sealed_up_to": table.sealed_up_to,
        "assumed": [interval_document(one) for one in table.assumed],
        "provisional": [interval_document(one) for one in table.provisional],
        "held_by": [
            {"pid": one.pid, "application": one.application, "user": one.user, "since": one.since}
            for one in table.held_by
        ],
        "reasons": list(table.reasons),
        "gaps": [interval_document(one) for one in table.gaps],
        "behind": interval_document(table.behind) if table.behind else None,
        "partial": [{"column": one.column, "since": one.read_at} for one in table.partial],
        "retired": list(table.retired),
        "late": table.late,
        "quarantined": table.quarantined,
        "held_out": dict(table.held_out),
        "unheld": dict(table.unheld),
        "null_cursors": table.null_cursors,
        "future_cursors": table.future_cursors,
        "lag_seconds": table.lag.total_seconds() if table.lag is not None else None,
        "stale": table.stale,
        "rows": table.rows,
        "last_read_at": table.last_read_at,
        "reconciled_at": table.reconciled_at,
        "balance": list(table.balance),
        "forgotten": _forgotten_document(table.forgotten),
        "history": table.history or None,
        "open": table.under_way,
        "first_load": table.first_load,
        "error": table.error,
        "lease": {"holder": table.holder, "renewed_at": table.renewed_at} if table.holder else None,
    }
