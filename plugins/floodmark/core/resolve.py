"""A table's configuration and its catalog → what is read and how: what was left open is derived, and said aloud."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Literal, cast

from floodmark.core.config.names import OURS
from floodmark.core.config.table import TableConfig
from floodmark.core.cursors import NAIVE, derived_cursor, is_time, moves
from floodmark.core.ledger.fingerprint import Fingerprint
from floodmark.core.predicate import depends_on
from floodmark.core.schema import TableSchema
from floodmark.errors import ConfigurationError, Problem

Sync = Literal["incremental", "append", "full"]


@dataclass(frozen=True, kw_only=True)
class ResolvedTable:
    """What only the catalog could say.

    ``key`` is empty for append tables, and for full ones without a key; ``unique`` says that a unique index over
    NOT NULL columns stands behind it (R2). ``cursor`` is empty for full tables. ``columns`` are those that are
    carried, in the table's order. ``derived`` has a line for everything that was not written, with the reason;
    ``assumptions`` one for everything that makes this table's seals assumed rather than proved (R7).
    ``unwritten`` are those of key, cursor and sync that were derived. ``told`` has a line for everything that the
    catalog has by now and that changes nothing by itself, ``held`` the columns that wait to be named (R29).
    """

    key: tuple[str, ...]
    unique: bool
    cursor: tuple[str, ...]
    sync: Sync
    columns: tuple[str, ...]
    derived: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    unwritten: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    held: tuple[str, ...] = ()


@dataclass(kw_only=True)
class _Resolution:
    """One table on its way: problems and derivations as they turn up. ``before`` is what held at its last read."""

    table: TableConfig
    schema: TableSchema
    file: str
    before: Fingerprint | None = None
    told: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    derived: list[str] = field(default_factory=list)

    @property
    def where(self) -> str:
        return str(self.table.relation)

    def refuse(self, key: str, message: str, remedy: str = "") -> None:
        path = f"tables.{self.table.name}.{key}" if key else f"tables.{self.table.name}"
        self.problems.append(Problem(file=self.file, path=path, message=message, remedy=remedy))

    def present(self, key: str, columns: tuple[str, ...], among: tuple[str, ...]) -> bool:
        """Whether all columns are there; each that isn't is refused, with what there is ``among`` those that fit."""
        missing = [column for column in columns if column not in self.schema.names]
        for column in missing:
            there = ", ".join(among) or "none that fits"
            self.refuse(key, f'column "{column}" does not exist in {self.where}; it has: {there}')
        return not missing


