"""Configuration and connections -> ports: the one place where adapters are chosen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Protocol

from floodmark.adapters.ledger import open_ledger
from floodmark.adapters.ledger.absent import AbsentLedger
from floodmark.core.config.source import ConnectionLedger, FolderLedger, SourceConfig
from floodmark.core.ports import Ledger, Source, Stage, Warehouse
from floodmark.errors import LedgerMissing
from floodmark.pipeline.table_run import Ports


class Connections(Protocol):
    """Who knows the secrets: Airflow's hooks, or the environment of a laptop."""

    def libpq(self, connection: str) -> Mapping[str, str]:
        """Every libpq field of a PostgreSQL connection."""

    def storage(self, connection: str) -> Any:
        """A ``google.cloud.storage.Client``."""

    def bigquery(self, connection: str, project: str, location: str) -> Any:
        """A ``google.cloud.bigquery.Client``."""

    def database_url(self, connection: str) -> str:
        """The SQLAlchemy URL of a connection that holds a ledger."""

    def sqlite_ledger(self, path: str) -> str:
        """The SQLAlchemy URL of a ledger's file, made by opening it; where none is named, ``path`` is empty."""


Missing = Literal["made", "refused", "empty"]
"""What becomes of a ledger that is not there. Whatever only reads refuses it, or takes it for empty: plan."""


def ports(config: SourceConfig, connections: Connections, *, missing: Missing = "made") -> Ports:
    """The four ports of a source. Nothing is opened, and nothing of Google imported, before it is used.

    ``missing`` says what becomes of a ledger that is not there yet.
    """

    def ledger() -> Ledger:
        try:
            return _ledger(config, connections, create=missing == "made")
        except LedgerMissing as error:
            if missing != "empty":
                raise
            return AbsentLedger(error.place)

    def source() -> Source:
        from floodmark.adapters.postgres.source import PostgresSource

        seal = connections.libpq(config.seal_connection) if config.seal_connection else None
        return PostgresSource(connections.libpq(config.connection), wired.ledger.uuid, seal=seal)

    def stage() -> Stage:
        from floodmark.adapters.stage.gcs import GcsStage

        client = connections.storage(config.bigquery.connection)
        return GcsStage(client, config.stage.bucket, config.stage.prefix)

    def warehouse() -> Warehouse:
        from floodmark.adapters.bigquery.warehouse import BigQueryWarehouse

        place = config.bigquery
        client = connections.bigquery(place.connection, place.project, place.location)
        return BigQueryWarehouse(client, place.location)

    wired = Ports(source=source, stage=stage, warehouse=warehouse, ledger=ledger)
    return wired


def _ledger(config: SourceConfig, connections: Connections, *, create: bool) -> Ledger:
    place = config.ledger
    if isinstance(place, ConnectionLedger):
        return open_ledger(connections.database_url(place.connection), create=create)
    if isinstance(place, FolderLedger):
        storage = connections.storage(config.bigquery.connection)
        return open_ledger(str(place.folder), storage=storage, create=create)
    return open_ledger(connections.sqlite_ledger(place.path or ""), create=create)
