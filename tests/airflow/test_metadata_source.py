"""Airflow's own metadata database as a source, as this very Airflow makes it: two days, a clean-up, another day."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg2
import pytest
import yaml
from typer.testing import CliRunner

from floodmark.cli import app
from tests.airflow.conftest import Airflow
from tests.conftest import Datasets

pytestmark = pytest.mark.slow

NOW = datetime.now(UTC)
DAYS = [NOW.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=back) for back in (3, 2, 1, 0)]
SHOWN = {
    "dag": "dag_id, is_paused",
    "dag_run": "id, dag_id, run_id, state",
    "job": "id, job_type, state",
    "log": "id, event, dag_id",
    "slot_pool": "id, pool, slots",
    "task_instance": "dag_id, task_id, run_id, map_index, state",
    "xcom": "dag_run_id, task_id, map_index, key",
}
LEFT_OUT = {"connection", "variable", "rendered_task_instance_fields"}
FILLERS = {
    "boolean": False, "integer": 0, "bigint": 0, "double precision": 0.0, "json": "{}", "jsonb": "{}",
    "timestamp with time zone": DAYS[0], "bytea": b"",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Metadata:
    """A metadata database that this Airflow migrated; ``airflow`` commands on it."""

    dsn: str
    airflow: Callable[..., str]

    def sql(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        connection = psycopg2.connect(self.dsn)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement, values or None)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def insert(self, table: str, **values: object) -> None:
        """One row; what must not be NULL and isn't said is filled."""
        there = self.sql(
            "SELECT column_name, data_type, is_nullable = 'NO' AND column_default IS NULL FROM "
            "information_schema.columns WHERE table_schema = 'public' AND table_name = %s", table,
        )  # fmt: skip
        known = {name: kind for name, kind, _ in there}
        row = {name: FILLERS.get(kind, f"{uuid.uuid4()}") for name, kind, needed in there if needed}
        row |= {name: value for name, value in values.items() if name in known}
        columns = ", ".join(f'"{name}"' for name in row)
        self.sql(f"INSERT INTO {table} ({columns}) VALUES ({', '.join(['%s'] * len(row))})", *row.values())

    def day(self, number: int) -> None:
        """A day's run of one DAG with two tasks, and what Airflow writes beside it."""
        begun, run_id = DAYS[number] + timedelta(hours=1), f"run_{number}"
        done = begun + timedelta(hours=1)
        names = {"dag_id": "etl", "run_id": run_id}
        moments = {"start_date": begun, "end_date": done, "updated_at": done, "logical_date": begun}
        self.insert("dag_run", **names, state="success", run_type="scheduled", execution_date=begun, run_after=begun,
                    **moments, id=number + 1)  # fmt: skip
        for task in ("extract", "load"):
            self.insert("task_instance", **names, task_id=task, map_index=-1, state="success", pool="default_pool",
                        pool_slots=1, try_number=1, max_tries=0, id=str(uuid.uuid4()), **moments)  # fmt: skip
            self.insert("xcom", **names, dag_run_id=number + 1, task_id=task, map_index=-1, key="return_value",
                        timestamp=done)  # fmt: skip
        self.insert("log", dttm=begun, dag_id="etl", event=f"trigger {number}")
        self.insert("job", id=number + 1, job_type="SchedulerJob", state="success", latest_heartbeat=done,
                    start_date=begun)  # fmt: skip


@pytest.fixture
def metadata(airflow: Airflow, database: Any) -> Metadata:
    """Migrated, with a DAG, a connection and a variable."""
    url = database.dsn.replace("postgresql:", "postgresql+psycopg2:")

    def on_it(*words: object) -> str:
        return airflow(*words, AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=url)

    on_it("db", "migrate")
    made = Metadata(dsn=database.dsn, airflow=on_it)
    for bundle in made.sql("SELECT 1 FROM information_schema.tables WHERE table_name = 'dag_bundle'"):
        assert bundle
        made.insert("dag_bundle", name="dags-folder")
    made.insert("dag", dag_id="etl", is_paused=False, last_parsed_time=NOW, bundle_name="dags-folder")
    made.sql("INSERT INTO connection (conn_id, conn_type, password, is_encrypted, is_extra_encrypted) "
             "VALUES ('a', 'http', 'hunter2', false, false)")  # fmt: skip
    return made


