"""Tables are made once and checked; jobs happen once, whatever is lost, repeated or raced (R17, R19)."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

import pytest

from floodmark.adapters.bigquery.warehouse import BigQueryWarehouse
from floodmark.adapters.google_errors import transient
from floodmark.adapters.stage.gcs import GcsStage
from floodmark.core.bigquery.jobs import STEP_LABEL, TABLE_LABEL, load_job, merge_job
from floodmark.core.ports import Job, TargetTable
from floodmark.core.schema import Carried
from floodmark.errors import FatalError, JobFailed, TargetMismatch, WarehouseUnavailable
from tests.adapters.faulty import Fault, Faulty, faulty
from tests.adapters.target import MINUTE, Target, at

COLUMNS = (
    Carried(name="id", landing="INT64", target="INT64", description="the key"),
    Carried(name="name", landing="STRING", target="STRING"),
)


@pytest.fixture
def proxy(google: Any) -> Iterator[Faulty]:
    """A proxy in front of BigQuery."""
    with faulty(google.bigquery.url) as proxy:
        yield proxy


@pytest.fixture
def warehouse(google: Any, proxy: Faulty) -> BigQueryWarehouse:
    """A warehouse behind the proxy."""
    from google.auth.credentials import AnonymousCredentials
    from google.cloud import bigquery

    options = {"api_endpoint": proxy.url}
    return BigQueryWarehouse(
        bigquery.Client(project=google.project, credentials=AnonymousCredentials(), client_options=options),
        "EU",
    )


@pytest.fixture
def target(google: Any, bucket: str, datasets: Any, warehouse: BigQueryWarehouse) -> Target:
    """A target table of two columns."""
    return Target(
        warehouse=warehouse,
        stage=GcsStage(google.storage_client(), bucket),
        project=datasets.project,
        current_dataset=datasets.current,
        raw_dataset=datasets.raw,
        columns=COLUMNS,
    )


@pytest.fixture
def load(target: Target) -> Job:
    """A load of two staged rows, not submitted."""
    read = target.staged(at(10), (1, "a"), (2, "b"), cursor=at(9))
    return load_job(target.head, read, raw=target.tables.raw, location="EU")


def refusal(reason: str, message: str) -> bytes:
    """An answer of BigQuery's that says no."""
    error = {"code": 403, "message": message, "errors": [{"reason": reason, "message": message, "domain": "global"}]}
    return json.dumps({"error": error}).encode()


def is_insert(request: tuple[str, str]) -> bool:
    return request[0] == "POST" and "/jobs" in request[1]


def test_a_job_submitted_twice_is_done_once(target: Target, load: Job) -> None:
    target.run(load)
    result = target.run(load)
    assert target.count_raw() == 2
    assert result.statistics["output_rows"] == 2


@pytest.mark.slow
def test_a_job_submitted_by_two_processes_at_once_is_done_once(proxy: Faulty, target: Target, load: Job) -> None:
    proxy.in_turn = True
    given = json.dumps({"project": target.project, "url": proxy.url, "job": asdict(load)})
    command = [sys.executable, "-m", "tests.adapters.submit_one"]
    both = [subprocess.Popen(command, stdin=-1, stdout=-1, text=True, env=_environment()) for _ in range(2)]
    pipes = [(process.stdin, process.stdout) for process in both if process.stdin and process.stdout]
    assert [out.readline() for _, out in pipes] == ["ready\n", "ready\n"]
    for into, _ in pipes:
        into.write(given)
        into.close()
    said = [out.read() for _, out in pipes]
    assert [process.wait(60) for process in both] == [0, 0]
    assert [json.loads(text)["output_rows"] for text in said] == [2, 2]
    assert target.count_raw() == 2


@pytest.mark.slow
def test_an_insert_whose_answer_was_lost_is_repeated_and_done_once(proxy: Faulty, target: Target, load: Job) -> None:
    proxy.faults.append(Fault(method="POST", path="/jobs"))
    target.run(load)
    assert sum(is_insert(request) for request in proxy.requests) == 2
    assert target.count_raw() == 2


@pytest.mark.slow
def test_a_refusal_after_a_lost_answer_does_not_hide_the_job(proxy: Faulty, target: Target, load: Job) -> None:
    denied = refusal("accessDenied", "Access Denied: Project proj")
    proxy.faults.append(Fault(method="POST", path="/jobs"))
    proxy.faults.append(Fault(method="POST", path="/jobs", forward=False, status=403, body=denied))
    target.run(load)
    assert target.count_raw() == 2


def test_what_is_inserted_is_what_was_recorded(google: Any, target: Target, load: Job) -> None:
    target.run(load)
    kept = google.bigquery_client().get_job(load.id, location="EU").to_api_repr()["configuration"]
    assert kept["labels"] == load.configuration["labels"]
    for name, value in load.configuration["load"].items():
        assert kept["load"][name] == value


@pytest.mark.slow
def test_a_merge_whose_answer_was_lost_is_done_once(proxy: Faulty, target: Target) -> None:
    read = target.loaded(at(10), (1, "a"), cursor=at(9))
    proxy.faults.append(Fault(method="POST", path="/jobs"))
    (result,) = target.apply(read)
    assert result.statistics["inserted"] == 1
    assert target.current() == [(1, "a")]


