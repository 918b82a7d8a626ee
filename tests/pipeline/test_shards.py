"""A table that several readers read in one snapshot is what one reader reads."""

from __future__ import annotations

import hmac
import logging
from typing import Any

import pytest

from floodmark.adapters import several_readers
from floodmark.adapters.pace import Pace
from floodmark.adapters.postgres import opening, shards
from floodmark.adapters.postgres.shards import Shards
from floodmark.core.ledger.portion import Kind
from floodmark.errors import BadValue, SourceUnavailable
from tests.adapters.test_pace import Clock
from tests.pipeline.conftest import World, hour

FILL = """INSERT INTO {0}
    SELECT g, CASE WHEN g % 7 = 0 THEN NULL ELSE repeat('x', 300) || g END, g, '2026-11-01 00:10+00'
    FROM generate_series(1, 400) AS g"""
COLUMNS = "id bigint, note text, amount numeric(12,2), updated_at timestamptz NOT NULL"


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few blocks are enough for several readers."""
    monkeypatch.setattr(shards, "LEAST_BLOCKS", 2)


def objects(world: World, table: str = "orders") -> int:
    """How many objects the last read of a table has."""
    last = world.head(table).last
    assert last is not None
    assert last.manifest is not None
    assert sum(one.rows for one in last.manifest.objects) == last.rows
    return len(last.manifest.objects)


def in_stage(world: World) -> list[str]:
    return [blob.name for blob in world.google.storage_client().list_blobs(world.bucket, prefix="stage")]


def same(world: World, table: str = "orders") -> None:
    """What current holds is what the source does."""
    rows = world.source(f"SELECT id, note, amount FROM {table} ORDER BY 1, 2")
    assert sorted(world.current(table, "id, note, amount"), key=str) == sorted(rows, key=str)


@pytest.mark.slow
def test_rows_are_those_of_one_reader_though_others_write_between_the_readers(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_PII_KEY", "generic://:a-random-secret-of-16@")
    world.tables = "{orders: {readers: 4, verify: full, mask: {code: {hmac: pii_key}}}}"
    world.sql(FILL.format("orders"), "ALTER TABLE orders ADD code text DEFAULT 'c'")
    wanted = world.source("SELECT id, note, amount FROM orders ORDER BY 1")
    reader = Shards._reader

    def after_others(*given: Any) -> Any:
        world.sql(
            "UPDATE orders SET amount = amount + 1", "DELETE FROM orders WHERE id % 10 = 0",
            "INSERT INTO orders SELECT 1000 + COALESCE(max(id), 0), 'new', 0, now() FROM orders",
        )  # fmt: skip
        return reader(*given)

    monkeypatch.setattr(Shards, "_reader", after_others)
    world.run("orders", None, Kind.RELOAD)
    assert world.current("orders", "id, note, amount") == wanted
    assert objects(world) == 4
    assert world.current("orders", "DISTINCT code") == [
        (hmac.new(b"a-random-secret-of-16", b"c", "sha256").hexdigest(),)
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("table", "options", "readers"),
    [
        ("CREATE TABLE t ({0})", "sync: full, readers: 3", 3),
        ("CREATE TABLE t ({0}, PRIMARY KEY (note, id))", "readers: 5", 5),
        (
            "CREATE TABLE t ({0}) PARTITION BY RANGE (id); CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (99);"
            "CREATE TABLE t2 PARTITION OF t DEFAULT",
            "sync: full, readers: 3",
            3,
        ),
        ("CREATE TABLE base ({0}); CREATE VIEW t AS SELECT * FROM base", "sync: full, readers: 3", 1),
    ],
)
def test_any_kind_of_table_is_read_so_or_by_one_with_a_reason(
    world: World, caplog: pytest.LogCaptureFixture, table: str, options: str, readers: int
) -> None:
    fill = FILL.replace("NULL ELSE", "'' ELSE") if "PRIMARY" in table else FILL
    world.sql(*table.format(COLUMNS).split(";"), fill.format("base" if "VIEW" in table else "t"))
    world.tables = f"{{t: {{{options}}}}}"
    with caplog.at_level(logging.WARNING):
        world.run("t", None, Kind.RELOAD)
    same(world, "t")
    assert objects(world, "t") == readers
    assert (readers == 1) == ("one reader reads it all: its rows have no place of their own" in caplog.text)
    if "sync: full" in options:
        world.run("t", hour(0))  # nothing new: the digest of all objects says so
        last = world.head("t").last
        assert last is not None
        assert not last.changed


@pytest.mark.slow
def test_each_part_of_a_first_load_is_shared_out_by_its_keys(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards, "LEAST_ROWS", 40)
    world.tables = "{orders: {readers: 3, first_load: whole, first_load_rows: 150, verify: full}}"
    world.sql(FILL.format("orders"))
    reader = Shards._reader

    def after_others(*given: Any) -> Any:
        world.sql("UPDATE orders SET amount = amount + 1 WHERE id <= 150")
        return reader(*given)

    wanted = world.source("SELECT id, note, amount FROM orders WHERE id <= 150 ORDER BY 1")
    monkeypatch.setattr(Shards, "_reader", after_others)
    world.run("orders", hour(0))
    run = world.table_run("orders")
    reads = [read for read in run.ports.ledger.reads(run.target) if read.part]
    shared = [(read.rows, len(read.manifest.objects)) for read in reads if read.manifest and read.rows]
    assert shared == [(150, 3), (150, 3), (100, 2)]
    raw = world.raw("orders", "_floodmark_read_at, id, note, amount", "2")
    assert [row for read_at, *row in raw if read_at == reads[0].read_at] == list(map(list, wanted)), "in one snapshot"
    assert world.current("orders", "COUNT(*), COUNT(DISTINCT id)") == [(400, 400)]


@pytest.mark.slow
def test_a_reader_that_fails_ends_the_read_and_nothing_of_the_others_is_left(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.tables = "{orders: {readers: 4, bad_values: fail}}"
    world.sql(FILL.format("orders"), "ALTER TABLE orders ADD d date", "UPDATE orders SET d = 'infinity' WHERE id = 400")
    with pytest.raises(BadValue):
        world.run("orders", None, Kind.RELOAD)
    assert in_stage(world) == []
    world.sql("UPDATE orders SET d = NULL")
    join = Shards.join

    def killed(*given: Any) -> Any:
        readers = join(*given)
        assert readers
        [(pid,)] = readers[2].rows("SELECT pg_catalog.pg_backend_pid()")
        world.source(f"SELECT pg_terminate_backend({pid}, 5000)")
        return readers

    with monkeypatch.context() as patched:
        patched.setattr(Shards, "join", killed)
        with pytest.raises(SourceUnavailable):
            world.run("orders", None, Kind.RELOAD)
    assert in_stage(world) == []
    world.run("orders", None, Kind.RELOAD)
    same(world)
    assert objects(world) == 4


@pytest.mark.slow
def test_a_slice_of_most_of_a_large_table_is_shared_out(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows change between the readers; some of them lie in no slice, or leave it."""
    world.tables = "{orders: {readers: 4, verify: full, where: amount <> 7, null_cursor: include}}"
    world.sql(
        "ALTER TABLE orders ALTER updated_at DROP NOT NULL", FILL.format("orders"),
        "UPDATE orders SET updated_at = NULL WHERE id % 50 = 0", "ANALYZE orders",
    )  # fmt: skip
    world.run("orders", hour(0))
    assert objects(world) == 1, "of a table of 400 rows nobody asks"
    monkeypatch.setattr(shards, "LEAST_ROWS_OF_SLICED", 400)
    world.sql("UPDATE orders SET updated_at = '2026-11-01 01:10+00', note = 'b' WHERE id % 50 <> 0", "ANALYZE orders")
    wanted = world.source("SELECT id, note, amount FROM orders WHERE amount <> 7 ORDER BY 1")
    reader = Shards._reader

    def after_others(*given: Any) -> Any:
        world.sql("UPDATE orders SET note = note || 'c', updated_at = '2026-11-01 02:10+00'")
        return reader(*given)

    with monkeypatch.context() as patched:
        patched.setattr(Shards, "_reader", after_others)
        world.run("orders", hour(1))
    assert objects(world) == 4
    assert world.current("orders", "id, note, amount") == wanted


