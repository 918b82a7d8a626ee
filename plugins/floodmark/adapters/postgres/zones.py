"""The rules of a time zone, as this machine has them and as the server has them: they must be the same (R35).

The bounds of a cursor without zone are computed here, and the server says what its values stand for. When a country
changes its rules, each of the two hears of it by an update of its own; in between rows would fall between two slices.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from floodmark.adapters.postgres.connect import rows
from floodmark.adapters.postgres.quote import literal, name
from floodmark.core import sql
from floodmark.core.ledger.portion import Span
from floodmark.core.ports import Selection
from floodmark.core.schema import TableSchema
from floodmark.core.time import wall_clock
from floodmark.errors import SourceRefused

ZONELESS = ("timestamp", "date")


def refuse_other_rules(holder: Any, selection: Selection, schema: TableSchema, spans: Sequence[Span]) -> None:
    """Compare what a clock shows around the spans. Raises ``SourceRefused`` where the server's shows another time."""
    refuse_differences(lambda statement, doing: rows(holder, statement, doing), selection, schema, spans)


def refuse_differences(
    ask: Callable[[str, str], list[tuple[Any, ...]]],
    selection: Selection,
    schema: TableSchema,
    spans: Sequence[Span],
) -> None:
    """The same where ``ask`` gives the rows of a statement, and is told what for."""
    zone = selection.timezone
    if zone == "UTC" or not any(schema.column(column).base_type in ZONELESS for column in selection.cursor):
        return
    moments = sorted({moment for span in spans for moment in wall_clock.probes(span.interval, zone)})
    if not moments:
        return
    values = {"moments": moments, "zone": zone}
    statement = sql.render("postgres/zone_clock.sql", values, quote=name, literal=literal)
    for moment, theirs in zip(moments, ask(statement, f"asking for the clock of {zone}"), strict=True):
        ours = wall_clock.clock_time(moment, zone)
        if (ours,) != theirs:
            raise SourceRefused(
                f"{selection.schema}.{selection.name}: at {moment:%Y-%m-%dT%H:%M:%SZ} the clock of {zone} shows "
                f"{ours.isoformat(sep=' ')} here and {theirs[0].isoformat(sep=' ')} on the server: one of the two has "
                "older rules of the zone, and rows would fall between two slices (R35); update the time zone data, "
                "here the package tzdata, there PostgreSQL (or its system's tzdata, see pg_config --configure)"
            )
