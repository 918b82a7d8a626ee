"""A read and its configuration -> its two tables and the merge between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from floodmark.core.bigquery.merge import Merge, SoftDelete, SoftMode
from floodmark.core.bigquery.partitions import Partitioning
from floodmark.core.bigquery.tables import UNHELD, Targets, targets
from floodmark.core.config.source import SourceConfig
from floodmark.core.config.table import TableConfig
from floodmark.core.ledger.head import Head
from floodmark.core.ledger.read import Read
from floodmark.core.schema import Carried
from floodmark.core.unheld import Tally
from floodmark.pipeline.table_run import TableRun


def tables(
    run: TableRun, head: Head, read: Read, ledger: UUID, there: Sequence[tuple[str, str]] | None = None
) -> Targets:
    """Raw and current, as this read needs them. ``there`` are current's columns as it stands."""
    unheld = bool(read.manifest and read.manifest.tally.unheld) or UNHELD in {name for name, _ in there or ()}
    table = run.table.called(read.fingerprint.in_target) if read.fingerprint else run.table
    both = _both(run.config, table, read.columns, read.key, ledger=ledger, target=head.uuid, unheld=unheld)
    anew, rebuild = run.command("reload --anew"), run.command("ledger rebuild", "--table")
    raw, current = (replace(one, anew=anew, rebuild=rebuild) for one in (both.raw, both.current))
    retired = {one.name.casefold() for one in read.retired}
    emptied = tuple((name, kind.partition("(")[0]) for name, kind in there or () if name.casefold() in retired)
    return Targets(raw=raw, current=current, emptied=emptied)


def planned(config: SourceConfig, table: TableConfig, columns: Sequence[Carried], key: Sequence[str]) -> Targets:
    """Both as a read of these columns would need them. Raises ``Refused`` for what BigQuery would refuse."""
    return _both(config, table, columns, key, ledger=UUID(int=0), target=UUID(int=0), unheld=False)


def _both(
    config: SourceConfig,
    table: TableConfig,
    columns: Sequence[Carried],
    key: Sequence[str],
    *,
    ledger: UUID,
    target: UUID,
    unheld: bool,
) -> Targets:
    place = config.bigquery
    return targets(
        project=place.project,
        dataset=place.dataset,
        raw_dataset=place.raw,
        table=table.to,
        columns=columns,
        key=key,
        ledger=ledger,
        target=target,
        source=config.source,
        partition_by=table.in_target(table.partition_by.column) if table.partition_by else "",
        partition_unit=table.partition_by.by if table.partition_by else "day",
        cluster_by=table.all_in_target(table.cluster_by),
        leaving=bool(key),
        unheld=unheld,
        flag_deleted=table.deletes.how == "soft" and table.deletes.mode == "flag",
        labels=place.labels,
        raw_retention=config.retention.raw,
        description=table.description or "",
        kms_key=place.kms_key or "",
        policy_tags=table.tags_in_target([column.name for column in columns]),
        required=_required(table, columns, key) if table.required else (),
    )


def _required(table: TableConfig, columns: Sequence[Carried], key: Sequence[str]) -> tuple[str, ...]:
    """Columns that are never NULL in current: a value that can't be held is, unless its row is held out (R31)."""
    soft = table.in_target(table.deletes.soft) if table.deletes.soft else ""  # NULL is what lives there
    held_out = {*key, *([table.in_target(table.partition_by.column)] if table.partition_by else [])}
    return tuple(
        column.name
        for column in columns
        if column.filled and column.name != soft
        and (not column.checked or table.bad_values != "encode" or column.name in held_out)
    )  # fmt: skip


def merge_of(run: TableRun, read: Read, both: Targets) -> Merge:
    """What applies the read: an upsert by key, or the replacement of all it covers (R18)."""
    replaces = read.portion.replaces or (read.append and read.portion.wanted != ())
    scoped = read.append and read.portion.wanted is not None
    tally = read.manifest.tally if read.manifest else Tally()
    return Merge(
        raw=both.raw.reference,
        current=both.current.reference,
        columns=read.columns,
        read_at=read.read_at,
        key=() if read.append else read.key,
        soft_delete=_soft_delete(run),
        partitioning=_partitioning(both),
        partitions=read.manifest.partitions if read.manifest else (),
        replace=replaces,
        scope=tuple(span.interval for span in read.portion.wanted or ()) if scoped else (),
        zone=_zone(run, read, both),
        deleted=read.reconciled is not None or tally.leaving > 0,
        anywhere=tally.anywhere,
        null_keys=tally.null_keys,
        unheld=UNHELD in {name for name, *_ in both.current.fields},
        older_than=read.portion.sweeps,
        emptied=both.emptied,
    )


def _zone(run: TableRun, read: Read, both: Targets) -> str:
    """The zone in which current is cut by the cursor; empty where another column cuts it."""
    cursor = read.fingerprint.cursor if read.fingerprint else ()
    return run.table.timezone if cursor == (both.current.partition_by,) else ""


def _soft_delete(run: TableRun) -> SoftDelete | None:
    deletes = run.table.deletes
    if deletes.how != "soft" or deletes.soft is None:
        return None
    return SoftDelete(column=run.table.in_target(deletes.soft), mode=SoftMode(deletes.mode))


def _partitioning(both: Targets) -> Partitioning | None:
    name = both.current.partition_by
    if not name:
        return None
    kind = next(kind for field, kind, _ in both.current.fields if field == name)
    return Partitioning(column=name, type=kind, unit=both.current.partition_unit)
