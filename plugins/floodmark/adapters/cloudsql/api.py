"""Cloud SQL's Admin API, as far as a source needs it: export, operations, executeSql, the instance itself.

Its discovery document, ``sqladmin.v1``. A request to export is sent once and never again by itself: what became of one
whose answer was lost is asked of the list of operations. ``AuthorizedSession`` keeps to that; httplib2, under Google's
discovery client, sends a POST twice where the connection closes (*measured*).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from floodmark.errors import SourceUnavailable

ENDPOINT = "https://sqladmin.googleapis.com"
TIMEOUT = 60.0
"""Seconds that one request may take; executeSql itself ends after 30."""
_UNSURE = 500


@dataclass(frozen=True, kw_only=True)
class Place:
    """One database of one instance. ``endpoint`` is the API's address, without a path."""

    project: str
    instance: str
    database: str
    endpoint: str = ENDPOINT

    def __str__(self) -> str:
        """For people."""
        return f"Cloud SQL {self.project}:{self.instance}/{self.database}"


class Answered(Exception):
    """The API refused a request: nothing came of it. ``reason`` in lower camel case, as the API has it."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(f"{message} ({status} {reason})")
        self.status, self.reason, self.message = status, reason, message


class Unanswered(Exception):
    """No answer, or one that leaves open what came of the request."""


@dataclass(frozen=True, kw_only=True)
class Operation:
    """``error`` is empty while it runs and where it ended well; ``uri`` is that of an export."""

    name: str
    kind: str
    status: str
    user: str = ""
    uri: str = ""
    error: str = ""

    @property
    def done(self) -> bool:
        return self.status == "DONE"

    def __str__(self) -> str:
        """For people: what holds an instance."""
        return f"operation {self.name} ({self.kind}, {self.status}{f', of {self.user}' if self.user else ''})"


class AdminApi:
    """``session`` makes a ``google.auth.transport.requests.AuthorizedSession``, when it is first needed."""

    def __init__(self, place: Place, session: Callable[[], Any], *, timeout: float = TIMEOUT) -> None:
        self.place, self._make, self._timeout = place, session, timeout

    def export(self, context: Mapping[str, Any]) -> Operation:
        """Begin an export. Raises ``Answered``, ``Unanswered``."""
        return _operation(self._ask("POST", f"{self._instance}/export", json={"exportContext": dict(context)}))

    def operation(self, name: str) -> Operation:
        """One operation. Raises ``Answered``, ``Unanswered``."""
        return _operation(self._ask("GET", f"projects/{self.place.project}/operations/{name}"))

    def operations(self, most: int = 500) -> Iterator[Operation]:
        """The instance's operations, newest first. Raises ``Answered``, ``Unanswered``."""
        path, seen, token = f"projects/{self.place.project}/operations", 0, ""
        while seen < most:
            asked = {"instance": self.place.instance, "maxResults": "100"} | ({"pageToken": token} if token else {})
            page = self._ask("GET", path, params=asked)
            items = page.get("items", [])
            yield from map(_operation, items)
            seen, token = seen + len(items), page.get("nextPageToken", "")
            if not token:
                return

    def instance(self) -> dict[str, Any]:
        """What the API says of the instance. Raises ``Answered``, ``Unanswered``."""
        return self._ask("GET", self._instance)

    def execute(self, statements: str) -> list[list[tuple[str | None, ...]]]:
        """The rows of each statement, every value as text; all in one transaction, as our own IAM user.

        Raises ``Answered`` (reason ``sql``: the statement failed), ``Unanswered``.
        """
        body = {
            "sqlStatement": statements, "database": self.place.database, "autoIamAuthn": True,
            "partialResultMode": "FAIL_PARTIAL_RESULT",
        }  # fmt: skip
        found = self._ask("POST", f"{self._instance}/executeSql", json=body)
        if (status := found.get("status") or {}).get("code"):
            raise Answered(200, "sql", str(status.get("message", "")))
        return [[_row(row) for row in result.get("rows", ())] for result in found.get("results", ())]

    @cached_property
    def _session(self) -> Any:
        return self._make()

    @property
    def _instance(self) -> str:
        return f"projects/{self.place.project}/instances/{self.place.instance}"

    def _ask(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        import requests
        from google.auth.exceptions import GoogleAuthError, TransportError

        url = f"{self.place.endpoint.rstrip('/')}/v1/{path}"
        try:
            answer = self._session.request(method, url, timeout=self._timeout, **more)
        except (requests.RequestException, TransportError, OSError) as error:
            raise Unanswered(f"no answer: {type(error).__name__}") from error
        except GoogleAuthError as error:
            raise Answered(401, "credentials", str(error)) from error
        try:
            told = answer.json()
        except ValueError:
            told = None
        if answer.status_code >= 400:
            raise _refusal(answer.status_code, told if isinstance(told, dict) else {})
        if not isinstance(told, dict):  # a proxy's own page: not an answer without operations, or without rows
            raise Unanswered(f"an answer that is not the API's ({answer.status_code})")
        return told


def _refusal(status: int, told: Mapping[str, Any]) -> Exception:
    error = told.get("error") or {}
    reason = next((str(one.get("reason", "")) for one in error.get("errors", ())), "")
    message = str(error.get("message") or "no message")
    if status >= _UNSURE:
        return Unanswered(f"{message} ({status})")
    return Answered(status, reason, message)


def _row(row: Mapping[str, Any]) -> tuple[str | None, ...]:
    return tuple(None if one.get("nullValue") else one.get("value", "") for one in row.get("values", ()))


def _operation(told: Mapping[str, Any]) -> Operation:
    errors = (told.get("error") or {}).get("errors", ())
    said = "; ".join(f"{one.get('code', '')}: {one.get('message', '')}" for one in errors)
    return Operation(
        name=str(told.get("name", "")),
        kind=str(told.get("operationType", "")),
        status=str(told.get("status", "")),
        user=str(told.get("user", "")),
        uri=str((told.get("exportContext") or {}).get("uri", "")),
        error=re.sub(r"\s+", " ", said).strip() or ("failed without a reason" if told.get("error") else ""),
    )


def unavailable(place: Place, doing: str, error: Exception) -> SourceUnavailable:
    """Another try may succeed."""
    return SourceUnavailable(f"{doing}: {place}: {error}; it is tried again later")
