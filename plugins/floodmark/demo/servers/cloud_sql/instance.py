"""One instance of Cloud SQL: its operations, one at a time, and what they do.

Facts are those of the Admin API's discovery document and of the pages "Export and import using CSV files" and "Best
practices for importing and exporting data". What only a real instance can show is not known here either: how long an
operation is listed, when the temporary instance of an offloaded export was made, what an export's session looks like.
"""

from __future__ import annotations

import gzip
import threading
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from floodmark.demo.servers.cloud_sql import database
from floodmark.demo.servers.cloud_sql.requests import RequestRefused, exported

CLOCK = timedelta(seconds=-37)
"""How far the operations' clock, which is Google's, is off the database's."""
_BUSY = (
    "Operation failed because another operation was already in progress. Try your request after the current operation "
    "is complete."
)


@dataclass(kw_only=True)
class Conduct:
    """What goes wrong, or takes its time, from now on; seconds. Tests set it.

    ``before_snapshot`` is called when an export's role was granted its rights, ``before_end`` when its rows are copied.
    ``clone`` makes a copy of the server for an offloaded export, the temporary instance, and is given its DSN.
    ``refuse`` are answers instead of the next ones.
    """

    pending: float = 0.0
    lose_replies: int = 0
    keep: int = 1000
    truncate: bool = False
    data_api: bool = True
    escape: str = "5C"
    query_limit: int = 65_536
    fail: list[tuple[str, str]] = field(default_factory=list)
    refuse: list[RequestRefused] = field(default_factory=list)
    before_snapshot: Callable[[], object] = lambda: None
    before_end: Callable[[], object] = lambda: None
    clone: Callable[[], AbstractContextManager[str]] | None = None


