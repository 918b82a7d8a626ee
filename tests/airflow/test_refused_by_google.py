"""What a task's log says where BigQuery or Cloud Storage refuses: which right is missing, of whom, and what next.

The refusals are as the services' pages of errors have them; a proxy before the local servers gives them.
"""

from __future__ import annotations

import json
import re
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException

from floodmark.airflow.waiting import verdicts
from floodmark.errors import StageUnavailable, WarehouseUnavailable
from tests.adapters.faulty import Fault, Faulty, faulty
from tests.airflow.test_steps import Shop, shop
from tests.airflow.test_task_log import said

__all__ = ["said", "shop"]

pytestmark = pytest.mark.slow

DENIED = "Access Denied: Dataset p:shop: Permission bigquery.tables.updateData denied on dataset p:shop"
GRANT = "; grant roles/bigquery.jobUser on the project, roles/bigquery.dataEditor on both datasets and"
UNKNOWN = "Anonymous credentials cannot be refreshed."
"""What Google's own library says to a 401 here, where nobody has credentials; others it renews, and asks again."""
NEXT = "  next: a retry gives the same: mend it, then clear this task; if the table stays blocked: floodmark unblock"


def refusal(status: int, reason: str, message: str) -> bytes:
    """As both services write it: over several lines."""
    errors = [{"message": message, "domain": "global", "reason": reason}]
    return json.dumps({"error": {"code": status, "message": message, "errors": errors}}, indent=2).encode()


@dataclass(frozen=True, kw_only=True)
class Refused:
    """A source's steps, with a proxy before each of Google's servers."""

    made: Shop
    bigquery: Faulty
    storage: Faulty
    said: Callable[[], str]

    def extract(self) -> Any:
        return self.made.extract("orders", high=1)

    def load(self, outcomes: Any) -> Any:
        return self.made.load(outcomes, high=1)

    def refuse_jobs(self, status: int, reason: str, message: str, times: int = 1) -> None:
        body = refusal(status, reason, message)
        self.bigquery.faults.append(
            Fault(method="POST", path="/jobs", forward=False, status=status, body=body, times=times)
        )

    def refuse_uploads(self, status: int, reason: str, message: str, times: int = 1) -> None:
        body = refusal(status, reason, message)
        self.storage.faults.append(
            Fault(method="POST", path="/upload/", forward=False, status=status, body=body, times=times)
        )

    def failed(self, step: Callable[[], Any]) -> str:
        """What the log says of a step that a person has to mend; its traceback is one, with one frame of ours."""
        with pytest.raises(AirflowFailException) as caught, verdicts():
            step()
        shown = "".join(traceback.format_exception(caught.value))
        assert shown.count("Traceback") == 1
        assert len(re.findall(r"floodmark/.*\.py", shown)) == 1
        logged = self.said()
        assert "\n  in: shop.yml: tables.orders\n  from: public.orders of the connection shop_db, into " in logged
        assert f"\n{NEXT} shop orders" in logged
        return logged


@pytest.fixture
def refused(shop: Any, google: Any, said: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Refused]:
    with faulty(google.bigquery.url) as bigquery, faulty(google.storage.url) as storage:
        monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", bigquery.url)
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", storage.url)
        yield Refused(made=shop(tables={"orders": None}), bigquery=bigquery, storage=storage, said=said)


def told(logged: str) -> str:
    """The first line of a failure."""
    [line] = re.findall(r"^orders failed after .*$", logged, re.MULTILINE)
    return str(line)


def test_a_missing_right_on_a_dataset_is_named_with_its_job_and_not_tried_again(refused: Refused) -> None:
    outcomes = refused.extract()
    refused.refuse_jobs(403, "accessDenied", f"{DENIED} (or it may not exist).")
    logged = refused.failed(lambda: refused.load(outcomes))
    found = re.search(r"JobFailed: \S+\.orders: job (\w+) in EU failed: (.*)", told(logged))
    assert found
    assert found[2].startswith(f"{DENIED} (or it may not exist).{GRANT}")
    assert f":{found[1]}&page=queryresults" in logged, "its place in the console"


