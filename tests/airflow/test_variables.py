"""A source that an Airflow Variable holds: how often it is read, what is wrong with it, one text for a whole run."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import time
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from floodmark.airflow import dags, run_document, variables
from floodmark.airflow.operators import GateOperator
from floodmark.errors import ConfigurationError
from tests.airflow.conftest import AIRFLOW_2, SOURCE

NAME = "floodmark_shop"


class Kept:
    """What Airflow keeps, and how often it was asked."""

    def __init__(self, document: object) -> None:
        self.reads = 0
        self.text = document if isinstance(document, str) else json.dumps(document)

    def read(self, variable: str) -> str:
        assert variable == NAME
        self.reads += 1
        return self.text


@pytest.fixture
def kept(monkeypatch, tmp_path) -> Kept:
    """An example source in a Variable, and a folder of one's own for the copy."""
    kept = Kept(SOURCE)
    monkeypatch.setenv("FLOODMARK_STATE", str(tmp_path / "state"))
    monkeypatch.setattr("floodmark.airflow.variables.of_airflow", kept.read)
    return kept


@pytest.fixture
def made(tmp_path):
    """The DAGs, as a processor of DAG files makes them."""
    return lambda: dags(str(tmp_path / "dags" / "floodmark_shop.py"), variable=NAME)


def copy(tmp_path):
    return tmp_path / "state" / "variables" / f"{NAME}.json"


def in_task(monkeypatch, dag_id: str, task_id: str) -> None:
    parsing = SimpleNamespace(dag_id=dag_id, task_id=task_id)
    monkeypatch.setattr("floodmark.airflow.dag_file.get_parsing_context", lambda: parsing)


class TaskInstance(SimpleNamespace):
    """One that has been tried once; XComs of a run in ``pushed``."""

    def xcom_push(self, key: str, value: Any) -> None:
        self.pushed[self.task_id, key] = value

    def xcom_pull(self, task_ids: str, key: str = "return_value") -> Any:
        return self.pushed.get((task_ids, key))


def context(task, pushed: dict, *, cleared: bool = False) -> dict[str, Any]:
    ti = TaskInstance(task_id=task.task_id, pushed=pushed, max_tries=task.retries + cleared, try_number=1 + cleared)
    return {"task": task, "ti": ti}


def test_a_hundred_parses_read_the_variable_once(kept, made) -> None:
    for _ in range(100):
        assert set(made()) == {"shop", "shop__ops", "shop__reload", "shop__upkeep"}
    assert kept.reads == 1


def test_a_copy_that_is_too_old_is_read_anew_once(kept, made, tmp_path) -> None:
    made()
    kept.text = json.dumps(SOURCE | {"source": "crm"})
    assert "shop" in made()
    for age in (variables.REFRESH + 1, -3_600):  # the second: a clock that was set back
        moment = time.time() - age
        os.utime(copy(tmp_path), (moment, moment))
        assert "crm" in made()
        assert "crm" in made()
    assert kept.reads == 3


def test_where_no_copy_can_be_kept_every_parse_reads_it(kept, made, monkeypatch, tmp_path, caplog) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("FLOODMARK_STATE", str(tmp_path / "file"))
    made()
    made()
    assert kept.reads == 2
    assert "can't be kept, so each parse reads the Variable" in caplog.text


def test_what_is_wrong_with_it_is_the_import_error_in_the_yaml_s_words(kept, made) -> None:
    kept.text = json.dumps(SOURCE | {"start": "soon", "tables": {"orders": {"curser": "x"}}}, indent="\t")
    with pytest.raises(ConfigurationError) as raised:
        made()
    assert [str(problem) for problem in raised.value.problems] == [
        'Variable floodmark_shop: start: "soon" is not a date; write a date, 2026-11-01, or a time with its zone, '
        "2026-11-01T06:00:00Z",
        'Variable floodmark_shop: tables.orders.curser: unknown key; did you mean "cursor"?',
    ]


def test_once_it_is_mended_the_next_parse_has_it(kept, made) -> None:
    kept.text = "{}"
    for _ in range(2):
        with pytest.raises(ConfigurationError):
            made()
    kept.text = json.dumps(SOURCE)
    assert "shop" in made()
    reads = kept.reads
    made()
    assert kept.reads == reads


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"version": 1,}', "is no JSON: "),
        ("version: 1", "is no JSON: Expecting value at line 1, column 1"),
        ('{"a": 1, "b": {"c": 1, "c": 2}}', 'has the key "c" twice in one object'),
        ('{"a": NaN}', "holds NaN, which is no JSON"),
        ("[]", "is not a mapping"),
        ("", "is no JSON: "),
        ("[" * 100_000, "is nested too deeply"),
    ],
)
def test_what_is_no_source_is_said(kept, made, text, said) -> None:
    kept.text = text
    with pytest.raises(ConfigurationError, match="Variable floodmark_shop: ") as raised:
        made()
    assert said in str(raised.value)


def test_a_task_that_the_copy_doesn_t_have_yet_reads_the_variable(kept, made, monkeypatch) -> None:
    made()
    kept.text = json.dumps(SOURCE | {"tables": {"orders": None, "newer": None}})
    in_task(monkeypatch, "shop", "orders.extract")
    assert "newer.extract" not in made()["shop"].task_ids
    assert kept.reads == 1
    in_task(monkeypatch, "shop", "newer.extract")
    assert "newer.extract" in made()["shop"].task_ids
    assert kept.reads == 2


