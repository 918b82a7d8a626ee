"""The shop in MariaDB has the same history and the same life, and is synced to the last row."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from floodmark.demo import shop, shop_mysql
from floodmark.demo.servers.all import GoogleServers
from floodmark.demo.servers.mariadb import MySQLDatabase
from tests.demo.living import live


@pytest.mark.slow
def test_a_history_keeps_its_own_timestamps_and_a_date_of_zeros(mysql_database: MySQLDatabase) -> None:
    end = datetime(2026, 11, 1, 12, tzinfo=UTC)
    history = shop.History(start=end - timedelta(hours=3), end=end, orders_per_hour=100)
    shop_mysql.create(mysql_database)
    rows = shop_mysql.write(history, mysql_database)
    [(orders, low, high)] = mysql_database.sql(
        "SET time_zone = '+00:00'", "SELECT COUNT(*), MIN(updated_at), MAX(updated_at) FROM orders"
    )
    assert orders == rows["orders"] == 300
    assert history.start <= low.replace(tzinfo=UTC) < high.replace(tzinfo=UTC) < end
    assert mysql_database.sql("SELECT COUNT(*) FROM products WHERE sold_since = '0000-00-00'") == [(1,)]
    assert mysql_database.sql("SELECT COUNT(*) FROM order_items WHERE updated_at IS NULL")[0][0] > 0


@pytest.mark.long
def test_a_living_shop_in_mariadb_is_equal_after_each_slice(
    mysql_database: MySQLDatabase, google: GoogleServers, bucket: str, tmp_path: Path
) -> None:
    def fill(history: shop.History) -> None:
        shop_mysql.create(mysql_database)
        shop_mysql.write(history, mysql_database)

    lived = live(mysql_database, google, bucket, tmp_path, fill)
    lived.is_equal_and_was_late()
    assert lived.found["shop.products"].held_out == 1
    for kind in ("savepoints", "rollbacks", "several in one message", "prepared", "late commits"):
        assert lived.done[kind], kind
