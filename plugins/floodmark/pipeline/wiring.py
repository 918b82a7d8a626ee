"""Configuration and connections -> ports: the one place where adapters are chosen.

A source's adapter is chosen by its connection's type, as Airflow names it, unless its file says ``adapter``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Literal, Protocol
from uuid import UUID

from floodmark.adapters import summary_files, yaml_file
from floodmark.adapters.connections import libpq, mysql
from floodmark.adapters.ledger import open_ledger
from floodmark.adapters.ledger.absent import AbsentLedger
from floodmark.core.config.source import ConnectionLedger, FolderLedger, SourceConfig
from floodmark.core.config.table import TableConfig
from floodmark.core.ports import Inspection, Ledger, Source, Stage, Warehouse
from floodmark.core.resolve.summaries import ResolvedSummary
from floodmark.errors import ConfigurationError, LedgerMissing, Problem
from floodmark.pipeline.summaries.run import SummaryRun
from floodmark.pipeline.table_run import Ports, TableRun


class Connections(Protocol):
    """Who knows the secrets: Airflow's hooks, or the environment of a laptop."""

    def type_of(self, connection: str) -> str:
        """A connection's type, as Airflow names it: ``postgres``, ``google_cloud_sql``, ``mysql`` ..."""

    def libpq(self, connection: str) -> Mapping[str, str]:
        """Every libpq field of a PostgreSQL connection."""

    def mysql(self, connection: str) -> mysql.MySQL:
        """The server of a connection to MySQL or MariaDB."""

    def password(self, connection: str) -> str:
        """The password of a connection of any type; empty where it has none."""

    def session(self, connection: str, *, local: bool = False) -> Any:
        """A ``google.auth.transport.requests.AuthorizedSession``; ``local``: for a server on this machine."""

    def account(self, connection: str) -> str:
        """The e-mail address of Google's account behind a connection; empty where its credentials don't name one."""

    def storage(self, connection: str) -> Any:
        """A ``google.cloud.storage.Client``."""

    def bigquery(self, connection: str, project: str, location: str) -> Any:
        """A ``google.cloud.bigquery.Client``."""

    def database_url(self, connection: str) -> str:
        """The SQLAlchemy URL of a connection that holds a ledger."""

    def sqlite_ledger(self, path: str) -> str:
        """The SQLAlchemy URL of a ledger's file, made by opening it; where none is named, ``path`` is empty."""


class _Postgres:
    """The adapter of PostgreSQL."""

    @staticmethod
    def source(config: SourceConfig, connections: Connections, ledger: UUID) -> Source:
        from floodmark.adapters.postgres.source import PostgresSource

        seal = connections.libpq(config.seal_connection) if config.seal_connection else None
        secret = partial(mask_key, connections)
        return PostgresSource(connections.libpq(config.connection), ledger, seal=seal, secret=secret)

    @staticmethod
    def inspection(connections: Connections, connection: str, *, has_primary: bool) -> Inspection:
        from floodmark.adapters.postgres.inspection import PostgresInspection

        return PostgresInspection(connections.libpq(connection), has_primary=has_primary)


class _MySQL:
    """The adapter of MySQL and MariaDB."""

    @staticmethod
    def source(config: SourceConfig, connections: Connections, ledger: UUID) -> Source:
        from floodmark.adapters.mysql.source import MySQLSource

        seal = connections.mysql(config.seal_connection) if config.seal_connection else None
        secret = partial(mask_key, connections)
        return MySQLSource(connections.mysql(config.connection), ledger, seal=seal, secret=secret)

    @staticmethod
    def inspection(connections: Connections, connection: str, *, has_primary: bool) -> Inspection:
        from floodmark.adapters.mysql.inspection import MySQLInspection

        return MySQLInspection(connections.mysql(connection), has_primary=has_primary)


class _CloudSql:
    """The adapter of Cloud SQL's exports. Its connection is to Google Cloud."""

    @staticmethod
    def source(config: SourceConfig, connections: Connections) -> Source:
        from floodmark.adapters.cloudsql.source import CloudSqlSource

        return CloudSqlSource(
            _place(config),
            partial(_CloudSql.session, config, connections),
            lambda: connections.storage(config.bigquery.connection),
            folder=f"{config.stage}/{config.source}",
            patience=config.cloudsql.wait.total_seconds() if config.cloudsql else None,
        )

    @staticmethod
    def inspection(config: SourceConfig, connections: Connections) -> Inspection:
        from floodmark.adapters.cloudsql.inspection import CloudSqlInspection

        return CloudSqlInspection(_place(config), partial(_CloudSql.session, config, connections))

    @staticmethod
    def session(config: SourceConfig, connections: Connections) -> Any:
        return connections.session(config.connection, local=_place(config).endpoint.startswith("http://"))


