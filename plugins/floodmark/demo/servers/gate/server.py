"""The gate inside the local BigQuery server's process: what it asks before a job runs, what it adds to the answer."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

from local_bigquery import app as application
from local_bigquery import errors
from local_bigquery.catalog import metadata, tabledata, tables
from local_bigquery.engine import database
from local_bigquery.jobs import query
from local_bigquery.models import Dataset, Table

from floodmark.demo.servers.gate import copies, ddl, jobs, resources, zone
from floodmark.demo.servers.gate.analyzer import Analyzer
from floodmark.demo.servers.gate.billing import Bill, bill, row_size, rows
from floodmark.demo.servers.gate.catalog import parameter_field
from floodmark.demo.servers.gate.reads import Scan
from floodmark.demo.servers.gate.statements import Checked, Reference, Statements, parameter_values
from floodmark.demo.servers.gate.stored import Stored, partitioning

PATH = "/floodmark/gate"
"""Where the server tells what its gate did."""


class Gate:
    """All of it, around the server's own functions."""

    def __init__(self, *, time_zone: str) -> None:
        self._missing = ""
        analyzer = None
        try:
            analyzer = Analyzer(time_zone=time_zone)
        except Exception as error:
            self._missing = f"{type(error).__name__}: {error}"
            print(
                f"floodmark: THE GATE IS OPEN: Google's analyzer could not be loaded: {self._missing}", file=sys.stderr
            )
        self.statements = Statements(analyzer)
        self.stored = Stored()

    def state(self) -> dict[str, Any]:
        """What it is, and did."""
        loaded = {"missing": self._missing} if self._missing else {"analyzer": f"zetasql {version('zetasql')}"}
        return {**loaded, **vars(self.statements.counts)}

    def check(self, project: str, config: Any) -> Checked:
        """The statement of a query job. Raises BigQueryError for one that BigQuery would refuse."""
        default = config.defaultDataset
        home = (default and default.projectId) or project, default and default.datasetId
        given = [parameter.dump() for parameter in config.queryParameters or ()]
        checked = self.statements.check(
            config.query or "",
            resolve=lambda names: self.stored.resolve(names, *home),
            fields=self.stored.fields,
            parameters={one.get("name", ""): parameter_field(one["parameterType"]) for one in given},
        )
        if checked.refusal:
            raise errors.BigQueryError("invalidQuery", checked.refusal)
        for reference in checked.tables:
            self.stored.expire(reference)
        return checked

    def bill(self, config: Any, checked: Checked) -> Bill:
        """What a statement would be billed. Raises BigQueryError where that is more than the job allows."""
        values = parameter_values([parameter.dump() for parameter in config.queryParameters or ()])
        processed: dict[Reference, int] = {}
        for reference, scan in checked.scans:
            processed[reference] = max(processed.get(reference, 0), self._bytes(reference, scan, values))
        its = bill(processed.values())
        most = config.maximumBytesBilled
        if most is not None and its.billed > int(most):
            raise errors.BigQueryError(
                "bytesBilledLimitExceeded",
                f"Query exceeded limit for bytes billed: {most}. {its.billed} or higher required.",
            )
        return its

    def _bytes(self, reference: Reference, scan: Scan, values: dict[str, Any]) -> int:
        whole = scan.changed == "rows"
        size = row_size(self.stored.fields(reference), None if whole else scan.columns)
        if not size:
            return 0
        column, unit = partitioning(self.stored.resource(reference) or {})
        partitions = self.stored.rows(reference)
        if not column:
            return size * (0 if scan.condition == ("false",) else sum(partitions.values()))
        return size * rows(partitions, scan.condition, column, unit, values)

    def after(self, project: str, config: Any, checked: Checked) -> None:
        """A statement ran: what it may have changed is asked for anew."""
        if checked.verb in ("SELECT", "WITH", "MERGE", "INSERT", "UPDATE", "DELETE"):
            return  # rows change under ``writing``, and columns don't
        named = [tuple(name.split(".")) for name in checked.created]
        whole = [(project, *each) if len(each) == 2 else each for each in named]
        for reference in (*checked.tables, *whole):
            self.stored.forget(*reference[:3])


