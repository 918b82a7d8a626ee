"""The rules of a time zone, as this machine has them and as the server has them: they must be the same (R35).

A server whose zones were never loaded answers NULL, and would place rows nowhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from floodmark.adapters.mysql.connect import rows
from floodmark.adapters.mysql.quote import literal, name
from floodmark.core import sql
from floodmark.core.ledger.portion import Span
from floodmark.core.ports import Selection
from floodmark.core.schema import TableSchema
from floodmark.core.time import wall_clock
from floodmark.core.time.interval import Interval
from floodmark.errors import SourceRefused

ZONELESS = ("datetime", "date")


def refuse_other_rules(
    holder: Any, selection: Selection, schema: TableSchema, spans: Sequence[Span], around: Interval | None = None
) -> None:
    """Compare what a clock shows around the spans, or ``around`` a moment where there are none.

    Raises ``SourceRefused`` where the server's shows another time, or none.
    """
    zone = selection.timezone
    if zone == "UTC" or not any(schema.column(column).base_type in ZONELESS for column in selection.cursor):
        return
    intervals = [span.interval for span in spans] or ([around] if around else [])
    moments = sorted({moment for interval in intervals for moment in wall_clock.probes(interval, zone)})
    if not moments:
        return
    statement = sql.render("mysql/zone_clock.sql", {"moments": moments, "zone": zone}, quote=name, literal=literal)
    [told] = rows(holder, statement, f"asking for the clock of {zone}")
    for moment, theirs in zip(moments, told, strict=True):
        ours = wall_clock.clock_time(moment, zone)
        if theirs is None:
            raise SourceRefused(
                f"{selection.schema}.{selection.name}: the server doesn't know the zone {zone}, in which the cursor "
                "is; load its zones on its machine (mysql_tzinfo_to_sql /usr/share/zoneinfo | mysql mysql); or, where "
                "the cursor is in UTC, write timezone: UTC"
            )
        if ours != theirs:
            raise SourceRefused(
                f"{selection.schema}.{selection.name}: at {moment:%Y-%m-%dT%H:%M:%SZ} the clock of {zone} shows "
                f"{ours.isoformat(sep=' ')} here and {theirs} on the server: one of the two has older rules of the "
                "zone, and rows would fall between two slices (R35); update the time zone data, here the package "
                "tzdata, there by mysql_tzinfo_to_sql"
            )
