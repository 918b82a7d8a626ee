"""A table held still in one snapshot (R1), nothing hidden (R2), durable (R3), told by xmin (R10)."""

import threading
import time
import uuid
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from psycopg2 import sql

from floodmark.adapters.postgres import durable as postgres_durable
from floodmark.adapters.postgres.history import lsn_of, timeline_of
from floodmark.adapters.postgres.reader import Reader
from floodmark.adapters.postgres.source import PostgresSource
from floodmark.core.config.masks import Mask, MaskKind
from floodmark.core.ledger.portion import Span
from floodmark.core.ledger.watermark import watermark_of
from floodmark.core.ports import Selection
from floodmark.core.time.interval import Interval
from floodmark.errors import SourceChanged, SourceRefused, SourceUnavailable
from tests.adapters.postgres.sessions import LEDGER, alone, session

NOW = datetime.now(UTC)
AROUND = Interval(low=NOW - timedelta(hours=1), high=NOW + timedelta(hours=1))
READ_AT = datetime(2026, 11, 1, tzinfo=UTC)
ORDERS = Selection(
    schema="public", name="orders", key=("id",), cursor=("updated_at",), columns=("id", "note", "updated_at")
)


@pytest.fixture
def orders(database):
    """A table of five rows, and a session beside the reads."""
    create = "CREATE TABLE orders (id bigint PRIMARY KEY, note text, updated_at timestamptz NOT NULL DEFAULT now())"
    with session(database.dsn, create, "INSERT INTO orders SELECT g, 'n' FROM generate_series(1, 5) AS g") as cursor:
        yield cursor


SLICE = (Span(interval=AROUND),)


def ids(reading, spans=SLICE):
    return sorted(id_ for batch in reading.rows(spans, READ_AT) for id_ in batch.column("id").to_pylist())


def test_a_slice_is_half_open(source, orders):
    orders.execute("UPDATE orders SET updated_at = %s WHERE id = 1", (AROUND.low,))
    orders.execute("UPDATE orders SET updated_at = %s WHERE id = 2", (AROUND.high,))
    with source.open(ORDERS) as reading:
        assert ids(reading) == [1, 3, 4, 5]
        assert ids(reading, None) == [1, 2, 3, 4, 5]


def test_rows_carry_their_cursor_and_the_reads_moment_last(source, orders):
    with source.open(ORDERS) as reading:
        rows = reading.rows(None, READ_AT)
        [batch] = list(rows)
    assert batch.schema.names[3:] == ["_floodmark_cursor", "_floodmark_read_at", "_floodmark_unheld"]
    assert batch.schema == rows.arrow_schema
    assert batch.column("_floodmark_cursor").equals(batch.column("updated_at"))
    assert set(batch.column("_floodmark_read_at").to_pylist()) == {READ_AT}


MORNING = datetime(2026, 11, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "moment"),
    [
        ({"cursor": ("zoned",)}, MORNING),
        ({"cursor": ("zoned",), "rename": {"zoned": "at"}}, MORNING),
        ({"cursor": ("zoned",), "columns": ("id", "naive")}, MORNING),
        ({"cursor": ("zoned",), "masks": {"zoned": Mask(kind=MaskKind.REDACT)}}, MORNING),
        ({"cursor": ("naive",)}, MORNING - timedelta(hours=1)),
        ({"cursor": ("day",)}, MORNING.replace(hour=0) - timedelta(hours=1)),
        ({"cursor": ("empty", "zoned")}, MORNING),
        ({"cursor": ()}, None),
    ],
)
def test_a_rows_moment_is_right_whether_it_is_sent_or_is_one_of_its_columns(source, database, changes, moment):
    with session(
        database.dsn,
        "CREATE TABLE t (id int PRIMARY KEY, naive timestamp, day date, empty timestamptz, zoned timestamptz)",
        "INSERT INTO t VALUES (1, '2026-11-01 09:00', '2026-11-01', NULL, '2026-11-01 09:00Z')",
    ):
        pass
    columns = ("id", "naive", "day", "empty", "zoned")
    plain = Selection(schema="public", name="t", key=("id",), cursor=(), columns=columns, timezone="Europe/Berlin")
    with source.open(replace(plain, **changes)) as reading:
        [row] = [row for batch in reading.rows(None, READ_AT) for row in batch.to_pylist()]
    assert (row["_floodmark_cursor"], row["_floodmark_read_at"]) == (moment, READ_AT)


