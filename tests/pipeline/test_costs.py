"""Whose each job is, and what it may bill (R20): said in the job itself, of every job and every query."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from floodmark.core.ledger.portion import Kind
from floodmark.core.ledger.step import Question
from floodmark.core.ports import JobResult
from floodmark.errors import FatalError, JobFailed, JobRunning
from floodmark.pipeline.balance import balance
from floodmark.pipeline.check_keys import check_keys
from floodmark.pipeline.extract import extract
from floodmark.pipeline.load import load
from floodmark.pipeline.reconcile import reconcile
from floodmark.pipeline.repairs.forget import forget
from floodmark.pipeline.repairs.void import unblock
from floodmark.pipeline.table_run import Request
from tests.fakes.billing import billing
from tests.fakes.jobs_sent import jobs_sent, requests_sent
from tests.fakes.watched import watching
from tests.pipeline.conftest import World, hour

_TABLES = """{
    orders: {deletes: reconcile, verify: full, reconcile_bytes: 1TB, history: true},
    events: {sync: append, cursor: at},
    products: {sync: full}}"""
_ITEMS = """CREATE TABLE items
    (id int PRIMARY KEY, day date NOT NULL, note text, updated_at timestamptz NOT NULL)"""
_ITEM = "INSERT INTO items VALUES ({}, '2026-{}', 'a', '2026-11-01T{}Z')"
_ORDER = "INSERT INTO orders VALUES ({}, 'a', 1, '2026-11-01T{}Z')"


def _a_day(world: World) -> list[dict[str, Any]]:
    """The jobs of a day of three tables of different kinds: their runs, their checks, their comparisons."""
    world.tables, world.place = _TABLES, ", labels: {team: data}, max_bytes_billed: 20GB"
    world.sql(
        "CREATE TABLE events (kind text, at timestamptz NOT NULL)",
        "CREATE TABLE products (id int PRIMARY KEY)",
        "INSERT INTO events VALUES ('a', '2026-11-01T00:10Z')",
        "INSERT INTO products VALUES (1)",
        _ORDER.format(1, "00:10"),
    )
    with jobs_sent() as sent:
        for table in ("orders", "events", "products"):
            world.run(table, hour(0))
        world.sql(_ORDER.format(2, "00:20"), "INSERT INTO events VALUES ('b', '2026-11-01T00:20Z')")
        for table in ("orders", "events"):
            world.run(table, hour(1))
        check_keys(world.table_run("orders"))
        balance(world.table_run("orders"), everything=True)
        world.sql("DELETE FROM orders WHERE id = 1")
        healed = reconcile(world.table_run("orders"), "day", heal=True)
        assert healed.outcome
        load(world.table_run("orders"), healed.outcome.read_at)
    return sent


@pytest.mark.slow
def test_every_job_and_query_says_whose_it_is_and_what_it_may_bill(world: World) -> None:
    """R20: so that a bill can be told apart, and BigQuery itself stops what is too dear; a dry run bills nothing."""
    sent = _a_day(world)
    with jobs_sent() as forgetting:
        forget(world.table_run("orders"), ["1"])
    sent += forgetting
    for configuration in sent:
        labels = configuration.get("labels", {})
        assert labels.get("floodmark_source") == "shop", configuration
        assert labels.get("floodmark_table") in ("orders", "events", "products"), configuration
        assert labels.get("team") == "data", configuration
    steps = {configuration["labels"]["floodmark_step"] for configuration in sent}
    assert steps == {"load", "apply", *Question} - {
        Question.REBUILD, Question.PLAN, Question.PARTITIONS, Question.SUMMARY, Question.ADOPT, Question.EMPTIED,
        Question.TABLES,
    }  # fmt: skip
    queries = [one for one in sent if "query" in one and not one.get("dryRun")]
    assert {one["query"].get("maximumBytesBilled") for one in queries} == {str(20 * 10**9)}


def test_a_small_slice_asks_bigquery_twelve_times(world: World) -> None:
    """Both tables are looked at; two jobs and three questions, each sent and waited for: raw held, current untouched,
    its keys unique (R28, R33, R36). A slice without rows asks nothing."""
    world.sql(_ORDER.format(1, "00:10"))
    world.run("orders", hour(0))
    world.sql(_ORDER.format(2, "01:10"))
    with jobs_sent() as jobs, requests_sent() as sent:
        assert world.run("orders", hour(1)).changed
    assert [one["labels"]["floodmark_step"] for one in jobs] == ["load", "held", "touched", "apply", "keys"]
    assert [one.partition("/")[0] for one in sent] == [
        "GET datasets", "GET datasets", "POST jobs", "GET jobs", "POST jobs", "GET queries", "POST jobs", "GET queries",
        "POST jobs", "GET jobs", "POST jobs", "GET queries",
    ]  # fmt: skip
    with requests_sent() as sent:
        assert not world.run("orders", hour(2)).changed
    assert sent == []


def _asked(sent: list[dict[str, Any]], step: str) -> list[str]:
    """The texts of the questions that were asked for a step."""
    return [one["query"]["query"] for one in sent if one["labels"]["floodmark_step"] == step]


def test_late_rows_are_looked_for_only_where_a_staged_row_lies_in_a_sealed_slice(world: World) -> None:
    """R12, R20: the worker counts those for nothing, and current is asked of their partitions alone."""
    world.tables = "{items: {partition_by: day}}"
    world.sql(_ITEMS, _ITEM.format(1, "10-01", "00:10"), _ITEM.format(2, "10-02", "00:10"))
    world.run("items", hour(0))
    world.sql(_ITEM.format(3, "10-03", "01:10"))
    with jobs_sent() as sent:
        outcome = world.run("items", hour(1))
    assert (outcome.rows, outcome.late, _asked(sent, Question.LATE)) == (1, 0, [])
    world.sql(_ITEM.format(4, "10-02", "01:20"), _ITEM.format(5, "10-05", "02:10"))
    with jobs_sent() as sent:
        outcome = world.run("items", hour(2))
    assert (outcome.rows, outcome.late) == (2, 1)
    [text] = _asked(sent, Question.LATE)
    assert "_t.`day` >= DATE '2026-10-02' AND _floodmark_t.`day` < DATE '2026-10-03'" in text
    assert "2026-10-05" not in text, "the partition of a row that can't be late"


def test_keys_of_a_large_table_that_is_not_cut_are_looked_through_once_a_day(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R20, R28: its keys would be billed as a whole each hour."""
    world.sql(_ORDER.format(1, "00:10"), _ORDER.format(2, "00:20"))
    with jobs_sent() as sent:
        world.run("orders", hour(0))
    assert len(_asked(sent, Question.KEYS)) == 1
    monkeypatch.setattr("floodmark.pipeline.check_keys.EACH_RUN", 1)
    world.sql(_ORDER.format(3, "01:10"))
    with jobs_sent() as sent:
        assert world.run("orders", hour(1)).changed
        assert check_keys(world.table_run("orders"))
    assert (len(_asked(sent, Question.KEYS)), len(_asked(sent, Question.KEYS_IN_ALL))) == (0, 1)
    world.tables = "{items: {partition_by: day}}"
    world.sql(_ITEMS, _ITEM.format(1, "10-01", "00:10"), _ITEM.format(2, "10-02", "00:10"))
    with jobs_sent() as sent:
        world.run("items", hour(0))
    [text] = _asked(sent, Question.KEYS)
    assert "DATE '2026-10-01'" in text, "the touched partitions are looked through each time"