@dataclass(frozen=True, kw_only=True)
class Source:
    """The source that ``init --airflow`` wrote, run by the command line."""

    metadata: Metadata
    datasets: Datasets
    client: Any

    def __call__(self, *words: object) -> str:
        answer = CliRunner().invoke(app, [str(word) for word in words])
        assert answer.exit_code == 0, answer.output
        return answer.output

    def run(self, day: int) -> None:
        """The slice of a day, of some tables."""
        chosen = [word for name in SHOWN for word in ("-t", name)]
        self("run", "airflow", "--from", f"{DAYS[day]:%Y-%m-%d}", "--to", f"{DAYS[day + 1]:%Y-%m-%d}", *chosen)

    def current(self, table: str) -> list[tuple[Any, ...]]:
        rows = self.client.query(f"SELECT {SHOWN[table]} FROM `{self.datasets.current}.{table}`").result()
        return sorted(tuple(row.values()) for row in rows)

    def differing(self) -> set[str]:
        """The tables whose current one isn't the source's."""
        return {
            name for name, columns in SHOWN.items()
            if self.current(name) != sorted(self.metadata.sql(f"SELECT {columns} FROM {name}"))
        }  # fmt: skip


@pytest.fixture
def source(
    metadata: Metadata, datasets: Datasets, google: Any, bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Source:
    """Written, and not yet run."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FLOODMARK_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("AIRFLOW_CONN_AIRFLOW_DB", metadata.dsn)
    source = Source(metadata=metadata, datasets=datasets, client=google.bigquery_client())
    source("init", "--airflow", "--bucket", bucket, "--project", datasets.project, "--dataset", datasets.current,
           "--start", f"{DAYS[0]:%Y-%m-%d}")  # fmt: skip
    return source


def test_what_current_holds_is_what_airflow_holds_though_it_cleans_up(source: Source, bucket: str, google: Any) -> None:
    metadata = source.metadata
    written = yaml.safe_load(Path("dags/sources/airflow.yml").read_text())["tables"]
    there = {name for (name,) in metadata.sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
    assert set(SHOWN) <= set(written) <= there - LEFT_OUT
    assert written["task_instance"]["cursor"] == written["dag_run"]["cursor"] == "updated_at"
    checked = json.loads(source("check", "airflow", "--online", "--json"))
    assert {table["name"] for table in checked["sources"][0]["tables"]} == set(written)

    metadata.day(0)
    source.run(0)
    assert source.differing() == set()
    metadata.day(1)
    metadata.sql("UPDATE task_instance SET state = 'failed', updated_at = %s WHERE run_id = 'run_0'", DAYS[1])
    source.run(1)
    assert source.differing() == set()
    assert not list(google.storage_client().list_blobs(bucket))

    clean = ["--clean-before-timestamp", DAYS[1].isoformat(), "--skip-archive", "--yes"]
    metadata.airflow("db", "clean", *clean)
    assert metadata.sql("SELECT run_id FROM dag_run") == [("run_1",)]
    metadata.day(2)
    source.run(2)
    assert source.differing() == {"dag_run", "task_instance", "log"}  # refreshed ones follow at once
    source("reconcile", "airflow", "dag_run", "task_instance", "--heal")
    assert source.differing() == {"log"}
    assert metadata.sql("SELECT event FROM log WHERE dag_id = 'etl'") == [("trigger 1",), ("trigger 2",)]
    assert {event for _, event, dag_id in source.current("log") if dag_id == "etl"} == {
        "trigger 0", "trigger 1", "trigger 2",
    }  # fmt: skip