def resolve(table: TableConfig, schema: TableSchema, file: str, before: Fingerprint | None = None) -> ResolvedTable:
    """Fit a table's configuration to its catalog. What was derived ``before`` is kept, whatever comes up later (R29).

    Raises:
        ConfigurationError: with every problem found.
    """
    work = _Resolution(table=table, schema=schema, file=file, before=before)
    columns = _columns(work)
    cursor = _cursor(work)
    key = _key(work)
    sync = _sync(work, key, cursor)
    _check_targets(work, columns, key, cursor, sync)
    if work.problems:
        raise ConfigurationError(work.problems)
    kept = key if sync != "append" else ()
    return ResolvedTable(
        key=kept,
        unique=_proved(schema, kept),
        cursor=cursor,
        sync=sync,
        columns=columns,
        derived=tuple(work.derived),
        assumptions=(*_assumptions(table, schema, cursor), *_of_where(table, sync)),
        unwritten=tuple(name for name in ("key", "cursor", "sync") if getattr(table, name) is None),
        told=tuple(work.told),
        held=tuple(work.held),
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


def _proved(schema: TableSchema, key: tuple[str, ...]) -> bool:
    """Whether a unique index over some of the key's columns, none of the key's being nullable, stands behind it."""
    rigid = all(not schema.column(name).nullable for name in key)
    return bool(key) and rigid and any(set(index) <= set(key) for index in (schema.key, *schema.unique) if index)


def _columns(work: _Resolution) -> tuple[str, ...]:
    include, exclude = work.table.columns.include, work.table.columns.exclude
    # A glob in defaults need not match in every table; one that was written for this very table is a mistake.
    written = [("include", pattern) for pattern in include]
    written += [("exclude", pattern) for pattern in exclude if work.table.own_columns]
    for key, pattern in written:
        if not any(fnmatchcase(name, pattern) for name in work.schema.names):
            there = ", ".join(work.schema.names)
            work.refuse(f"columns.{key}", f'"{pattern}" matches no column of {work.where}; it has: {there}')
    chosen = tuple(
        name
        for name in work.schema.names
        if (not include or any(fnmatchcase(name, pattern) for pattern in include))
        and not any(fnmatchcase(name, pattern) for pattern in exclude)
    )
    chosen = _without_new(work, chosen)
    if not chosen:
        work.refuse("columns", f"no column of {work.where} is left", "include some, or exclude fewer")
    seen: dict[str, str] = {}
    for name in chosen:
        if name.lower().startswith(OURS):
            work.refuse("columns", f'column "{name}" begins as Floodmark\'s own do', f'exclude "{name}"')
        if (first := seen.setdefault(name.casefold(), name)) != name:
            message = f'columns "{first}" and "{name}" differ in case only, which BigQuery does not tell apart'
            work.refuse("columns", message, "exclude one of them, or rename it in an own SELECT (sql)")
    return chosen


def _without_new(work: _Resolution, chosen: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the columns that may travel: one that came since is told first, and may be held (R29).

    One that was excluded under another name is the same column still; it never travels for being renamed.
    """
    before, numbers = work.before, dict(work.schema.identity.columns)
    if before is None or not before.columns:
        return chosen
    kept = []
    for name in chosen:
        known, same = before.column(name), before.numbered(numbers.get(name, 0))
        if same and same.name != name and not same.carried and not same.held:
            remedy = f'exclude "{name}" too; or, if it may travel, name it in columns.include'
            if name not in work.table.columns.include:
                work.refuse("columns", f'column "{name}" is the one that was excluded as "{same.name}"', remedy)
        elif name in work.table.columns.include or (known and not known.held) or (same and same.carried):
            kept.append(name)
            continue
        elif work.table.new_columns == "hold":
            work.held.append(name)
            work.told.append(f'column "{name}" is new, and held (new_columns): name it in columns, or exclude it')
            continue
        else:
            work.told.append(f'column "{name}" is new, and carried from now on (new_columns)')
        kept.append(name)
    return tuple(kept)


def _kept(work: _Resolution, setting: str) -> Any:
    """What was derived of a setting before, and is written by nobody still; None where nothing was (R29)."""
    before = work.before
    if (
        before is None
        or before.relation != work.where
        or setting not in before.derived
        or getattr(work.table, setting) is not None
    ):
        return None
    return getattr(before, setting)


def _cursor(work: _Resolution) -> tuple[str, ...]:
    """The cursor that is written, or the one that the catalog speaks for; none for a full table."""
    table, schema = work.table, work.schema
    if table.sync == "full":
        return ()
    times = tuple(column.name for column in schema.columns if is_time(column))
    if table.cursor:
        if work.present("cursor", table.cursor, times):
            for name in table.cursor:
                if not is_time(column := schema.column(name)):
                    remedy = f"name a timestamp or a date; it has: {', '.join(times) or 'none'}"
                    work.refuse("cursor", f'column "{name}" of {work.where} is {column.type}', remedy)
        return table.cursor
    best = derived_cursor(schema, append=table.sync == "append")
    kept = _kept(work, "cursor")
    if kept is not None and (kept or table.sync is None):
        return _kept_cursor(work, kept, best)
    if len(best) == 1:
        also = [name for name in times if name not in best]
        beside = f"; beside it: {', '.join(also)}" if also else ""
        null = "; it may be null: see null_cursor" if schema.column(best[0]).nullable else ""
        work.derived.append(f"cursor: {best[0]} (by its name{beside}{null})")
        return best
    if best:
        work.refuse("cursor", f"{work.where} has several that may be it: {', '.join(best)}", "name the one that moves")
    elif table.sync:
        there = f"it has these times: {', '.join(times)}" if times else "it has no timestamp"
        remedy = "name one" if times else "write sync: full"
        work.refuse(
            "cursor", f"{work.where} has no column known to be a cursor for sync: {table.sync}; {there}", remedy
        )
    return ()


def _kept_cursor(work: _Resolution, kept: tuple[str, ...], best: tuple[str, ...]) -> tuple[str, ...]:
    """The cursor as it was derived: a better name that came later is told, a lost one refused (R29)."""
    there = ", ".join(column.name for column in work.schema.columns if is_time(column)) or "no timestamp"
    lost = [name for name in kept if name not in work.schema.names or not is_time(work.schema.column(name))]
    if lost:
        remedy = f"it has: {there}; write cursor: ..., or sync: full, and the table is read whole"
        work.refuse("cursor", f'the cursor "{lost[0]}" that was derived is not in {work.where} any more', remedy)
        return kept
    if kept:
        work.derived.append(f"cursor: {', '.join(kept)} (as it was derived at first)")
    if best and best != kept:
        stays = f"the cursor stays {', '.join(kept)}" if kept else "the table stays without a cursor"
        work.told.append(f"{', '.join(best)} came later; {stays}; write cursor: {best[0]} if that is the one")
    return kept


def _key(work: _Resolution) -> tuple[str, ...]:
    """The key that is written, else the primary key, else the only unique index over NOT NULL columns."""
    table, schema = work.table, work.schema
    if table.sync == "append":
        return ()
    if table.key:
        if work.present("key", table.key, schema.names) and not _proved(schema, table.key):
            why = "no unique index over NOT NULL columns stands behind it: every merge asserts it"
            work.derived.append(f"key: {', '.join(table.key)} as written ({why})")
        return table.key
    kept = _kept(work, "key")
    if kept and kept != schema.key and set(kept) <= set(schema.names) and _proved(schema, kept):
        work.derived.append(f"key: {', '.join(kept)} (as it was derived at first)")
        if schema.key:
            work.told.append(f"the primary key is ({', '.join(schema.key)}) by now; the key stays {', '.join(kept)}")
        return cast("tuple[str, ...]", kept)
    if schema.key:
        work.derived.append(f"key: {', '.join(schema.key)} (the primary key)")
        return schema.key
    if len(schema.unique) == 1:
        work.derived.append(f"key: {', '.join(schema.unique[0])} (the only unique index over NOT NULL columns)")
        return schema.unique[0]
    return ()


def _sync(work: _Resolution, key: tuple[str, ...], cursor: tuple[str, ...]) -> Sync:
    """The sync that is written, else incremental with a cursor and full without; a missing key is refused."""
    written = work.table.sync
    if written in ("append", "full"):
        return written
    if not cursor and _kept(work, "cursor") == () and _kept(work, "sync") == "full":
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


def _check_targets(
    work: _Resolution, columns: tuple[str, ...], key: tuple[str, ...], cursor: tuple[str, ...], sync: Sync
) -> None:
    """Columns that the target needs are there, are carried, and fit what they are for."""
    table, schema = work.table, work.schema
    partition, soft = table.partition_by, table.deletes.soft
    needed = [("key", key), ("cluster_by", table.cluster_by)]
    needed += [("partition_by", (partition.column,))] if partition else []
    needed += [("deletes.soft", (soft,))] if soft else []
    for path, names in needed:
        if path != "key" and not work.present(path, names, schema.names):
            continue
        for name in names:
            if name in schema.names and name not in columns:
                work.refuse(path, f'column "{name}" is not among the columns carried', "carry it: see columns")
    if table.deletes.how != "ignore" and sync != "incremental" and table.sync is None:
        work.refuse("deletes", f'"{table.deletes.how}" needs sync: incremental; {work.where} came out as {sync}')
    unfit = _unfit_keys(schema, key) if sync == "incremental" else iter(())
    for path, message, remedy in (*unfit, *_misfits(table, schema, cursor, sync)):
        work.refuse(path, message, remedy)


def _unfit_keys(schema: TableSchema, key: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
    """Key columns by whose values rows of the target can't be found (R30). Of a view, only the read sees a NULL."""
    for name in key:
        column = next((one for one in schema.columns if one.name == name), None)
        if column is None:
            continue
        if column.key.refusal:
            reason, _, remedy = column.key.refusal.partition("; ")
            yield "key", f'column "{name}": {reason}', remedy
        elif column.nullable and schema.splittable:
            message = f'column "{name}" may be NULL, which equals nothing: a row could be found by it no more (R30)'
            yield "key", message, "make it NOT NULL in the source; or name another key, or write sync: full"


def _misfits(
    table: TableConfig, schema: TableSchema, cursor: tuple[str, ...], sync: Sync
) -> Iterator[tuple[str, str, str]]:
    partition, soft = table.partition_by, table.deletes.soft
    if sync == "append":
        # All rows of a day have one moment, so a slice that replaces what it read would leave most of them out (R21).
        for name in cursor:
            if name in schema.names and schema.column(name).base_type == "date":
                remedy = "name a timestamp; or write sync: full, or name a key and write sync: incremental"
                yield "cursor", f'column "{name}" is a date, which tells no slices of a day apart', remedy
    if partition and partition.column in schema.names:
        column = schema.column(partition.column)
        if not is_time(column):
            yield "partition_by", f'column "{column.name}" is {column.type}', "name a date or a timestamp"
        elif column.base_type == "date" and partition.by == "hour":
            yield "partition_by", f'column "{column.name}" is a date, which has no hours', "write by: day"
        if sync == "incremental" and column.name in cursor and moves(column.name):
            message = f'column "{column.name}" moves whenever a row changes, so rows would change partition (R20)'
            yield "partition_by", message, "name one that is set once, such as created_at"
    if soft and soft in schema.names:
        column = schema.column(soft)
        truth = column.base_type in ("bool", "boolean")
        if not is_time(column) and not truth:
            yield "deletes.soft", f'column "{soft}" is {column.type}', "name a timestamp, a date or a boolean"
        elif truth and table.deletes.live is not None:
            yield "deletes.live", f'column "{soft}" is a boolean: a row lives where it is not true', "take live out"
        elif not truth and not column.nullable and table.deletes.live is None:
            message = f'column "{soft}" is never NULL, so every row would count as deleted'
            yield "deletes.soft", message, 'say which value means that a row lives: live: "0001-01-01", or infinity'