class Failed(Exception):
    """An operation that began, and ended so."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Instance:
    """``dsn`` leads to its running PostgreSQL as a superuser, ``storage`` is the URL of the Cloud Storage server."""

    def __init__(
        self, dsn: str, storage: str, *, project: str = "proj", name: str = "shop", replica: bool = False
    ) -> None:
        self.project, self.name, self.replica = project, name, replica
        self.conduct = Conduct()
        self.operations: dict[str, dict[str, Any]] = {}
        self.asked: list[tuple[str, str]] = []
        """Every export (its URI) and executeSql (its text) that came, accepted or not."""
        self._dsn, self._storage, self._lock = dsn, storage.rstrip("/"), threading.Lock()
        database.make_roles(dsn)  # an instance has them from its beginning, and so have its copies

    @property
    def exports(self) -> list[str]:
        """The URIs of the exports that were accepted, oldest first."""
        return [str(one["exportContext"]["uri"]) for one in self.operations.values() if "exportContext" in one]

    def described(self) -> dict[str, Any]:
        """The answer to ``instances.get``."""
        kind = "READ_REPLICA_INSTANCE" if self.replica else "CLOUD_SQL_INSTANCE"
        access = "ALLOW_DATA_API" if self.conduct.data_api else "DISALLOW_DATA_API"
        return {
            "kind": "sql#instance", "name": self.name, "project": self.project, "state": "RUNNABLE",
            "databaseVersion": "POSTGRES_18", "instanceType": kind, "region": "europe-west1",
            "serviceAccountEmailAddress": "p1@gcp-sa-cloud-sql.iam.gserviceaccount.com",
            "settings": {"dataApiAccess": access},
        }  # fmt: skip

    def export(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Begin an export. Raises ``RequestRefused``."""
        context = dict(body.get("exportContext") or {})
        self.asked.append(("export", str(context.get("uri", ""))))
        exported(context, query_limit=self.conduct.query_limit)
        if self.replica:
            raise RequestRefused(
                400, "errorReadReplicaInvalidOperation", "The operation is not valid for a read replica."
            )
        with self._lock:
            self.refuse_busy(offload=bool(context.get("offload")))
            operation = self._operation("EXPORT", {"exportContext": {"kind": "sql#exportContext", **context}})
        threading.Thread(target=self._run, args=(operation,), daemon=True).start()
        return operation

    def occupy(self, kind: str = "BACKUP_VOLUME") -> dict[str, Any]:
        """Begin an operation of another kind, which runs until :meth:`finish`."""
        with self._lock:
            return self._operation(kind, {}, status="RUNNING")

    def finish(self, operation: dict[str, Any], error: Failed | None = None) -> None:
        """End an operation."""
        if error:
            told = {"kind": "sql#operationError", "code": error.code, "message": str(error)}
            operation["error"] = {"kind": "sql#operationErrors", "errors": [told]}
        operation.update(status="DONE", endTime=_stamp())
        with self._lock:
            for name in [*self.operations][: -self.conduct.keep]:
                del self.operations[name]

    def refuse_busy(self, *, offload: bool) -> None:
        """One operation at a time; beside an offloaded export everything but another one may run."""
        busy = [one for one in self.operations.values() if one["status"] != "DONE"]
        blocking = busy if offload else [one for one in busy if not one.get("exportContext", {}).get("offload")]
        if blocking:
            raise RequestRefused(409, "operationInProgress", _BUSY)

    def operation(self, name: str) -> dict[str, Any]:
        """One operation. Raises ``RequestRefused``."""
        if name not in self.operations:
            raise RequestRefused(404, "operationDoesNotExist", "The Cloud SQL instance operation does not exist.")
        return self.operations[name]

    def listed(self, size: int, token: int) -> dict[str, Any]:
        """A page of the operations, the newest first."""
        newest = [*reversed(self.operations.values())]
        more = {"nextPageToken": str(token + size)} if token + size < len(newest) else {}
        return {"kind": "sql#operationsList", "items": newest[token : token + size], **more}

    def execute_sql(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Statements in one transaction, as the caller's own IAM user. Raises ``RequestRefused``."""
        self.asked.append(("executeSql", str(body.get("sqlStatement", ""))))
        if not self.conduct.data_api:
            raise RequestRefused(400, "invalidRequest", "Data API access is not enabled for this instance.")
        if not body.get("autoIamAuthn"):
            raise RequestRefused(400, "invalidRequest", "No user.")
        return database.executed(self._dsn, str(body["database"]), str(body["sqlStatement"]))

    def _operation(self, kind: str, more: Mapping[str, Any], *, status: str = "PENDING") -> dict[str, Any]:
        name = str(uuid.uuid4())
        operation = {
            "kind": "sql#operation", "name": name, "status": status, "operationType": kind, "insertTime": _stamp(),
            "user": "floodmark@proj.iam.gserviceaccount.com", "targetId": self.name, "targetProject": self.project,
            "selfLink": f"/v1/projects/{self.project}/operations/{name}", **more,
        }  # fmt: skip
        self.operations[name] = operation
        return operation

    def _run(self, operation: dict[str, Any]) -> None:
        """In a thread: every failure is the operation's."""
        context = operation["exportContext"]
        try:
            threading.Event().wait(self.conduct.pending)
            operation.update(status="RUNNING", startTime=_stamp())
            self._export(context)
        except Failed as error:
            self.finish(operation, error)
        except Exception as error:
            self.finish(operation, Failed("ERROR_RDBMS", str(error)))
        else:
            self.finish(operation, Failed("CANCELLED", "Cancelled.") if operation.get("_cancelled") else None)

    def _export(self, context: Mapping[str, Any]) -> None:
        name, options = context["databases"][0], context["csvExportOptions"]
        if self.conduct.fail:
            raise Failed(*self.conduct.fail.pop(0))
        with self._read_from(offload=bool(context.get("offload"))) as dsn:
            data = self._copied(dsn, name, options)
        self._write(context["uri"], data[: len(data) // 2] if self.conduct.truncate else data)

    def _read_from(self, *, offload: bool) -> AbstractContextManager[str]:
        if not offload:
            return nullcontext(self._dsn)
        if self.conduct.clone is None:
            raise Failed("ERROR_INTERNAL", "The temporary instance could not be made.")
        return self.conduct.clone()

    def _copied(self, dsn: str, name: str, options: Mapping[str, str]) -> bytes:
        """What is granted is granted where it is read: on a copy that takes an id of a transaction of its own."""
        with self._lock:
            database.grant(dsn, name)
        self.conduct.before_snapshot()
        data = database.copied(dsn, name, options["selectQuery"], options, escape=self.conduct.escape)
        self.conduct.before_end()
        return data

    def _write(self, uri: str, data: bytes) -> None:
        """Never over what is there: the request succeeds then, and the operation fails."""
        bucket, _, name = uri.removeprefix("gs://").partition("/")
        if self._status(f"storage/v1/b/{bucket}/o/{urllib.parse.quote(name, safe='')}") != 404:
            raise Failed("ERROR_RDBMS", "file already exists")
        data = gzip.compress(data) if name.endswith(".gz") else data
        query = urllib.parse.urlencode({"uploadType": "media", "name": name})
        if (status := self._status(f"upload/storage/v1/b/{bucket}/o?{query}", data)) != 200:
            raise Failed("ERROR_RDBMS", f"{status} of Cloud Storage")

    def _status(self, path: str, data: bytes | None = None) -> int:
        """The status that the Cloud Storage server answers to a GET, or to a POST of ``data``."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        request = urllib.request.Request(f"{self._storage}/{path}", data, method="GET" if data is None else "POST")
        try:
            with opener.open(request, timeout=60) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code


def _stamp() -> str:
    return (datetime.now(UTC) + CLOCK).isoformat(timespec="milliseconds").replace("+00:00", "Z")
