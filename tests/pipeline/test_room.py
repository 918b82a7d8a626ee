"""BigQuery takes 10,000 partitions in a table, and 4,000 that one job changes: refused before a job, or split (R20)."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from floodmark.adapters.bigquery.warehouse import BigQueryWarehouse
from floodmark.core.bigquery import partitions
from floodmark.core.ledger.portion import Kind
from floodmark.core.ledger.step import Step
from floodmark.errors import JobFailed, TooManyPartitions
from floodmark.pipeline import effects
from floodmark.pipeline.extract import extract
from floodmark.pipeline.load import load
from floodmark.pipeline.reports.plan import plan
from floodmark.pipeline.table_run import Request
from tests.pipeline.conftest import World, hour

pytestmark = pytest.mark.slow

TABLE = "CREATE TABLE people (id int PRIMARY KEY, born date, updated_at timestamptz NOT NULL)"
COUNT = "count(*), count(DISTINCT born)"


@pytest.fixture
def people(world: World) -> World:
    world.sql(TABLE, "CREATE INDEX ON people (updated_at)")
    world.tables = "{people: {partition_by: born}}"
    return world


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A BigQuery of 10 partitions a table, 4 a job."""
    for name, value in (("MOST_PER_TABLE", 10), ("MOST_PER_JOB", 4)):
        monkeypatch.setattr(partitions, name, value)
    monkeypatch.setattr("floodmark.pipeline.room._FEW", 0)
    monkeypatch.setattr(partitions.cuts, "__kwdefaults__", {"most": 4})
    monkeypatch.setattr("floodmark.core.bigquery.merge.merges.__kwdefaults__", {"most": 4})
    monkeypatch.setattr(partitions.split, "__kwdefaults__", {"most": 4})


def born(first: int, last: int, at: str = "00:10", start: str = "1990-01-01") -> str:
    return (
        f"INSERT INTO people SELECT n, date '{start}' + n, '2026-11-01T{at}Z' FROM generate_series({first}, {last}) n "
        "ON CONFLICT (id) DO UPDATE SET updated_at = excluded.updated_at"
    )


def applied(world: World) -> int:
    """How many statements applied the last read."""
    run = world.table_run("people")
    last = max(run.ports.ledger.reads(run.target), key=lambda read: read.read_at)
    return len({effect.step for effect in last.effects if effect.step.startswith(Step.APPLY)})


def test_ten_thousand_and_five_hundred_days_are_refused_before_the_first_job(people: World) -> None:
    people.sql(born(1, 10_500))
    with pytest.raises(TooManyPartitions, match=r"10,500 partitions by the day of born.*10,000.*by: month.*--anew"):
        people.run("people", hour(0))
    assert people.raw("people", "count(*)") == [(0,)]
    assert people.current("people", "count(*)") == [(0,)]
    head = people.head("people")
    assert head.open is not None
    assert head.open.effects == ()
    assert "10,500 partitions" in head.error


def test_those_that_stand_count_too(people: World, small: None) -> None:
    people.sql(born(1, 4))
    people.run("people", hour(0))
    people.sql(born(5, 10, "01:10"))
    people.run("people", hour(1))
    assert people.current("people", COUNT) == [(10, 10)]
    people.sql(born(11, 11, "02:10"), born(3, 4, "02:10"))
    with pytest.raises(TooManyPartitions, match="11 partitions"):
        people.run("people", hour(2))
    assert people.current("people", COUNT) == [(10, 10)]


