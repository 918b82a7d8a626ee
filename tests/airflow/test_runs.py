"""The DAG file of three lines, run by Airflow's own command line, from PostgreSQL to BigQuery."""

from __future__ import annotations

import json
import sqlite3
import time
import uuid
from typing import Any

import psycopg2
import pytest
import yaml

from floodmark.airflow.compat import xcoms
from floodmark.demo.servers.cloud_sql.instance import Instance
from floodmark.demo.servers.cloud_sql.server import CloudSqlServer
from floodmark.pipeline.page.output import KeptOutput, read
from tests.docs.pages import DOCS, blocks

pytestmark = pytest.mark.slow

TABLES = """
CREATE TABLE orders (id bigint PRIMARY KEY, note text, updated_at timestamptz);
CREATE TABLE items (id bigint PRIMARY KEY, note text, updated_at timestamptz);
CREATE TABLE left_out (id bigint PRIMARY KEY, updated_at timestamptz);
CREATE TABLE bad (id bigint PRIMARY KEY, updated_at timestamptz);
INSERT INTO orders SELECT n, 'n' || n, '2026-11-02 08:00Z'::timestamptz + n * interval '10 minutes'
FROM generate_series(0, 17) n;  -- 08:00 ... 10:50
INSERT INTO bad VALUES (1, NULL);
"""


@pytest.fixture
def shop(airflow, database, google, bucket, datasets):
    """A source under a name of its own in Airflow's DAGs; its name, and how to run Airflow for it."""
    name = "s" + uuid.uuid4().hex[:8]
    with psycopg2.connect(database.dsn) as connection, connection.cursor() as cursor:
        cursor.execute(TABLES)
    connection.close()
    parts = {"host": database.host, "port": database.port, "schema": database.dbname, "login": database.user}
    variables = google.variables() | {f"AIRFLOW_CONN_{name.upper()}": json.dumps({"conn_type": "postgres"} | parts)}
    folder = airflow.home / "dags"
    (folder / "floodmark_dags.py").write_text(
        "from floodmark.airflow import dags\n\nglobals().update(dags(__file__))\n"
    )

    def run(*arguments: object, fails: bool = False, **keys: Any) -> str:
        source = {
            "version": 1, "source": name, "connection": name, "stage": f"gs://{bucket}/floodmark",
            "start": "2026-11-02",
            "bigquery": {"project": datasets.project, "location": "EU", "dataset": datasets.current},
            "defaults": {"settle": "1s", "retries": 0, "first_load": "slices"},
            "tables": {"orders": None, "items": None, "left_out": None, "bad": None},
        } | keys  # fmt: skip
        (folder / "sources" / f"{name}.yml").write_text(yaml.safe_dump(source), encoding="utf-8")
        return airflow(*arguments, fails=fails, **variables)

    yield name, run
    (folder / "sources" / f"{name}.yml").unlink()


def ids(google, datasets, table: str) -> list[int]:
    rows = google.bigquery_client().query(f"SELECT id FROM `{datasets.project}.{datasets.current}.{table}` ORDER BY id")
    return [row["id"] for row in rows.result()]


def states(airflow, dag_id: str) -> dict[str, str]:
    """Task states of the DAG's newest run, from Airflow's database."""
    with sqlite3.connect(airflow.home / "airflow.db") as database:
        [(newest,)] = database.execute("SELECT run_id FROM dag_run WHERE dag_id = ? ORDER BY id DESC LIMIT 1", [dag_id])
        query = "SELECT task_id, state FROM task_instance WHERE dag_id = ? AND run_id = ?"
        return dict(database.execute(query, [dag_id, newest]).fetchall())


def output(airflow, dag_id: str) -> KeptOutput:
    """What the commands of the DAG's newest run said, from its XCom."""
    with sqlite3.connect(airflow.home / "airflow.db") as database:
        asked = "SELECT value FROM xcom WHERE dag_id = ? AND key = 'floodmark_output' ORDER BY timestamp DESC LIMIT 1"
        [(value,)] = database.execute(asked, [dag_id])
    return read(xcoms.plain(xcoms.plain(value)))