def test_what_each_job_and_question_bills_is_in_the_ledger(world: World) -> None:
    """R20: by day and step, and of the run; a job that another step concludes is counted once."""
    world.sql(_ORDER.format(1, "00:10"))
    request = Request(kind=Kind.SLICE, run_id="first", interval=hour(0))
    found = extract(billing(world.table_run("orders"), _bytes), request)
    impatient = replace(billing(world.table_run("orders"), _bytes), job_patience=timedelta(0))
    with pytest.raises(JobRunning):
        load(watching(impatient, "warehouse", after=_still_running), found.read_at)
    load(billing(world.table_run("orders"), _bytes), found.read_at)
    check_keys(billing(world.table_run("orders"), _bytes))
    spending = world.head("orders").spending
    bills = {spent.step: (spent.bill.bytes, spent.bill.jobs) for spent in spending.days}
    assert bills == {"held": (200, 2), "apply": (1000, 1), "keys": (10, 1), "keys_in_all": (10, 1)}
    assert {spent.day for spent in spending.days} == {datetime.now(UTC).date()}
    assert (spending.of("first"), spending.of("second")) == (1200 + 10, 0), "the daily look is no part of the run"


def _bytes(statement: str) -> int:
    """Each kind of statement bills another number of bytes."""
    if statement.startswith("MERGE"):
        return 1000
    return 10 if "doubled" in statement else 100 if "_floodmark_read_at` = " in statement else 0


def _still_running(call: str, result: Any) -> Any:
    """The first wait for a MERGE ends before it does."""
    merged = call == "wait" and "inserted" in result.statistics
    return JobResult(done=False) if merged else None


def test_bigquery_stops_a_merge_and_a_question_that_would_bill_more(world: World) -> None:
    """R20: the table is blocked by name, with the remedy; once more is allowed it goes on."""
    world.tables = "{items: {partition_by: day}}"
    world.sql(_ITEMS, _ITEM.format(1, "10-01", "00:10"))
    world.run("items", hour(0))
    world.sql(_ITEM.format(2, "10-01", "01:10"))
    world.place = ", max_bytes_billed: 10MiB"
    with pytest.raises(JobFailed, match=r"exceeded limit for bytes billed: 10485760.*allow more.*max_bytes_billed"):
        world.run("items", hour(1))
    world.place = ", max_bytes_billed: 20MiB"
    unblock(world.table_run("items"))
    world.sql(_ITEM.format(3, "10-01", "01:20"))
    world.run("items", hour(2))
    assert len(world.current("items")) == 3
    world.place = ", max_bytes_billed: 10MiB"
    both = f"`{world.datasets.raw}.items` AS r JOIN `{world.datasets.current}.items` AS c ON r.id = c.id"
    with pytest.raises(FatalError, match=r"query: .*exceeded limit for bytes billed.*allow more.*max_bytes_billed"):
        world.table_run("items").ask(Question.VERIFY, f"SELECT COUNT(*) AS `rows` FROM {both}")
