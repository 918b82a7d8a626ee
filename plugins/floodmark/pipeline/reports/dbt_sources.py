"""dbt's ``sources.yml`` of a source: tables and columns as they stand in BigQuery, and how fresh they are.

From dbt's pages "Source properties" and "freshness": ``freshness`` and ``loaded_at_query`` stand under ``config``, the
latter since dbt 1.10. How fresh a table is says ``_floodmark_tables``: up to when it is sealed, and not when somebody
last wrote to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from floodmark.core.bigquery import handing_on
from floodmark.core.bigquery.tables import DELETED
from floodmark.core.config.source import SourceConfig
from floodmark.core.config.table import TableConfig
from floodmark.core.ports import TargetTable

_PERIODS = (("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1)))
_TEMPLATE = re.compile(r"\{[{%#]")


def document(config: SourceConfig, tables: Iterable[tuple[TableConfig, TargetTable, Mapping[str, str]]]) -> Any:
    """The file as plain values. Each table comes with its current table, and with the descriptions of its schema file.

    dbt takes texts for templates; what looks like one comes out as it is.
    """
    place = config.bigquery
    listed = [_table(config, *one) for one in tables]
    said = "Where each of these tables stands: up to when it is sealed, and who holds that back"
    own = {"name": handing_on.TABLES, "description": said, "columns": _columns(handing_on.FIELDS)}
    return {
        "version": 2,
        "sources": [
            {
                "name": config.source,
                "description": f"Tables of {config.source}, kept in step with their database by Floodmark",
                "database": place.project,
                "schema": place.dataset,
                "tables": [*listed, own],
            }
        ],
    }


def _table(config: SourceConfig, table: TableConfig, current: TargetTable, said: Mapping[str, str]) -> dict[str, Any]:
    flag = f"Rows that its database marks as deleted stay, with {DELETED} TRUE."
    flagged = any(name == DELETED for name, _, _ in current.fields)
    described = " ".join(one for one in (current.description, flag if flagged else "") if one)
    fields = [(name, kind, said.get(name.casefold(), text)) for name, kind, text in current.fields]
    asked: dict[str, Any] = {"loaded_at_query": _loaded_at(config, table)}
    if table.freshness is not None:
        asked["freshness"] = {"warn_after": _length(table.freshness), "error_after": _length(2 * table.freshness)}
    return {
        "name": table.to,
        **({"description": plain(described)} if described else {}),
        "config": asked,
        "columns": _columns(fields),
    }


def _loaded_at(config: SourceConfig, table: TableConfig) -> str:
    view = handing_on.view(config).reference
    return f"SELECT as_of FROM `{view}` WHERE source = '{config.source}' AND table = '{table.name}'"


def _columns(fields: Sequence[tuple[str, str, str]]) -> list[dict[str, Any]]:
    return [
        {"name": plain(name), "data_type": kind, **({"description": plain(text)} if text else {})}
        for name, kind, text in fields
    ]


def _length(length: timedelta) -> dict[str, Any]:
    """In the largest of dbt's units of which it is a whole number; seconds are rounded up."""
    for period, unit in _PERIODS:
        if length % unit == timedelta(0):
            return {"count": length // unit, "period": period}
    return {"count": -(-length // _PERIODS[-1][1]), "period": "minute"}


def plain(text: str) -> str:
    """A text that dbt's templates give as it is."""
    return _TEMPLATE.sub(lambda sign: f"{{{{ '{sign[0]}' }}}}", text)
