"""What the form of ``<source>__ops`` asks for becomes the command that a person would type; and it is done."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import psycopg2
import pytest
import typer
from airflow.providers.common.compat.sdk import AirflowFailException

from floodmark.airflow import dags
from floodmark.airflow.ops import OpsOperator
from floodmark.airflow.ops_form import ACTIONS, Form
from floodmark.cli.main import app
from floodmark.errors import ConfigurationError

TABLES = ("orders", "order items")
START, END = "2026-11-02T09:00:00+00:00", "2026-11-02T10:00:00+00:00"


@pytest.mark.parametrize("action", ACTIONS)
def test_each_action_is_a_command_that_the_command_line_takes(action):
    form = Form(action=action, tables=() if ACTIONS[action].tables == "none" else TABLES, confirm="shop")
    if ACTIONS[action].takes_time:
        form = replace(form, start=START, end=END)
    commands = typer.main.get_command(app).commands
    for words in form.commands("shop"):
        with commands[words[0]].make_context("floodmark", words[1:]) as at:
            said = {name: value for name, value in at.params.items() if value}
        named = said.get("tables") or said.get("table") or []
        named = [named] if isinstance(named, str) else named
        assert set(named) <= set(TABLES)
        assert bool(named) == (ACTIONS[action].tables != "none")
        if ACTIONS[action].takes_time:
            assert (said["low"], said["high"]) == (START, END)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        (
            Form(action="void", tables=("orders",)),
            "params.confirm: is not the source's name, which void asks for; write shop",
        ),
        (
            Form(action="heal", confirm="Shop"),
            "params.confirm: is not the source's name, which heal asks for; write shop",
        ),
        (Form(action="reload"), "params.tables: names none, and reload is never of all; choose some"),
        (
            Form(action="status", tables=("orders",)),
            "params.tables: is of no use to status, which is of the whole source; leave it empty",
        ),
        (Form(action="balance", start=START), "params.start, end: are of no use to balance; leave them empty"),
    ],
)
def test_what_is_accepted_does_something_and_what_is_final_is_confirmed(form, said):
    with pytest.raises(ConfigurationError) as raised:
        form.commands("shop")
    assert said in str(raised.value)


def test_it_is_never_scheduled_never_repeated_and_not_paused(write):
    dag = dags(str(write()))["shop__ops"]
    [task] = dag.tasks
    assert isinstance(task, OpsOperator)
    assert (task.retries, dag.max_active_runs, dag.is_paused_upon_creation, dag.catchup) == (0, 1, False, False)
    assert "`rebuild`" in dag.doc_md


@pytest.fixture
def shop(database, google, bucket, datasets, monkeypatch, tmp_path, write):
    """Do an action of a source with one table and one row, of an hour that is long over."""
    with psycopg2.connect(database.dsn) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE orders (id bigint PRIMARY KEY, updated_at timestamptz)")
        cursor.execute("INSERT INTO orders VALUES (1, '2026-11-02 09:30Z')")
    connection.close()
    monkeypatch.setenv("FLOODMARK_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("AIRFLOW__CORE__EXECUTOR", "LocalExecutor")
    parts = {"host": database.host, "port": database.port, "schema": database.dbname, "login": database.user}
    monkeypatch.setenv("AIRFLOW_CONN_SHOP_DB", json.dumps({"conn_type": "postgres"} | parts))
    for name, value in google.variables().items():
        monkeypatch.setenv(name, value)
    place = {"project": datasets.project, "location": "EU", "dataset": datasets.current}
    file = write(
        connection="shop_db", stage=f"gs://{bucket}/ops", bigquery=place, start="2026-11-02",
        tables={"orders": {"first_load": "slices"}}, defaults={"settle": "1s"},
    )  # fmt: skip
    task = dags(str(file))["shop__ops"].get_task("do")

    def act(action: str, **given: Any) -> dict[str, Any]:
        params = {"action": action, "tables": [], "start": None, "end": None, "confirm": ""} | given
        run = SimpleNamespace(run_id="manual__1", run_type="manual", triggering_user_name="ada")
        ti = SimpleNamespace(dag_id="shop__ops", run_id="manual__1", task_id="do", try_number=1, max_tries=0)
        return task.execute({"params": params, "dag_run": run, "ti": ti, "task": SimpleNamespace(retries=0)})

    return act


@pytest.mark.slow
def test_an_hour_is_run_proved_and_shown_with_airflows_connections(shop, caplog):
    caplog.set_level("INFO")
    told = shop("run", start=START, end=END)
    assert told["command"] == f"floodmark run shop --from {START} --to {END}"
    assert any("orders" in line and " 1 " in line for line in told["output"])
    assert any(line in caplog.text for line in told["output"] if line), "the log has it all"
    with pytest.raises(AirflowFailException, match="floodmark prove shop: exit code 1; what it found stands above"):
        shop("prove")  # the other hours since the start were never read
    assert shop("balance", tables=["orders"])["command"] == "floodmark balance shop orders"


@pytest.mark.slow
def test_what_is_not_confirmed_does_nothing(shop):
    with pytest.raises(AirflowFailException, match=r"params\.confirm: is not the source's name"):
        shop("rebuild", tables=["orders"])
    with pytest.raises(AirflowFailException, match="there is none; the first run makes it"):
        shop("void", tables=["orders"], confirm="shop")
