"""Cursors without zone, held against a server: each row is read by the slice in which AT TIME ZONE puts it (R35)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import psycopg2
import pytest

from floodmark.adapters.postgres import zones
from floodmark.adapters.postgres.query import Query
from floodmark.adapters.postgres.zones import refuse_other_rules
from floodmark.core.ledger.portion import Span
from floodmark.core.ports import Selection
from floodmark.core.schema import Column, TableSchema
from floodmark.core.time.cadence import Every
from floodmark.core.time.interval import Interval
from floodmark.errors import SourceRefused
from tests.core.time.test_wall_clock import ZONES, changes, standing_for

READ_AT = datetime(2026, 11, 1, tzinfo=UTC)
TABLE = TableSchema(
    schema="public",
    name="clocks",
    columns=(
        Column(name="id", type="bigint", base_type="int8"),
        Column(name="at", type="timestamp without time zone", base_type="timestamp"),
        Column(name="day", type="date", base_type="date"),
    ),
)
JUMPS = [
    ("Europe/Berlin", "2026-03-29", 60),
    ("Europe/Berlin", "2026-10-25", 60),
    ("America/New_York", "2026-03-08", 60),
    ("Europe/Lisbon", "2026-03-29", 60),
    ("Africa/Casablanca", "2026-03-22", 60),
    ("Asia/Beirut", "2026-03-29", 60),
    ("America/Sao_Paulo", "2018-11-04", 60),
    ("America/Sao_Paulo", "2018-11-04", 180),
    ("Australia/Lord_Howe", "2026-10-04", 15),
    ("Pacific/Apia", "2011-12-30", 60),
    ("Europe/Berlin", "2026-10-25", 15),
    ("Europe/Lisbon", "2026-10-25", 60),
    ("America/New_York", "2026-11-01", 15),
    ("Australia/Lord_Howe", "2026-04-05", 15),
    ("Australia/Lord_Howe", "2026-04-05", 60),
]


@pytest.fixture(scope="module")
def session(postgres):
    database = postgres.create_database("wall_clocks")
    connection = psycopg2.connect(database.dsn)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("SET timezone = 'UTC'")
        yield cursor
    connection.close()
    postgres.drop_database("wall_clocks")


def query(column: str, zone: str) -> Query:
    selection = Selection(schema="public", name="clocks", key=("id",), cursor=(column,), columns=("id",), timezone=zone)
    return Query(selection=selection, schema=TABLE)


@pytest.mark.parametrize("column", ["at", "day"])
@pytest.mark.parametrize(("zone", "day", "minutes"), JUMPS)
def test_every_row_is_read_by_the_slice_in_which_the_server_puts_it(session, column, zone, day, minutes):
    """Local times of three days around a jump, every five minutes, those that no clock showed among them."""
    session.execute("CREATE TEMPORARY TABLE clocks (id bigserial, at timestamp, day date)")
    session.execute(
        "INSERT INTO clocks (at, day) SELECT at, at::date FROM generate_series(%s::date - 1, "
        "%s::date + interval '47 hours 59 minutes', interval '5 minutes') AS at",
        (day, day),
    )
    moment = "at" if column == "at" else "day::timestamp"
    session.execute(f"SELECT id, {moment} AT TIME ZONE %s FROM clocks", (zone,))
    cadence, wanted = timedelta(minutes=minutes), {}
    for row, instant in session.fetchall():
        wanted.setdefault(Every(cadence).boundary(instant), set()).add(row)
    assert sum(map(len, wanted.values())) == 864
    for low, rows in wanted.items():
        text = query(column, zone).rows([Span(interval=Interval(low=low, high=low + cadence))])
        session.execute(text.replace('"public"."clocks"', '"clocks"'))
        assert rows <= {row for row, *_ in session.fetchall()}, low
    session.execute("DROP TABLE clocks")


@pytest.mark.slow
def test_local_times_stand_for_what_the_server_says_in_every_zone(session):
    """The tests of pure bounds rest on this. Zones that the two ends have in another edition are left out."""
    session.execute("SELECT name FROM pg_timezone_names")
    both = sorted({name for (name,) in session.fetchall()} & set(ZONES) & available_timezones())
    assert len(both) > 400
    compared = 0
    for zone in both:
        around = sorted({change.replace(tzinfo=None) for change in changes(zone)[-3:]})
        naive = [at + timedelta(minutes=30 * step) for at in around for step in range(-54, 54)]
        session.execute(
            "SELECT at AT TIME ZONE %s, (at AT TIME ZONE 'UTC') AT TIME ZONE %s FROM unnest(%s::timestamp[]) AS at",
            (zone, zone, naive),
        )
        theirs = session.fetchall()
        shown = [at.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) for at in naive]
        if shown != [there for _, there in theirs]:
            continue
        compared += 1
        assert [standing_for(at, zone) for at in naive] == [instant for instant, _ in theirs], zone
    assert compared > 0.9 * len(both)


BEFORE_THE_JUMP = Span(
    interval=Interval(low=datetime(2026, 3, 29, tzinfo=UTC), high=datetime(2026, 3, 29, 1, tzinfo=UTC))
)


@pytest.fixture
def other_rules(monkeypatch):
    """Here Berlin's clock isn't set forward any more; the server's still is."""
    shown = zones.wall_clock.clock_time
    monkeypatch.setattr(zones.wall_clock, "clock_time", lambda moment, _: shown(moment, "Africa/Tunis"))


def test_the_same_rules_at_both_ends_are_well(session):
    refuse_other_rules(session.connection, query("at", "Europe/Berlin").selection, TABLE, [BEFORE_THE_JUMP])


@pytest.mark.usefixtures("other_rules")
def test_a_zone_whose_rules_differ_on_the_server_is_refused_around_the_difference(source, database):
    with psycopg2.connect(database.dsn) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE clocks (id bigint PRIMARY KEY, at timestamp, day date)")
    said = (
        r"at 2026-03-29T01:00:00Z the clock of Europe/Berlin shows 2026-03-29 02:00:00 here and 2026-03-29 03:00:00 on"
    )
    with source.open(query("at", "Europe/Berlin").selection) as reading:
        with pytest.raises(SourceRefused, match=said):
            reading.query([BEFORE_THE_JUMP], READ_AT)
        with pytest.raises(SourceRefused, match=said):
            reading.fresh([BEFORE_THE_JUMP])
        assert reading.query(None, READ_AT)
