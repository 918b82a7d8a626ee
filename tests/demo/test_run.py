"""A shop that lives is synced slice by slice and compared, without Airflow; late commits are caught, and counted."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg2
import pytest

from floodmark.adapters import yaml_file
from floodmark.core.ledger.portion import Kind
from floodmark.core.time.cadence import Every
from floodmark.core.time.interval import Interval
from floodmark.demo import shop
from floodmark.demo.compare import Comparison
from floodmark.demo.pairs import Synced, _late, first_reads, late_commits
from floodmark.demo.report import Line
from floodmark.demo.run import kept_logs
from floodmark.demo.servers.all import Database, GoogleServers
from floodmark.demo.servers.sessions import Session
from floodmark.demo.sources import DagsFolder
from floodmark.errors import ServerFailed
from tests.demo.living import live


@pytest.mark.long
def test_a_living_shop_is_equal_after_each_slice(
    database: Database, google: GoogleServers, bucket: str, tmp_path: Path
) -> None:
    def fill(history: shop.History) -> None:
        with contextlib.closing(psycopg2.connect(database.dsn)) as connection:
            shop.create(connection)
            history.write(connection)

    live(database, google, bucket, tmp_path, fill).is_equal_and_was_late()


def read(at: int, *spans: tuple[int, int], base: int | None = None) -> Any:
    moment = datetime(2026, 11, 1, tzinfo=UTC)
    found = [
        SimpleNamespace(base=base, interval=Interval(low=moment + timedelta(hours=a), high=moment + timedelta(hours=b)))
        for a, b in spans
    ]
    return SimpleNamespace(read_at=moment + timedelta(hours=at), spans=found, kind=Kind.SLICE)


def test_the_first_read_of_a_moment_is_the_one_that_read_it_whole() -> None:
    firsts = first_reads([read(3, (0, 2)), read(4, (1, 3)), read(5, (0, 9), base=7)])
    assert [(one.low.hour, one.high.hour, at.hour) for one, at in firsts] == [(0, 2, 3), (2, 3, 4)]


def comparison(**counts: int) -> Comparison:
    return Comparison(name="t", source_rows=counts.pop("rows", 5), current_rows=5, **counts)


@pytest.mark.parametrize(
    ("found", "holds"),
    [
        (comparison(), True), (comparison(rows=0), False), (comparison(missing=1), False), (comparison(extra=1), False),
        (comparison(different=1), False), (comparison(doubled=1), False),
    ],
)  # fmt: skip
def test_a_table_holds_only_if_not_one_row_is_wrong_and_there_are_some(found: Comparison, holds: bool) -> None:
    assert Line(comparison=found, slices=1, sealed_up_to=None, as_of=None, late_commits=None).holds is holds


def test_a_default_is_edited_as_a_user_would(tmp_path: Path) -> None:
    dags = DagsFolder(tmp_path / "dags", ("shop", "airflow"))
    places = {"FLOODMARK_BUCKET": "b-1", "FLOODMARK_PROJECT": "proj"}
    assert yaml_file.load(dags.source("shop"), places).cadence == Every(timedelta(hours=1))
    dags.edit("shop", {"FLOODMARK_SHOP_CADENCE": "1m", "FLOODMARK_SHOP_CATCHUP": "false"})
    changed = yaml_file.load(dags.source("shop"), places)
    assert (changed.cadence, changed.catchup) == (Every(timedelta(minutes=1)), False)
    assert yaml_file.load(dags.source("airflow"), places).tables["task_instance"].clock == "application"
    with pytest.raises(ServerFailed, match="FLOODMARK_NONE"):
        dags.edit("shop", {"FLOODMARK_NONE": "1"})


def test_a_session_ends_with_all_its_members() -> None:
    script = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); time.sleep(60)"  # noqa: E501
    leader = subprocess.Popen([sys.executable, "-c", script], start_new_session=True)
    session = Session(leader=leader.pid)
    deadline = time.monotonic() + 20
    while len(list(session.members())) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(list(session.members())) == 2
    session.end(time.monotonic())
    assert list(session.members()) == []
    leader.wait()


def test_nothing_is_compared_of_a_table_that_was_never_read() -> None:
    pair = SimpleNamespace(cursor=("at",), up_to=None)
    assert late_commits(None, Synced(pair=pair, raw="", coverage=(), reads=())) == 0  # type: ignore[arg-type]
    assert replace(comparison(), missing=1).equal is False


def test_a_key_that_a_reconcile_found_gone_is_no_late_commit() -> None:
    at = [datetime(2026, 11, 1, hour, tzinfo=UTC) for hour in range(4)]
    firsts = [(Interval(low=at[0], high=at[1]), at[2])]
    rows = [{"c": None, "r": at[3]}, {"c": at[0], "r": at[3]}, {"c": at[0], "r": at[2]}, {"c": at[1], "r": at[3]}]
    assert list(_late(firsts, rows)) == [at[0]]


def test_the_logs_of_a_failure_outlive_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    log = tmp_path / "airflow" / "scheduler.log"
    log.parent.mkdir()
    log.write_text("why")
    said = kept_logs(f"the scheduler ended; its log is {log}", tmp_path)
    kept = Path(said.rpartition(" ")[2])
    log.unlink()
    assert kept.read_text() == "why"


@pytest.mark.long
@pytest.mark.timeout(900)
def test_the_whole_demo_ends_well_and_leaves_nothing_running() -> None:
    done = subprocess.run([sys.executable, "-m", "floodmark", "demo", "--json"], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


FAMILY = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.fork()
print("up", flush=True)
time.sleep(60)
"""
PARENT = """
import pathlib, signal, sys, time
from floodmark.demo.servers.process import Server
class Family(Server):
    death_signal = signal.SIGTERM
    def begin(self): ...
    def probe(self): ...
family = Family(log=pathlib.Path(sys.argv[1]))
keeper = [sys.executable, "-m", "floodmark.demo.servers.keeper", "0.5"]
family.launch([*keeper, sys.executable, "-c", sys.argv[2]], variables={}, cwd=family.log.parent)
print(family.pid, flush=True)
time.sleep(60)
"""


def test_a_family_of_processes_that_ignores_term_dies_with_a_killed_demo(tmp_path: Path) -> None:
    log = tmp_path / "family.log"
    with subprocess.Popen([sys.executable, "-c", PARENT, str(log), FAMILY], stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        session = Session(leader=int(parent.stdout.readline()))
        deadline = time.monotonic() + 20
        while (not log.exists() or log.read_text().count("up") < 2) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert len(list(session.members())) == 3
        parent.kill()
    while list(session.members()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert list(session.members()) == []
