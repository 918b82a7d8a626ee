"""The warehouse in BigQuery: tables, jobs that happen once, and small questions."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from floodmark.adapters.bigquery.jobs import Jobs
from floodmark.adapters.bigquery.parameters import configured
from floodmark.adapters.bigquery.settling import Settling
from floodmark.adapters.bigquery.tables import check_labels, dressed, resource
from floodmark.adapters.google_errors import BIGQUERY, translated
from floodmark.core.bigquery.fields import type_of
from floodmark.core.bigquery.googlesql import statement
from floodmark.core.ports import Job, JobResult, TargetTable
from floodmark.core.ports.warehouse import ignored
from floodmark.errors import WarehouseUnavailable

if TYPE_CHECKING:
    from google.cloud.bigquery import Client, QueryJobConfig

log = logging.getLogger(__name__)

_PATIENCE = timedelta(minutes=10)
_PAGE = 10_000
"""Rows of one answer. Asked for, the first of them come with the answer that the query is done, whatever the server."""


class BigQueryWarehouse:
    """BigQuery in one location. Nothing of Google is imported before the first call."""

    def __init__(self, client: Client, location: str, *, max_bytes_billed: int | None = None) -> None:
        """``max_bytes_billed`` stops any one query that would cost more."""
        self._client, self._location, self._max_bytes_billed = client, location, max_bytes_billed

    def ensure(self, table: TargetTable) -> bool:
        """Create the table where it is missing (True), else check its labels (False). Raises ``TargetMismatch`` (R19).

        Either way nothing of it is left to its surroundings (R34). Columns that an existing table lacks are not added
        here: see :meth:`fields`.
        """
        return self._made(table, resource(table))

    def _made(self, table: TargetTable, document: dict[str, Any]) -> bool:
        from google.api_core.exceptions import Conflict
        from google.cloud.bigquery import Table

        with self._translated(table.reference):
            try:
                self._client.create_table(Table.from_api_repr(document))
                created = True
            except Conflict:
                created = False
            there = self._client.get_table(table.reference)
        check_labels(table, there.labels)
        self._settling.settle(table, there)
        return created

    def submit(self, job: Job) -> None:
        """Insert the job, or attach to the one that bears its id (R17). Raises ``JobFailed`` where another's does."""
        self._jobs.submit(job)

    def wait(self, job: Job, timeout: timedelta) -> JobResult:
        """Wait for a job, no longer than ``timeout``."""
        return self._jobs.wait(job, timeout)

    def occupy(self, job: Job, timeout: timedelta = _PATIENCE) -> JobResult:
        """Take the id of a job that may never have been submitted; what the id stands for now (R17).

        ``occupied``: the job can't run any more. Else it had been submitted, and is waited for.
        """
        return self._jobs.occupy(job, timeout)

    def query(
        self,
        sql: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        labels: Mapping[str, str] | None = None,
        bill: Callable[[int], None] = ignored,
        dataset: str = "",
    ) -> list[dict[str, Any]]:
        """Rows of a small query, or a statement that may run twice without harm; it bills no more than it may.

        Its job bears ``labels``; names without a dataset are of ``dataset`` (``project.dataset``).
        ``bill`` is told the bytes that it billed, as the service says once it is done.
        """
        config = configured(parameters, labels, dataset)
        if self._max_bytes_billed is not None:
            config.maximum_bytes_billed = self._max_bytes_billed
        with self._translated("query"):
            job = self._client.query(sql, job_config=config, location=self._location)
            rows = [dict(row.items()) for row in job.result(page_size=_PAGE)]
            bill(int(job.total_bytes_billed or 0))
            return rows

    def dry_run(
        self,
        sql: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        labels: Mapping[str, str] | None = None,
        dataset: str = "",
    ) -> int:
        """The bytes that a statement would process, however many may be billed: it bills none.

        Raises ``FatalError`` for one that can't run.
        """
        return int(self._tried(sql, configured(parameters, labels, dataset)).total_bytes_processed or 0)

    def columns_of(
        self, sql: str, parameters: Mapping[str, Any] | None = None, *, dataset: str = ""
    ) -> tuple[tuple[str, str], ...]:
        """``(name, type)`` of a query's columns, which bills nothing. Raises ``FatalError`` for one that can't run."""
        return _columns(self._tried(sql, configured(parameters, None, dataset)))

    def _tried(self, sql: str, config: QueryJobConfig) -> Any:
        config.dry_run, config.use_query_cache = True, False
        with self._translated("dry run"):
            return self._client.query(sql, job_config=config, location=self._location)

    def shaped(
        self,
        table: TargetTable,
        sql: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        dataset: str,
        like: str = "",
        labels: Mapping[str, str] | None = None,
    ) -> tuple[tuple[str, str], ...]:
        """As :meth:`ensure`, with a query's columns and what ``like`` says of such; their ``(name, type)``."""
        tried = self._tried(sql, configured(parameters, labels, dataset))
        before = self._table(like) if like else None
        said = before.to_api_repr()["schema"]["fields"] if before else ()
        fields = dressed([one.to_api_repr() for one in tried.schema], said)
        self._made(table, {**resource(table), "schema": {"fields": fields}})
        return _columns(tried)

    def fields(self, project: str, dataset: str, table: str) -> tuple[tuple[str, str], ...] | None:
        """``(name, type)`` of a table's columns; None where there is no such table.

        Types are written ``INT64``, ``NUMERIC(12, 2)``, ``ARRAY<STRING>``.
        """
        there = self._table(f"{project}.{dataset}.{table}")
        return None if there is None else _columns(there)

    def has_dataset(self, project: str, dataset: str) -> bool:
        """Whether a dataset stands. Also true where the account may not look at it: what it is used for will tell."""
        from google.api_core.exceptions import Forbidden, NotFound

        with self._translated(f"{project}.{dataset}"):
            try:
                self._client.get_dataset(f"{project}.{dataset}")
            except NotFound:
                return False
            except Forbidden:
                log.debug("%s.%s: the account may not look at it", project, dataset)
            return True

    def is_table(self, project: str, dataset: str, table: str) -> bool:
        """Whether a table of rows stands there: no view, nothing external (``type`` of BigQuery's page "Table")."""
        there = self._table(f"{project}.{dataset}.{table}")
        return there is not None and there.table_type in ("TABLE", None)

    def standing(self, table: TargetTable) -> tuple[tuple[str, str], ...] | None:
        """``(name, type)`` of its columns as it stands; None where it doesn't. Raises ``TargetMismatch`` (R19)."""
        there = self._table(table.reference)
        if there is None:
            return None
        check_labels(table, there.labels)
        self._settling.settle(table, there)
        return _columns(there)

    def ours(self, table: TargetTable) -> bool:
        """Whether it stands, however that may be. Raises ``TargetMismatch`` where it is another ledger's (R19)."""
        there = self._table(table.reference)
        if there is not None:
            check_labels(table, there.labels)
        return there is not None

    def partition_count(self, reference: str) -> int | None:
        """How many partitions a table says that it has; None where it doesn't say, or isn't there.

        ``numPartitions`` of BigQuery's page "REST resource: tables": it may be some minutes old.
        """
        there = self._table(reference)
        told = there.to_api_repr().get("numPartitions") if there is not None else None
        return None if told is None else int(told)

    def partitions_live(self, table: TargetTable) -> timedelta | None:
        """How long its partitions live, as it stands; None for ever, and where there is none."""
        there = self._table(table.reference)
        cut = there.time_partitioning if there is not None else None
        return timedelta(milliseconds=cut.expiration_ms) if cut is not None and cut.expiration_ms else None

    def labels(self, project: str, dataset: str, table: str) -> dict[str, str] | None:
        """A table's labels; None where there is no such table (R19)."""
        there = self._table(f"{project}.{dataset}.{table}")
        return None if there is None else dict(there.labels)

    def relabel(self, project: str, dataset: str, table: str, labels: Mapping[str, str]) -> None:
        """Put these labels on a table; those of other names stay (R19).

        The update bears the table's etag. Raises ``WarehouseUnavailable`` where somebody changed it in between.
        """
        from google.api_core.exceptions import PreconditionFailed

        reference = f"{project}.{dataset}.{table}"
        with self._translated(reference):
            there = self._client.get_table(reference)
            there.labels = {**there.labels, **labels}
            try:
                self._client.update_table(there, ["labels"])
            except PreconditionFailed as error:
                raise WarehouseUnavailable(f"{reference}: changed by somebody else just now; try again") from error

    def stamp(self, project: str, dataset: str, table: str, *, labels: Mapping[str, str] | None = None) -> str:
        """When the table was last changed, and its rows; empty where there is no such table (R23).

        Both cost nothing: ``lastModifiedTime`` (BigQuery's page "REST resource: tables"), and a COUNT(*) without a
        filter, which reads no bytes. ``numRows`` would do, but for rows in a streaming buffer.
        """
        there = self._table(f"{project}.{dataset}.{table}")
        if there is None:
            return ""
        counting = statement("count.sql", {"table": f"{project}.{dataset}.{table}"})
        rows = self.query(counting, labels=labels)[0]["rows"]
        return f"{there.modified.isoformat()} {rows} rows"

    def _table(self, reference: str) -> Any:
        from google.api_core.exceptions import NotFound

        with self._translated(reference):
            try:
                return self._client.get_table(reference)
            except NotFound:
                return None

    @cached_property
    def _jobs(self) -> Jobs:
        return Jobs(self._client)

    @cached_property
    def _settling(self) -> Settling:
        return Settling(self._client, self.query)

    def _translated(self, what: str) -> Any:
        return translated(what, unavailable=WarehouseUnavailable, remedies=BIGQUERY)


def _columns(there: Any) -> tuple[tuple[str, str], ...]:
    return tuple((each.name, type_of(each.to_api_repr())) for each in there.schema)
