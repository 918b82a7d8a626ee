"""``airflow dags backfill``: Airflow 2's own, given back to Airflow 3, and guarded."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from types import ModuleType, SimpleNamespace

import pytest

from floodmark.airflow.backfill import command, run
from floodmark.airflow.backfill.run import Progress
from floodmark.provider import provider_info
from tests.airflow.conftest import AIRFLOW

pytestmark = pytest.mark.slow

PARSER = "airflow.cli.cli_parser"
NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def test_airflow_has_the_command_and_knows_the_distribution(airflow):
    assert "floodmark" in airflow("providers", "list", "--output", "plain")
    asks_no_provider = AIRFLOW in ((3, 0), (3, 1))
    said = airflow("dags", "backfill", "--help", fails=asks_no_provider)
    if asks_no_provider:
        assert "airflow backfill create" in said
        return
    for option in ("--start-date", "--end-date", "--conf", "--run-backwards", "--dry-run", "--reset-dagruns"):
        assert option in said


@pytest.mark.parametrize(
    ("module", "package"),
    [
        ("floodmark.provider", []),
        ("floodmark.airflow.backfill.command", ["floodmark.airflow", "floodmark.airflow.backfill"]),
    ],
)
def test_what_every_airflow_command_loads_imports_nothing_else(python, module, package):
    loaded = python(
        "import importlib, json, sys; importlib.import_module(sys.argv[1]); own = ('floodmark', 'airflow', 'pydantic');"
        "print('ANSWER', json.dumps([name for name in sys.modules if name.partition('.')[0] in own]))",
        module,
    )
    assert sorted(loaded) == ["floodmark", *package, module]


def parser(monkeypatch, **members) -> ModuleType:
    module = ModuleType(PARSER)
    module.__dict__.update(members)
    monkeypatch.setitem(sys.modules, PARSER, module)
    return module


@pytest.mark.parametrize(
    "members",
    [
        {},  # the list has another name
        {"airflow_commands": []},  # the group is gone
        {"airflow_commands": [SimpleNamespace(name="dags", subcommands=())]},  # a group is no named tuple
        {"airflow_commands": None},
    ],
)
def test_a_changed_airflow_loses_this_one_command_with_a_warning(monkeypatch, caplog, members):
    parser(monkeypatch, **members)
    assert command.commands() == []
    assert "`airflow dags backfill` is missing" in caplog.text
    assert "airflow backfill create --reprocess-behavior completed" in caplog.text


def test_an_airflow_that_has_the_command_keeps_its_own(monkeypatch, caplog):
    own = SimpleNamespace(name="dags", subcommands=(SimpleNamespace(name="backfill"),))
    known = parser(monkeypatch, airflow_commands=[own]).airflow_commands
    assert command.commands() == []
    assert known == [own]
    assert caplog.text == ""


def test_the_named_function_is_there():
    [path] = provider_info()["cli"]
    assert path == f"{command.__name__}.{command.commands.__name__}"


def asked(**changes) -> argparse.Namespace:
    words = {"dag_id": "shop", "start_date": NOON, "end_date": NOON, "dry_run": False}
    return argparse.Namespace(**{**words, **changes})


@pytest.fixture
def steps(monkeypatch):
    """The command's dealings with Airflow, replaced: what is created, whether it is paused, how it goes."""
    made = SimpleNamespace(created=[], paused=False, open=[], goes=[])

    def given(steps):
        step = steps.pop(0)
        if isinstance(step, BaseException):
            raise step
        return step

    monkeypatch.setattr(run, "_create", lambda args, first, last: made.created.append((first, last)))
    monkeypatch.setattr(run, "_open", lambda dag_id: given(made.open) if made.open else None)
    monkeypatch.setattr(run, "_newest", lambda dag_id: (7, made.paused))
    monkeypatch.setattr(run, "_progress", lambda number: given(made.goes))
    monkeypatch.setattr(run, "LOOK_EVERY", 0)
    return made


def standing(completed=False, failed=(), left_out=None, **states: int) -> Progress:
    return Progress(states=states, failed=failed, left_out=left_out or {}, completed=completed)


def test_it_waits_until_airflow_has_closed_the_backfill_and_tells_each_step_once(steps, capsys):
    steps.goes = [standing(queued=2), standing(queued=2), standing(success=2), standing(success=2, completed=True)]
    run.backfill(asked())
    said = capsys.readouterr().out
    assert "--reprocess-behavior completed" in said
    assert said.count("0 of 2 runs have ended (2 queued)") == 1
    assert said.count("2 of 2 runs have ended") == 1
    assert steps.goes == []


def test_a_failed_run_ends_it_badly_and_an_hour_left_out_is_told(steps, capsys):
    left_out = {NOON: "in flight"}
    steps.goes = [standing(success=1, failed=("backfill__x",), left_out=left_out, completed=True)]
    with pytest.raises(SystemExit, match="backfill 7: failed: backfill__x"):
        run.backfill(asked())
    assert "left out: 2026-11-02T12:00:00+00:00: in flight" in capsys.readouterr().out


def test_one_date_is_both_and_none_is_refused(steps):
    steps.goes = [standing(success=1, completed=True)]
    run.backfill(asked(end_date=None))
    assert steps.created == [(NOON, NOON)]
    with pytest.raises(SystemExit, match="give -s START"):
        run.backfill(asked(start_date=None, end_date=None))


def test_ctrl_c_leaves_the_backfill_running_and_a_paused_dag_is_named(steps, capsys):
    steps.paused = True
    steps.goes = [standing(queued=1), KeyboardInterrupt()]
    with pytest.raises(SystemExit) as ended:
        run.backfill(asked())
    assert ended.value.code == 130
    said = capsys.readouterr().out
    assert "backfill 7 goes on" in said
    assert "airflow dags unpause shop" in said


def test_it_waits_for_its_turn_and_ctrl_c_then_makes_none(steps, capsys):
    steps.open, steps.goes = [6, 6], [standing(success=1, completed=True)]
    run.backfill(asked())
    assert capsys.readouterr().out.count("backfill 6 of shop is not closed yet") == 1
    assert len(steps.created) == 1
    steps.open = [6, KeyboardInterrupt()]
    with pytest.raises(SystemExit) as ended:
        run.backfill(asked())
    assert ended.value.code == 130
    assert "no backfill was made" in capsys.readouterr().out
    assert len(steps.created) == 1


def test_a_dry_run_waits_for_nothing(steps, capsys):
    run.backfill(asked(dry_run=True))
    assert "runs have ended" not in capsys.readouterr().out