def _place(config: SourceConfig) -> Any:
    from floodmark.adapters.cloudsql.api import Place

    place = config.cloudsql
    assert place is not None  # core/config/cloudsql.py has seen to it
    project = place.project or config.bigquery.project
    return Place(project=project, instance=place.instance, database=place.database, endpoint=place.endpoint)


_ADAPTERS: dict[str, type[_Postgres] | type[_MySQL]] = {
    **dict.fromkeys(libpq.TYPES, _Postgres),
    **dict.fromkeys(mysql.TYPES, _MySQL),
}
"""By the connection's type."""


def inspection(connections: Connections, connection: str, *, has_primary: bool = False) -> Inspection:
    """What the source behind a connection says of itself; ``has_primary`` where its seal_connection is named.

    Raises ``ConfigurationError`` for a connection of another type. Nothing is connected before it is asked.
    """
    return _ADAPTERS[_type(connections, connection)].inspection(connections, connection, has_primary=has_primary)


def inspection_of(config: SourceConfig, connections: Connections) -> Inspection:
    """The same of the source of a file."""
    if config.adapter == "cloudsql":
        return _CloudSql.inspection(config, connections)
    return inspection(connections, config.connection, has_primary=config.seal_connection is not None)


def _type(connections: Connections, connection: str) -> str:
    found = connections.type_of(connection)
    if found not in _ADAPTERS:
        message = f'is of type "{found}", which is no source'
        remedy = f"make it one of these: {', '.join(_ADAPTERS)}"
        raise ConfigurationError([Problem(file=f"connection {connection}", path="", message=message, remedy=remedy)])
    return found


SHORTEST_KEY = 16
"""Characters. A shorter key could be guessed from a mask whose value somebody knows."""


def mask_key(connections: Connections, connection: str) -> str:
    """The key of an HMAC: the connection's password. Raises ``ConfigurationError`` where there is none that serves."""
    key = connections.password(connection)
    if len(key) < SHORTEST_KEY:
        message = "holds no password, and a mask needs its key there" if not key else "holds too short a key for a mask"
        remedy = f"give it a random password of {SHORTEST_KEY} characters or more"
        raise ConfigurationError([Problem(file=f"connection {connection}", path="", message=message, remedy=remedy)])
    return key


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
        if config.adapter == "cloudsql":
            return _CloudSql.source(config, connections)
        return _ADAPTERS[_type(connections, config.connection)].source(config, connections, wired.ledger.uuid)

    def stage() -> Stage:
        from floodmark.adapters.stage.gcs import GcsStage

        client = connections.storage(config.bigquery.connection)
        return GcsStage(client, config.stage.bucket, config.stage.prefix)

    def warehouse() -> Warehouse:
        from floodmark.adapters.bigquery.warehouse import BigQueryWarehouse

        place = config.bigquery
        client = connections.bigquery(place.connection, place.project, place.location)
        return BigQueryWarehouse(client, place.location, max_bytes_billed=place.max_bytes_billed)

    secret = partial(mask_key, connections)
    wired = Ports(source=source, stage=stage, warehouse=warehouse, ledger=ledger, secret=secret)
    return wired


def _ledger(config: SourceConfig, connections: Connections, *, create: bool) -> Ledger:
    place = config.ledger
    if isinstance(place, ConnectionLedger):
        return open_ledger(connections.database_url(place.connection), create=create)
    if isinstance(place, FolderLedger):
        storage = connections.storage(config.bigquery.connection)
        return open_ledger(str(place.folder), storage=storage, create=create)
    return open_ledger(connections.sqlite_ledger(place.path or ""), create=create)


def table_run(
    config: SourceConfig, file: Path, table: TableConfig, wired: Ports, *, holder: str, named: str = ""
) -> TableRun:
    """One table of the source in ``file``, for a step that the lease knows as ``holder``."""
    return TableRun(
        config=config,
        table=table,
        ports=wired,
        holder=holder,
        file=file.name,
        named=named,
        summaries=partial(summary_files.targets, file, config),
        own_select=partial(yaml_file.own_select, file, table),
        declared=partial(yaml_file.schema_text, file, config.source, table),
    )


def summary_run(
    config: SourceConfig, file: Path, summary: ResolvedSummary, wired: Ports, *, holder: str, named: str = ""
) -> SummaryRun:
    """One summary of the source in ``file``, for a step that the lease knows as ``holder``."""
    return SummaryRun(
        config=config, summary=summary.summary, inputs=summary.inputs, ports=wired, holder=holder, file=file.name,
        named=named, summaries=partial(summary_files.targets, file, config),
    )  # fmt: skip
