"""What the form of ``<source>__ops`` asks for becomes the command that a person would type; and it is done."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from types import SimpleNamespace
from typing import Any

import psycopg2
import pytest
import typer
from airflow.providers.common.compat.sdk import AirflowFailException, BaseOperator

from floodmark.airflow import commanding, dags, kept_output
from floodmark.airflow.ops import OpsOperator
from floodmark.airflow.ops_form import ACTIONS, Form
from floodmark.cli.exits import Exit
from floodmark.cli.main import app
from floodmark.errors import ConfigurationError, SourceUnavailable
from floodmark.pipeline.page.output import KeptOutput, read
from tests.airflow.conftest import AIRFLOW_2

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


def done(task: BaseOperator, action: str, *, fails: str = "", **given: Any) -> KeptOutput:
    """What one run kept. It must fail with these words, if there are any."""
    xcoms: dict[str, Any] = {}
    context = _context(action, xcom_push=lambda key, value: xcoms.update({key: value}), **given)
    with pytest.raises(AirflowFailException, match=fails) if fails else nullcontext():
        assert task.execute(context) is None
    return read(json.loads(json.dumps(xcoms["floodmark_output"])))


def _context(action: str, *, xcom_push: Callable[[str, Any], None], **given: Any) -> dict[str, Any]:
    params = {"action": action, "tables": [], "start": None, "end": None, "confirm": ""} | given
    run = SimpleNamespace(run_id="manual__1", run_type="manual", triggering_user_name="ada")
    ti = SimpleNamespace(
        dag_id="shop__ops", run_id="manual__1", task_id="do", try_number=1, max_tries=0, xcom_push=xcom_push
    )
    return {"params": params, "dag_run": run, "ti": ti, "task": SimpleNamespace(retries=0)}


@pytest.fixture
def task(write) -> BaseOperator:
    """The task of an example source."""
    return dags(str(write()))["shop__ops"].get_task("do")


def test_a_form_that_is_refused_is_kept_with_its_problem_and_nothing_was_begun(task):
    kept = done(task, "rebuild", tables=["orders"], fails=r"params\.confirm: is not the source's name")
    assert (kept.source, kept.commands, kept.exit_code) == ("shop", (), Exit.USAGE)
    assert kept.lines == ("error: run: params.confirm: is not the source's name, which rebuild asks for; write shop",)
    assert kept.documents[0]["error"]["problems"][0]["remedy"] == "write shop"


def test_an_end_from_outside_is_kept_and_goes_on(task, monkeypatch):
    def stop(work: object, command: object, context: object, said: commanding.Said) -> None:
        said.lines.append("as far as this")
        raise KeyboardInterrupt

    monkeypatch.setattr(commanding, "call", stop)
    kept = []
    monkeypatch.setattr(kept_output, "keep", lambda context, output: kept.append(output))
    with pytest.raises(KeyboardInterrupt):
        done(task, "status")
    assert [(one.exit_code, one.lines) for one in kept] == [(Exit.INTERRUPTED, ("as far as this",))]


@pytest.mark.parametrize("fails", ["", "the source could not be reached"])
def test_what_cannot_be_kept_neither_fails_a_run_nor_hides_why_it_failed(task, monkeypatch, caplog, fails):
    def call(work: object, command: object, context: object, said: commanding.Said) -> None:
        said.lines.append("as far as this")
        if fails:
            raise SourceUnavailable(fails)

    def unreachable(key: str, value: object) -> None:
        raise RuntimeError(f"no answer; parameters: {value} {'x' * 9_999}")

    monkeypatch.setattr(commanding, "call", call)
    context = _context("status", xcom_push=unreachable)
    with pytest.raises(SourceUnavailable, match=fails) if fails else nullcontext():
        task.execute(context)
    assert "what the run said is not kept for its page, this log has it: RuntimeError: no answer" in caplog.text
    assert max(map(len, caplog.messages)) < 1_000


def test_what_airflow_hides_in_the_log_is_hidden_in_what_is_kept(task, monkeypatch):
    monkeypatch.setattr(commanding, "call", lambda work, command, context, said: _tell(said, "hunter2-of-shop"))
    _mask("hunter2-of-shop")
    kept = done(task, "status")
    assert kept.lines == ("its password is ***",)
    assert kept.documents == ({"deep": [[[[[{"said": "***"}]]]]]},)


def _tell(said: commanding.Said, secret: str) -> None:
    said.lines.append(f"its password is {secret}")
    said.documents.append({"deep": [[[[[{"said": secret}]]]]]})


def _mask(secret: str) -> None:
    if AIRFLOW_2:
        from airflow.utils.log.secrets_masker import mask_secret
    else:
        from airflow.sdk.log import mask_secret
    mask_secret(secret)


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

    return partial(done, task)


@pytest.mark.slow
def test_an_hour_is_run_proved_and_shown_with_airflows_connections(shop, caplog):
    caplog.set_level("INFO")
    told = shop("run", start=START, end=END)
    assert told.commands == (f"floodmark run shop --from {START} --to {END}",)
    assert any("orders" in line and " 1 " in line for line in told.lines)
    assert all(line in caplog.text for line in told.lines), "the log has it all"
    assert told.documents[0]["runs"][0]["rows"] == 1
    # the other hours since the start were never read
    proved = shop("prove", fails="floodmark prove shop: exit code 1; what it found stands above")
    assert (proved.exit_code, proved.documents[0]["tables"][0]["proved"]) == (Exit.FINDINGS, False)
    assert any(proved.documents[0]["tables"][0]["doubts"][0][:20] in line for line in proved.lines)
    assert shop("balance", tables=["orders"]).commands == ("floodmark balance shop orders",)


@pytest.mark.slow
def test_each_action_leaves_one_document_for_each_of_its_commands(shop):
    shop("run", start=START, end=END)
    fails = {"status": "exit code 1", "doctor": "exit code 1", "prove": "exit code 1", "void": "no read is open"}
    for action, its in ACTIONS.items():
        tables = [] if its.tables == "none" else ["orders"]
        kept = shop(action, tables=tables, confirm="shop", fails=fails.get(action, ""))
        assert (len(kept.commands), len(kept.documents)) == (1, 1), action
        assert (kept.exit_code, bool(kept.lines)) == (Exit.FINDINGS if action in fails else Exit.OK, True), action


@pytest.mark.slow
def test_what_is_not_confirmed_does_nothing(shop):
    shop("rebuild", tables=["orders"], fails=r"params\.confirm: is not the source's name")
    kept = shop("void", tables=["orders"], confirm="shop", fails="there is none; the first run makes it")
    assert (kept.commands, kept.exit_code) == (("floodmark void shop orders",), Exit.USAGE)
