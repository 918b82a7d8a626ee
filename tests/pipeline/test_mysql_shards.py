"""A table of MySQL that several readers read side by side is what one reader reads."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from floodmark.adapters.mysql import shards
from floodmark.adapters.mysql.reader import Reader
from floodmark.adapters.mysql.reading import MySQLReading
from floodmark.core.ledger.portion import Kind
from floodmark.demo.servers.all import Database, GoogleServers
from floodmark.demo.servers.mariadb import MySQLDatabase
from floodmark.errors import BadValue, SourceUnavailable
from tests.conftest import Datasets
from tests.pipeline.conftest import hour
from tests.pipeline.mysql_world import MySQLWorld
from tests.pipeline.test_shards import in_stage, objects

FILL = (
    "CREATE TABLE {0} (id bigint PRIMARY KEY, note text, amount decimal(12,2), code varchar(9) DEFAULT 'c', "
    "day date, updated_at timestamp(6) NOT NULL DEFAULT '2026-11-01 00:10', KEY (updated_at))",
    "INSERT INTO {0} (id, note, amount) SELECT seq, IF(seq % 7, CONCAT('n', seq), NULL), seq FROM seq_1_to_400",
    "ANALYZE TABLE {0}",
)


@pytest.fixture
def shop(
    mysql_database: MySQLDatabase, datasets: Datasets, google: GoogleServers, bucket: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[MySQLWorld]:  # fmt: skip
    """A source with one table of 400 rows, enough for several readers."""
    monkeypatch.setattr(shards, "LEAST_ROWS", 40)
    world = MySQLWorld(
        database=cast("Database", mysql_database), datasets=datasets, google=google, bucket=bucket, folder=tmp_path
    )
    world.sql(*(one.format("orders") for one in FILL))
    yield world
    world.close()


def same(world: MySQLWorld) -> None:
    """What current holds is what the source does."""
    rows = world.source("SELECT id, note, CAST(amount AS CHAR) FROM orders ORDER BY 1")
    assert world.current("orders", "id, note, FORMAT('%.2f', amount)") == rows


@pytest.mark.slow
def test_a_reload_and_a_full_copy_are_read_by_several(shop: MySQLWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_PII_KEY", "generic://:a-random-secret-of-16@")
    shop.tables = "{orders: {readers: 4, verify: full, mask: {code: {hmac: pii_key}}}}"
    shop.run("orders", None, Kind.RELOAD)
    assert objects(shop) == 4
    same(shop)
    digest = hmac.new(b"a-random-secret-of-16", b"c", "sha256").hexdigest()
    assert shop.current("orders", "DISTINCT code") == [(digest,)]

    shop.sql(
        "UPDATE orders SET amount = amount + 1", "CREATE TABLE t LIKE orders", "INSERT INTO t SELECT * FROM orders"
    )
    shop.sql("ANALYZE TABLE t")
    shop.tables = "{t: {sync: full, readers: 3}}"
    shop.run("t", hour(0))
    assert objects(shop, "t") == 3
    shop.run("t", hour(1))  # nothing new: the digest of all objects says so
    last = shop.head("t").last
    assert last is not None
    assert not last.changed


@pytest.mark.slow
def test_each_part_of_a_first_load_is_shared_out_and_slices_are_not(shop: MySQLWorld) -> None:
    shop.tables = "{orders: {readers: 3, first_load: whole, first_load_rows: 150, verify: full}}"
    shop.run("orders", hour(0))
    run = shop.table_run("orders")
    reads = [read for read in run.ports.ledger.reads(run.target) if read.part]
    shared = [(read.rows, len(read.manifest.objects)) for read in reads if read.manifest and read.rows]
    assert shared == [(150, 3), (150, 3), (100, 2)]
    same(shop)
    shop.sql("UPDATE orders SET amount = amount + 1, updated_at = '2026-11-01 01:10'")
    shop.run("orders", hour(1))
    assert objects(shop) == 1
    same(shop)


@pytest.mark.slow
def test_a_reader_that_fails_ends_the_read_and_nothing_of_the_others_is_left(
    shop: MySQLWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.tables = "{orders: {readers: 4, bad_values: fail}}"
    shop.sql("SET sql_mode = 'ALLOW_INVALID_DATES'", "UPDATE orders SET day = '2026-02-31' WHERE id = 400")
    with pytest.raises(BadValue):
        shop.run("orders", None, Kind.RELOAD)
    assert in_stage(shop) == []
    shop.sql("UPDATE orders SET day = NULL")
    staged = MySQLReading.staged

    def killed(reading: MySQLReading, *given: Any) -> Any:
        assert len(reading._readers) == 4
        shop.sql(f"KILL {reading._readers[2].connection.thread_id()}")
        return staged(reading, *given)

    with monkeypatch.context() as patched:
        patched.setattr(MySQLReading, "staged", killed)
        with pytest.raises(SourceUnavailable):
            shop.run("orders", None, Kind.RELOAD)
    assert in_stage(shop) == []
    shop.run("orders", None, Kind.RELOAD)
    same(shop)
    assert objects(shop) == 4


def test_one_reads_it_all_where_no_further_connection_is_to_be_had(
    shop: MySQLWorld, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    shop.tables = "{orders: {readers: 3}}"
    begin, begun = Reader.begin, []

    def refused(reader: Reader) -> None:
        begun.append(reader)
        if len(begun) == 2:
            raise SourceUnavailable("too many connections")
        begin(reader)

    monkeypatch.setattr(Reader, "begin", refused)
    shop.run("orders", None, Kind.RELOAD)
    same(shop)
    assert objects(shop) == 1
    assert "one reader reads it all: too many connections" in caplog.text
