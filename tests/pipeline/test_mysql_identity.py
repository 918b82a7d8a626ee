"""Another table, or another column, behind a name of MySQL's, without a cursor that moves (R11, R32, M22)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from floodmark.core.ledger.portion import Kind
from floodmark.demo.servers.all import Database, GoogleServers
from floodmark.demo.servers.mariadb import MySQLDatabase
from floodmark.errors import ConfigurationError
from tests.conftest import Datasets
from tests.pipeline.conftest import hour
from tests.pipeline.mysql_world import MySQLWorld

COLUMNS = "id bigint PRIMARY KEY, v bigint, w bigint, updated_at timestamp(6) NOT NULL, KEY (updated_at)"


@pytest.fixture
def shop(
    mysql_database: MySQLDatabase, datasets: Datasets, google: GoogleServers, bucket: str, tmp_path: Path
) -> Iterator[MySQLWorld]:
    """A table of which an hour was read."""
    world = MySQLWorld(
        database=cast("Database", mysql_database), datasets=datasets, google=google, bucket=bucket, folder=tmp_path
    )
    world.sql(
        f"CREATE TABLE orders ({COLUMNS})",
        "INSERT INTO orders VALUES (1, 1, 10, '2026-11-01 00:10'), (2, 2, 20, '2026-11-01 00:10')",
    )
    world.run("orders", hour(0))
    yield world
    world.close()


@pytest.mark.slow
def test_another_physical_table_behind_its_name_takes_the_place_of_what_was_read(shop: MySQLWorld) -> None:
    shop.sql(
        f"CREATE TABLE other ({COLUMNS})",
        "INSERT INTO other VALUES (2, 3, 30, '2026-11-01 00:10')",
        "RENAME TABLE orders TO old, other TO orders",
    )
    shop.run("orders", hour(1))
    assert shop.current("orders", "id, v, w") == [(2, 3, 30)]
    shop.sql("TRUNCATE TABLE orders")
    shop.run("orders", hour(2))
    assert shop.current("orders", "id") == []


@pytest.mark.slow
def test_columns_that_change_their_names_or_are_made_anew_at_once_are_read_again(shop: MySQLWorld) -> None:
    shop.sql("ALTER TABLE orders CHANGE v w bigint, CHANGE w v bigint, ALGORITHM = INSTANT")
    shop.run("orders", hour(1))
    assert shop.current("orders", "id, v, w") == [(1, 10, 1), (2, 20, 2)]
    shop.sql("ALTER TABLE orders DROP COLUMN v, ADD COLUMN x bigint, ALGORITHM = INSTANT", "UPDATE orders SET x = 7")
    shop.run("orders", hour(2))
    assert shop.current("orders", "id, w, x") == [(1, 1, 7), (2, 2, 7)]


@pytest.mark.slow
@pytest.mark.parametrize("rows", [0, 1])
def test_a_renamed_column_is_followed_by_its_place_and_nothing_is_read_anew(shop: MySQLWorld, rows: int) -> None:
    shop.tables = "{orders: {renamed: {v: x}}}"
    change = "UPDATE orders SET x = 7, updated_at = '2026-11-01 01:10' WHERE id = 2"
    shop.sql("ALTER TABLE orders RENAME COLUMN v TO x", *[change][:rows])
    shop.run("orders", hour(1))
    for number in (2, 3):
        last = shop.head("orders").last
        assert last is not None
        assert (last.kind, last.partial, last.retired) == (Kind.SLICE, (), ())
        assert shop.current("orders", "id, x, w") == shop.source("SELECT id, x, w FROM orders ORDER BY 1")
        shop.run("orders", hour(number))
    client = shop.google.bigquery_client()
    for dataset in (shop.datasets.raw, shop.datasets.current):
        names = [field.name for field in client.get_table(f"{dataset}.orders").schema]
        assert "x" in names
        assert "v" not in names


@pytest.mark.slow
def test_a_column_that_may_be_another_is_not_followed_and_without_the_line_it_is_read_whole(shop: MySQLWorld) -> None:
    shop.tables = "{orders: {renamed: {v: x}}}"
    shop.sql("ALTER TABLE orders DROP COLUMN v, ADD COLUMN x bigint DEFAULT 5, ALGORITHM = INSTANT")
    with pytest.raises(ConfigurationError, match='"x" stands elsewhere than "v" stood'):
        shop.run("orders", hour(1))
    shop.tables = "{orders: }"
    shop.run("orders", hour(1))
    assert shop.current("orders", "id, x, w") == [(1, 5, 10), (2, 5, 20)]


def test_a_text_with_the_quote_of_its_own_cell_comes_as_it_is(shop: MySQLWorld) -> None:
    shop.sql(
        "ALTER TABLE orders ADD note text",
        "INSERT INTO orders VALUES (3, 3, 3, '2026-11-01 01:10', CONCAT('\"a', x'01', 'b,', x'0101', 'c', x'01'))",
    )
    shop.run("orders", hour(1))
    assert shop.current("orders", "note", "id")[-1:] == [('"a\1b,\1\1c\1',)]