def test_all_of_a_reading_is_one_snapshot(source, orders):
    with source.open(ORDERS) as reading:
        assert ids(reading) == [1, 2, 3, 4, 5]
        orders.execute("INSERT INTO orders VALUES (6, 'later')")
        assert ids(reading) == [1, 2, 3, 4, 5]


def test_a_row_that_is_committed_late_lies_after_the_mark_of_the_look_before(source, database, orders):
    with session(database.dsn, "BEGIN", "INSERT INTO orders VALUES (6, 'late') RETURNING updated_at") as late:
        [(cursor,)] = late.fetchall()
        look = source.look()
        with source.open(ORDERS) as reading:
            late.execute("COMMIT")
            assert 6 not in ids(reading)
        assert watermark_of(look, settle=timedelta(0)).at <= cursor
    with source.open(ORDERS) as reading:
        assert 6 in ids(reading)


@contextmanager
def altering(dsn, beside):
    """An ALTER that rewrites the table, waiting for its lock inside the block; it has passed at the end."""
    done = []

    def alter():
        with session(dsn, "SET lock_timeout = '25s'", "ALTER TABLE orders ALTER id TYPE int"):
            done.append(True)

    thread = threading.Thread(target=alter)
    thread.start()
    waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'orders'::regclass"
    beside.execute(waits)
    while not beside.fetchone()[0] and not done:
        beside.execute(waits)
    yield done
    thread.join()
    assert done


def test_the_shape_cannot_change_between_snapshot_and_select(source, database, orders):
    """Without a lock the rewritten table reads as empty, without an error. Nor does it wait for who waits for it."""
    began = time.monotonic()
    with ExitStack() as stack, source.open(ORDERS) as reading:
        done = stack.enter_context(altering(database.dsn, orders))
        assert ids(reading) == [1, 2, 3, 4, 5]
        assert not done
    assert time.monotonic() - began < 10


@pytest.mark.slow
def test_the_holder_locks_before_the_snapshot_is_taken(source, database, orders, monkeypatch):
    """A change that is asked for before the snapshot comes first, and the read begins anew, not deadlocked."""
    take, tries = Reader.take_snapshot, []

    def overtaken(reader, *given, **named):
        if not tries:
            tries.append(stack.enter_context(altering(database.dsn, orders)))
            assert not tries[0]
        take(reader, *given, **named)

    monkeypatch.setattr(Reader, "take_snapshot", overtaken)
    with ExitStack() as stack, source.open(ORDERS) as reading:
        assert tries == [[True]]
        assert ids(reading) == [1, 2, 3, 4, 5]
        assert reading.schema.column("id").type == "integer"


def test_a_lost_holder_ends_the_read(source, orders):
    with source.open(ORDERS) as reading:
        orders.execute("SELECT pg_terminate_backend(%s, 5000)", (reading._holder.info.backend_pid,))
        with pytest.raises(SourceUnavailable, match="held the table still"):
            reading.rows(None, READ_AT)


def test_a_lock_that_is_not_given_in_time_is_a_reason_to_try_later(source, database, orders):
    hasty = replace(ORDERS, lock_timeout=timedelta(milliseconds=200))
    locked = session(database.dsn, "BEGIN", "LOCK TABLE orders IN ACCESS EXCLUSIVE MODE")
    with locked, pytest.raises(SourceUnavailable, match=r"public\.orders.*55P03.*ALTER TABLE"):
        source.open(hasty).__enter__()


def test_a_read_that_takes_too_long_is_cancelled_and_may_be_tried_again(source, orders):
    slow = replace(ORDERS, where="pg_sleep(0.2) IS NOT NULL", statement_timeout=timedelta(milliseconds=300))
    with source.open(slow) as reading, pytest.raises(SourceUnavailable, match=r"public\.orders: .*statement timeout"):
        ids(reading)


