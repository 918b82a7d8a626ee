"""Whether a table can have a history: it needs a key to tell its rows by, and three names."""

from __future__ import annotations

from floodmark.core.bigquery.versions_sql import ADDED
from floodmark.core.config import column_names
from floodmark.core.resolve.work import Resolution, Sync


def check_history(work: Resolution, columns: tuple[str, ...], key: tuple[str, ...], sync: Sync) -> None:
    """Refuse ``history`` where the table has no key, or columns that are called as the view's own."""
    table = work.table
    if not table.history:
        return
    if sync == "append":
        message = "rows of an append table never change, so its current table is its history already"
        work.refuse("history", message, "write history: false, or sync: incremental with a key")
    elif not key:
        message = f"{work.where} has no key, so nothing says which rows are versions of one"
        work.refuse("history", message, "name its key, or write history: false")
    for column in columns:
        if (name := table.in_target(column)).casefold() in ADDED:
            other = column_names.offer(f"{column}_in_source", work.schema.names)
            message = f'column "{name}" is called as one that the view adds ({", ".join(ADDED)})'
            work.refuse("history", message, f'rename: {{"{column}": "{other}"}}, or write history: false')
