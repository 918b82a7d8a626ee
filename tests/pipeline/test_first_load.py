"""R24: a new table is read whole before its first slice, in parts where it is large; then the slices take over."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from floodmark.core.ledger.portion import Kind
from floodmark.core.ledger.read import Read, State
from floodmark.core.ledger.requested import Requester
from floodmark.core.time.interval import Interval
from floodmark.errors import ConfigurationError
from floodmark.pipeline.extract import extract
from floodmark.pipeline.load import load
from floodmark.pipeline.reports.prove import prove
from floodmark.pipeline.reports.status import status
from floodmark.pipeline.table_run import Request
from tests.fakes.fuse import Fuse, Killed, Pause, guarded, mostly_long
from tests.pipeline.conftest import START, World, hour

pytestmark = pytest.mark.slow

ASK = Request(kind=Kind.SLICE, run_id="the run", interval=hour(0), by=Requester.SCHEDULE)
NEVER = 10_000
WRITES_OF_TWO_PARTS = 22


@pytest.fixture
def orders(world: World) -> World:
    """Read in parts of ten rows."""
    world.tables = "{orders: {first_load: whole, first_load_rows: 10}}"
    return world


def fill(world: World, rows: int) -> None:
    world.sql(
        f"INSERT INTO orders SELECT n, 'n' || n, n, '{START.isoformat()}'::timestamptz + n * interval '1 minute'"
        f" FROM generate_series(1, {rows}) n"
    )


def applied(world: World) -> list[Read]:
    run = world.table_run("orders")
    return [read for read in run.ports.ledger.reads(run.target) if read.state is State.APPLIED]


def attempt(world: World, fuse: Fuse, request: Request = ASK) -> None:
    """One run of the table, as two tasks, behind a fuse."""
    found = extract(guarded(world.table_run("orders"), fuse), request)
    if found.pending:
        load(guarded(world.table_run("orders"), fuse), found.read_at)


def is_the_source(world: World) -> bool:
    columns = "id, note, amount"
    return world.current("orders", columns, "id") == world.source(f"SELECT {columns} FROM orders ORDER BY id")


def raw_is_right(world: World) -> bool:
    """Each applied read stands in raw once, and no key in it twice."""
    rows = {read.read_at: read.rows for read in applied(world) if read.rows}
    found = world.raw("orders", "_floodmark_read_at, id")
    return len(found) == len(set(found)) and {at: sum(1 for one, _ in found if one == at) for at, _ in found} == rows


def test_a_new_table_is_read_whole_by_its_first_run(world: World) -> None:
    world.tables = "{orders: {first_load: whole}}"
    fill(world, 25)
    world.sql("INSERT INTO orders VALUES (0, 'older than the start', 0, '2020-01-01Z')")
    attempt(world, Fuse(NEVER))
    [first] = applied(world)
    assert (first.kind, first.rows, first.part, first.portion.replaces) == (Kind.FIRST, 26, None, True)
    assert is_the_source(world)
    [segment] = world.head("orders").coverage
    assert (segment.interval.low, segment.interval.high) == (START, first.spans[0].interval.high)
    attempt(world, Fuse(NEVER), Request(kind=Kind.SLICE, run_id="next", interval=hour(1), by=Requester.SCHEDULE))
    assert len(world.raw("orders", "id")) == 26  # that hour is covered: nothing of it is read again


def test_a_table_without_a_key_is_read_in_one(world: World) -> None:
    world.tables = "{orders: {sync: append, cursor: updated_at, first_load: whole, first_load_rows: 10}}"
    fill(world, 25)
    attempt(world, Fuse(NEVER))
    assert [(read.kind, read.rows, read.part) for read in applied(world)] == [(Kind.FIRST, 25, None)]
    assert is_the_source(world)


def test_a_large_one_is_read_in_parts_which_cover_nothing_before_the_last_is_applied(orders: World) -> None:
    fill(orders, 25)
    orders.sql("ANALYZE orders")
    found = extract(orders.table_run("orders"), ASK)
    assert [(read.part.number, read.part.low, read.part.high, read.rows) for read in applied(orders) if read.part] == [
        (1, (), ("10",), 10),
        (2, ("10",), ("20",), 10),
    ]
    assert orders.head("orders").coverage == ()
    run = orders.table_run("orders")
    [told] = status(run.config, run.ports.ledger, datetime.now(UTC))
    assert told.first_load == "first load: part 2 is done, 20 of about 25 rows, about 1 min left"
    [proof] = prove(run.config, [run.table], run.ports.ledger)
    assert any("first load is under way" in doubt for doubt in proof.doubts)

    load(orders.table_run("orders"), found.read_at)
    first, _, last = applied(orders)
    assert last.part is not None
    assert (last.part.number, last.part.low, last.part.high, last.rows) == (3, ("20",), (), 5)
    assert orders.head("orders").coverage[0].interval.high == first.spans[0].interval.high
    assert last.watermark == first.watermark
    assert is_the_source(orders)
    assert raw_is_right(orders)
    assert status(run.config, run.ports.ledger, datetime.now(UTC))[0].first_load == ""


@pytest.mark.slow
def test_keys_of_several_columns_and_of_text_are_cut_as_their_index_orders_them(orders: World) -> None:
    orders.sql(
        "DROP TABLE orders",
        "CREATE TABLE orders (shop text, at timestamptz, note text, amount numeric(12,2), id int,"
        " updated_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (shop, at))",
        r"INSERT INTO orders SELECT (ARRAY['ä', 'Z', 'a''b', E'\\', 'a b', 'É'])[n % 6 + 1],"
        " timestamptz '2026-11-01' + n * interval '1 microsecond', 'x', 1, n FROM generate_series(1, 44) n",
    )
    attempt(orders, Fuse(NEVER))
    assert [read.rows for read in applied(orders)] == [10, 10, 10, 10, 4]
    assert is_the_source(orders)
    assert raw_is_right(orders)


def between_first_and_second_part(orders: World) -> None:
    """One part is applied, and the process died."""
    with pytest.raises(Killed):
        attempt(orders, Fuse(14))  # a part is 11 writes; then the lease is taken, and the second part begun
    assert [read.part.number for read in applied(orders) if read.part] == [1]


@pytest.mark.slow
@pytest.mark.parametrize("ends", ["between two parts", "after the last"])
def test_what_changes_between_two_parts_is_found_by_the_slices(orders: World, ends: str) -> None:
    """A row that is read already and one to come, new keys below and above, and one that was open since before."""
    fill(orders, 35)
    writer = orders.connect()
    writer.autocommit = False
    writer.cursor().execute("INSERT INTO orders VALUES (-1, 'open since before the first part', 1, now())")
    between_first_and_second_part(orders)
    orders.sql(
        "UPDATE orders SET note = 'changed below', updated_at = now() WHERE id = 3",
        "UPDATE orders SET note = 'changed above', updated_at = now() WHERE id = 33",
        "INSERT INTO orders VALUES (0, 'new below', 0, now()), (99, 'new above', 0, now())",
    )
    if ends == "between two parts":
        writer.commit()  # of the first part's snapshot it is missing, to the last one's look it is over
    attempt(orders, Fuse(NEVER))
    assert [read.part.number for read in applied(orders) if read.part] == [1, 2, 3, 4]
    held = orders.head("orders").coverage[-1]
    assert held.watermark is not None
    assert held.watermark < held.interval.high  # held back by whoever was open at the first part
    writer.commit()
    writer.close()
    orders.run("orders", since_the_first_part(orders))
    assert is_the_source(orders)


def since_the_first_part(orders: World) -> Interval:
    """What no part covers yet."""
    [(now,)] = orders.source("SELECT clock_timestamp()")
    return Interval(low=applied(orders)[0].spans[0].interval.high, high=now)


def test_a_partition_that_comes_between_two_parts_is_read(orders: World) -> None:
    orders.sql(
        "DROP TABLE orders",
        "CREATE TABLE orders (id bigint PRIMARY KEY, note text, amount numeric(12,2), updated_at timestamptz NOT NULL)"
        " PARTITION BY RANGE (id)",
        "CREATE TABLE orders_high PARTITION OF orders FOR VALUES FROM (0) TO (1000)",
        "CREATE TABLE orders_low (LIKE orders INCLUDING ALL)",
        "INSERT INTO orders_low VALUES (-5, 'written long before', 1, '2026-11-01T00:30Z')",
    )
    fill(orders, 25)
    between_first_and_second_part(orders)
    orders.sql("ALTER TABLE orders ATTACH PARTITION orders_low FOR VALUES FROM (-1000) TO (0)")
    attempt(orders, Fuse(NEVER))
    assert not is_the_source(orders)  # its key lies in the part that was read already, its xid below the base
    orders.run("orders", hour(1))
    assert is_the_source(orders)


@pytest.mark.slow
def test_a_killed_part_alone_is_read_again(orders: World) -> None:
    fill(orders, 35)
    between_first_and_second_part(orders)
    with pytest.raises(Killed):
        attempt(orders, Fuse(3))  # the second part, begun and then killed before its object is written
    attempt(orders, Fuse(NEVER))
    assert [read.part.number for read in applied(orders) if read.part] == [1, 2, 3, 4]
    assert [read.rows for read in applied(orders)] == [10, 10, 10, 5]
    assert is_the_source(orders)
    assert raw_is_right(orders)


POINTS = [(fatal, after) for fatal in range(1, WRITES_OF_TWO_PARTS + 1) for after in (False, True)]
SOME = [(8, False), (11, True), (15, False), (21, False)]


def test_the_points_of_death_are_all_there_are(orders: World) -> None:
    fill(orders, 15)
    fuse = Fuse(NEVER)
    attempt(orders, fuse)
    assert fuse.calls == WRITES_OF_TWO_PARTS


@pytest.mark.slow
@pytest.mark.parametrize("point", mostly_long(POINTS, *SOME), ids=str)
def test_a_retry_of_a_first_load_ends_where_an_unbroken_one_would(orders: World, point: tuple[int, bool]) -> None:
    fill(orders, 15)
    with pytest.raises(Killed):
        attempt(orders, Fuse(point[0], after=point[1]))
    attempt(orders, Fuse(NEVER))
    head = orders.head("orders")
    assert (head.open, head.holder) == (None, "")
    assert is_the_source(orders)
    assert raw_is_right(orders)
    assert head.coverage[0].interval.low == START


@pytest.mark.slow
def test_a_worker_that_sleeps_over_its_lease_in_the_middle_changes_nothing_when_it_wakes(orders: World) -> None:
    fill(orders, 25)
    pause = Pause(16)  # in the second part, which is about to be staged
    errors: list[BaseException] = []

    def sleeper() -> None:
        try:
            attempt(orders, pause)
        except Exception as error:
            errors.append(error)

    thread = threading.Thread(target=sleeper)
    thread.start()
    assert pause.asleep.wait(60)
    attempt(orders, Fuse(NEVER), Request(kind=Kind.SLICE, run_id="another", interval=hour(0), by=Requester.SCHEDULE))
    before = (orders.head("orders"), orders.current("orders"), len(orders.raw("orders")))
    pause.wake.set()
    thread.join(60)
    assert [type(error).__name__ for error in errors] == ["LeaseLost"]
    assert (orders.head("orders"), orders.current("orders"), len(orders.raw("orders"))) == before
    assert is_the_source(orders)


@pytest.mark.slow
def test_two_runs_share_its_parts_and_both_end_with_their_slices_covered(orders: World) -> None:
    fill(orders, 45)
    asks = [Request(kind=Kind.SLICE, run_id=f"run {n}", interval=hour(n), by=Requester.SCHEDULE) for n in range(2)]
    runs = [threading.Thread(target=attempt, args=(orders, Fuse(NEVER), request)) for request in asks]
    for run in runs:
        run.start()
    for run in runs:
        run.join(120)
    assert [read.part.number for read in applied(orders) if read.part] == [1, 2, 3, 4, 5]
    assert {read.run_id for read in applied(orders)} == {"run 0", "run 1"}
    assert is_the_source(orders)
    assert raw_is_right(orders)


def test_a_slice_that_ended_while_the_first_load_ran_is_read_by_its_own_run(orders: World) -> None:
    fill(orders, 15)
    between_first_and_second_part(orders)
    orders.sql("INSERT INTO orders VALUES (0, 'new', 1, clock_timestamp())")
    interval = since_the_first_part(orders)
    attempt(
        orders, Fuse(NEVER), Request(kind=Kind.SLICE, run_id="a later run", interval=interval, by=Requester.SCHEDULE)
    )
    assert applied(orders)[-1].kind is Kind.SLICE
    assert is_the_source(orders)


@pytest.mark.slow
def test_a_reload_in_the_middle_does_all_of_it(orders: World) -> None:
    fill(orders, 25)
    between_first_and_second_part(orders)
    orders.run("orders", None, Kind.RELOAD)
    assert is_the_source(orders)
    orders.run("orders", hour(1))
    assert [read.kind for read in applied(orders)][:2] == [Kind.FIRST_PART, Kind.RELOAD]
    assert Kind.FIRST not in [read.kind for read in applied(orders)][2:]


def test_a_column_that_comes_in_the_middle_is_missing_only_in_the_parts_before_it(orders: World) -> None:
    fill(orders, 25)
    between_first_and_second_part(orders)
    orders.sql("ALTER TABLE orders ADD COLUMN colour text DEFAULT 'red'")
    attempt(orders, Fuse(NEVER))
    assert orders.current("orders", "COUNTIF(colour IS NULL), COUNT(*)", "1") == [(10, 25)]
    assert [one.column for one in orders.head("orders").last.partial] == ["colour"]  # type: ignore[union-attr]


@pytest.fixture
def unread(world: World) -> Callable[[], int]:
    """How many hours of a day were read, each with a row in it."""
    world.sql(
        f"INSERT INTO orders SELECT n, 'a', n, '{START.isoformat()}'::timestamptz + n * interval '1 hour'"
        " FROM generate_series(0, 47) n"
    )
    return lambda: len(world.raw("orders", "id"))


def test_the_first_run_of_a_backfill_reads_its_day_and_the_others_take_it_as_read_once(
    world: World, unread: Callable[[], int]
) -> None:
    def backfill(number: int) -> None:
        run_id = f"backfill {number}"
        attempt(
            world, Fuse(NEVER), Request(kind=Kind.SLICE, run_id=run_id, interval=hour(number), by=Requester.BACKFILL)
        )

    backfill(5)
    assert unread() == 24
    for number in (6, 4, 23):
        backfill(number)
    assert unread() == 24
    backfill(24)
    assert unread() == 48
    backfill(5)  # another backfill: these hours were asked for already
    backfill(6)
    assert unread() == 50
    assert world.current("orders", "COUNT(*)", "1") == [(48,)]


def test_a_run_of_the_schedule_leaves_what_is_covered_and_one_by_hand_reads_it_again(
    world: World, unread: Callable[[], int]
) -> None:
    request = Request(kind=Kind.SLICE, run_id="by schedule", interval=hour(5), by=Requester.SCHEDULE)
    attempt(world, Fuse(NEVER), request)
    attempt(world, Fuse(NEVER), Request(kind=Kind.SLICE, run_id="the next", interval=hour(6), by=Requester.SCHEDULE))
    assert unread() == 24
    attempt(world, Fuse(NEVER), Request(kind=Kind.SLICE, run_id="by hand", interval=hour(6)))
    assert unread() == 25


def test_a_source_that_changes_its_key_in_the_middle_stops_and_says_so(orders: World) -> None:
    fill(orders, 25)
    between_first_and_second_part(orders)
    orders.sql("ALTER TABLE orders DROP COLUMN id")
    with pytest.raises(ConfigurationError, match=r"orders\.key: public\.orders has no primary key"):
        attempt(orders, Fuse(NEVER))
