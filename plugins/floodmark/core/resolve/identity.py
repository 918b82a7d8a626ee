"""What tells a table's rows apart, and in time: its key and its cursor, as written, kept (R29), or derived."""

from __future__ import annotations

from typing import Any, cast

from floodmark.core.resolve.cursors import derived_cursor, is_time
from floodmark.core.resolve.work import Resolution, is_proved


def kept_setting(work: Resolution, setting: str) -> Any:
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


def choose_cursor(work: Resolution) -> tuple[str, ...]:
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
    kept = kept_setting(work, "cursor")
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


def _kept_cursor(work: Resolution, kept: tuple[str, ...], best: tuple[str, ...]) -> tuple[str, ...]:
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


def choose_key(work: Resolution) -> tuple[str, ...]:
    """The key that is written, else the primary key, else the only unique index over NOT NULL columns."""
    table, schema = work.table, work.schema
    if table.sync == "append":
        return ()
    if table.key:
        if work.present("key", table.key, schema.names) and not is_proved(schema, table.key):
            why = "no unique index over NOT NULL columns stands behind it: every merge asserts it"
            work.derived.append(f"key: {', '.join(table.key)} as written ({why})")
        return table.key
    kept = kept_setting(work, "key")
    if kept and kept != schema.key and set(kept) <= set(schema.names) and is_proved(schema, kept):
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
