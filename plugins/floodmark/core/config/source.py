"""A source's configuration: one YAML file, one :class:`SourceConfig`.

:func:`floodmark.core.config.source_file.parse` makes one from text, with every problem at once;
:func:`floodmark.adapters.yaml_file.load` from a file.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import Field

from floodmark.core.config import values as v
from floodmark.core.config.names import Folder, Relation
from floodmark.core.config.parsers import ConnectionLedger, FolderLedger, Ledger, SqliteLedger
from floodmark.core.config.table import TableConfig, TableEntry, TableKeys
from floodmark.core.config.values import Deletes, Globs, Partition, SchemaPolicy
from floodmark.core.time.cadence import Every

HISTORY = "__history"
"""What the name of a table's history ends with."""


class Budget(v.Keys):
    """Most that BigQuery may bill for all tables of a source together."""

    run: v.Bytes | None = Field(None, description="In one run: 50GB. Default: no limit.")
    day: v.Bytes | None = Field(None, description="On one day (UTC): 1TB. Default: no limit.")


class BigQuery(v.Keys):
    """Where the tables go."""

    connection: v.ConnectionId = Field("google_cloud_default", description="Airflow connection to Google Cloud.")
    project: v.Project = Field(description="Project of the datasets; jobs run there too.")
    location: v.Location = Field(description="Location of the datasets: EU, US, europe-west1 ...")
    dataset: v.Dataset = Field(description="Dataset of the current tables, which people query.")
    raw_dataset: v.Dataset | None = Field(None, description="Dataset of the raw tables. Default: <dataset>_raw.")
    labels: v.Labels = Field({}, description="Labels of every table and job.")
    max_bytes_billed: v.Bytes | None = Field(None, description="Most that one job may bill: 50GB. Default: no limit.")
    budget: Budget = Field(Budget(), description="Most that a run or a day of the source, its summaries too, may bill.")
    kms_key: v.KmsKey | None = Field(None, description="Cloud KMS key of the tables. Default: Google's own.")

    @property
    def raw(self) -> str:
        """The dataset of the raw tables."""
        return self.raw_dataset or f"{self.dataset}_raw"

    @property
    def home(self) -> str:
        """``project.dataset`` of the current tables, and of what stands beside them."""
        return f"{self.project}.{self.dataset}"

    def current_table(self, table: TableConfig) -> str:
        """``project.dataset.table`` of a current table, by which the ledger knows it."""
        return f"{self.home}.{table.to}"

    def summary_table(self, name: str) -> str:
        """``project.dataset.table`` of a summary, by which the ledger knows it."""
        return f"{self.home}.{name}"

    def history_view(self, table: TableConfig) -> str:
        """``project.dataset.table`` of the view that a current table's history is."""
        return f"{self.current_table(table)}{HISTORY}"

    def raw_table(self, table: TableConfig) -> str:
        """``project.dataset.table`` of its raw table."""
        return f"{self.project}.{self.raw}.{table.to}"


class CloudSql(v.Keys):
    """Which database of which instance, under ``adapter: cloudsql``."""

    instance: v.Instance = Field(description="The instance's id, without its project.")
    database: v.Text = Field(description="The database's name.")
    project: v.Project | None = Field(None, description="The instance's project. Default: that of bigquery.")
    wait: v.Duration = Field(
        timedelta(minutes=2),
        description="How long a task waits in place for an export, before it gives its worker back and comes again.",
    )
    endpoint: v.Endpoint = Field("https://sqladmin.googleapis.com", description="Address of the Cloud SQL Admin API.")


class Retention(v.Keys):
    """How long what was read is kept beside the current tables. In Python, None is for ever."""

    stage: v.StageLife = Field(
        timedelta(days=7), description="Files in object storage: 7d, forever, or 0: until they are applied."
    )
    raw: v.RawLife = Field(timedelta(days=90), description="Partitions of the raw tables: 90d, or forever.")


class SourceKeys(v.Keys):
    """The keys of a source that are no tables."""

    version: Literal[1] = Field(description="Version of this format: 1.")
    source: v.SourceName = Field(description="Name of the source; its DAGs begin with it.")
    connection: v.ConnectionId = Field(description="Airflow connection to the source.")
    adapter: Literal["cloudsql"] | None = Field(
        None, description="cloudsql: read by the exports of Cloud SQL's Admin API, with `connection` to Google Cloud. "
        "Default: by connecting to PostgreSQL.")  # fmt: skip
    cloudsql: CloudSql | None = Field(None, description="The instance, under `adapter: cloudsql`.")
    seal_connection: v.ConnectionId | None = Field(
        None, description="Airflow connection to the primary, where `connection` is a standby."
    )
    stage: v.Folder = Field(description="Place in Cloud Storage for what is read: gs://bucket/prefix.")
    ledger: v.LedgerPlace = Field(
        SqliteLedger(),
        description="sqlite:///path, gs://bucket/prefix, or {connection: id}. Default: a SQLite file.",
    )
    bigquery: BigQuery = Field(description="Where the tables go.")
    start: v.Instant = Field(description="From when rows are synced: a date, or a time with its zone; UTC.")
    cadence: v.Cadence = Field(
        Every(timedelta(hours=1)), description="How often: a length that divides the day evenly, or a cron."
    )
    stagger: v.Duration = Field(
        timedelta(0), description="Within how long after a slice's end the tables begin, each at a moment of its own."
    )
    catchup: Literal[True, False, "span"] = Field(
        True, description="Missed runs: one by one (true), none (false), or all as one (span)."
    )
    max_active_runs: v.Counted = Field(3, description="How many runs of a DAG may be under way at once.")
    max_active_tasks: v.Counted = Field(16, description="How many tasks of a DAG may run at once.")
    pool: v.Text | None = Field(None, description="Airflow pool of the tasks; it must exist.")
    batch: Literal["auto", True, False] = Field(
        "auto", description="Whether tables share a task. auto: above 20 tables."
    )
    retention: Retention = Field(Retention(), description="How long files and raw rows are kept.")
    alert: Literal["fail", "log", "none"] = Field(
        "fail",
        description="What `report`, the last task of a run, does where tables are blocked, stale or unbalanced, "
        "or summaries can't be used.",
    )
    owner: v.Text | None = Field(None, description="Whom to ask.")
    tags: v.Texts = Field((), description="Airflow tags of the DAGs.")
    defaults: TableKeys = Field(TableKeys(), description="Keys for every table that doesn't write its own.")


class SourceEntry(SourceKeys):
    """A file as it is written."""

    tables: dict[v.TableName, TableEntry | None] = Field(
        min_length=1, description="The tables, by name. A table may be just its name."
    )


class SourceConfig(SourceKeys):
    """One source with everything filled in."""

    tables: dict[str, TableConfig]

    @property
    def connections(self) -> tuple[str, ...]:
        """The ids of all connections that a run of it needs, but for those of masks."""
        ledger = self.ledger.connection if isinstance(self.ledger, ConnectionLedger) else None
        named = (self.connection, self.seal_connection, self.bigquery.connection, ledger)
        return tuple(dict.fromkeys(one for one in named if one))


__all__ = [
    "BigQuery", "Budget", "CloudSql", "ConnectionLedger", "Deletes", "Folder", "FolderLedger", "Globs", "Ledger",
    "Partition", "Relation", "Retention", "SchemaPolicy", "SourceConfig", "SourceEntry", "SourceKeys", "SqliteLedger",
    "TableConfig", "TableEntry", "TableKeys",
]  # fmt: skip
