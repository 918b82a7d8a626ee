"""Jobs that happen once (R17): inserted under an id of our own, or attached to.

See BigQuery's pages "Running jobs programmatically" (a job's id makes an insert idempotent) and "Error messages".
"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from floodmark.adapters.google_errors import BIGQUERY, brief, remedy_of, transient, translated
from floodmark.core.bigquery.jobs import DIGEST_LABEL
from floodmark.core.ports import Job, JobResult
from floodmark.errors import FloodmarkError, JobFailed, WarehouseUnavailable

if TYPE_CHECKING:
    from google.cloud.bigquery import Client

OCCUPIED_LABEL = "floodmark_occupied"
_DENIED = "accessDenied"
_REQUEST, _PATIENCE = 60.0, 120.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0


class Jobs:
    """The jobs of one project."""

    def __init__(self, client: Client) -> None:
        """``client`` brings project and credentials."""
        self._client = client

    def submit(self, job: Job) -> None:
        """Insert the job; where its id is taken, see that it is this very job. Raises ``JobFailed`` otherwise."""
        if not self._insert(job, job.configuration):
            found = self._get(job)
            if found is not None:
                self._same(job, found)

    def wait(self, job: Job, timeout: timedelta) -> JobResult:
        """Poll until the job is done, or ``timeout`` has passed (then ``done`` is False).

        That the service doesn't know a job proves nothing: the insert is the test.
        """
        deadline = time.monotonic() + timeout.total_seconds()
        pause = _FIRST_PAUSE
        while True:
            found = self._get(job)
            if found is None:
                self.submit(job)
            else:
                self._same(job, found)
                if found.state == "DONE":
                    return result(found)
            left = deadline - time.monotonic()
            if left <= 0:
                return JobResult(done=False)
            time.sleep(min(pause, left))
            pause = min(pause * 1.5, _LONGEST_PAUSE)

    def occupy(self, job: Job, timeout: timedelta) -> JobResult:
        """Take the job's id with a trivial query, so that it can never run any more; what the id stands for now.

        ``occupied`` says that it can't. Otherwise the job itself had been submitted, and this is what became of it.
        """
        trivial = {
            "query": {"query": "SELECT 1", "useLegacySql": False},
            "labels": {**job.configuration.get("labels", {}), OCCUPIED_LABEL: "yes", DIGEST_LABEL: job.digest},
        }
        if self._insert(job, trivial):
            return JobResult(done=True, occupied=True)
        found = self._get(job)
        if found is None:
            raise WarehouseUnavailable(f"job {job.id}: its id is taken, but it can't be read; it is tried again later")
        if OCCUPIED_LABEL in found.labels:
            return JobResult(done=True, occupied=True)
        return self.wait(job, timeout)

    def _insert(self, job: Job, configuration: dict[str, Any]) -> bool:
        """Insert under the job's own id; False where that is taken. A repeated request finds its own first one.

        A refusal counts only if no job bears the id: the answer to an earlier request may have been lost, or another
        holder's request may go through at this very moment.
        ``_begin`` of a job made from its resource is what Airflow's own hook calls: the public methods make a
        configuration of their own.
        """
        from google.api_core.exceptions import ClientError, Conflict
        from google.cloud.bigquery import DEFAULT_RETRY, CopyJob, LoadJob, QueryJob

        reference = {"projectId": self._client.project, "jobId": job.id, "location": job.location}
        kind = LoadJob if "load" in configuration else CopyJob if "copy" in configuration else QueryJob
        resource = {"jobReference": reference, "configuration": configuration}
        with translated(f"job {job.id}", unavailable=WarehouseUnavailable, refused=JobFailed, remedies=BIGQUERY):
            try:
                prepared: Any = kind.from_api_repr(resource, self._client)
                prepared._begin(retry=DEFAULT_RETRY.with_timeout(_PATIENCE), timeout=_REQUEST)
            except Conflict:
                return False
            except ClientError:
                if not self._stands(job):
                    raise
                return False
        return True

    def _stands(self, job: Job) -> bool:
        """Whether a job is known to bear the id; a doubt counts as no."""
        try:
            return self._get(job) is not None
        except FloodmarkError:
            return False

    def _get(self, job: Job) -> Any:
        from google.api_core.exceptions import NotFound
        from google.cloud.bigquery import DEFAULT_RETRY

        with translated(f"job {job.id}", unavailable=WarehouseUnavailable, refused=JobFailed, remedies=BIGQUERY):
            try:
                retry = DEFAULT_RETRY.with_timeout(_PATIENCE)
                return self._client.get_job(job.id, location=job.location, retry=retry, timeout=_REQUEST)
            except NotFound:
                return None

    def _same(self, job: Job, found: Any) -> None:
        there = found.labels.get(DIGEST_LABEL, "none")
        if OCCUPIED_LABEL in found.labels:
            raise JobFailed(
                f"job {job.id}: the read was given up, and the id of its job taken; the next read replaces it"
            )
        if there != job.digest:
            raise JobFailed(
                f"job {job.id}: another job bears this id: its digest is {there}, ours {job.digest}; "
                "two ledgers or two versions work on one target: stop one of them, then void the read"
            )


def result(job: Any) -> JobResult:
    """What became of a job that is done."""
    failed = job.error_result or {}
    reason, message = str(failed.get("reason", "")), str(failed.get("message", ""))
    remedy = remedy_of(reason) or (BIGQUERY[403] if reason == _DENIED else "")
    return JobResult(
        done=True,
        error=f"{reason}: {brief(RuntimeError(message))}" + (f"; {remedy}" if remedy else "") if failed else "",
        transient=bool(failed) and transient(reason, message),
        statistics=_statistics(job),
    )


def _statistics(job: Any) -> dict[str, Any]:
    """What the service tells, in whole numbers."""
    counted = getattr(job, "dml_stats", None)
    told = {
        "output_rows": getattr(job, "output_rows", None),
        "output_bytes": getattr(job, "output_bytes", None),
        "bytes_processed": getattr(job, "total_bytes_processed", None),
        "bytes_billed": getattr(job, "total_bytes_billed", None),
        "inserted": counted.inserted_row_count if counted else None,
        "updated": counted.updated_row_count if counted else None,
        "deleted": counted.deleted_row_count if counted else None,
    }
    return {name: int(value) for name, value in told.items() if value is not None}
