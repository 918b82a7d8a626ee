"""Tasks' steps on real servers: what a retry does again, what a cleared task reads anew, what each run asks for."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import psycopg2
import pytest

from floodmark.adapters import yaml_file
from floodmark.airflow import build_steps, steps, upkeep_steps
from floodmark.airflow.work import Work
from floodmark.core.ledger.portion import Kind
from floodmark.core.time.cadence import Every
from floodmark.core.time.interval import Interval
from floodmark.errors import ConfigurationError, FatalError

HOUR = timedelta(hours=1)
TABLES = """
CREATE TABLE orders (id bigint PRIMARY KEY, note text, updated_at timestamptz);
CREATE TABLE items (id bigint PRIMARY KEY, note text, updated_at timestamptz);
INSERT INTO orders SELECT n, 'n' || n, '2026-11-02 00:30Z'::timestamptz + n * interval '1 hour'
FROM generate_series(0, 9) n;
"""


def at(hour: int) -> datetime:
    return datetime(2026, 11, 2, hour, tzinfo=UTC)


@dataclass
class Shop:
    """A source in a database of its own, and its ledger."""

    dsn: str
    work: Work

    def sql(self, statement: str) -> None:
        with psycopg2.connect(self.dsn) as connection, connection.cursor() as cursor:
            cursor.execute(statement)
        connection.close()

    def context(
        self, high: int, *, try_number: int = 1, max_tries: int = 3, run_type: str = "scheduled"
    ) -> dict[str, Any]:
        """A run of the hour before ``high``."""
        run = f"{run_type}__{high}"
        return {
            "ti": SimpleNamespace(
                dag_id="shop", run_id=run, task_id="t", try_number=try_number, max_tries=max_tries
            ),
            "task": SimpleNamespace(retries=3),
            "dag_run": SimpleNamespace(
                run_id=run, run_type=run_type, logical_date=at(high - 1), start_date=at(0) - timedelta(days=99),
                data_interval_start=at(high - 1), data_interval_end=at(high),
            ),
        }  # fmt: skip

    def extract(self, *tables: str, high: int, **tries: Any):
        return steps.extract(self.work, tables, self.context(high, **tries))

    def load(self, outcomes, *, high: int):
        told = {name: outcome.document() for name, outcome in outcomes.items()}
        return steps.load(self.work, steps.pending(told), self.context(high))

    def spans(self, name: str) -> list[Interval]:
        """What the table's newest read has read."""
        with steps.wired(self.work, name, self.context(1)) as run:
            head = run.ports.ledger.head(run.target)
            return [span.interval for span in (head.open or head.last).spans]