@pytest.mark.slow
def test_what_an_index_finds_of_a_large_table_is_read_by_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards, "LEAST_ROWS_OF_SLICED", 400)
    world.tables = "{orders: {readers: 4}}"
    world.sql(FILL.format("orders"), "ANALYZE orders")
    world.run("orders", hour(0))
    assert objects(world) == 4, "all of its rows"
    world.sql("UPDATE orders SET updated_at = '2026-11-01 01:10+00', note = 'b' WHERE id = 1")
    world.run("orders", hour(1))
    assert objects(world) == 1
    assert world.current("orders", "id, note")[0] == (1, "b")


def test_by_itself_a_large_table_has_as_many_as_its_size_and_the_server_bear(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    world.sql(FILL.format("orders"))
    monkeypatch.setattr(shards, "cores", lambda: 3)
    world.run("orders", None, Kind.RELOAD)
    assert objects(world) == 1, "a small one"
    monkeypatch.setattr(several_readers, "BYTES_EACH", 8192)
    world.run("orders", None, Kind.RELOAD)
    assert objects(world) == 3
    connected = len(world.source("SELECT FROM pg_stat_activity WHERE datname = current_database()"))
    world.sql(f"ALTER DATABASE {world.database.dbname} CONNECTION LIMIT {connected + 10}")  # holder and reader are two
    world.run("orders", None, Kind.RELOAD)
    assert objects(world) == 2
    world.sql("CREATE VIEW seen AS SELECT * FROM orders")
    world.tables = "{seen: {sync: full}}"
    with caplog.at_level(logging.WARNING):
        world.run("seen", hour(0))
    assert objects(world, "seen") == 1
    assert "one reader reads it all" not in caplog.text


def test_all_readers_keep_to_the_rate_together(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(opening, "Pace", lambda rate: Pace(rate, clock=clock, sleep=clock.sleep))
    world.tables = "{orders: {readers: 4, max_rate: 1MB}}"
    world.sql(FILL.format("orders"))
    world.run("orders", None, Kind.RELOAD)
    same(world)
    assert objects(world) == 4
    [(size,)] = world.source("SELECT sum(length(note)) FROM orders")
    assert (clock.now - 100) * 10**6 >= size / 2  # all but the last reader's batch, of a quarter


def test_one_reads_it_all_where_no_further_connection_is_to_be_had(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    world.tables = "{orders: {readers: 3}}"
    world.sql(FILL.format("orders"))

    def refused(*_: Any) -> Any:
        raise SourceUnavailable("sorry, too many clients already")

    monkeypatch.setattr(Shards, "_reader", refused)
    world.run("orders", None, Kind.RELOAD)
    same(world)
    assert objects(world) == 1
    assert "one reader reads it all: 3 could not be had: sorry, too many clients already" in caplog.text
