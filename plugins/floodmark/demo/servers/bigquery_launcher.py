"""Run in the servers' own environment: local-bigquery, with three of its faults mended.

BigQuery takes ``dt=.../hr=...`` in an object's name for columns only where a load job asks for it
(``hivePartitioningOptions``); DuckDB, which local-bigquery reads with, guesses so unless it is told not to. And two
first loads at once both make DuckDB's secret for the emulated Cloud Storage, of which one fails.

And it finds a table by listing every table and column that there is, the results of all earlier jobs too, several times
a job: 50 tables make a job six times as slow, and so do some thousand jobs. Here it asks for the one table.
"""

from __future__ import annotations

import sys
import threading
from typing import Any

import duckdb
from local_bigquery.cli import main
from local_bigquery.engine import database
from local_bigquery.engine.database import quote
from local_bigquery.jobs import load

_asked, _paths, _one = load._hive, load.paths, threading.Lock()
_fetch, _objects = database.fetch, database.objects

_LAKE = """
WITH its AS (SELECT schema_id FROM {lake}.ducklake_schema WHERE schema_name = $1 AND end_snapshot IS NULL)
SELECT table_name, 'TABLE', coalesce(record_count, 0)
FROM its JOIN {lake}.ducklake_table AS one USING (schema_id)
LEFT JOIN {lake}.ducklake_table_stats AS stats ON stats.table_id = one.table_id
WHERE one.end_snapshot IS NULL AND table_name = coalesce($2, table_name)
UNION ALL
SELECT view_name, 'VIEW', 0 FROM its JOIN {lake}.ducklake_view AS one USING (schema_id)
WHERE one.end_snapshot IS NULL AND view_name = coalesce($2, view_name)
ORDER BY 1
"""
"""A dataset's tables and views, from DuckLake's own tables: name, kind, rows."""


def _hive(config: Any) -> dict[str, Any]:
    return _asked(config) or {"hive_partitioning": "false"}


def _one_at_a_time(cursor: Any, uri: str) -> list[str]:
    with _one:
        found: list[str] = _paths(cursor, uri)
        return found


def _objects_of(project: str, dataset: str, table: str | None = None) -> Any:
    try:
        if project != "emulator":
            return _fetch(_LAKE.format(lake=quote(f"__ducklake_metadata_{project}")), [dataset, table])
        if table:
            return [(table, "TABLE", *_fetch(f"SELECT count(*) FROM {quote(project, dataset, table)}")[0])]
    except duckdb.CatalogException:
        return []
    return _objects(project, dataset, table)


def _columns_of(sql: str, parameters: Any = None) -> Any:
    """``fetch``, but for the two questions about one table's columns: those that are required, and one by its name."""
    if "FROM duckdb_columns()" not in sql:
        return _fetch(sql, parameters)
    table = quote(*parameters[:3]).replace("'", "''")
    try:
        columns = _fetch(f"SELECT name, \"notnull\" FROM pragma_table_info('{table}')")
    except duckdb.CatalogException:
        return []
    if "NOT is_nullable" in sql:
        return [(name,) for name, required in columns if required]
    return [(1,) for name, _ in columns if name == parameters[3]]


load._hive, load.paths = _hive, _one_at_a_time
database.objects, database.fetch = _objects_of, _columns_of

if __name__ == "__main__":
    sys.exit(main())