@pytest.mark.parametrize("told", [7, 8])
def test_what_the_table_says_of_itself_spares_the_question(
    people: World, small: None, told: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    query = BigQueryWarehouse.query

    def watched(self: BigQueryWarehouse, sql: str, *more: object, **named: object) -> object:
        asked.extend([sql] if "AS `start`" in sql else [])
        return query(self, sql, *more, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(BigQueryWarehouse, "query", watched)
    monkeypatch.setattr(BigQueryWarehouse, "partition_count", lambda *_: told)
    people.sql(born(1, 3))
    people.run("people", hour(0))
    assert len(asked) == (0 if told + 3 <= 10 else 1)


def test_a_whole_replacement_counts_what_it_deletes_and_meets_in_pieces(people: World, small: None) -> None:
    people.sql(born(1, 4))
    people.run("people", hour(0))
    people.sql(born(5, 8, "01:10"))
    people.run("people", hour(1))
    people.sql("DELETE FROM people", born(20, 22, "01:20"))
    people.run("people", None, Kind.RELOAD)
    assert people.current("people", "id") == [(20,), (21,), (22,)]
    assert applied(people) == 3  # 8 that go and 3 that come, 4 a job
    assert people.raw("people", "count(*)", "1") == [(11,)]


def test_a_replacement_that_would_have_too_many_on_the_way_is_refused_before_it_begins(
    people: World, small: None
) -> None:
    """8 that go last and 4 that come first: 12 after the first job."""
    people.sql(born(11, 18))
    people.run("people", hour(0))
    people.sql("DELETE FROM people", born(1, 4, "00:20"))
    with pytest.raises(TooManyPartitions, match=r"has 8 partitions.*by 4 others.*have 12 for a while.*--anew"):
        people.run("people", None, Kind.RELOAD)
    assert people.current("people", COUNT) == [(8, 8)]
    staged = extract(people.table_run("people"), Request(kind=Kind.RELOAD, run_id="anew", anew=True))
    load(people.table_run("people"), staged.read_at)
    assert people.current("people", "id") == [(1,), (2,), (3,), (4,)]


def test_at_bigquerys_own_numbers_a_table_is_filled_and_replaced(people: World) -> None:
    people.sql(born(1, 7_200))
    people.run("people", hour(0))
    assert (people.current("people", COUNT), applied(people)) == ([(7_200, 7_200)], 3)
    people.sql("DELETE FROM people WHERE id <= 5000", born(7_201, 9_000, "00:20"))
    people.run("people", None, Kind.RELOAD)
    assert (people.current("people", COUNT), applied(people)) == ([(4_000, 4_000)], 3)


def test_a_retry_cuts_where_the_first_try_did(people: World, small: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first job took partitions away; cut by those that are left, a piece would be in no job."""
    people.sql(born(1, 4))
    people.run("people", hour(0))
    people.sql(born(5, 8, "01:10"))
    people.run("people", hour(1))
    people.sql("DELETE FROM people", born(20, 22, "01:20"))
    carry_out = effects.carry_out

    def failing(run: object, lease: object, step: str, *more: object) -> object:
        if step == "apply_2":
            raise JobFailed("stopped here")
        return carry_out(run, lease, step, *more)  # type: ignore[arg-type]

    monkeypatch.setattr("floodmark.pipeline.effects.carry_out", failing)
    with pytest.raises(JobFailed):
        people.run("people", None, Kind.RELOAD, "the reload")
    assert people.current("people", "count(*)") == [(4,)]
    monkeypatch.setattr("floodmark.pipeline.effects.carry_out", carry_out)
    people.run("people", None, Kind.RELOAD, "the reload")
    assert people.current("people", "id") == [(20,), (21,), (22,)]
    assert applied(people) == 3


def test_an_append_tables_slices_are_replaced_in_pieces(people: World, small: None) -> None:
    people.tables = "{people: {sync: append, cursor: updated_at, partition_by: born}}"
    people.sql(born(1, 9))
    people.run("people", hour(0))
    assert applied(people) == 3
    people.run("people", hour(0), run_id="again")
    assert people.current("people", COUNT) == [(9, 9)]


def test_plan_counts_them(people: World, monkeypatch: pytest.MonkeyPatch) -> None:
    people.sql(born(1, 2))
    people.run("people", hour(0))
    run = people.table_run("people")
    request = Request(kind=Kind.SLICE, run_id="plan", interval=hour(1))
    for told, note in ((2, "current has 2 of 10,000 partitions by day"), (9_000, "nearly full: current has 9,000 of ")):
        monkeypatch.setattr(BigQueryWarehouse, "partition_count", lambda *_, told=told: told)
        found = plan(run, request, lambda _: 0, run.ports.warehouse.dry_run)
        assert any(one.startswith(note) for one in found.notes)


def test_values_outside_bigquerys_years_are_told(people: World, caplog: pytest.LogCaptureFixture) -> None:
    people.sql(born(1, 2, start="1950-01-01"), born(3, 3))
    with caplog.at_level(logging.WARNING):
        people.run("people", hour(0))
    [said] = _said(caplog, "__UNPARTITIONED__")
    assert "2 values of born before 1960 or after 2159, 1950-01-02 the first" in said
    assert people.current("people", "id") == [(1,), (2,), (3,)]


def _said(caplog: pytest.LogCaptureFixture, word: str) -> Iterator[str]:
    return (record.getMessage() for record in caplog.records if word in record.getMessage())
