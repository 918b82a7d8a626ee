"""The project's ``default_time_zone``: where a conversion between DATETIME, DATE or text and TIMESTAMP names no zone.

See BigQuery's page "Manage configuration settings". In the server both DuckDB's own casts follow it, and what the
server writes itself.
"""

from __future__ import annotations

from typing import Any

from local_bigquery.sql.rules import datetime as rules
from sqlglot import exp

_chosen = ["UTC"]


def install(time_zone: str) -> None:
    """Let conversions without a zone mean this one, as ``America/Los_Angeles``."""
    _chosen[0] = time_zone
    if time_zone == "UTC":
        return
    to_local, from_local = rules.to_local, rules.from_local
    rules.to_local = lambda moment, zone: to_local(moment, zone or exp.Literal.string(time_zone))
    rules.from_local = lambda local, zone: from_local(local, zone or exp.Literal.string(time_zone))


def use(cursor: Any) -> None:
    """Let DuckDB's casts in this cursor's statements follow it."""
    if _chosen[0] != "UTC":
        cursor.execute(f"SET TimeZone = '{_chosen[0]}'")
