"""Reading on a replica what was looked for on its primary: nothing is read before it has come (R8, M18)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from floodmark.adapters.mysql import opening, shards
from floodmark.adapters.mysql import replica as replicas
from floodmark.adapters.mysql.connect import connected
from floodmark.adapters.mysql.history import history, place
from floodmark.adapters.mysql.look import look
from floodmark.adapters.mysql.replica import Position, primary_position, wait_for_changes
from floodmark.adapters.mysql.server import Facts, facts
from floodmark.core.ledger.snapshot import Snapshot
from floodmark.core.ports import Selection
from floodmark.demo.servers.all import temporary_folder
from floodmark.demo.servers.mariadb import MariaDBServer, MySQLDatabase
from floodmark.errors import SourceUnavailable
from tests.adapters.mysql.conftest import TABLE
from tests.adapters.mysql.test_look import LEDGER, at
from tests.conftest import IN_MEMORY

PRIMARY = {"server-id": "1", "log-bin": "bin"}
OF_T = Selection(schema="shop", name="t", key=("id",), cursor=("u",), columns=("id", "w", "u"))
REPLICA = {"server-id": "2", "log-bin": "bin", "read-only": "1"}


@pytest.fixture(scope="module")
def pair() -> Iterator[tuple[MySQLDatabase, MySQLDatabase]]:
    """A primary and its replica, which has applied all that the primary has."""
    with (
        temporary_folder(IN_MEMORY) as one,
        temporary_folder(IN_MEMORY) as two,
        MariaDBServer(folder=one, settings=PRIMARY) as primary,
        MariaDBServer(folder=two, settings=REPLICA) as replica,
    ):
        primary.database().sql("CREATE USER r IDENTIFIED BY 'r'", "GRANT REPLICATION SLAVE ON *.* TO r")
        shop = primary.database().create_database("shop")
        shop.sql(TABLE)
        follow = f"MASTER_HOST='127.0.0.1', MASTER_PORT={primary.port}, MASTER_USER='r', MASTER_PASSWORD='r'"
        replica.database().sql(f"CHANGE MASTER TO {follow}, MASTER_USE_GTID=slave_pos", "START SLAVE")
        applied(shop, replica.database())
        yield shop, replica.database("shop")


def applied(primary: MySQLDatabase, replica: MySQLDatabase) -> None:
    """Return once the replica has all that the primary wrote, its databases too (a minute at the most)."""
    [[written]] = primary.sql("SELECT @@gtid_binlog_pos")
    assert replica.sql(f"SELECT MASTER_GTID_WAIT('{written}', 60)") == [(0,)]


def position_of(primary: MySQLDatabase) -> Position:
    found: list[Position] = []
    look(at(primary), LEDGER, then=lambda connection: found.append(primary_position(connection)))
    return found[0]


def test_a_read_waits_until_the_replica_has_applied_what_the_look_covers(
    pair: tuple[MySQLDatabase, MySQLDatabase], monkeypatch: pytest.MonkeyPatch
) -> None:
    primary, replica = pair
    primary.sql("INSERT INTO t (w) VALUES (1)")
    after = position_of(primary)
    with connected(at(replica)) as connection:
        wait_for_changes(connection, "shop.t", after)
        assert replica.sql("SELECT w FROM t") == [(1,)]
        replica.sql("STOP SLAVE SQL_THREAD")
        primary.sql("INSERT INTO t (w) VALUES (2)")
        after = position_of(primary)
        monkeypatch.setattr(replicas, "WAIT", timedelta(seconds=0.1))
        with pytest.raises(SourceUnavailable, match="has not applied"):
            wait_for_changes(connection, "shop.t", after)
        replica.sql("START SLAVE SQL_THREAD")
        monkeypatch.undo()
        wait_for_changes(connection, "shop.t", after)
        assert replica.sql("SELECT w FROM t") == [(1,), (2,)]


def test_two_connections_to_two_servers_are_told(
    pair: tuple[MySQLDatabase, MySQLDatabase], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that leads to several servers: the holder's lock would hold nothing of what is read (M19)."""
    primary, replica = pair
    elsewhere = opening.reader
    monkeypatch.setattr(opening, "reader", lambda _, *told, **also: elsewhere(at(replica), *told, **also))
    with pytest.raises(SourceUnavailable, match="two servers"), opening.opened(at(primary), OF_T):
        pass


