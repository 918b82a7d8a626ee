"""Append tables: what nobody asked for is read only where it gained rows; rows that a sealed slice gains are late."""

from __future__ import annotations

import pytest

from floodmark.core.ledger.coverage import sealed
from floodmark.core.ledger.portion import Kind
from floodmark.core.ledger.read import Read
from floodmark.errors import ConfigurationError
from floodmark.pipeline.extract import extract
from floodmark.pipeline.load import load
from floodmark.pipeline.table_run import Request
from tests.pipeline.conftest import World, hour

ROW = "INSERT INTO events VALUES ('{}', '2026-11-01T{}Z')"


@pytest.fixture
def events(world: World) -> World:
    """An append table with one row in its first hour, which is sealed."""
    world.tables = "{events: {sync: append, cursor: at}}"
    world.sql("CREATE TABLE events (kind text, at timestamptz NOT NULL)", ROW.format("a", "00:10"))
    world.run("events", hour(0))
    return world


def last(world: World) -> Read:
    """The newest applied read."""
    read = world.head("events").last
    assert read is not None
    return read


@pytest.mark.slow
def test_a_sealed_slice_that_gained_nothing_is_not_written_again(events: World) -> None:
    before = events.current("events", "kind, _floodmark_read_at")
    events.sql(ROW.format("b", "01:10"))
    outcome = events.run("events", hour(1))
    assert (outcome.rows, outcome.late) == (1, 0)
    assert events.current("events", "kind, _floodmark_read_at")[:1] == before
    assert [(span.interval, span.recheck, span.fresh) for span in last(events).spans] == [
        (hour(0), True, 0),
        (hour(1), False, None),
    ]


@pytest.mark.slow
def test_what_a_sealed_slice_gains_is_read_with_its_interval_and_counted_as_late(events: World) -> None:
    events.sql(ROW.format("late", "00:20"), ROW.format("late", "00:30"))
    assert events.run("events", hour(1)).late == 2
    assert events.current("events", "kind") == [("a",), ("late",), ("late",)]
    assert events.run("events", hour(2)).late == 0
    assert len(events.current("events")) == 3


@pytest.mark.slow
def test_late_rows_are_still_counted_when_another_step_applies_the_read(events: World) -> None:
    events.sql(ROW.format("late", "00:20"))
    found = extract(events.table_run("events"), Request(kind=Kind.SLICE, run_id="one", interval=hour(1)))
    assert found.pending
    assert load(events.table_run("events"), found.read_at).late == 1
    assert last(events).late == 1


@pytest.mark.slow
def test_a_provisional_slice_that_gained_nothing_is_sealed_without_being_read(events: World) -> None:
    events.sql(ROW.format("b", "01:10"))
    gid = events.database.dbname
    prepared = events.connect()
    with prepared.cursor() as cursor:
        for statement in ("BEGIN", "INSERT INTO events VALUES ('x', '2020-01-01')", f"PREPARE TRANSACTION '{gid}'"):
            cursor.execute(statement)
    events.run("events", hour(1))
    assert last(events).watermark is None
    with prepared.cursor() as cursor:
        cursor.execute(f"ROLLBACK PREPARED '{gid}'")
    prepared.close()
    before = events.current("events", "kind, _floodmark_read_at")
    outcome = events.run("events", None)
    assert (outcome.state, outcome.rows, outcome.changed) == ("applied", 0, False)
    assert events.current("events", "kind, _floodmark_read_at") == before
    assert last(events).watermark is not None
    assert sealed(events.head("events").coverage) == (hour(0, 2),)


@pytest.mark.slow
def test_a_step_that_finishes_a_read_of_nothing_leaves_current_alone(
    events: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The step that read it died before it closed the read; replacing an empty scope would empty the table."""
    monkeypatch.setattr("floodmark.pipeline.extract._is_empty", lambda *_: False)
    found = extract(events.table_run("events"), Request(kind=Kind.SLICE, run_id="one"))
    assert found.pending
    assert load(events.table_run("events"), found.read_at).state == "applied"
    assert events.current("events", "kind") == [("a",)]


@pytest.mark.slow
def test_the_hour_that_a_clock_shows_twice_is_in_current_once(world: World) -> None:
    world.tables = "{events: {sync: append, cursor: at, timezone: America/New_York}}"
    world.sql(
        "CREATE TABLE events (kind text, at timestamp NOT NULL)",
        "INSERT INTO events VALUES ('before', '2026-11-01T00:30'), ('twice', '2026-11-01T01:30'), "
        "('after', '2026-11-01T02:30')",
    )
    for number in (4, 5):
        world.run("events", hour(number))
    world.sql("INSERT INTO events VALUES ('of hour 6', '2026-11-01T01:40')")
    world.run("events", hour(6))
    assert [(span.interval, span.fresh) for span in last(world).spans] == [(hour(5), 0), (hour(6), None)]
    for number in (7, 5, 6):
        world.run("events", hour(number), run_id=f"{number} again")
        assert world.current("events", "kind") == [("after",), ("before",), ("of hour 6",), ("twice",)]


@pytest.mark.slow
def test_rows_that_were_written_anew_are_not_late(events: World) -> None:
    events.sql("ALTER TABLE events ALTER kind TYPE varchar(99) USING kind || ''", ROW.format("b", "01:10"))
    events.run("events", hour(1))
    assert "was written anew" in last(events).reasons[0]  # by ALTER TABLE: it may have changed values (R32)
    assert last(events).late == 0


def test_a_date_is_refused_as_the_cursor_of_an_append_table(world: World) -> None:
    world.tables = "{events: {sync: append, cursor: day}}"
    world.sql("CREATE TABLE events (kind text, day date NOT NULL)")
    with pytest.raises(ConfigurationError, match=r'"day" is a date.*name a timestamp'):
        world.run("events", hour(0))
