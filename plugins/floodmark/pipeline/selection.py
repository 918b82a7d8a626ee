"""Configuration and catalog -> what is read, and how each value travels."""

from __future__ import annotations

from floodmark.core.bigquery.columns import refusals
from floodmark.core.carriage import TEXT, Check
from floodmark.core.config.formats import PARQUET
from floodmark.core.config.masks import Mask, MaskKind
from floodmark.core.config.table import TableConfig
from floodmark.core.ports import Selection
from floodmark.core.resolve.work import ResolvedTable
from floodmark.core.schema import Carried, Column, TableSchema
from floodmark.errors import SourceRefused
from floodmark.pipeline.table_run import TableRun


def selection(run: TableRun, resolved: ResolvedTable, *, offload: bool = False, whole: bool = False) -> Selection:
    """What the source is asked for; ``offload``: of a copy of it, where it makes one (``adapter: cloudsql``).

    ``whole``: all of it, as far as is known.
    """
    table = run.table
    return Selection(
        schema=table.relation.schema,
        name=table.relation.name,
        key=resolved.key,
        cursor=resolved.cursor,
        columns=resolved.columns,
        rename={**table.rename, **resolved.variants},
        masks=table.mask.among(resolved.columns),
        choices=table.choices,
        where=table.where or "",
        leaving=bool(table.where) and table.leaving == "delete" and resolved.sync == "incremental",
        sql=run.own_select(),
        null_cursor=table.null_cursor,
        timezone=table.timezone,
        partition_by=table.partition_by.column if table.partition_by else "",
        partition_unit=table.partition_by.by if table.partition_by else "day",
        bad_values=table.bad_values,
        soft=table.deletes.soft or "",
        live=table.deletes.live or "",
        verify=table.verify,
        readers=_readers(table),
        max_rate=table.max_rate,
        whole=whole,
        statement_timeout=table.timeout or None,
        offload=offload,
    )


def _readers(table: TableConfig) -> int | None:
    if table.format != PARQUET:
        return 1  # what several stage
    return table.readers if isinstance(table.readers, int) else None


def carried(schema: TableSchema, chosen: Selection) -> tuple[Carried, ...]:
    """How each column of the selection travels to the target. Raises ``SourceRefused`` where one can't (R27)."""
    if refused := refusals(schema, chosen.columns, chosen.rename):
        raise SourceRefused("\n".join(refused))
    return tuple(
        carried_column(schema.column(name), chosen.in_target(name), chosen.masks.get(name)) for name in chosen.columns
    )


def carried_column(column: Column, name: str, mask: Mask | None = None) -> Carried:
    """How one column travels, to a column of that ``name``; a masked one as text."""
    way = TEXT if mask else column.carriage
    return Carried(
        name=name,
        source=column.type,
        landing=way.landing,
        target=way.target,
        convert=way.convert,
        description=column.comment,
        filled=not (column.nullable or way.target.startswith("ARRAY") or (mask and mask.kind is MaskKind.NULL)),
        checked=way.check is not Check.NONE,
        folded=bool(column.folding) and not mask and way.target == "STRING",
    )