def test_a_job_that_ended_for_a_missing_right_says_what_to_grant(refused: Refused) -> None:
    outcomes = refused.extract()

    def end(body: bytes) -> bytes:
        job = json.loads(body)
        job["status"] = {"state": "DONE", "errorResult": {"reason": "accessDenied", "message": DENIED}}
        return json.dumps(job).encode()

    refused.bigquery.faults.append(Fault(method="GET", path="/jobs/", change=end))
    line = told(refused.failed(lambda: refused.load(outcomes)))
    assert re.search(r"JobFailed: .*job \w+", line)
    assert f"accessDenied: {DENIED}{GRANT}" in line


@pytest.mark.parametrize(
    ("status", "reason", "message", "remedy"),
    [
        (403, "billingNotEnabled", "Billing has not been enabled for this project.", "link the project to a billing"),
        (401, "authError", UNKNOWN, "give the Airflow connection credentials"),
    ],
)
def test_what_is_no_missing_right_has_a_remedy_of_its_own(
    refused: Refused, status: int, reason: str, message: str, remedy: str
) -> None:
    outcomes = refused.extract()
    refused.refuse_jobs(status, reason, message, times=9)
    line = told(refused.failed(lambda: refused.load(outcomes)))
    assert f"{message}; {remedy}" in line
    assert "grant" not in line


def test_a_quota_is_tried_again_by_airflow_and_then_done(refused: Refused) -> None:
    outcomes = refused.extract()
    refused.refuse_jobs(403, "quotaExceeded", "Quota exceeded: Your table exceeded quota for imports.")
    with pytest.raises(WarehouseUnavailable), verdicts():
        refused.load(outcomes)
    logged = refused.said()
    assert re.search(r"WarehouseUnavailable: job \w+: Quota exceeded: .*; it is tried again later", told(logged))
    assert "  next: this was try 1 of 4, and Airflow makes the next; it goes on from the ledger" in logged
    assert {name: outcome.state for name, outcome in refused.load(outcomes).items()} == {"orders": "applied"}


def test_a_rate_is_waited_for_in_place(refused: Refused) -> None:
    outcomes = refused.extract()
    refused.refuse_jobs(403, "rateLimitExceeded", "Exceeded rate limits: too many api requests")
    assert {name: outcome.state for name, outcome in refused.load(outcomes).items()} == {"orders": "applied"}
    assert "failed" not in refused.said()


MISSING = "x@p.iam.gserviceaccount.com does not have storage.objects.create access to the Google Cloud Storage object."


@pytest.mark.parametrize(
    ("status", "reason", "message", "remedy"),
    [
        (403, "forbidden", MISSING, "grant roles/storage.objectUser on gs://"),
        (401, "required", UNKNOWN, "give the Airflow connection credentials"),
        (403, "accountDisabled", "The billing account is disabled in state absent.", "link the project to a billing"),
    ],
)
def test_a_bucket_that_refuses_is_named_with_the_object_and_what_is_missing(
    refused: Refused, status: int, reason: str, message: str, remedy: str
) -> None:
    refused.refuse_uploads(status, reason, message, times=9)
    line = told(refused.failed(refused.extract))
    assert re.search(rf"FatalError: gs://\S+/floodmark/\S+: {re.escape(message)}; {re.escape(remedy)}", line), line


def test_a_buckets_quota_is_tried_again(refused: Refused) -> None:
    refused.refuse_uploads(403, "quotaExceeded", "The requested action exceeds the bandwidth quota.")
    with pytest.raises(StageUnavailable), verdicts():
        refused.extract()
    assert {name: outcome.state for name, outcome in refused.extract().items()} == {"orders": "staged"}