def test_all_tasks_of_a_run_go_by_what_its_gate_read(kept, made) -> None:
    pushed: dict = {}
    dag = made()["shop"]
    gate, extract = dag.get_task("gate"), dag.get_task("orders.extract")
    kept.text = json.dumps(SOURCE | {"owner": "gate"})
    assert run_document.begin(gate.work, context(gate, pushed)).config.owner == "gate"
    kept.text = json.dumps(SOURCE | {"owner": "later"})
    assert run_document.of_run(extract.work, context(extract, pushed)).config.owner == "gate"
    later = variables.document(NAME, fresh=True)
    parsed_later = replace(extract.work, document=later, config=later.config(extract.work.file))
    assert run_document.of_run(parsed_later, context(extract, pushed)).config.owner == "gate"
    assert run_document.of_run(extract.work, context(extract, pushed, cleared=True)).config.owner == "later"


def test_what_the_gate_keeps_is_small(kept, made) -> None:
    kept.text = json.dumps(SOURCE | {"tables": {f"table_{number}": {"key": "id"} for number in range(100)}})
    assert len(json.dumps(variables.document(NAME).packed())) < 3_000


def test_a_gate_whose_variable_is_broken_by_now_says_so(kept, made) -> None:
    gate = made()["shop"].get_task("gate")
    assert isinstance(gate, GateOperator)
    kept.text = "{}"
    with pytest.raises(ConfigurationError, match="Variable floodmark_shop: version: missing"):
        run_document.begin(gate.work, context(gate, {}))


def test_a_source_in_a_file_is_kept_for_no_run(write) -> None:
    gate = dags(str(write()))["shop"].get_task("gate")
    pushed: dict = {}
    assert run_document.begin(gate.work, context(gate, pushed)) is gate.work
    assert run_document.of_run(gate.work, context(gate, pushed)) is gate.work
    assert pushed == {}


def test_commands_name_the_variable(kept, made) -> None:
    assert made()["shop"].get_task("gate").work.named == "variable:floodmark_shop"


PARSE = """
import json, sys
from sqlalchemy import event
from sqlalchemy.engine import Engine
asked = []
event.listen(Engine, "before_cursor_execute", lambda *a: asked.append(a[2]) if "variable" in a[2].lower() else None)
import runpy
sizes = []
for _ in range(5):
    made = runpy.run_path(sys.argv[1])
    sizes.append(len(asked))
print("ANSWER " + json.dumps({"dags": sorted(key for key in made if key.startswith("shop")), "asked": sizes}))
"""


CHECK = """
import json
from typer.testing import CliRunner
from floodmark.cli import app
answer = CliRunner().invoke(app, ["check", "variable:floodmark_shop"])
print("ANSWER " + json.dumps(answer.output if answer.exit_code == 0 else answer.exit_code))
"""


@pytest.mark.slow
def test_airflow_s_database_is_asked_once_and_the_command_line_reads_the_same(airflow, python, tmp_path) -> None:
    airflow("variables", "set", NAME, json.dumps(SOURCE))
    dag_file = tmp_path / "floodmark_shop.py"
    dag_file.write_text(f"from floodmark.airflow import dags\n\nglobals().update(dags(__file__, variable={NAME!r}))\n")
    settings = airflow.settings | {"FLOODMARK_STATE": str(tmp_path / "state")}
    answer = python(PARSE, dag_file, **settings)
    assert answer["dags"] == ["shop", "shop__ops", "shop__reload", "shop__upkeep"]
    assert answer["asked"][0] >= 1
    assert len(set(answer["asked"])) == 1
    told = python(CHECK, **settings)
    assert "Variable floodmark_shop: source shop, 2 tables\nok" in told


@pytest.mark.slow
def test_airflow_s_processor_of_dag_files_makes_its_dags_and_shows_what_is_wrong(airflow, tmp_path) -> None:
    dag_file = airflow.home / "dags" / "floodmark_by_variable.py"
    dag_file.write_text(
        "from floodmark.airflow import dags\n\nglobals().update(dags(__file__, variable='floodmark_kept'))\n"
    )
    settings = {"FLOODMARK_STATE": str(tmp_path / "state")}
    parse = ("dags", "reserialize") if AIRFLOW_2 else ("dag-processor", "--num-runs", "1")
    try:
        airflow("variables", "set", "floodmark_kept", json.dumps(SOURCE | {"source": "kept"}))
        airflow(*parse, **settings)
        assert {"kept", "kept__reload", "kept__upkeep"} <= column(airflow, "SELECT dag_id FROM serialized_dag")
        said = airflow("dags", "test", "kept", "2026-11-03T10:00:00+00:00", fails=True, **settings)
        assert "connection shop_db: does not exist" in said  # the gate has kept the text, and extract gone by it
        assert "kept" in column(airflow, "SELECT dag_id FROM xcom WHERE key = 'floodmark_document'")
        shutil.rmtree(tmp_path / "state")  # five minutes later
        airflow("variables", "set", "floodmark_kept", json.dumps(SOURCE | {"source": "kept", "start": "soon"}))
        if AIRFLOW_2:
            told = airflow("dags", "list-import-errors", "-o", "json", fails=True, **settings)
        else:
            airflow(*parse, **settings)
            told = "".join(column(airflow, "SELECT stacktrace FROM import_error"))
        assert "Variable floodmark_kept: start: " in told
        assert "is not a date; write a date, 2026-11-01" in told
    finally:
        dag_file.unlink()


def column(airflow, query: str) -> set[str]:
    with sqlite3.connect(airflow.home / "airflow.db") as database:
        return {one for (one,) in database.execute(query)}
