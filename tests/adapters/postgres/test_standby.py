"""A real standby: what was looked for on the primary is read there only once it has been replayed (R8)."""

import os
import pwd
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg2
import pytest

from floodmark.adapters.postgres import standby as postgres_standby
from floodmark.adapters.postgres.history import timeline_of
from floodmark.adapters.postgres.source import PostgresSource
from floodmark.core.ledger.watermark import watermark_of
from floodmark.core.ports import Selection
from floodmark.demo.servers.all import FAST, PostgresServer, temporary_folder
from floodmark.demo.servers.postgres import UNPRIVILEGED, _binaries
from floodmark.errors import SourceUnavailable
from tests.adapters.postgres.sessions import LEDGER

TABLE = Selection(schema="public", name="t", key=("id",), cursor=("a",), columns=("id", "a"))


@pytest.fixture(scope="module")
def pair():
    """A primary with a table, and its standby."""
    with temporary_folder() as folder, PostgresServer(folder=folder / "primary", settings=FAST) as primary:
        run(primary, "CREATE TABLE t (id int PRIMARY KEY, a timestamptz DEFAULT now())")
        (folder / "standby").mkdir(mode=0o711)
        data = folder / "standby" / "data"
        copy = [
            _binaries(readable_by_all=False) / "pg_basebackup",
            "-D",
            data,
            "-R",
            "--checkpoint=fast",
            "-d",
            primary.database().dsn,
        ]
        subprocess.run(copy, check=True)
        give(data)
        with PostgresServer(folder=folder / "standby", settings=FAST) as standby:
            yield primary, standby


def give(data: Path) -> None:
    if os.geteuid() != 0:
        return
    owner = pwd.getpwnam(UNPRIVILEGED)
    for path in (data, *data.rglob("*")):
        shutil.chown(path, owner.pw_uid, owner.pw_gid)


def run(server, statement):
    connection = psycopg2.connect(server.database().dsn)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(statement)
    connection.close()


def ids(reading):
    return sorted(one for batch in reading.rows(None, datetime.now(UTC)) for one in batch.column("id").to_pylist())


def test_a_standby_alone_proves_nothing(pair):
    _, standby = pair
    look = PostgresSource(standby.database().dsn, LEDGER).look()
    assert "seal_connection" in look.blockers[0]
    assert watermark_of(look, settle=timedelta(0)).at is None


def test_a_read_waits_for_the_replay_of_what_the_look_covers(pair, monkeypatch):
    primary, standby = pair
    source = PostgresSource(standby.database().dsn, LEDGER, seal=primary.database().dsn)
    run(primary, "INSERT INTO t VALUES (1)")
    look = source.look()
    assert look.blockers == ()
    with source.open(TABLE) as reading:
        assert ids(reading) == [1]
        assert reading.durable()
        assert reading.snapshot.server == look.server
        assert timeline_of(reading.snapshot) in ("00000001", "")
    run(standby, "SELECT pg_wal_replay_pause()")
    run(primary, "INSERT INTO t VALUES (2)")
    monkeypatch.setattr(postgres_standby, "WAIT", timedelta(seconds=0.3))
    source.look()
    with pytest.raises(SourceUnavailable, match=r"public\.t: the standby has not replayed"):
        source.open(TABLE).__enter__()
    run(standby, "SELECT pg_wal_replay_resume()")
    monkeypatch.undo()
    with source.open(TABLE) as reading:
        assert ids(reading) == [1, 2]


def test_a_standby_of_another_timeline_is_not_read(pair, monkeypatch):
    primary, standby = pair
    source = PostgresSource(standby.database().dsn, LEDGER, seal=primary.database().dsn)
    source.look()
    source._after = postgres_standby.Position(lsn=source._after.lsn, timeline="0000000A")
    with pytest.raises(SourceUnavailable, match="on timeline 1, the one that was looked at on 10"):
        source.open(TABLE).__enter__()
