"""Whether the types that are chosen for columns are ones that they may have, and fit what the columns are for."""

from __future__ import annotations

from floodmark.core.config import target_types
from floodmark.core.resolve.work import Resolution


def check_types(work: Resolution, columns: tuple[str, ...]) -> None:
    """Refuse globs that match nothing, types that a column's own can't become, and those of columns that place rows."""
    table, schema = work.table, work.schema
    for glob in table.own_types:
        if not target_types.fits(glob, schema.columns):
            there = ", ".join(schema.names)
            work.refuse("types", f'"{glob}" matches no column of {work.where}, by name or type; it has: {there}')
    chosen = [f"{one.name} {one.chosen}" for one in schema.columns if one.chosen and one.name in columns]
    if chosen:
        work.derived.append(f"types: {', '.join(chosen)}")
    partition = table.partition_by.column if table.partition_by else ""
    for column in schema.columns:
        if column.name not in columns:
            continue
        if column.misfit:
            message, _, remedy = column.misfit.partition("; ")
            work.refuse("types", message, remedy)
        elif column.chosen and column.name in (partition, table.deletes.soft):
            what = "cuts the target in partitions" if column.name == partition else "says which rows are deleted"
            message = f'column "{column.name}" {what}, and can\'t be {column.chosen} instead of its own type'
            work.refuse("types", message, f'take it off: "{column.name}": {target_types.BY_ITSELF}')
        elif column.name in dict(table.types.by_glob) and table.mask.of(column.name):
            message = f'column "{column.name}" is masked, and a mask is a text'
            work.refuse("types", message, "take one of both off")
