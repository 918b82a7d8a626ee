"""``doc_md`` of DAGs and task groups, from the configuration."""

from __future__ import annotations

from collections.abc import Sequence

from floodmark.airflow.work import Work
from floodmark.core.config.table import TableConfig
from floodmark.core.ledger.portion import Kind
from floodmark.core.time.cadence import Cadence, Cron
from floodmark.core.time.duration import render
from floodmark.errors import Problem

DERIVED = "*from the catalog*"


def of_dag(work: Work, tables: Sequence[str], problem: Problem | None) -> str:
    """What a DAG does, with a table of its tables; a ``problem`` of the ledger's place is said first."""
    config = work.config
    place = f"`{config.bigquery.home}`"
    if work.kind is Kind.RELOAD:
        what = f"Reads tables of **{config.source}** whole, on demand, and replaces them in {place}, each at once."
    elif work.kind is Kind.RECONCILE:
        what = f"Compares tables of **{config.source}** with {place}, key by key, once a day, and heals what differs."
    else:
        what = f"Keeps tables of **{config.source}** in {place} in step, {_often(work.cadence)}."
    lines = [f"**{problem}**\n"] if problem else []
    lines += [
        what,
        "",
        f"Source `{config.connection}`, stage `{config.stage}`, raw rows in `{config.bigquery.raw}`, "
        f"configured in `{work.file.name}`.",
        "",
        "| table | target | sync | key | cursor | deletes | settle | recheck | since | owner |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    lines += [_row(work.table(name)) for name in tables]
    page = f"The last task, `report`, writes the page of the source to `{config.stage}/_status/{config.source}.html`."
    chosen = "The param `tables` chooses some of them, for any kind of run, backfills too."
    return "\n".join([*lines, "", chosen, "", page])


def _often(cadence: Cadence) -> str:
    return f"by the cron `{cadence}`" if isinstance(cadence, Cron) else f"every {cadence} (UTC)"


def of_table(work: Work, name: str) -> str:
    """One table: what was written about it, and what is derived."""
    table = work.table(name)
    document = {
        "source": f"`{table.relation}`",
        "target": f"`{work.config.bigquery.current_table(table)}`",
        "sync": table.sync or DERIVED,
        "key": _columns(table.key),
        "cursor": _columns(table.cursor),
        "clock": table.clock,
        "where": _code(table.where),
        "columns": _globs(table),
        "deletes": _deletes(table),
        "freshness": render(table.freshness) if table.freshness else "",
        "owner": table.owner or "",
    }
    head = [table.description, ""] if table.description else []
    return "\n".join([*head, *(f"- {key}: {value}" for key, value in document.items() if value)])


def of_batch(tables: Sequence[str]) -> str:
    """The tables of a task that several share; what each is stands in the DAG's own, once."""
    return "One task for " + ", ".join(f"`{name}`" for name in tables) + "; the DAG says what each is."


def _row(table: TableConfig) -> str:
    cells = (
        table.name,
        table.to,
        table.sync or DERIVED,
        "" if table.sync == "append" else _columns(table.key),
        "" if table.sync == "full" else _columns(table.cursor),
        _deletes(table),
        render(table.settle),
        str(table.recheck),
        f"{table.start:%Y-%m-%d %H:%M}",
        table.owner or "",
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _columns(names: tuple[str, ...] | None) -> str:
    return ", ".join(f"`{name}`" for name in names) if names else DERIVED


def _deletes(table: TableConfig) -> str:
    return f"soft: `{table.deletes.soft}`, {table.deletes.mode}" if table.deletes.how == "soft" else table.deletes.how


def _globs(table: TableConfig) -> str:
    if table.columns.include:
        return "only " + _columns(table.columns.include)
    return "all but " + _columns(table.columns.exclude) if table.columns.exclude else ""


def _code(text: str | None) -> str:
    return f"`{' '.join(text.split())}`" if text else ""
