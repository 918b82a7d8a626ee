"""MariaDB on this machine, and how any server of its kind is reached."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from floodmark.demo.servers.all import temporary_folder
from floodmark.demo.servers.mariadb import MariaDBServer, MySQLDatabase, by_dsn
from floodmark.demo.servers.mariadb_programs import INSTALL, _kept
from tests.conftest import IN_MEMORY


def test_a_database_is_made_read_and_dropped_with_the_sessions_that_are_in_it(mariadb: MySQLDatabase) -> None:
    made = mariadb.create_database("dropped")
    session = made.connect()
    session.cursor().execute("CREATE TABLE t (a int)")

    mariadb.drop_database("dropped")

    assert ("dropped",) not in mariadb.sql("SHOW DATABASES")


def test_its_data_survive_a_stop_and_its_clock_can_be_in_any_zone(mariadb: MySQLDatabase) -> None:
    if "FLOODMARK_TEST_MYSQL" in os.environ:
        pytest.skip("another server is tested, which these tests don't start")
    with temporary_folder(IN_MEMORY) as folder:
        server = MariaDBServer(folder=folder, zone="America/New_York")
        with server:
            server.database().create_database("kept").sql("CREATE TABLE t (a int)", "INSERT INTO t VALUES (7)")
            assert server.database().sql("SELECT @@system_time_zone")[0][0] in {"EST", "EDT"}
        with server:
            assert server.database("kept").sql("SELECT a FROM t") == [(7,)]


def test_a_dsn_is_read_back_whatever_its_password_holds() -> None:
    place = MySQLDatabase(host="db", port=3307, dbname="sh/op", user="us@er", password="p:@/%")

    assert by_dsn(place.dsn) == place


def test_where_it_cant_be_had_the_command_that_installs_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("floodmark.demo.servers.mariadb_programs.PATH", str(tmp_path))
    monkeypatch.setattr("floodmark.demo.servers.mariadb_programs.tempfile.gettempdir", lambda: str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(Exception, match=INSTALL):
        MariaDBServer(folder=tmp_path / "server").begin()


def test_a_folder_that_cant_be_filled_says_why_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill(folder: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("floodmark.demo.servers.mariadb_programs.tempfile.gettempdir", lambda: str(tmp_path))

    with pytest.raises(OSError, match="No space left on device"):
        _kept("data", fill)

    assert list(tmp_path.iterdir()) == []