def install(*, time_zone: str = "UTC") -> Gate:
    """Put the gate into the server, before it is started."""
    gate = Gate(time_zone=time_zone)
    errors.STATUSES["bytesBilledLimitExceeded"] = (400, "INVALID_ARGUMENT")
    query.execute = _queries(gate, query.execute)
    jobs.install(gate.stored)
    copies.install(gate.stored)
    resources.install()
    ddl.install()
    zone.install(time_zone)
    database.writing = _writes(gate, database.writing)
    tabledata.insert_all = _inserts(gate, tabledata.insert_all)
    metadata.save, metadata.delete = _saves(gate, metadata.save), _deletes(gate, metadata.delete)
    tables.load = _tables(gate, tables.load)
    tables.create, tables.update = _shapes(gate, tables.create), _shapes(gate, tables.update)
    tables.evolve = _evolves(gate, tables.evolve)
    application.add_api_route(PATH, gate.state, methods=["GET"], include_in_schema=False)
    return gate


def _queries(gate: Gate, execute: Callable[..., Any]) -> Callable[..., Any]:
    def run(cur: Any, project: str, job: str | None, config: Any, **how: Any) -> Any:
        checked = gate.check(project, config)
        its = gate.bill(config, checked)
        zone.use(cur)
        try:
            statistics, children, destination = execute(cur, project, job, config, **how)
        finally:
            gate.after(project, config, checked)
        told = {
            "totalBytesProcessed": str(its.processed),
            "totalBytesBilled": str(0 if how.get("dry_run") else its.billed),
        }
        return statistics.replace(**told), children, destination

    return run


def _writes(gate: Gate, writing: Callable[..., Any]) -> Callable[..., Any]:
    @contextmanager
    def write(*reference: str) -> Iterator[None]:
        with writing(*reference):
            try:
                yield
            finally:
                if len(reference) == 3:
                    gate.stored.written(*reference)

    return write


def _inserts(gate: Gate, insert: Callable[..., Any]) -> Callable[..., Any]:
    def run(project: str, dataset: str, table: str, body: Any) -> Any:
        try:
            return insert(project, dataset, table, body)
        finally:
            gate.stored.written(project, dataset, table)

    return run


def _tables(gate: Gate, load: Callable[..., Any]) -> Callable[..., Any]:
    """A table's ``lastModifiedTime`` moves with its rows too, which the server leaves out."""

    def run(*reference: str) -> Any:
        found = load(*reference)
        changed_at = gate.stored.changed_at(*reference)
        if changed_at <= int(found.lastModifiedTime or 0):
            return found
        return found.replace(lastModifiedTime=str(changed_at))

    return run


def _saves(gate: Gate, save: Callable[..., Any]) -> Callable[..., Any]:
    def run(resource: Any, *keys: str) -> Any:
        try:
            return save(resource, *keys)
        finally:
            if isinstance(resource, (Dataset, Table)):
                gate.stored.forget(*keys[:3])

    return run


def _deletes(gate: Gate, delete: Callable[..., Any]) -> Callable[..., Any]:
    def run(model: type, *keys: str) -> None:
        try:
            delete(model, *keys)
        finally:
            gate.stored.forget(*keys[:3])

    return run


def _shapes(gate: Gate, change: Callable[..., Any]) -> Callable[..., Any]:
    def run(project: str, dataset: str, table: Any, *rest: Any) -> Any:
        try:
            return change(project, dataset, table, *rest)
        finally:
            gate.stored.forget(project, dataset)

    return run


def _evolves(gate: Gate, evolve: Callable[..., Any]) -> Callable[..., Any]:
    def run(cur: Any, reference: tuple[str, str, str], *rest: Any) -> Any:
        try:
            return evolve(cur, reference, *rest)
        finally:
            gate.stored.forget(*reference)

    return run