def assets(airflow) -> list[str]:
    """Addresses of the assets that had events, on either Airflow."""
    with sqlite3.connect(airflow.home / "airflow.db") as database:
        known = {name for (name,) in database.execute("SELECT name FROM sqlite_master")}
        word = "asset" if "asset_event" in known else "dataset"
        query = f"SELECT uri FROM {word} JOIN {word}_event ON {word}.id = {word}_event.{word}_id"
        return sorted(uri for (uri,) in database.execute(query))


def test_an_hour_flows_a_bad_table_touches_no_other_and_the_statement_is_shown(airflow, shop, google, datasets):
    name, run = shop
    conf = json.dumps({"tables": ["orders", "items", "bad"]})
    said = run("dags", "test", name, "2026-11-02T10:00:00+00:00", "-c", conf, fails=True)
    assert ids(google, datasets, "orders") == [6, 7, 8, 9, 10, 11]  # 09:00 ... 09:50
    assert "have a cursor (updated_at) that is null" in said
    assert "bad failed after" in said
    assert f"  in: {name}.yml: tables.bad" in said
    assert "The above exception" not in said  # each failure is one traceback
    assert "During handling of" not in said
    found = states(airflow, name)
    assert {task: found[task] for task in sorted(found) if not task.startswith("gate")} == {
        "bad.extract": "failed", "bad.load": "upstream_failed",
        "items.extract": "success", "items.load": "skipped",
        "left_out.extract": "skipped", "left_out.load": "skipped",
        "orders.extract": "success", "orders.load": "success", "report": "failed",
    }  # fmt: skip
    changed = f"bigquery://{datasets.project}/{datasets.current}/"
    assert [uri for uri in assets(airflow) if uri.startswith(changed)] == [changed + "orders"]

    told = f"SELECT table, rows_read, error, run_id FROM {datasets.current}._floodmark_tables WHERE source = '{name}'"
    stand = {row["table"]: row for row in google.bigquery_client().query(told).result()}
    assert set(stand) == {"orders", "items", "bad", "left_out"}
    assert [table for table, row in stand.items() if row["error"]] == ["bad"]
    assert stand["orders"]["rows_read"] == 6
    assert stand["orders"]["run_id"].startswith(f"{name}/")

    shown = run("tasks", "render", name, "orders.extract", "2026-11-02T10:00:00+00:00")
    assert 'FROM "public"."orders"' in shown
    assert ">= '2026-11-02 09:00:00+00:00' AND " in shown
    assert "< '2026-11-02 10:00:00+00:00'" in shown


def test_openlineage_is_told_by_a_real_run_from_where_to_where_rows_went(
    airflow, shop, google, datasets, tmp_path, monkeypatch
):
    name, run = shop
    file = tmp_path / "events.json"
    monkeypatch.setenv(
        "AIRFLOW__OPENLINEAGE__TRANSPORT", json.dumps({"type": "file", "log_file_path": str(file), "append": True})
    )
    run("dags", "test", name, "2026-11-02T11:00:00+00:00", tables={"orders": None})
    assert ids(google, datasets, "orders") == [12, 13, 14, 15, 16, 17]
    events = [json.loads(line) for line in file.read_text().splitlines()]
    [told] = [one for one in events if one["job"]["name"] == f"{name}.orders.load" and one["eventType"] == "COMPLETE"]
    [target] = told["outputs"]
    assert (target["namespace"], target["name"]) == ("bigquery", f"{datasets.project}.{datasets.current}.orders")
    assert set(target["facets"]["columnLineage"]["fields"]) == {"id", "note", "updated_at"}
    assert target["outputFacets"]["outputStatistics"]["rowCount"] == 6


@pytest.mark.slow
def test_tables_that_share_a_task_flow_side_by_side(airflow, shop, google, datasets):
    name, run = shop
    tables = {"orders": None, "items": None}
    run("dags", "test", name, "2026-11-02T11:00:00+00:00", batch=True, tables=tables)
    assert states(airflow, name) == {
        "gate": "success", "tables_1.sync": "success", "report": "success",
    }  # fmt: skip
    assert ids(google, datasets, "orders") == [12, 13, 14, 15, 16, 17]