@pytest.mark.slow
def test_a_job_that_nobody_submitted_is_submitted_by_who_waits_for_it(target: Target, load: Job) -> None:
    result = target.warehouse.wait(load, MINUTE)
    assert (result.done, result.error, target.count_raw()) == (True, "", 2)


@pytest.mark.slow
def test_a_failed_jobs_id_is_burned_and_a_further_attempt_works(google: Any, target: Target) -> None:
    read = target.staged(at(10), (1, "a"), cursor=at(9))
    raw = target.tables.raw
    google.bigquery_client().delete_table(raw.reference)
    first = load_job(target.head, read, raw=raw, location="EU")
    target.warehouse.submit(first)
    failed = target.warehouse.wait(first, MINUTE)
    assert failed.done
    assert failed.error.startswith("notFound: ")
    assert not failed.transient
    target.warehouse.ensure(raw)
    target.warehouse.submit(first)
    assert target.warehouse.wait(first, MINUTE).error == failed.error
    assert target.count_raw() == 0
    assert not target.run(load_job(target.head, read, raw=raw, location="EU", attempt=2)).error
    assert target.count_raw() == 1


@pytest.mark.slow
def test_another_job_under_the_same_id_is_refused(target: Target, load: Job) -> None:
    target.run(load)
    other = replace(merge_job(target.head, target.staged(at(11)), "SELECT 1", location="EU"), id=load.id)
    with pytest.raises(JobFailed, match="another job bears this id"):
        target.warehouse.submit(other)
    with pytest.raises(JobFailed, match="another job bears this id"):
        target.warehouse.wait(other, MINUTE)


@pytest.mark.slow
def test_an_occupied_id_can_never_be_the_jobs(google: Any, target: Target, load: Job) -> None:
    assert target.warehouse.occupy(load).occupied
    labels = google.bigquery_client().get_job(load.id, location="EU").labels
    assert labels.items() >= {name: load.configuration["labels"][name] for name in (STEP_LABEL, TABLE_LABEL)}.items()
    assert target.warehouse.occupy(load).occupied
    with pytest.raises(JobFailed, match="the read was given up"):
        target.warehouse.submit(load)
    with pytest.raises(JobFailed, match="the read was given up"):
        target.warehouse.wait(load, MINUTE)
    assert target.count_raw() == 0


@pytest.mark.slow
def test_occupying_the_id_of_a_job_that_was_submitted_tells_what_became_of_it(target: Target, load: Job) -> None:
    target.warehouse.submit(load)
    result = target.warehouse.occupy(load)
    assert not result.occupied
    assert (result.done, result.error, result.statistics["output_rows"]) == (True, "", 2)


@pytest.mark.slow
def test_occupying_survives_a_lost_answer(proxy: Faulty, target: Target, load: Job) -> None:
    proxy.faults.append(Fault(method="POST", path="/jobs"))
    assert target.warehouse.occupy(load).occupied


@pytest.mark.slow
def test_waiting_ends_when_the_time_is_up(proxy: Faulty, target: Target, load: Job) -> None:
    target.warehouse.submit(load)
    running = Fault(
        method="GET", path=f"/jobs/{load.id}", times=99, change=lambda body: body.replace(b'"DONE"', b'"RUNNING"')
    )
    proxy.faults.append(running)
    assert not target.warehouse.wait(load, timedelta(seconds=0.5)).done
    running.times = 0
    assert target.warehouse.wait(load, MINUTE).done


def test_a_quota_is_worth_a_retry_and_a_missing_right_is_not(proxy: Faulty, target: Target, load: Job) -> None:
    full = refusal("quotaExceeded", "Quota exceeded: loads per table")
    proxy.faults.append(Fault(method="POST", path="/jobs", forward=False, status=403, body=full))
    with pytest.raises(WarehouseUnavailable, match=r"job floodmark_.*Quota exceeded.*tried again later"):
        target.warehouse.submit(load)
    denied = refusal("accessDenied", "Access Denied: Project proj")
    proxy.faults.append(Fault(method="POST", path="/jobs", forward=False, status=403, body=denied))
    with pytest.raises(JobFailed, match=r"Access Denied.*grant roles/bigquery\.jobUser"):
        target.warehouse.submit(load)
    # Neither burned the id.
    target.run(load)


@pytest.mark.parametrize(
    ("reason", "message", "expected"),
    [
        ("backendError", "", True),
        ("internalError", "", True),
        ("jobBackendError", "", True),
        ("rateLimitExceeded", "", True),
        ("quotaExceeded", "", True),
        ("stopped", "Job execution was cancelled", True),
        ("invalidQuery", "Could not serialize access to table t due to concurrent update", True),
        ("invalidQuery", "Syntax error", False),
        ("invalid", "", False),
        ("notFound", "", False),
        ("accessDenied", "", False),
        ("bytesBilledLimitExceeded", "", False),
        ("resourcesExceeded", "", False),
    ],
)
def test_which_errors_are_worth_a_further_attempt(reason: str, message: str, expected: bool) -> None:
    assert transient(reason, message) is expected


