"""What was seen may be lost by a crash; the log says from when on it is not (R3, M17)."""

from __future__ import annotations

import os
import signal
from datetime import timedelta
from typing import Any

import pytest

from floodmark.adapters.mysql import durable
from floodmark.adapters.mysql.connect import connected, rows
from floodmark.adapters.mysql.durable import flushed, log_end
from floodmark.adapters.mysql.history import history, place
from floodmark.adapters.mysql.server import facts
from floodmark.core.ledger.snapshot import Snapshot
from floodmark.demo.servers.all import temporary_folder
from floodmark.demo.servers.mariadb import MariaDBServer
from tests.adapters.mysql.conftest import TABLE
from tests.adapters.mysql.test_look import at

# On a disk: in memory MariaDB maps its log as a file that outlives it, and a crash takes nothing back.
LAZY = {"innodb-flush-log-at-trx-commit": "0", "innodb-flush-log-at-timeout": "600"}


def test_a_row_that_was_seen_is_gone_after_a_crash_unless_the_log_was_on_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    with temporary_folder() as folder, MariaDBServer(folder=folder, settings=LAZY) as server:
        shop = server.database().create_database("shop")
        shop.sql(TABLE, "SET GLOBAL innodb_flush_log_at_trx_commit = 1", "INSERT INTO t (w) VALUES (1)")
        with connected(at(shop)) as connection:
            assert flushed(connection, facts(connection, "asking").written)
        monkeypatch.setattr(durable, "WAIT", timedelta(0))
        for _ in range(8):  # now and then InnoDB's own threads write the log, so that it is kept after all
            number, seen = killed_before_it_is_on_disk(server)
            server.stop()
            server.start()
            assert shop.sql("SELECT w FROM t ORDER BY id LIMIT 1") == [(1,)]
            if not shop.sql(f"SELECT w FROM t WHERE id = {number}"):
                break
        else:
            pytest.fail("nothing was ever lost")
        with connected(at(shop)) as connection:
            now = Snapshot(server=seen["server"], place=stands(connection))
        assert history(Snapshot(server=seen["server"], durable=False, place=seen), now).voided


def killed_before_it_is_on_disk(server: MariaDBServer) -> tuple[int, dict[str, str]]:
    """The key of the row that was written last, and where the server stood when it was killed."""
    with connected(at(server.database("shop"))) as connection:
        rows(connection, "SET GLOBAL innodb_flush_log_at_trx_commit = 0", "asking")
        for _ in range(50):
            rows(connection, "INSERT INTO t (w) VALUES (2)", "asking")
            number = int(connection.insert_id())
            seen = facts(connection, "asking")
            if not flushed(connection, seen.written):
                os.kill(server.pid, signal.SIGKILL)
                return number, place(seen, seen.written)
    pytest.fail("the log is always on disk")


def stands(connection: Any) -> dict[str, str]:
    now = facts(connection, "asking")
    return place(now, log_end(connection, now))
