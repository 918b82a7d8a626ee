"""A source's adapter is chosen by its connection's type, here and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from floodmark.adapters.connections.environment import LocalConnections
from floodmark.adapters.mysql.inspection import MySQLInspection
from floodmark.adapters.mysql.source import MySQLSource
from floodmark.adapters.postgres.inspection import PostgresInspection
from floodmark.adapters.postgres.source import PostgresSource
from floodmark.core.config.source_file import parse
from floodmark.errors import ConfigurationError
from floodmark.pipeline import wiring

TEXT = """
    {{version: 1, source: shop, connection: shop_db, stage: "gs://bucket/stage", ledger: "sqlite:///{folder}/ledger.db",
     bigquery: {{project: proj, location: EU, dataset: d}}, start: 2026-11-01, tables: {{orders: }}}}
"""


def source(connections: LocalConnections, folder: Path) -> Any:
    """The source that is wired."""
    with closing(wiring.ports(parse(TEXT.format(folder=folder), "shop.yml", {}), connections)) as ports:
        return ports.source


def inspection(connections: LocalConnections, folder: Path) -> Any:
    """What check and its like ask."""
    return wiring.inspection(connections, "shop_db")


def connections(variable: str = "", dsn: str = "") -> LocalConnections:
    """A laptop's, where the connection is a variable or a DSN of the command line."""
    return LocalConnections({"AIRFLOW_CONN_SHOP_DB": variable}, dsns={"shop_db": dsn} if dsn else {})


@pytest.mark.parametrize(
    "known",
    [
        connections("postgres://me@db/x"),
        connections("postgresql://me@db/x"),
        connections('{"conn_type": "google_cloud_sql", "host": "db"}'),
        connections("gcpcloudsql://me@db/x"),
        connections(dsn="postgresql://me@db/x"),
        connections(dsn="host=db dbname=x"),
    ],
)
def test_every_way_to_write_postgresql_leads_to_its_adapter(known: LocalConnections, tmp_path: Path) -> None:
    assert isinstance(source(known, tmp_path), PostgresSource)
    assert isinstance(inspection(known, tmp_path), PostgresInspection)


@pytest.mark.parametrize("known", [connections("mysql://me@db/x"), connections(dsn="mysql://me@db:3307/x")])
def test_a_connection_of_type_mysql_leads_to_its_adapter(known: LocalConnections, tmp_path: Path) -> None:
    assert isinstance(source(known, tmp_path), MySQLSource)
    assert isinstance(inspection(known, tmp_path), MySQLInspection)


@pytest.mark.parametrize(
    "unknown", [connections("oracle://me:s3cret@db/x"), connections(dsn="oracle://me:s3cret@db/x")]
)
@pytest.mark.parametrize("wired", [source, inspection])
def test_a_type_that_is_no_source_is_named_with_those_that_are(
    wired: Callable[[LocalConnections, Path], Any], unknown: LocalConnections, tmp_path: Path
) -> None:
    with pytest.raises(ConfigurationError) as refused:
        wired(unknown, tmp_path)
    assert str(refused.value).strip() == (
        'connection shop_db: is of type "oracle", which is no source; '
        "make it one of these: postgres, google_cloud_sql, gcpcloudsql, mysql"
    )
