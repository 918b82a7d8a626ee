"""The shop in MariaDB has the same history and the same life, and is synced to the last row."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from floodmark.adapters import yaml_file
from floodmark.adapters.connections.environment import LocalConnections
from floodmark.core.ledger.portion import Kind
from floodmark.core.time.cadence import Every
from floodmark.core.time.interval import Interval
from floodmark.demo import shop, shop_mysql
from floodmark.demo.compare import compare
from floodmark.demo.pairs import late_commits, synced
from floodmark.demo.servers.mariadb import MySQLDatabase
from floodmark.demo.sources import DagsFolder
from floodmark.demo.workload import Workload
from floodmark.pipeline.extract import extract
from floodmark.pipeline.load import load
from floodmark.pipeline.table_run import Request, TableRun, closing
from floodmark.pipeline.wiring import ports

WIDTH = timedelta(seconds=8)


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
    mysql_database: MySQLDatabase, google: Any, bucket: str, tmp_path: Path
) -> None:
    start = Every(timedelta(hours=1)).boundary(datetime.now(UTC)) - timedelta(hours=1)
    client = google.bigquery_client()
    for dataset in ("shop", "shop_raw"):
        client.delete_dataset(dataset, delete_contents=True, not_found_ok=True)
        client.create_dataset(dataset)
    environ = {
        **google.variables(), "FLOODMARK_BUCKET": bucket, "FLOODMARK_PROJECT": google.project,
        "FLOODMARK_STATE": str(tmp_path), "FLOODMARK_SHOP_START": f"{start:%Y-%m-%dT%H:%M:%SZ}",
        "FLOODMARK_SHOP_SETTLE": "500ms",
    }  # fmt: skip
    config = yaml_file.load(DagsFolder(tmp_path / "dags", ("shop",)).source("shop"), environ)
    shop_mysql.create(mysql_database)
    shop_mysql.write(shop.History(start=start, end=datetime.now(UTC), orders_per_hour=100), mysql_database)
    connections = LocalConnections(environ, dsns={"shop_db": mysql_database.dsn})
    with closing(ports(config, connections)) as wired:

        def run(low: datetime, high: datetime) -> None:
            for table in config.tables.values():
                sync = TableRun(config=config, table=table, ports=wired, holder="test")
                ask = Request(kind=Kind.SLICE, run_id=f"{high}", interval=Interval(low=low, high=high))
                outcome = extract(sync, ask)
                if outcome.pending:
                    load(sync, outcome.read_at)

        with Workload(dsn=mysql_database.dsn, boundary=WIDTH, rate=30) as workload:
            low = start
            for _ in range(3):
                high = Every(WIDTH).after(datetime.now(UTC))
                time.sleep((high - datetime.now(UTC)).total_seconds() + 0.5)
                run(low, high)
                low = high
            workload.hold_prices()
            time.sleep(1)
            run(low - WIDTH, low)
            tables = list(synced(config, wired.source, wired.ledger, "shop.yml"))
            found = {one.pair.name: compare(mysql_database.dsn, client, one.pair) for one in tables}
        done = workload.tally

    assert [(name, one.examples) for name, one in found.items() if not one.equal] == []
    assert all(one.source_rows > 50 for one in found.values())
    assert found["shop.products"].held_out == 1
    assert sum(late_commits(client, one) for one in tables if one.pair.cursor) > 0
    for kind in ("savepoints", "rollbacks", "several in one message", "prepared", "late commits"):
        assert done[kind], kind
