"""What stands in the local server: tables with their columns, rows by partition; asked for once until it changes."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from local_bigquery.catalog import datasets, metadata, tables
from local_bigquery.engine import database
from local_bigquery.engine.database import quote
from local_bigquery.models import Dataset

from floodmark.demo.servers.gate.catalog import Field
from floodmark.demo.servers.gate.partitions import FIRST, expired
from floodmark.demo.servers.gate.statements import Reference

Resource = Mapping[str, Any]


class Stored:
    """Tables in the form of the REST API. Whoever changes one says so (``forget``, ``written``)."""

    def __init__(self) -> None:
        self._resources: dict[Reference, Resource] = {}
        self._rows: dict[Reference, Mapping[datetime | None, int]] = {}
        self._changed_at: dict[Reference, int] = {}
        self._changes = 0
        self._lock = threading.Lock()

    def forget(self, project: str, dataset: str, table: str | None = None) -> None:
        """A table's columns or settings change, or those of a whole dataset."""
        with self._lock:
            self._changes += 1
            for key in {*self._resources, *self._rows}:
                if key[:2] == (project, dataset) and table in (None, key[2]):
                    self._resources.pop(key, None)
                    self._rows.pop(key, None)

    def written(self, project: str, dataset: str, table: str) -> None:
        """A table's rows change."""
        with self._lock:
            self._changes += 1
            self._rows.pop((project, dataset, table), None)
            self._changed_at[project, dataset, table] = int(metadata.now())

    def changed_at(self, project: str, dataset: str, table: str) -> int:
        """When its rows changed last, in milliseconds since 1970; 0 where they haven't since the server began."""
        with self._lock:
            return self._changed_at.get((project, dataset, table), 0)

    def resolve(self, names: tuple[str, ...], project: str, dataset: str | None) -> Reference | None:
        """The table that a path of names stands for, where there is one."""
        if len(names) == 2:
            whole = (project, *names)
        elif len(names) == 3:
            whole = names
        elif len(names) == 1 and dataset:
            whole = (project, dataset, names[0])
        else:
            return None
        found: Reference = (whole[0], whole[1], whole[2])
        return found if self.resource(found) is not None else None

    def resource(self, reference: Reference) -> Resource | None:
        """A table as ``tables.get`` answers, but for its numbers of rows; None where it doesn't stand."""
        with self._lock:
            if reference in self._resources:
                return self._resources[reference]
            changes = self._changes
        if not (datasets.exists(*reference[:2]) and tables.exists(*reference)):
            return None
        found: Resource = tables.load(*reference).dump()
        with self._lock:
            if changes == self._changes and "expirationTime" not in found:
                self._resources[reference] = found
        return found

    def fields(self, reference: Reference) -> tuple[Field, ...]:
        """A table's columns: ``name``, ``type``, ``mode``, ``fields`` of each."""
        resource = self.resource(reference) or {}
        return tuple(_plain(field) for field in resource.get("schema", {}).get("fields", ()))

    def rows(self, reference: Reference) -> Mapping[datetime | None, int]:
        """Rows by the start of their partition (UTC), None for NULL; all of them under None where there are none."""
        with self._lock:
            if reference in self._rows:
                return self._rows[reference]
            changes = self._changes
        counted = self._counted(reference)
        with self._lock:
            if changes == self._changes:
                self._rows[reference] = counted
        return counted

    def _counted(self, reference: Reference) -> Mapping[datetime | None, int]:
        table, start = tables.name(*reference), self.start(reference)
        if not start:
            return {None: database.fetch(f"SELECT count(*) FROM {table}")[0][0]}
        return counted(database.fetch(f"SELECT {start}, count(*) FROM {table} GROUP BY 1"))

    def start(self, reference: Reference) -> str:
        """The start of a row's partition (UTC, without a zone) in DuckDB's SQL; empty where there are no partitions."""
        column, unit = partitioning(self.resource(reference) or {})
        if not column:
            return ""
        kind = next(field["type"] for field in self.fields(reference) if field["name"].casefold() == column.casefold())
        return start_of(column, kind, unit)

    def expire(self, reference: Reference) -> None:
        """Let the partitions go that have expired."""
        resource = self.resource(reference) or {}
        if not (resource.get("timePartitioning") or {}).get("expirationMs"):
            return
        gone = expired(self.rows(reference), resource, datetime.now(UTC))
        if gone:
            last = max(gone).replace(tzinfo=None).isoformat()
            with database.writing(*reference):
                start = self.start(reference)
                database.execute(
                    f"DELETE FROM {tables.name(*reference)} WHERE {start} <= TIMESTAMP '{last}' "
                    f"AND {start} >= TIMESTAMP '{FIRST.replace(tzinfo=None).isoformat()}'"
                )


def start_of(column: str, kind: str, unit: str) -> str:
    """The start of the partition of a value of a column, as :meth:`Stored.start`; ``kind`` is the column's type."""
    value = f"timezone('UTC', {quote(column)})" if kind == "TIMESTAMP" else f"CAST({quote(column)} AS TIMESTAMP)"
    return f"CAST(date_trunc('{unit.lower()}', {value}) AS TIMESTAMP)"


def partitioning(resource: Resource) -> tuple[str, str]:
    """The column by which a table is partitioned in time, and the unit (HOUR, DAY, MONTH, YEAR); empty without one."""
    cut = resource.get("timePartitioning") or {}
    return (cut["field"], cut.get("type") or "DAY") if cut.get("field") else ("", "")


def dataset(project: str, name: str) -> Resource:
    """A dataset as ``datasets.get`` answers."""
    found = metadata.load(Dataset, project, name)
    return found.dump() if found else {}


def _plain(field: Field) -> Field:
    kept = {key: field[key] for key in ("name", "type", "mode") if field.get(key)}
    return {**kept, "fields": tuple(map(_plain, field["fields"]))} if field.get("fields") else kept


def counted(found: Iterable[tuple[datetime | None, int]]) -> dict[datetime | None, int]:
    """Rows by the start of their partition, as DuckDB gives them."""
    return {None if start is None else start.replace(tzinfo=UTC): count for start, count in found}
