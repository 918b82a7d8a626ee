"""OpenLineage: what a task's event says of its tables. Gathered while the task runs, since the event is made in a fork.

Nothing of it is done where Airflow's OpenLineage provider isn't installed, or sends nothing; and no task fails of it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import Any

from floodmark.adapters import yaml_file
from floodmark.adapters.connections import mysql
from floodmark.airflow.connections import AirflowConnections
from floodmark.airflow.work import Work
from floodmark.core.config.source import SourceConfig
from floodmark.pipeline import lineage, wiring
from floodmark.pipeline.lineage import Flow, Place
from floodmark.pipeline.table_run import closing

log = logging.getLogger(__name__)

Told = Mapping[str, Mapping[str, Any]]
"""Outcomes as plain values, by table."""


def of_tables(work: Work, told: Told) -> tuple[Flow, ...]:
    """What became of tables in one task, of those that changed."""
    return _gathered(lambda: _of_tables(work, {name: one for name, one in told.items() if one["changed"]}))


def of_summary(told: Mapping[str, Any]) -> tuple[Flow, ...]:
    """The same of a summary."""
    return _gathered(lambda: (lineage.of_summary(told),))


def facets(flows: tuple[Flow, ...]) -> Any:
    """``OperatorLineage`` of what a task kept; None where it kept nothing."""
    if not flows:
        return None
    try:
        from floodmark.airflow.lineage_facets import operator_lineage

        return operator_lineage(flows)
    except Exception:
        log.warning("OpenLineage isn't told what was loaded; the task is done all the same", exc_info=True)
        return None


def is_listened_to() -> bool:
    """Whether Airflow's provider is installed, and sends events."""
    if find_spec("airflow.providers.openlineage") is None:
        return False
    from airflow.providers.openlineage import conf

    return not conf.is_disabled()


def _gathered(gather: Callable[[], tuple[Flow, ...]]) -> tuple[Flow, ...]:
    try:
        return gather() if is_listened_to() else ()
    except Exception:
        log.warning("OpenLineage isn't told what was loaded; the task is done all the same", exc_info=True)
        return ()


def _of_tables(work: Work, told: Told) -> tuple[Flow, ...]:
    config, connections = work.config, AirflowConnections()
    place = place_of(config, connections)
    tables = [work.table(name) for name in told]
    with closing(wiring.ports(config, connections)) as ports:
        heads = ports.ledger.heads([config.bigquery.current_table(table) for table in tables])
    return tuple(
        lineage.of_table(place, table, head, told[table.name], sql=yaml_file.own_select(work.file, table))
        for table, head in zip(tables, heads, strict=True)
    )


def place_of(config: SourceConfig, connections: wiring.Connections) -> Place:
    """Where a source's tables lie. Nothing of its connection but host, port and database is in it."""
    if config.cloudsql is not None:
        project = config.cloudsql.project or config.bigquery.project
        return Place(namespace=f"cloudsql://{project}:{config.cloudsql.instance}", database=config.cloudsql.database)
    if connections.type_of(config.connection) in mysql.TYPES:
        server = connections.mysql(config.connection)
        return Place(namespace=f"mysql://{server.host}:{server.port}", database=server.database, parts=2)
    return _of_libpq(connections.libpq(config.connection))


def _of_libpq(fields: Mapping[str, str]) -> Place:
    """By libpq's own defaults; of several hosts the first, and of a socket's folder this machine."""
    host = (fields.get("host") or fields.get("hostaddr") or fields.get("service") or "localhost").partition(",")[0]
    port = fields.get("port", "5432").partition(",")[0]
    database = fields.get("dbname") or fields.get("user", "")
    host = "localhost" if host.startswith(("/", "@")) else host
    return Place(namespace=f"postgres://{host}:{port}", database=database)
