"""From where to where a step's rows went, column by column, as OpenLineage names tables; nothing is asked for it.

Names are those of OpenLineage's specification, "Naming": ``postgres://host:port`` and ``database.schema.table``,
``mysql://host:port`` and ``database.table``, ``bigquery`` and ``project.dataset.table``. It has none for an instance of
Cloud SQL: ``cloudsql://project:instance`` is ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from floodmark.core.config.table import TableConfig
from floodmark.core.ledger import coverage
from floodmark.core.ledger.head import Head
from floodmark.core.resolve.own_sql import tables_named

BIGQUERY = "bigquery"
DEFAULT_SCHEMA = "public"


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """A table, by the place that it lies in and its name there."""

    namespace: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Place:
    """A source's database. ``parts``: of how many parts a table's name is made, 2 in MySQL, else 3."""

    namespace: str
    database: str
    parts: int = 3

    @property
    def dialect(self) -> str:
        """sqlglot's."""
        return "mysql" if self.parts == 2 else "postgres"

    def table(self, schema: str, name: str) -> Dataset:
        """A table in it. In MySQL a schema is a database; the default one is the connection's."""
        if self.parts == 2:
            database = self.database if schema == DEFAULT_SCHEMA else schema
            return Dataset(namespace=self.namespace, name=f"{database}.{name}")
        return Dataset(namespace=self.namespace, name=f"{self.database}.{schema}.{name}")


@dataclass(frozen=True, kw_only=True)
class Field:
    """A column of the target, of ``type`` there; ``source`` is that of the source that it comes from."""

    name: str
    type: str
    source: str
    masked: bool = False


@dataclass(frozen=True, kw_only=True)
class Flow:
    """What one step brought into one target. ``copies``: its fields are the single input's, one by one.

    ``seal`` is plain, fit for JSON; its moments are ISO texts in UTC, empty where there is none.
    """

    inputs: tuple[Dataset, ...]
    output: Dataset
    rows: int
    fields: tuple[Field, ...] = ()
    copies: bool = False
    bytes: int | None = None
    seal: Mapping[str, Any]


def of_table(place: Place, table: TableConfig, head: Head, told: Mapping[str, Any], *, sql: str = "") -> Flow:
    """The read that ``told``, an outcome, is of; ``sql`` is the table's own SELECT, if it has one."""
    read = head.last
    kept = read.fingerprint.columns if read and read.fingerprint else ()
    types = {column.name: column.target for column in read.columns} if read else {}
    fields = tuple(
        Field(name=one.in_target, type=types[one.in_target], source=one.name, masked=bool(one.mask))
        for one in kept
        if one.carried and one.in_target in types
    )
    return Flow(
        inputs=_inputs(place, table, sql),
        output=Dataset(namespace=BIGQUERY, name=head.target),
        rows=told["rows"],
        bytes=told["bytes"],
        fields=fields,
        copies=not sql,
        seal={
            "table": told["table"], "sealedUntil": told["sealed_up_to"], "basis": told["sealed_basis"],
            "asOf": told["as_of"], "readAt": told["read_at"], "heldBy": len(coverage.holders(read)) if read else 0,
            "rows": told["rows"], "late": told["late"], "heldOut": told["quarantined"],
        },
    )  # fmt: skip


def of_summary(told: Mapping[str, Any]) -> Flow:
    """A build; ``told`` is its outcome. Which column comes of which is BigQuery's to know."""
    return Flow(
        inputs=tuple(Dataset(namespace=BIGQUERY, name=target) for target in told["inputs"]),
        output=Dataset(namespace=BIGQUERY, name=told["target"]),
        rows=told["rows"],
        seal={"table": told["summary"], "readAt": told["read_at"], "rows": told["rows"], "inputs": told["inputs"]},
    )


def _inputs(place: Place, table: TableConfig, sql: str) -> tuple[Dataset, ...]:
    """The relation; of a SELECT of one's own the tables that it names, where it can be read."""
    named = tables_named(sql, place.dialect) if sql else ()
    if not named:
        return (place.table(table.relation.schema, table.relation.name),)
    return tuple(dict.fromkeys(place.table(schema or DEFAULT_SCHEMA, name) for schema, name in named))
