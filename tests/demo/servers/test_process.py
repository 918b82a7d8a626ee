"""Servers never outlive the program that started them, and say why when they don't start."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg2
import pytest

from floodmark.demo.servers.all import FAST, PostgresServer, temporary_folder
from floodmark.demo.servers.environment import servers_environment
from floodmark.demo.servers.google import BigQueryServer, StorageServer
from floodmark.demo.servers.process import HOST, free_port
from floodmark.errors import ServerFailed

PROGRAM = """
import sys, time
from pathlib import Path
from floodmark.demo.servers.all import FAST, PostgresServer, google_servers, stopped_by_signals
folder = Path(sys.argv[1])
with stopped_by_signals(), PostgresServer(folder=folder / "postgres", settings=FAST) as postgres:
    with google_servers(folder=folder / "google") as google:
        print(postgres.pid, google.storage.pid, google.bigquery.pid, flush=True)
        time.sleep(300)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that PostgreSQL's own user can reach."""
    with temporary_folder() as made:
        yield made


def still_running(processes: list[psutil.Process], within: float) -> list[psutil.Process]:
    """Those of the processes that have not ended ``within`` so many seconds; zombies have ended."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        left = [process for process in processes if not ended(process)]
        if not left:
            return []
        time.sleep(0.05)
    return left


def ended(process: psutil.Process) -> bool:
    """Whether it has, if only between two looks."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.mark.slow
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda ending: ending.name)
def test_no_server_outlives_its_program(folder: Path, ending: signal.Signals) -> None:
    program = subprocess.Popen([sys.executable, "-c", PROGRAM, str(folder)], stdout=subprocess.PIPE, text=True)
    assert program.stdout is not None
    with program.stdout:
        servers = [psutil.Process(int(pid)) for pid in program.stdout.readline().split()]
    assert len(servers) == 3
    everything = servers + [child for server in servers for child in server.children(recursive=True)]
    assert len(everything) > 3  # PostgreSQL's own children too
    program.send_signal(ending)
    program.wait(30)
    assert still_running(everything, within=10) == []


def test_the_signal_of_ctrl_c_reaches_the_program_and_not_the_servers(folder: Path) -> None:
    with PostgresServer(folder=folder, settings=FAST) as server:
        assert os.getpgid(server.pid) != os.getpgid(0)


def test_a_server_that_ends_at_once_says_why_and_where_its_log_is(folder: Path) -> None:
    server = PostgresServer(folder=folder, settings={"max_connections": "plenty"})
    with pytest.raises(ServerFailed) as failure:
        server.start()
    message = str(failure.value)
    assert "PostgreSQL did not start: it ended with 1" in message
    assert str(folder / "postgres.log") in message
    assert 'invalid value for parameter "max_connections": "plenty"' in message


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["storage", "bigquery"])
def test_a_port_that_is_taken_is_named_in_the_error(folder: Path, kind: str) -> None:
    environment = servers_environment()
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        server = (
            StorageServer(folder=folder, environment=environment)
            if kind == "storage"
            else BigQueryServer(folder=folder, environment=environment, storage_url="http://127.0.0.1:1")
        )
        server.port = taken.getsockname()[1]
        server.url = "http://127.0.0.1:1"  # where nobody answers, in the place of the one that does
        with pytest.raises(ServerFailed, match="address already in use"):
            server.start()


@pytest.mark.slow
def test_a_server_that_never_answers_is_given_up_and_stopped(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = StorageServer(folder=folder, environment=servers_environment())
    monkeypatch.setattr(server, "start_within", 0.3)
    server.url = "http://127.0.0.1:1"
    server.begin()
    process = psutil.Process(server.pid)
    with pytest.raises(ServerFailed, match="did not answer within 0 s"):
        server.wait()
    assert still_running([process], within=1) == []


@pytest.mark.slow
def test_a_database_outlives_its_server_and_opens_to_its_password_only(folder: Path) -> None:
    server = PostgresServer(folder=folder, settings=FAST, password="p@ss/word")
    with server:
        assert server.create_database("kept").dsn.endswith("/kept")
    with server:
        psycopg2.connect(server.database("kept").dsn).close()
        with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
            psycopg2.connect(host=HOST, port=server.port, user="postgres", password="other", dbname="kept")
    assert "p@ss" not in server.log.read_text()


def test_free_ports_are_free_and_differ() -> None:
    ports = {free_port() for _ in range(20)}
    assert len(ports) > 15
    for port in ports:
        with socket.socket() as probe:
            assert probe.connect_ex((HOST, port)) != 0