@pytest.fixture
def shop(database, google, bucket, datasets, monkeypatch, tmp_path, write):
    monkeypatch.setenv("FLOODMARK_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("AIRFLOW__CORE__EXECUTOR", "LocalExecutor")
    parts = {"host": database.host, "port": database.port, "schema": database.dbname, "login": database.user}
    monkeypatch.setenv("AIRFLOW_CONN_SHOP_DB", json.dumps({"conn_type": "postgres"} | parts))

    def shop(**keys: Any) -> Shop:
        place = {"project": datasets.project, "location": "EU", "dataset": datasets.current}
        keys = {
            "bigquery": place,
            "stage": f"gs://{bucket}/floodmark",
            "defaults": {"settle": "1s", "first_load": "slices"},
        } | keys
        file = write(**keys).parent / "sources" / "shop.yml"
        return Shop(dsn=database.dsn, work=Work(config=yaml_file.load(file, {}), file=file, cadence=Every(HOUR)))

    made = shop()
    made.sql(TABLES)
    return shop


@pytest.mark.slow
def test_a_retry_of_tables_that_share_a_task_does_only_what_is_undone(shop):
    """The first try reads orders, whose day has rows, and items, whose day has none; bad fails."""
    made = shop(tables={"orders": None, "items": None, "bad": None})
    with pytest.raises(FatalError, match=r"1 of 3 tables failed:\nbad: "):
        made.extract("orders", "items", "bad", high=1)
    made.sql("CREATE TABLE bad (id bigint PRIMARY KEY, updated_at timestamptz)")
    retried = made.extract("orders", "items", "bad", high=1, try_number=2)
    assert {name: outcome.state for name, outcome in retried.items()} == {
        "orders": "staged",
        "items": "applied",
        "bad": "applied",
    }
    moments = {name: outcome.read_at for name, outcome in retried.items()}
    again = made.extract("orders", "items", "bad", high=1, try_number=3)
    assert {name: outcome.read_at for name, outcome in again.items()} == moments
    assert {name: outcome.rows for name, outcome in made.load(again, high=1).items()} == {"orders": 10}


@pytest.mark.slow
def test_the_daily_look_at_both_ends_tells_what_somebody_did_to_a_summary(shop, google, datasets):
    made = shop(tables={"orders": None})
    folder = made.work.file.parent / "summaries"
    folder.mkdir()
    (folder / "broken.sql").write_text("SELECT * FROM ordres")  # its own DAG's to tell
    assert made.load(made.extract("orders", high=1), high=1)["orders"].rows == 10
    (folder / "notes.sql").write_text("SELECT note, COUNT(*) AS n FROM orders GROUP BY note")
    assert upkeep_steps.balance(made.work, ("orders",), made.context(2)) == ["orders"]
    (folder / "broken.sql").unlink()
    build_steps.build(made.work, "notes", {**made.context(1), "params": {}}, asked=False)
    assert upkeep_steps.balance(made.work, ("orders",), made.context(2)) == ["orders", "summaries/notes"]
    google.bigquery_client().query(f"DELETE FROM `{datasets.project}.{datasets.current}.notes` WHERE TRUE").result()
    with pytest.raises(
        FatalError, match=r"1 of 2 tables failed:\nsummaries/notes: .*notes: somebody else changed it: "
    ):
        upkeep_steps.balance(made.work, ("orders",), made.context(2))


@pytest.mark.slow
def test_a_cleared_task_and_a_backfill_read_again_and_the_schedule_does_not(shop):
    made = shop()
    first = made.extract("items", high=1)["items"]
    made.sql("INSERT INTO items VALUES (1, 'late', '2026-11-02 00:10Z')")
    assert made.extract("items", high=1, try_number=2)["items"].read_at == first.read_at
    cleared = made.extract("items", high=1, try_number=2, max_tries=4)["items"]
    assert (cleared.rows, cleared.state) == (1, "staged")
    assert made.load({"items": cleared}, high=1)["items"].state == "applied"
    assert made.extract("items", high=1)["items"].rows == 0  # the run was deleted and made again: its hour is covered
    again = made.extract("items", high=1, run_type="backfill")["items"]
    assert (again.rows, again.state) == (1, "staged")


@pytest.mark.slow
def test_a_manual_run_reads_its_own_interval_and_a_scheduled_one_its_unread_day(shop):
    made = shop()
    assert made.extract("orders", high=3, run_type="manual")["orders"].rows == 1
    assert made.spans("orders") == [Interval(low=at(1), high=at(2))]  # before its logical date
    made.load(made.extract("orders", high=3, run_type="manual", try_number=2), high=3)
    assert made.extract("orders", high=6)["orders"].rows == 9
    assert Interval(low=at(0), high=at(1)) in made.spans("orders")
    assert Interval(low=at(2), high=at(0) + timedelta(days=1)) in made.spans("orders")


@pytest.mark.slow
def test_a_run_asks_for_its_interval_only_from_the_tables_start_on(shop):
    made = shop(tables={"orders": None, "items": {"start": "2026-11-02T03:00:00Z"}})
    assert set(made.extract("orders", "items", high=3)) == {"orders"}
    assert set(made.extract("orders", "items", high=4)) == {"orders", "items"}
    assert made.spans("items") == [Interval(low=at(3), high=at(0) + timedelta(days=1))]


@pytest.mark.slow
def test_missed_runs_are_read_as_one_under_catchup_span(shop):
    made = shop(catchup="span")
    assert made.extract("orders", high=3)["orders"].rows == 3  # from the start: 00:30, 01:30, 02:30
    assert made.spans("orders") == [Interval(low=at(0), high=at(3))]
    made.load(made.extract("orders", high=3, try_number=2), high=3)
    made.extract("orders", high=6)
    assert Interval(low=at(3), high=at(6)) in made.spans("orders")


def test_a_table_that_was_taken_out_during_a_run_is_named(shop):
    made = shop()
    with pytest.raises(ConfigurationError, match=r"shop.yml: tables.gone: was taken out while this run"):
        steps.load(made.work, {"gone": {"read_at": "x"}}, made.context(1))


def test_nothing_is_done_where_the_ledger_cannot_be_seen_by_other_tasks(shop, monkeypatch):
    monkeypatch.setenv("AIRFLOW__CORE__EXECUTOR", "CeleryExecutor")
    with pytest.raises(ConfigurationError, match="CeleryExecutor runs tasks on several"):
        shop().extract("orders", high=1)


@pytest.mark.slow
@pytest.mark.parametrize("ledger", ["", "gs://"])
def test_no_step_leaves_a_thread_behind_for_openlineages_listener_forks_the_task(shop, bucket, ledger, monkeypatch):
    started, start = [], threading.Thread.start
    monkeypatch.setattr(threading.Thread, "start", lambda self: (started.append(self.name), start(self))[1])
    keys = {"ledger": f"gs://{bucket}/ledger"} if ledger else {}
    made = shop(tables={"orders": {"deletes": "reconcile"}, "items": None}, **keys)
    daily, before = replace(made.work, kind=Kind.RECONCILE), set(threading.enumerate())
    extracted = made.extract("orders", "items", high=1)
    left = {"extract": set(threading.enumerate()) - before}
    made.load(extracted, high=1)
    left["load"] = set(threading.enumerate()) - before
    for name, step in {
        "reconcile": lambda: steps.extract(daily, ("orders",), made.context(2)),
        "balance": lambda: upkeep_steps.balance(made.work, ("orders", "items"), made.context(2)),
        "check_keys": lambda: upkeep_steps.check_keys(made.work, ("orders", "items"), made.context(2)),
        "report": lambda: upkeep_steps.report(made.work),
        "sweep": lambda: upkeep_steps.sweep(made.work),
    }.items():
        step()
        left[name] = set(threading.enumerate()) - before
    assert {name: threads for name, threads in left.items() if threads} == {}
    assert [name for name in started if "_fetch_background" in name] == []  # Google's, which nobody joins
