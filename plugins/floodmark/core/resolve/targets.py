"""Whether the columns that the target needs are there, are carried, and fit what they are for."""

from __future__ import annotations

from collections.abc import Iterator

from floodmark.core.config.table import TableConfig
from floodmark.core.resolve.cursors import is_time, moves
from floodmark.core.resolve.work import Resolution, Sync
from floodmark.core.schema import TableSchema


def check_targets(
    work: Resolution, columns: tuple[str, ...], key: tuple[str, ...], cursor: tuple[str, ...], sync: Sync
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