def test_tables_are_made_as_they_should_be(google: Any, target: Target) -> None:
    raw = google.bigquery_client().get_table(target.tables.raw.reference).to_api_repr()
    assert raw["timePartitioning"] == {
        "type": "DAY",
        "field": "_floodmark_read_at",
        "expirationMs": str(90 * 86_400_000),
    }
    assert raw["clustering"] == {"fields": ["_floodmark_read_at", "id"]}
    assert raw["labels"]["floodmark_target"] == str(target.head.uuid)
    assert raw["schema"]["fields"][0] == {
        "name": "id",
        "type": "INTEGER",
        "mode": "NULLABLE",
        "description": "the key",
    }


@pytest.mark.slow
def test_a_table_that_stands_is_ensured_and_another_ledgers_is_refused(target: Target) -> None:
    table = target.tables.current
    assert target.warehouse.ensure(table) is False
    theirs = replace(table, labels={**table.labels, "floodmark_ledger": "another"})
    with pytest.raises(TargetMismatch, match=r"floodmark_ledger is .* floodmark ledger rebuild"):
        target.warehouse.ensure(theirs)
    unnamed = TargetTable(project=table.project, dataset=table.dataset, table="foreign", fields=(("id", "INT64", ""),))
    assert target.warehouse.ensure(unnamed) is True
    with pytest.raises(TargetMismatch, match="is missing"):
        target.warehouse.ensure(replace(table, table="foreign"))


@pytest.mark.slow
def test_a_table_whose_makers_answer_was_lost_is_ours(proxy: Faulty, target: Target) -> None:
    proxy.faults.append(Fault(method="POST", path="/tables"))
    target.warehouse.ensure(replace(target.tables.current, table="second"))
    assert target.warehouse.labels(target.project, target.current_dataset, "second") == target.tables.current.labels


def test_a_missing_dataset_is_named_with_its_remedy(target: Target) -> None:
    with pytest.raises(FatalError, match=r"proj\.nowhere\.orders: .*create the dataset"):
        target.warehouse.ensure(replace(target.tables.current, dataset="nowhere"))


@pytest.mark.slow
def test_columns_are_told_in_the_words_that_made_them(target: Target) -> None:
    kinds = ("INT64", "NUMERIC(12, 2)", "BIGNUMERIC(38, 10)", "STRING", "BOOL", "FLOAT64", "ARRAY<STRING>", "TIMESTAMP")
    fields = tuple((f"c{number}", kind, "") for number, kind in enumerate(kinds))
    table = TargetTable(project=target.project, dataset=target.current_dataset, table="kinds", fields=fields)
    target.warehouse.ensure(table)
    told = target.warehouse.fields(table.project, table.dataset, table.table)
    assert told == tuple((name, kind) for name, kind, _ in fields)
    assert target.warehouse.fields(table.project, table.dataset, "nothing") is None
    assert target.warehouse.labels(table.project, table.dataset, "nothing") is None
    assert target.warehouse.stamp(table.project, table.dataset, "nothing") == ""


@pytest.mark.slow
def test_a_change_of_rows_changes_the_tables_stamp(target: Target) -> None:
    place = (target.project, target.current_dataset, target.table)
    before = target.warehouse.stamp(*place)
    assert before == target.warehouse.stamp(*place)
    target.table_run(at(10), (1, "a"), cursor=at(9))
    assert target.warehouse.stamp(*place) != before
    assert target.warehouse.stamp(target.project, target.current_dataset, "nothing") == ""


def test_values_are_bound(warehouse: BigQueryWarehouse) -> None:
    values = {"t": "it's \\x41", "n": 2**53 + 1, "b": True, "m": at(10), "f": 0.5}
    rows = warehouse.query("SELECT @t AS t, @n AS n, @b AS b, @m AS m, @f AS f", values)
    assert rows == [values]
    with pytest.raises(TypeError, match="list can't be bound"):
        warehouse.query("SELECT @x", {"x": []})


@pytest.mark.slow
def test_a_dry_run_runs_nothing(target: Target) -> None:
    assert target.warehouse.dry_run(f"DELETE FROM `{target.tables.current.reference}` WHERE TRUE") >= 0
    target.table_run(at(10), (1, "a"), cursor=at(9))
    target.warehouse.dry_run(f"DELETE FROM `{target.tables.current.reference}` WHERE TRUE")
    assert target.current() == [(1, "a")]


def test_nothing_of_google_is_imported_before_it_is_needed() -> None:
    code = (
        "import sys; import floodmark.adapters.bigquery.warehouse; "
        "import floodmark.adapters.stage.gcs, floodmark.adapters.google_errors; "
        "heavy = ('google.cloud.', 'google.auth', 'google.api_core', 'pyarrow', 'requests'); "
        "print([name for name in sys.modules if name.startswith(heavy)])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=_environment())
    assert done.stdout.strip() == "[]"


def _environment() -> dict[str, str]:
    import os

    return {**os.environ, "PYTHONPATH": os.pathsep.join(["plugins", "."])}