@pytest.mark.long
@pytest.mark.timeout(900)
def test_the_documentation_s_dag_of_plain_sql_goes_on_once_its_tables_are_sealed(
    airflow, shop, google, datasets, database, monkeypatch
):
    monkeypatch.setenv("AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT", "250")  # the operator imports all of Google's clients
    name, run = shop
    with psycopg2.connect(database.dsn) as connection, connection.cursor() as cursor:
        cursor.execute("ALTER TABLE orders ADD amount numeric(9,2) DEFAULT 2, ADD deleted_at timestamptz")
        cursor.execute("UPDATE orders SET deleted_at = updated_at WHERE id = 17")
    connection.close()
    tables = {"orders": {"deletes": {"soft": "deleted_at", "mode": "flag"}}, "items": None}
    begun = {"batch": True, "tables": tables, "start": "2026-11-02T10:00:00Z"}
    run("dags", "test", name, "2026-11-02T11:00:00+00:00", **begun)

    mine = f"{name}_revenue"
    ours = {
        "dags/sources/shop.yml": str(airflow.home / "dags" / "sources" / f"{name}.yml"),
        'task_id="sealed",': 'task_id="sealed", mode="poke", poke_interval=1, timeout=9,',
        '"revenue"': f'"{mine}"', "my-project": datasets.project, '"reports"': f'"{datasets.current}"',
        "shop.orders": f"{datasets.current}.orders",
    }  # fmt: skip
    [code] = [code for code in blocks(DOCS / "handing-on.md", "python") if 'dag_id="revenue"' in code]
    for shown, own in ours.items():
        assert shown in code
        code = code.replace(shown, own)
    file = airflow.home / "dags" / f"{mine}.py"
    file.write_text(code)
    run("dags", "test", mine, "2026-11-02T11:00:00+00:00", **begun)
    file.unlink()
    assert states(airflow, mine) == {"sealed": "success", mine: "success"}
    told = google.bigquery_client().query(f"SELECT amount FROM {datasets.current}.{mine}").result()
    assert [row["amount"] for row in told] == [10], "five of two each; one is deleted"


@pytest.mark.slow
def test_a_reload_replaces_the_whole_table_and_a_large_one_is_read_by_several_readers(
    airflow, shop, google, datasets, database
):
    name, run = shop
    with psycopg2.connect(database.dsn) as connection, connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE large AS SELECT n AS id, repeat('x', 900) || n AS note FROM generate_series(1, 2000) n"
        )
    connection.close()
    tables = {"orders": None, "items": None, "large": {"sync": "full", "readers": 2}}
    conf = json.dumps({"tables": ["orders", "large"]})
    said = run("dags", "test", f"{name}__reload", "2026-11-02T10:00:00+00:00", "-c", conf, tables=tables)
    assert ids(google, datasets, "orders") == list(range(18))
    assert ids(google, datasets, "large") == list(range(1, 2001))
    assert "2 readers in the snapshot" in said
    assert states(airflow, f"{name}__reload")["items.extract"] == "skipped"


@pytest.mark.slow
def test_a_hard_delete_is_found_and_healed_by_the_daily_dag_and_stands_in_the_history(
    airflow, shop, google, datasets, database
):
    name, run = shop
    tables = {"orders": {"deletes": "reconcile", "history": True}, "items": {"deletes": "reconcile"}}
    run("dags", "test", name, "2026-11-02T10:00:00+00:00", tables=tables)
    with psycopg2.connect(database.dsn) as connection, connection.cursor() as cursor:
        cursor.execute("DELETE FROM orders WHERE id = 8")
    connection.close()
    said = run("dags", "test", f"{name}__reconcile", "2026-11-03T00:00:00+00:00", tables=tables)
    assert ids(google, datasets, "orders") == [6, 7, 9, 10, 11]
    assert "'deleted': 1" in said
    view = f"`{datasets.project}.{datasets.current}.orders__history`"
    versions = (
        google.bigquery_client().query(f"SELECT id, is_current, valid_to IS NULL FROM {view} ORDER BY id").result()
    )
    assert [tuple(row.values()) for row in versions] == [(id, id != 8, id != 8) for id in range(6, 12)]
    assert states(airflow, f"{name}__reconcile") == {
        "gate": "success", "orders.extract": "success", "orders.load": "success",
        "items.extract": "success", "items.load": "skipped", "report": "success",
    }  # fmt: skip