def test_an_own_open_read_holds_no_seal_back_from_its_first_statement_on(source, orders):
    with source.open(ORDERS) as reading:
        assert source.look().open_transactions == ()
        ids(reading)
        assert source.look().open_transactions == ()
        orders.execute(
            "SELECT count(*), bool_and(backend_xid IS NULL) FROM pg_stat_activity WHERE application_name = %s",
            (f"floodmark/{LEDGER}",),
        )
        assert orders.fetchone() == (2, True)
    source.close()
    assert alone(orders)


def test_all_is_closed_when_opening_fails(source, orders, monkeypatch):
    monkeypatch.setattr(Reader, "take_snapshot", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        source.open(ORDERS).__enter__()
    assert alone(orders)


def test_a_stream_left_in_the_middle_is_cancelled(source, orders):
    orders.execute("INSERT INTO orders SELECT g, repeat('x', 1000) FROM generate_series(6, 60000) AS g")
    began = time.monotonic()
    with source.open(ORDERS) as reading:
        next(iter(reading.rows(None, READ_AT)))
    assert time.monotonic() - began < 5


@pytest.fixture
def reader_role(postgres, database):
    role = "r_" + uuid.uuid4().hex[:12]
    name = sql.Identifier(role)
    with session(database.dsn, sql.SQL("CREATE ROLE {} LOGIN").format(name)) as cursor:
        yield role
        cursor.execute(sql.SQL("DROP OWNED BY {}").format(name))
        cursor.execute(sql.SQL("DROP ROLE {}").format(name))


def test_row_level_security_is_an_error_and_not_a_partial_read(database, orders, reader_role):
    orders.execute(f"GRANT SELECT ON orders TO {reader_role}; ALTER TABLE orders ENABLE ROW LEVEL SECURITY")
    orders.execute("CREATE POLICY few ON orders USING (id < 3)")
    source = PostgresSource(database.dsn.replace("postgres@", f"{reader_role}@"), LEDGER)
    with pytest.raises(SourceRefused, match=r"row-level security.*BYPASSRLS"):
        source.open(ORDERS).__enter__()


def test_a_grant_on_the_columns_is_enough(database, orders, reader_role):
    orders.execute(f"GRANT SELECT (id, note, updated_at) ON orders TO {reader_role}")
    source = PostgresSource(database.dsn.replace("postgres@", f"{reader_role}@"), LEDGER)
    assert not source.describe("public", "orders").row_versions  # a column grant leaves out xmin
    with source.open(ORDERS) as reading:
        assert ids(reading, [Span(interval=AROUND, base=1)]) == [1, 2, 3, 4, 5]


def test_no_grant_is_refused_with_the_remedy(database, orders, reader_role):
    source = PostgresSource(database.dsn.replace("postgres@", f"{reader_role}@"), LEDGER)
    with pytest.raises(SourceRefused, match="GRANT SELECT"):
        source.open(ORDERS).__enter__()


def test_a_column_that_is_gone_is_a_change_of_the_source(source, orders):
    orders.execute("ALTER TABLE orders DROP note")
    with pytest.raises(SourceChanged, match=r"public\.orders has no column note; it has: id, updated_at"):
        source.open(ORDERS).__enter__()


def test_what_was_seen_is_shown_to_be_durable(source, orders):
    """Asynchronous commit: the row is seen before its log is on disk; the nudge brings it there."""
    orders.execute("SET synchronous_commit = off")
    orders.execute("INSERT INTO orders VALUES (6, 'async')")
    with source.open(ORDERS) as reading:
        assert 6 in ids(reading)
        assert reading.durable()
        orders.execute("SELECT pg_current_wal_flush_lsn() >= %s::pg_lsn", (lsn_of(reading.snapshot),))
        assert orders.fetchone() == (True,)


def test_what_is_not_on_disk_after_a_moment_is_not_durable(source, orders, monkeypatch):
    monkeypatch.setattr(postgres_durable, "WAIT", timedelta(seconds=0.2))
    with source.open(ORDERS) as reading:
        reading.snapshot = replace(reading.snapshot, place={**reading.snapshot.place, "lsn": "FFFFFFFF/0"})
        assert not reading.durable()


def test_the_snapshot_says_where_it_stands(source, orders):
    orders.execute("SELECT system_identifier::text FROM pg_control_system()")
    [(system_id,)] = orders.fetchall()
    with source.open(ORDERS) as reading:
        orders.execute("SELECT pg_current_xact_id()::text::bigint")
        assert reading.snapshot.base <= orders.fetchone()[0]
        assert (reading.snapshot.server, timeline_of(reading.snapshot)) == (system_id, "00000001")
        assert reading.assumptions == ()


def test_rows_since_a_base_are_found_by_xmin_also_those_of_savepoints(source, database, orders):
    """A transaction open at the first snapshot writes in subtransactions, whose xids are higher than its own."""
    with session(database.dsn, "BEGIN", "INSERT INTO orders VALUES (6, 'before')") as late:
        with source.open(ORDERS) as reading:
            base = reading.snapshot.base
        late.execute("SAVEPOINT a; INSERT INTO orders VALUES (7, 'sub'); RELEASE a")
        late.execute(
            "SAVEPOINT b; INSERT INTO orders VALUES (8, 'sub'); ROLLBACK TO b; INSERT INTO orders VALUES (9, 'x')"
        )
        late.execute("COMMIT")
    orders.execute("UPDATE orders SET note = 'changed' WHERE id = 2")
    with source.open(ORDERS) as reading:
        assert ids(reading, [Span(interval=AROUND, base=base)]) == [2, 6, 7, 9]
        assert ids(reading, [Span(interval=AROUND)]) == [1, 2, 3, 4, 5, 6, 7, 9]


def test_xids_of_the_epoch_before_lie_in_the_past(source, orders):
    """At epoch 3, a row of an xid above the snapshot's low half was written in epoch 2."""
    with source.open(ORDERS) as reading:
        orders.execute("SELECT min(xmin::text::bigint), max(xmin::text::bigint) FROM orders")
        [(xid, same)] = orders.fetchall()
        assert xid == same
        for xmax, base, found in (
            ((3 << 32) + xid + 1, (3 << 32) + xid, True),
            ((3 << 32) + xid + 1, (3 << 32) + xid + 1, False),
            ((3 << 32) + xid - 1, (2 << 32) + xid, True),
            ((3 << 32) + xid - 1, (2 << 32) + xid + 1, False),
        ):
            reading._query = replace(reading._query, xmax=xmax)
            assert bool(ids(reading, [Span(interval=AROUND, base=base)])) == found


def test_leaves_are_the_partitions_behind_a_table_or_a_view(source, database):
    with session(
        database.dsn,
        "CREATE TABLE p (id int, a timestamptz) PARTITION BY RANGE (id)",
        "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10)",
        "CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (10) TO (20)",
        "CREATE VIEW v AS SELECT * FROM p",
        "SELECT array_agg(c.oid::bigint ORDER BY c.oid) FROM pg_class c WHERE relname IN ('p1', 'p2')",
    ) as cursor:
        [(expected,)] = cursor.fetchall()
    for name in ("p", "v"):
        with source.open(
            Selection(schema="public", name=name, key=("id",), cursor=("a",), columns=("id", "a"))
        ) as reading:
            assert [leaf.id for leaf in reading.leaves] == expected
            assert {(leaf.kind, leaf.access_method) for leaf in reading.leaves} == {("r", "heap")}
            assert reading.schema.row_versions == (name == "p")


def test_cursors_that_lie_in_no_slice_or_in_a_later_one_are_counted(source, orders):
    orders.execute("ALTER TABLE orders ALTER updated_at DROP NOT NULL, ADD created_at timestamptz DEFAULT now()")
    orders.execute("UPDATE orders SET updated_at = NULL, created_at = NULL WHERE id = 1")
    orders.execute("UPDATE orders SET updated_at = NULL WHERE id = 2")
    orders.execute("UPDATE orders SET updated_at = 'infinity' WHERE id = 3")
    orders.execute("UPDATE orders SET updated_at = now() + interval '1 day' WHERE id = 4")
    orders.execute("UPDATE orders SET updated_at = NULL, created_at = now() + interval '1 day' WHERE id = 5")
    two = replace(ORDERS, cursor=("updated_at", "created_at"))
    with source.open(two) as reading:
        assert reading.counts() == (2, 2)  # 1 and 3; 4 and 5
        assert ids(reading) == [2]
    with source.open(replace(two, where="id > 3")) as reading:
        assert reading.counts() == (0, 2)
    with source.open(replace(two, null_cursor="include")) as reading:
        rows = reading.rows([Span(interval=AROUND)], READ_AT)
        found = [row for batch in rows for row in batch.to_pylist()]
        assert sorted((row["id"], row["_floodmark_gone"]) for row in found) == [(1, None), (2, None), (3, True)]
        assert [one["values"][0]["value"] for one in rows.quarantined] == ["infinity"]  # 3


def test_a_where_narrows_every_read(source, orders):
    with source.open(replace(ORDERS, where="id <> 3 -- not that one")) as reading:
        assert ids(reading) == ids(reading, None) == [1, 2, 4, 5]


def test_a_select_of_ones_own_is_bounded_from_outside(source, orders):
    orders.execute("UPDATE orders SET updated_at = 'epoch' WHERE id = 1")
    own = "SELECT id, id * 1.5::numeric(6, 2) AS price, id::numeric(6, 2) AS exact, updated_at\nFROM orders; -- mine"
    selection = Selection(
        schema="public", name="orders", key=("id",), cursor=("updated_at",), columns=("id", "price", "exact"), sql=own
    )
    with source.open(selection) as reading:
        assert ids(reading) == [2, 3, 4, 5]
        assert [column.type for column in reading.schema.columns] == [
            "bigint",
            "numeric",
            "numeric(6,2)",
            "timestamp with time zone",
        ]
        assert len(reading.leaves) == 1


def test_a_naive_cursor_is_read_by_the_clock_of_its_zone_and_each_row_once(source, database):
    """02:30 is shown twice on 2026-10-25 in Berlin: both hours read it, and one read of both reads it once."""
    with session(
        database.dsn,
        "CREATE TABLE n (id int PRIMARY KEY, a timestamp)",
        "INSERT INTO n VALUES (1, '2026-10-25 02:30'), (2, '2026-10-25 03:30'), (3, '2026-10-25 01:30')",
    ):
        pass
    selection = Selection(
        schema="public", name="n", key=("id",), cursor=("a",), columns=("id", "a"), timezone="Europe/Berlin"
    )
    first, second = (
        Interval(low=datetime(2026, 10, 25, hour, tzinfo=UTC), high=datetime(2026, 10, 25, hour + 1, tzinfo=UTC))
        for hour in (0, 1)
    )
    with source.open(selection) as reading:
        assert ids(reading, [Span(interval=first)]) == ids(reading, [Span(interval=second)]) == [1]
        assert ids(reading, [Span(interval=first), Span(interval=second)]) == [1]
        assert ids(reading, [Span(interval=first, base=1), Span(interval=second)]) == [1]


def test_a_date_cursor_is_read_by_whole_days(source, database):
    with session(
        database.dsn,
        "CREATE TABLE d (id int PRIMARY KEY, a date)",
        "INSERT INTO d VALUES (1, '2026-11-01'), (2, '2026-11-02'), (3, 'infinity')",
    ):
        pass
    selection = Selection(schema="public", name="d", key=("id",), cursor=("a",), columns=("id", "a"))
    spans = [
        Span(
            interval=Interval(
                low=datetime(2026, 11, 1, hour, tzinfo=UTC), high=datetime(2026, 11, 1, hour + 1, tzinfo=UTC)
            )
        )
        for hour in (3, 4)
    ]
    with source.open(selection) as reading:
        assert ids(reading, spans[:1]) == ids(reading, spans) == [1]
        assert reading.counts()[0] == 1


@pytest.mark.parametrize("cursor", [("a",), ("a", "b")])
def test_a_slice_is_read_by_the_index(source, database, cursor):
    with session(
        database.dsn,
        "CREATE TABLE big (id int PRIMARY KEY, a timestamptz, b timestamptz NOT NULL, pad text)",
        "INSERT INTO big SELECT g, CASE WHEN g % 3 > 0 THEN m END, m, repeat('x', 50) "
        "FROM (SELECT g, now() - g * interval '1 s' AS m FROM generate_series(1, 100000) g) AS s",
        "CREATE INDEX ON big (a)", "CREATE INDEX ON big (a, b)", "ANALYZE big",
    ) as beside:  # fmt: skip
        selection = Selection(schema="public", name="big", key=("id",), cursor=cursor, columns=("id", "a", "b"))
        interval = Interval(low=NOW - timedelta(hours=2), high=NOW - timedelta(hours=1))
        recheck = Span(interval=Interval(low=NOW - timedelta(hours=4), high=NOW - timedelta(hours=3)), base=1)
        with source.open(selection) as reading:
            beside.execute("EXPLAIN " + reading.query([Span(interval=interval), recheck], READ_AT))
            plan = "\n".join(line for (line,) in beside.fetchall())
            assert "Seq Scan" not in plan
            assert "Index" in plan
            beside.execute("EXPLAIN " + reading._query.counts())
            assert "Seq Scan" not in "\n".join(line for (line,) in beside.fetchall())


def test_an_empty_read_says_so_and_a_full_one_loses_nothing_by_being_asked(source, orders):
    with source.open(ORDERS) as reading:
        rows = reading.rows([Span(interval=AROUND)], READ_AT)
        assert not rows.empty()
        assert not rows.empty()
        assert sum(batch.num_rows for batch in rows) == 5
        nothing = reading.rows([Span(interval=Interval(low=READ_AT, high=READ_AT + timedelta(days=1)))], READ_AT)
        assert nothing.empty()
        assert list(nothing) == []


def test_a_read_of_no_stretch_is_a_mistake(source, orders):
    with source.open(ORDERS) as reading, pytest.raises(ValueError, match="nothing to read"):
        reading.query([], READ_AT)


def test_equal_rows_have_equal_digests_and_others_do_not(source, orders):
    def digest(selection=ORDERS):
        with source.open(selection) as reading:
            rows = reading.rows(None, datetime.now(UTC))
            list(rows)
            return rows.digest

    before = digest()
    assert digest() == before
    assert digest(replace(ORDERS, columns=("id", "updated_at"))) != before
    orders.execute("UPDATE orders SET note = NULL WHERE id = 5")
    changed = digest()
    assert changed != before
    orders.execute("UPDATE orders SET note = '' WHERE id = 5")
    assert digest() not in (before, changed)


@pytest.mark.parametrize(
    ("column", "unit", "expected"),
    [
        ("d", "day", ("0033-04-03", "2026-11-01", None)),
        ("d", "year", ("0033", "2026", None)),
        ("t", "hour", ("2026-11-01T10", "2026-11-01T11")),
        ("t", "month", ("2026-11",)),
        ("n", "day", ("2026-11-01", "2026-11-02")),
    ],
)
def test_the_partitions_that_the_rows_touch_are_listed(source, database, column, unit, expected):
    with session(
        database.dsn,
        "CREATE TABLE t (id int PRIMARY KEY, d date, t timestamptz, n timestamp)",
        "INSERT INTO t VALUES (1, '0033-04-03', '2026-11-01 10:59:59.999999Z', '2026-11-01 23:59:59.999999'),"
        "(2, NULL, '2026-11-01 11:00Z', '2026-11-02'), (3, '2026-11-01', '2026-11-01 12:30+02', '2026-11-02')",
    ):
        pass
    selection = Selection(
        schema="public",
        name="t",
        key=("id",),
        cursor=(),
        columns=("id", column),
        partition_by=column,
        partition_unit=unit,
    )
    with source.open(selection) as reading:
        rows = reading.rows(None, READ_AT)
        assert sum(batch.num_rows for batch in rows) == 3
        assert rows.partitions == expected
