"""What a server says of itself, whatever the names under which its version says so (M12, M17, M19)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from floodmark.adapters.mysql.server import Facts

CLOCK = datetime(2026, 11, 1, 12, tzinfo=UTC)


def told(*, mariadb: bool = True, status: Mapping[str, str] | None = None, **variables: str) -> Facts:
    return Facts(mariadb=mariadb, clock=CLOCK, variables=variables, status=status or {})


def test_mysql_names_itself_and_mariadb_is_what_it_is_set_up_as() -> None:
    ours = {"server_id": "1", "hostname": "db", "port": "3306"}
    assert told(mariadb=False, server_uuid="3e11fa47", **ours).identity == "3e11fa47"
    others = [{"server_id": "2"}, {"hostname": "db2"}, {"port": "3307"}]
    assert len({told(**(ours | other)).identity for other in [{}, *others]}) == 4


def test_it_began_before_the_clock_by_as_long_as_it_is_up() -> None:
    assert told(status={"uptime": "3600"}).started == CLOCK - timedelta(hours=1)


@pytest.mark.parametrize(
    "status",
    [
        {"innodb_lsn_current": "9", "innodb_lsn_flushed": "7"},
        {"innodb_redo_log_current_lsn": "9", "innodb_redo_log_flushed_to_disk_lsn": "7"},
    ],
    ids=["mariadb", "mysql"],
)
def test_where_its_log_ends_and_how_far_it_is_on_disk(status: dict[str, str]) -> None:
    assert (told(status=status).written, told(status=status).flushed) == ("9", "7")
    assert (told().written, told().flushed) == ("", "")


def test_what_it_has_applied_is_a_set_of_mysqls_in_one_line_and_mariadbs_by_server_too() -> None:
    assert told(mariadb=False, gtid_executed="a:1-5,\nb:1-7").position == "a:1-5,b:1-7"
    mariadb = told(gtid_current_pos="0-2-9", gtid_binlog_state="0-1-8,0-2-9", gtid_slave_pos="1-3-4")
    assert (mariadb.position, mariadb.servers) == ("0-2-9", "0-1-8,0-2-9,1-3-4")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"wsrep_on": "ON", "wsrep_provider": "/usr/lib/galera.so"}, "Galera"),
        ({"group_replication_group_name": "g"}, "replication group"),
        ({"wsrep_on": "ON", "wsrep_provider": "none"}, ""),
        ({"wsrep_on": "OFF", "wsrep_provider": "/usr/lib/galera.so"}, ""),
        ({}, ""),
    ],
)
def test_of_a_cluster_it_is_told_that_others_write(said: dict[str, str], words: str) -> None:
    members = told(**said).members
    assert words in members
    assert bool(members) is bool(words)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"read_only": "OFF"}, False),
        ({"read_only": "ON"}, True),
        ({"read_only": "NO_LOCK_NO_ADMIN"}, True),
        ({"read_only": "0", "innodb_read_only": "ON"}, True),
        ({}, False),
    ],
)
def test_read_only_has_several_names_and_words(said: dict[str, str], expected: bool) -> None:
    assert told(**said).read_only is expected
