"""Google's exceptions as Floodmark's: what, where, and the remedy; a retry helps, or it doesn't.

The reasons are those of the error table of BigQuery's page "Error messages"
(docs.cloud.google.com/bigquery/docs/error-messages); for Cloud Storage see its page "Retry strategy".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from floodmark.core.bigquery.price import ALLOW_MORE
from floodmark.errors import FatalError, FloodmarkError, RetriableError

TRANSIENT_REASONS = frozenset(
    {
        "backendError",
        "internalError",
        "jobBackendError",
        "jobInternalError",
        "jobRateLimitExceeded",
        "quotaExceeded",
        "rateLimitExceeded",
        "resourceInUse",
        "stopped",
        "tableUnavailable",
        "timeout",
    }
)
"""A further attempt may succeed. ``quotaExceeded`` too: quotas are refilled; ``stopped``: somebody cancelled it."""
TOO_DEAR = frozenset({"billingTierLimitExceeded", "bytesBilledLimitExceeded"})
"""A retry costs the same. Google's client doesn't know these reasons, and calls a job that ended so an error 500."""
TRANSIENT_STATUS = frozenset({408, 429, 500, 502, 503, 504})
_CONCURRENT = "could not serialize access"
_UNPAID = frozenset({"billingNotEnabled", "accountDisabled", "UserProjectAccountProblem"})
_REQUEST = re.compile(r"^[A-Z]+ https?://\S+: ")
_DOCUMENT = re.compile(r'\{\s*"error"\s*:')
_CREDENTIALS = "renew the key of the Airflow connection, or give the machine another service account"


def transient(reason: str, message: str = "") -> bool:
    """Whether a job that ended so may succeed under another id. Two DML statements on one table say it in words."""
    return reason in TRANSIENT_REASONS or _CONCURRENT in message.lower()


def brief(error: BaseException) -> str:
    """The first line of an exception's own message: Google's clients append whole queries to it."""
    return first_line(str(getattr(error, "message", "") or error)) or type(error).__name__


def first_line(text: str) -> str:
    """The first line of what a service said, without the request; of an error written as JSON, its message's."""
    lines = _REQUEST.sub("", str(_written(text).get("message") or text).strip()).splitlines()
    return lines[0] if lines else ""


def reasons_in(text: str) -> list[str]:
    """The reasons of an error that a service wrote as JSON."""
    return _named(_written(text).get("errors"))


def _written(text: str) -> dict[str, Any]:
    """The error that a service wrote as JSON, empty without one. Of an upload the client hands on the text alone."""
    if found := _DOCUMENT.search(text):
        with suppress(ValueError):
            document, _ = json.JSONDecoder().raw_decode(text, found.start())
            return document["error"] if isinstance(document["error"], dict) else {}
    return {}


BIGQUERY = {
    401: _CREDENTIALS,
    403: "grant roles/bigquery.jobUser on the project, roles/bigquery.dataEditor on both datasets and "
    "roles/storage.objectViewer on the stage's bucket to Floodmark's account",
    404: "create the dataset, or mend bigquery: in the source's YAML",
}
"""What to do where BigQuery refuses, by status."""


def remedy_of(reason: str) -> str:
    """What to do where BigQuery refuses for this reason; empty where the reason doesn't tell."""
    if reason in TOO_DEAR:
        return ALLOW_MORE
    return "link the project to a billing account that is active" if reason in _UNPAID else ""


def of_bucket(bucket: str) -> Mapping[int, str]:
    """What to do where a bucket refuses, by status."""
    return {
        401: _CREDENTIALS,
        403: f"grant roles/storage.objectUser on gs://{bucket} to Floodmark's account",
        404: f"create the bucket {bucket}, or mend stage: in the source's YAML",
    }


@contextmanager
def translated(
    what: str,
    *,
    unavailable: type[RetriableError],
    refused: type[FatalError] = FatalError,
    remedies: Mapping[int, str] | None = None,
) -> Iterator[None]:
    """Raise ``unavailable`` where a retry may help, ``refused`` (with the status' remedy) where it doesn't."""
    import requests
    from google.api_core import exceptions as api
    from google.auth import exceptions as auth

    try:
        yield
    except FloodmarkError:
        raise
    except api.GoogleAPICallError as error:
        if _transient_call(error):
            raise unavailable(f"{what}: {brief(error)}; it is tried again later") from error
        remedy = next(filter(None, map(remedy_of, _reasons(error))), (remedies or {}).get(int(error.code or 0), ""))
        raise refused(f"{what}: {brief(error)}" + (f"; {remedy}" if remedy else "")) from error
    except (api.RetryError, requests.RequestException, auth.TransportError, ConnectionError, TimeoutError) as error:
        raise unavailable(f"{what}: no answer: {brief(error)}; it is tried again later") from error
    except auth.RefreshError as error:
        kind = unavailable if getattr(error, "retryable", False) else refused
        raise kind(f"{what}: the credentials could not be renewed: {brief(error)}") from error
    except auth.GoogleAuthError as error:
        remedy = "give the Airflow connection credentials, or the machine a service account"
        raise refused(f"{what}: {brief(error)}; {remedy}") from error


def _transient_call(error: object) -> bool:
    reasons = set(_reasons(error))
    if reasons & TOO_DEAR:
        return False
    return getattr(error, "code", None) in TRANSIENT_STATUS or bool(reasons & TRANSIENT_REASONS)


def _reasons(error: object) -> list[str]:
    return _named(getattr(error, "errors", ())) or reasons_in(str(getattr(error, "message", "")))


def _named(entries: Any) -> list[str]:
    return [str(entry.get("reason", "")) for entry in entries or () if isinstance(entry, dict)]
