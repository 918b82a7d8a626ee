"""A table's configuration and its catalog → what is read and how: what was left open is derived, and said aloud."""

from __future__ import annotations

from collections.abc import Iterator

from floodmark.core.config.table import TableConfig
from floodmark.core.ledger.fingerprint import Fingerprint
from floodmark.core.resolve.chosen_types import check_types
from floodmark.core.resolve.columns import choose_columns
from floodmark.core.resolve.cursors import NAIVE, is_time
from floodmark.core.resolve.history import check_history
from floodmark.core.resolve.identity import choose_cursor, choose_key, kept_setting
from floodmark.core.resolve.masks import check_masks
from floodmark.core.resolve.predicate import depends_on
from floodmark.core.resolve.targets import check_targets
from floodmark.core.resolve.work import Resolution, ResolvedTable, Sync, is_proved
from floodmark.core.schema import TableSchema
from floodmark.errors import ConfigurationError


def resolve(table: TableConfig, schema: TableSchema, file: str, before: Fingerprint | None = None) -> ResolvedTable:
    """Fit a table's configuration to its catalog. What was derived ``before`` is kept, whatever comes up later (R29).

    Raises:
        ConfigurationError: with every problem found.
    """
    work = Resolution(table=table, schema=schema, file=file, before=before)
    columns = choose_columns(work)
    cursor = choose_cursor(work)
    key = choose_key(work)
    sync = _sync(work, key, cursor)
    if schema.restless and sync != "full":
        reason, _, remedy = schema.restless.partition("; ")
        work.refuse("sync", f"{work.where}: {reason}", remedy)
    check_targets(work, columns, key, cursor, sync)
    check_masks(work, columns, key, cursor)
    check_history(work, columns, key, sync)
    check_types(work, columns)
    if work.problems:
        raise ConfigurationError(work.problems)
    kept = key if sync != "append" else ()
    return ResolvedTable(
        key=kept,
        unique=is_proved(schema, kept),
        cursor=cursor,
        sync=sync,
        columns=columns,
        derived=tuple(work.derived),
        assumptions=(*_assumptions(table, schema, cursor), *_of_where(table, sync)),
        unwritten=tuple(name for name in ("key", "cursor", "sync") if getattr(table, name) is None),
        told=tuple(work.told),
        held=tuple(work.held),
        added=tuple(work.added),
    )


def _assumptions(table: TableConfig, schema: TableSchema, cursor: tuple[str, ...]) -> Iterator[str]:
    """What of this table no look at the database can prove (R7)."""
    if table.clock == "application" and cursor:
        yield "clock: application: the cursor is not the database's now()"
    for name in cursor:
        column = schema.column(name)
        if column.base_type == "date":
            yield f"cursor {name} is a date: whole days, taken as {table.timezone}"
        elif column.base_type in NAIVE:
            yield f"cursor {name} has no time zone: taken as {table.timezone}"
    if table.sql:
        yield f"sql: {table.sql} is a SELECT of one's own"


def _of_where(table: TableConfig, sync: Sync) -> Iterator[str]:
    """How rows may leave ``where``, or come into it, unseen (R37)."""
    if not table.where or sync != "incremental":
        return
    if beside := depends_on(table.where):
        yield f"where depends on {', '.join(beside)}: a row that this lets in or out is seen when it is written again"
    if table.leaving == "ignore":
        yield "leaving: ignore: a row that leaves where stays as it was"


def _sync(work: Resolution, key: tuple[str, ...], cursor: tuple[str, ...]) -> Sync:
    """The sync that is written, else incremental with a cursor and full without; a missing key is refused."""
    written = work.table.sync
    if written in ("append", "full"):
        return written
    if not cursor and kept_setting(work, "cursor") == () and kept_setting(work, "sync") == "full":
        work.derived.append("sync: full (as it was derived at first)")
        return "full"
    if not written and not cursor:
        if not any(problem.path.endswith(".cursor") for problem in work.problems):
            times = ", ".join(column.name for column in work.schema.columns if is_time(column))
            why = f"none of {times} is known to move when a row changes" if times else "it has no timestamp"
            work.derived.append(f"sync: full ({why})")
        return "full"
    if not key:
        choices = [", ".join(columns) for columns in work.schema.unique]
        unique = (
            f"several unique indexes: ({'), ('.join(choices)})" if choices else "no primary key and no unique index"
        )
        remedy = "name its key; or write sync: append if its rows never change, or sync: full"
        work.refuse("key", f"{work.where} has {unique} over NOT NULL columns", remedy)
    if not written:
        work.derived.append(f"sync: incremental (cursor {', '.join(cursor)})")
    return "incremental"
