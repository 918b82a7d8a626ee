"""Whose each job is, and what it may bill (R20): said in the job itself, of every job and every query."""

from __future__ import annotations

from typing import Any

from floodmark.core.ledger.step import Question
from floodmark.pipeline.balance import balance
from floodmark.pipeline.check_keys import check_keys
from floodmark.pipeline.load import load
from floodmark.pipeline.reconcile import reconcile
from tests.fakes.jobs_sent import jobs_sent
from tests.pipeline.conftest import World, hour

_TABLES = """{
    orders: {deletes: reconcile, verify: full, reconcile_bytes: 1TB},
    events: {sync: append, cursor: at},
    products: {sync: full}}"""
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


def test_every_job_and_query_says_whose_it_is_and_what_it_may_bill(world: World) -> None:
    """R20: so that a bill can be told apart, and BigQuery itself stops what is too dear; a dry run bills nothing."""
    sent = _a_day(world)
    for configuration in sent:
        labels = configuration.get("labels", {})
        assert labels.get("floodmark_source") == "shop", configuration
        assert labels.get("floodmark_table") in ("orders", "events", "products"), configuration
        assert labels.get("team") == "data", configuration
    steps = {configuration["labels"]["floodmark_step"] for configuration in sent}
    assert steps == {"load", "apply", *Question} - {Question.REBUILD, Question.PLAN}
    queries = [one for one in sent if "query" in one and not one.get("dryRun")]
    assert {one["query"].get("maximumBytesBilled") for one in queries} == {str(20 * 10**9)}