def test_a_lock_of_another_servers_table_makes_no_readers(
    pair: tuple[MySQLDatabase, MySQLDatabase], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It keeps nobody from a commit where the readers take their snapshots."""
    primary, replica = pair
    monkeypatch.setattr(shards, "connected", lambda _: connected(at(replica)))
    monkeypatch.setattr(shards, "LEAST_ROWS", 1)
    primary.sql("INSERT INTO t (w) SELECT seq FROM seq_1_to_100", "ANALYZE LOCAL TABLE t")
    with opening.opened(at(primary), replace(OF_T, readers=2, whole=True)) as reading:
        assert len(reading._readers) == 1
    assert "one reader reads it all: locking shop.t for a moment: two connections reached two servers" in caplog.text


def test_without_gtids_a_replica_is_read_on_trust(pair: tuple[MySQLDatabase, MySQLDatabase]) -> None:
    primary, replica = pair
    after = position_of(primary)
    assert after.gtids
    with opening.opened(at(replica), OF_T, after=after) as reading:
        assert (reading.snapshot.server, reading.assumptions) == (after.server, ())
    with opening.opened(at(replica), OF_T, after=replace(after, gtids="")) as reading:
        assert (reading.snapshot.server, reading.assumptions) == (after.server, (replicas.UNPROVED,))


def test_mysqls_position_is_asked_again_once_all_that_could_be_seen_is_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """It adds a transaction to gtid_executed after others see it. No such server is here, so its answers are given."""
    told = [
        Facts(mariadb=False, clock=datetime(2026, 11, 1, tzinfo=UTC), variables={"gtid_executed": one}, status={})
        for one in ("a:1-5", "a:1-6")
    ]
    monkeypatch.setattr(replicas, "facts", lambda *_: told.pop(0))
    slept: list[float] = []
    monkeypatch.setattr(replicas.time, "sleep", slept.append)
    assert primary_position(None).gtids == "a:1-6"
    assert slept == [1.0]


def test_mariadbs_position_is_what_its_binary_log_has() -> None:
    """Its current position may be of a transaction that is not in the log yet, and nobody sees."""
    said = {"gtid_binlog_pos": "0-1-5", "gtid_current_pos": "0-1-6"}
    known = Facts(mariadb=True, clock=datetime(2026, 11, 1, tzinfo=UTC), variables=said, status={})
    assert replicas.written(known) == "0-1-5"


def test_a_replica_alone_proves_nothing(pair: tuple[MySQLDatabase, MySQLDatabase]) -> None:
    [blocker] = look(at(pair[1]), LEDGER).blockers
    assert "seal_connection" in blocker
    assert look(at(pair[0]), LEDGER).blockers == ()


def test_an_older_state_than_the_last_read_saw_is_never_read_unless_it_is_lost_for_good(
    pair: tuple[MySQLDatabase, MySQLDatabase], monkeypatch: pytest.MonkeyPatch
) -> None:
    primary, replica = pair
    after = position_of(primary)
    monkeypatch.setattr(replicas, "WAIT", timedelta(seconds=0.1))
    with connected(at(replica)) as connection:
        applied(primary, replica)
        known = facts(connection, "asking")
        here = known.position
        ahead = here[: here.rindex("-") + 1] + str(int(here.rpartition("-")[2]) + 1)
        with pytest.raises(SourceUnavailable, match="has not applied"):
            wait_for_changes(connection, "shop.t", Position(server=after.server, gtids=ahead))
    last = Snapshot(server=after.server, place={"server": known.identity, "position": ahead})
    with opening.opened(at(replica), OF_T, after=after) as reading:  # the primary doesn't have it either
        assert f"ended at {ahead} when it was read" in history(last, reading.snapshot).voided


def test_a_replica_that_takes_over_holds_what_was_read_unless_it_never_got_the_last_of_it(
    pair: tuple[MySQLDatabase, MySQLDatabase],
) -> None:
    primary, replica = pair

    def snapshot(server: MySQLDatabase) -> Snapshot:
        with connected(at(server)) as connection:
            return Snapshot(server="", place=place(facts(connection, "asking"), ""))

    after, before = position_of(primary), snapshot(primary)
    with connected(at(replica)) as connection:
        wait_for_changes(connection, "shop.t", after)
    replica.sql("STOP SLAVE")
    primary.sql("INSERT INTO t (w) VALUES (3)")
    lost = snapshot(primary)
    replica.sql("RESET SLAVE ALL", "SET GLOBAL read_only = 0", *["INSERT INTO t (w) VALUES (4)"] * 3)
    now = snapshot(replica)
    assert now.place["server"] != before.place["server"]
    assert history(before, now).voided == ""
    assert "does not show by GTIDs that it holds all" in history(lost, now).voided