@pytest.mark.slow
def test_upkeep_sweeps_the_stage_and_looks_for_doubled_keys(airflow, shop, google, datasets):
    name, run = shop
    run("dags", "test", name, "2026-11-02T10:00:00+00:00", "-c", json.dumps({"tables": ["orders"]}))
    table = f"`{datasets.project}.{datasets.current}.orders`"
    google.bigquery_client().query(f"INSERT INTO {table} SELECT * FROM {table} WHERE id = 6").result()
    said = run("dags", "test", f"{name}__upkeep", "2026-11-03T00:00:00+00:00", fails=True)
    assert "1 keys (id) stand more than once" in said
    assert states(airflow, f"{name}__upkeep") == {
        "sweep": "success", "keys": "failed", "balance": "success",
    }  # fmt: skip


@pytest.mark.slow
def test_upkeep_fails_where_a_table_does_not_balance(airflow, shop, database):
    """A row is imported with an old cursor: no slice looks there any more (R36)."""
    name, run = shop
    run("dags", "test", name, "2026-11-02T10:00:00+00:00", "-c", json.dumps({"tables": ["orders"]}))
    with psycopg2.connect(database.dsn) as connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO orders VALUES (100, 'imported', '2026-11-02 09:30Z')")
    connection.close()
    said = run("dags", "test", f"{name}__upkeep", "2026-11-03T00:00:00+00:00", fails=True)
    assert "1 rows of the source are missing from current: floodmark reconcile" in said
    assert states(airflow, f"{name}__upkeep") == {"sweep": "success", "keys": "success", "balance": "failed"}


def test_an_hour_flows_by_exports_of_cloud_sql(airflow, shop, google, datasets, database):
    """No connection leads to the database: what the source's connection names is Google Cloud.

    The export takes longer than the task waits in place: it gives its worker back, comes again, and finds it.
    """
    name, run = shop
    with CloudSqlServer(Instance(database.dsn, google.storage.url)) as server:
        server.instance.conduct.before_snapshot = lambda: time.sleep(5)
        place = {"instance": "shop", "database": database.dbname, "endpoint": server.url, "wait": "1s"}
        keys = {
            "connection": "google_cloud_default", "adapter": "cloudsql", "cloudsql": place, "tables": {"orders": None},
        }  # fmt: skip
        said = run("dags", "test", name, "2026-11-02T10:00:00+00:00", **keys)
        assert len(server.instance.exports) == 1
    assert "Rescheduling task, marking task as UP_FOR_RESCHEDULE" in said
    assert ids(google, datasets, "orders") == [6, 7, 8, 9, 10, 11]  # 09:00 ... 09:50
    assert states(airflow, name)["orders.load"] == "success"


def test_a_form_does_what_the_command_line_does(airflow, shop, google, datasets):
    name, run = shop
    tables = {"orders": None}
    form = {"action": "run", "start": "2026-11-02T09:00:00+00:00", "end": "2026-11-02T10:00:00+00:00"}
    run("dags", "test", f"{name}__ops", "2026-11-02T10:00:00+00:00", "-c", json.dumps(form), tables=tables)
    assert ids(google, datasets, "orders") == [6, 7, 8, 9, 10, 11]  # 09:00 ... 09:50
    prove = json.dumps({"action": "prove", "tables": ["orders"]})
    said = run("dags", "test", f"{name}__ops", "2026-11-02T11:00:00+00:00", "-c", prove, tables=tables, fails=True)
    assert "2 gaps" in said or "gap" in said
    assert f"floodmark prove {name} --table orders: exit code 1; what it found stands above" in said
    assert states(airflow, f"{name}__ops") == {"do": "failed"}
    kept = output(airflow, f"{name}__ops")
    assert (kept.exit_code, kept.documents[0]["tables"][0]["proved"]) == (1, False), "of a task that failed, too"
    assert all(line in said for line in kept.lines)
