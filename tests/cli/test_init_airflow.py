"""``floodmark init --airflow``: a source of Airflow's own metadata database that check takes as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg2
import pytest
import yaml

from tests.cli.shop import floodmark

TABLES = """
CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY);
CREATE TABLE dag_run (id serial PRIMARY KEY, state text, conf jsonb, updated_at timestamptz);
CREATE TABLE task_instance (
    id uuid PRIMARY KEY, dag_id text NOT NULL, task_id text NOT NULL, run_id text NOT NULL, map_index int NOT NULL,
    executor_config bytea, updated_at timestamptz, UNIQUE (dag_id, task_id, run_id, map_index)
);
CREATE TABLE log (id serial PRIMARY KEY, dttm timestamptz, event text);
CREATE TABLE connection (id serial PRIMARY KEY, password text);
CREATE TABLE "odd name" (id serial PRIMARY KEY, api_key text);
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, with the variables that a starter names."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FLOODMARK_BUCKET", "bucket")
    monkeypatch.setenv("FLOODMARK_PROJECT", "project")
    for name in ("AIRFLOW_CONN_AIRFLOW_DB", "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_each_table_comes_with_what_fits_it(folder: Path, database: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with psycopg2.connect(database.dsn) as connection, connection.cursor() as cursor:
        cursor.execute(TABLES)
    connection.close()
    monkeypatch.setenv(
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", database.dsn.replace("postgresql:", "postgresql+psycopg2:")
    )
    answer = floodmark("init", "--airflow")
    assert answer.code == 0, answer.err
    text = (folder / "dags/sources/airflow.yml").read_text()
    assert "  # connection:  # left out: hosts, logins, passwords and extras of every connection\n" in text
    assert "    # conf: whatever somebody triggers a run with\n" in text
    document = yaml.safe_load(text)
    assert (document["cadence"], document["stagger"], document["retention"]) == ("1d", "30m", {"stage": 0})
    assert document["tables"] == {
        "alembic_version": {"sync": "full", "require_rows": True},
        "dag_run": {
            "cursor": "updated_at", "clock": "application", "deletes": "reconcile", "null_cursor": "include",
            "columns": {"exclude": ["conf"]},
        },
        "log": {"sync": "append", "cursor": "dttm", "clock": "application", "timezone": "UTC"},
        "odd_name": {"from": "public.odd name", "sync": "full", "columns": {"exclude": ["api_key"]}},
        "task_instance": {
            "cursor": "updated_at", "key": ["dag_id", "task_id", "run_id", "map_index"], "clock": "application",
            "deletes": "reconcile", "null_cursor": "include", "columns": {"exclude": ["executor_config"]},
        },
    }  # fmt: skip
    monkeypatch.setenv("AIRFLOW_CONN_AIRFLOW_DB", database.dsn)
    checked = floodmark("check", "airflow", "--online")
    assert checked.code == 0, checked.out


def test_another_database_is_refused(folder: Path, database: Any) -> None:
    answer = floodmark("init", "--airflow", "--dsn", database.dsn)
    assert answer.code == 2
    assert "--airflow: no schema has Airflow's tables dag_run, task_instance" in answer.err
    assert list(folder.iterdir()) == []


def test_without_a_connection_it_says_what_to_give(folder: Path) -> None:
    answer = floodmark("init", "--airflow")
    assert answer.code == 2
    assert "give --dsn, or set AIRFLOW_CONN_AIRFLOW_DB or AIRFLOW__DATABASE__SQL_ALCHEMY_CONN" in answer.err
