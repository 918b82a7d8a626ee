"""Fixtures: real servers, started when the first test asks, and in them a place of its own for each test.

postgres   session   a PostgreSQL server (``create_database``, ``database``)
database   function  an empty database of it (``dsn``, ``host``, ``port``, ``dbname``, ``user``)
mariadb    session   a MariaDB server, or the MySQL of FLOODMARK_TEST_MYSQL (``create_database``, ``sql``)
mysql_database  function  an empty database of it (``dsn``, ``sql``, ``connect``)
google     session   Cloud Storage and BigQuery (``bigquery_client()``, ``storage_client()``), set in os.environ
bucket     function  the name of an empty bucket
datasets   function  two empty datasets (``project``, ``current``, ``raw``)
tmp_path   function  an empty folder: pytest's, but in memory

What servers and ledgers write lies in memory (IN_MEMORY) where there is room: on a disk they wait for it at each
commit, and a database of PostgreSQL takes four times the work.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import tempfile
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from floodmark.demo.servers.all import (
    FAST,
    PROJECT,
    Database,
    GoogleServers,
    PostgresServer,
    google_servers,
    temporary_folder,
)
from floodmark.errors import ServerFailed

if TYPE_CHECKING:
    from floodmark.demo.servers.mariadb import MySQLDatabase

settings.register_profile("floodmark", deadline=None)
settings.load_profile("floodmark")
"""No example is timed: a machine that is busy with something else fails no test."""


def _in_memory() -> Path | None:
    """A folder in memory with room for both workers' servers, or None: macOS has none, a container little."""
    folder = Path("/dev/shm")
    roomy = os.access(folder, os.W_OK) and shutil.disk_usage(folder).free >= 4 << 30
    return folder if roomy else None


IN_MEMORY = _in_memory()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A share of the tests that are slow or long, for CI.

    ``CASES_SHARE=6``: of each the first case, and every sixth of the others. ``TESTS_SHARE=2``: every second of them;
    ``TURN`` says which, so that those left out by one commit are taken by the next.
    """
    cases, tests = (int(os.environ.get(name, "1")) for name in ("CASES_SHARE", "TESTS_SHARE"))
    turn, counted, places = int(os.environ.get("TURN", "0")), Counter[str](), dict[str, int]()
    kept: list[pytest.Item] = []
    left_out: list[pytest.Item] = []
    for item in items:
        test = item.nodeid.partition("[")[0]
        if not any(map(item.get_closest_marker, ("slow", "long"))):
            kept.append(item)
            continue
        place = places.setdefault(test, len(places))
        is_chosen = counted[test] % cases == 0 and (place + turn) % tests == 0
        (kept if is_chosen else left_out).append(item)
        counted[test] += 1
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = kept


@pytest.fixture(autouse=True)
def told_alike() -> Iterator[None]:
    """A command that ran in this process has set how much Floodmark tells: the next test starts as the first did."""
    yield
    logging.getLogger("floodmark").setLevel(logging.NOTSET)


@dataclass(frozen=True, kw_only=True)
class Datasets:
    """A pair of BigQuery datasets, by their names."""

    project: str
    current: str
    raw: str


@contextmanager
def new_datasets(google: GoogleServers, current: str) -> Iterator[Datasets]:
    """Two new datasets, for current and for raw; dropped afterwards, since each table slows the server's next job."""
    created = Datasets(project=PROJECT, current=current, raw=f"{current}_raw")
    client = google.bigquery_client()
    for name in (created.current, created.raw):
        client.create_dataset(name)
    yield created
    for name in (created.current, created.raw):
        client.delete_dataset(name, delete_contents=True, not_found_ok=True)


@pytest.fixture
def tmp_path(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An empty folder named after the test, removed at its end where it takes memory."""
    name = re.sub(r"\W", "_", request.node.name)[:30]
    if IN_MEMORY is None:
        yield tmp_path_factory.mktemp(name)
        return
    with tempfile.TemporaryDirectory(prefix=f"{name}-", dir=IN_MEMORY, ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One PostgreSQL server for the session: fast, not durable."""
    with temporary_folder(IN_MEMORY) as folder, PostgresServer(folder=folder, settings=FAST) as server:
        yield server


@pytest.fixture
def database(postgres: PostgresServer) -> Iterator[Database]:
    """An empty database, dropped afterwards with whatever is still open in it."""
    created = postgres.create_database("t_" + uuid.uuid4().hex[:12])
    yield created
    postgres.drop_database(created.dbname)


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MySQLDatabase]:
    """One MariaDB server for the session, or any server whose DSN FLOODMARK_TEST_MYSQL holds."""
    from floodmark.demo.servers.mariadb import MariaDBServer, by_dsn
    from floodmark.demo.servers.mariadb_programs import INSTALL, programs

    if given := os.environ.get("FLOODMARK_TEST_MYSQL"):
        yield by_dsn(given)
        return
    try:
        programs()
    except ServerFailed:
        pytest.skip(f"these tests need MariaDB: {INSTALL}")
    with temporary_folder(IN_MEMORY) as folder, MariaDBServer(folder=folder) as server:
        yield server.database()


@pytest.fixture
def mysql_database(mariadb: MySQLDatabase) -> Iterator[MySQLDatabase]:
    """An empty database, dropped afterwards with the sessions that are still in it."""
    created = mariadb.create_database("t_" + uuid.uuid4().hex[:12])
    yield created
    mariadb.drop_database(created.dbname)


@pytest.fixture(scope="session")
def google() -> Iterator[GoogleServers]:
    """Cloud Storage and BigQuery for the session; Google's clients find them by the variables set here."""
    with (
        temporary_folder(IN_MEMORY) as folder,
        google_servers(folder=folder, say=print) as servers,
        pytest.MonkeyPatch.context() as patch,
    ):
        for name, value in servers.variables().items():
            patch.setitem(os.environ, name, value)
        yield servers


@pytest.fixture
def bucket(google: GoogleServers) -> str:
    """The name of a new bucket."""
    name = "b-" + uuid.uuid4().hex[:12]
    google.storage_client().create_bucket(name)
    return name


@pytest.fixture
def datasets(google: GoogleServers) -> Iterator[Datasets]:
    """Two new datasets, for current and for raw."""
    with new_datasets(google, "d_" + uuid.uuid4().hex[:12]) as created:
        yield created
