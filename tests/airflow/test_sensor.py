"""The sensor, by the example of the documentation: what it waits for, what it says, and what ends it."""

from __future__ import annotations

import logging
import re
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from airflow.providers.common.compat.sdk import DAG, AirflowFailException, TaskGroup

from floodmark.adapters.ledger import open_ledger
from floodmark.airflow.sensor import FloodmarkSealedSensor, moment
from floodmark.core.ledger.head import fresh
from tests.fakes.examples import ZERO
from tests.pipeline.page.many import HOUR, _even, segment

PAGE = Path(__file__).parents[2] / "docs" / "handing-on.md"
UP_TO = ZERO + 27 * HOUR


@pytest.fixture
def source(write, tmp_path) -> Path:
    """A source's file, with a ledger of its own."""
    dag_file: Path = write(start="2026-11-01", ledger=f"sqlite:///{tmp_path}/ledger.db")
    return dag_file.parent / "sources" / "shop.yml"


def stand(tmp_path: Path, **hours: tuple[float, str]) -> None:
    """Seal tables so far, each with what blocks it."""
    ledger = open_ledger(f"sqlite:///{tmp_path}/ledger.db")
    for name, (sealed, error) in hours.items():
        target = f"proj-x.shop.{name}"
        before = ledger.head(target)
        head = replace(fresh(target, ledger.uuid), version=before.version + 1, error=error)
        ledger.swap(before, replace(head, coverage=(segment(0, sealed),)))
    ledger.close()


def shown(sign: str, source: Path) -> DAG:
    """The DAG of the documentation's example that holds ``sign``, of this source."""
    examples = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    [code] = [code for code in examples if sign in code]
    names: dict[str, Any] = {}
    exec(compile(code.replace("dags/sources/shop.yml", str(source)), PAGE.name, "exec"), names)
    dag: DAG = names["dag"]
    return dag


class Cosmos(ModuleType):
    """In place of Cosmos, which isn't among the tests' packages: its names, and a task group with one task."""

    def __init__(self) -> None:
        super().__init__("cosmos")
        self.given: dict[str, Any] = {}

    def ProjectConfig(self, path: str) -> str:
        return path

    def ProfileConfig(self, **given: str) -> dict[str, str]:
        return given

    def DbtTaskGroup(self, *, group_id: str, **given: Any) -> TaskGroup:
        self.given = given
        with TaskGroup(group_id=group_id) as group:
            FloodmarkSealedSensor(task_id="orders_run", source="any")
        return group


def test_dbts_tasks_of_the_documentation_s_example_come_after_the_seal(source, monkeypatch):
    cosmos = Cosmos()
    monkeypatch.setitem(sys.modules, "cosmos", cosmos)
    dag = shown("from cosmos import", source)
    assert dag.get_task("marts.orders_run").upstream_task_ids == {"sealed"}
    assert dag.get_task("sealed").tables == ("orders", "items")
    assert cosmos.given["operator_args"] == {"vars": {"until": "{{ data_interval_end }}"}}


def test_one_that_waits_for_the_balance_waits_for_a_count_since_the_moment(source, tmp_path, caplog):
    caplog.set_level(logging.INFO)
    stand(tmp_path, orders=(30, ""), items=(30, ""))
    assert FloodmarkSealedSensor(task_id="a", source=source, up_to=UP_TO).poke({}) is True
    strict = FloodmarkSealedSensor(task_id="b", source=source, up_to=UP_TO, tables=["orders"], balanced=True)
    assert strict.poke({}) is False
    assert "orders: not up to 2026-11-02T03:00:00+00:00 yet: its rows were never counted at both ends" in caplog.text
    ledger = open_ledger(f"sqlite:///{tmp_path}/ledger.db")
    before = ledger.head("proj-x.shop.orders")
    ledger.swap(before, replace(before, version=before.version + 1, balance=_even(UP_TO)))
    ledger.close()
    assert strict.poke({}) is True


def test_the_example_of_the_documentation_waits_for_its_tables(source, tmp_path, monkeypatch, caplog):
    dag = shown('dag_id="revenue"', source)
    sensor = dag.get_task("sealed")
    assert (sensor.mode, sensor.downstream_task_ids) == ("reschedule", {"revenue"})
    assert sensor.template_fields == ("up_to",)
    sensor.up_to = UP_TO.isoformat(sep=" ")  # as Airflow renders it
    caplog.set_level(logging.INFO)
    stand(tmp_path, orders=(30, ""), items=(26, ""))
    assert sensor.poke({}) is False
    assert "items: not up to 2026-11-02T03:00:00+00:00 yet: sealed up to 2026-11-02 02:00:00" in caplog.text
    assert "orders: not" not in caplog.text
    stand(tmp_path, items=(27, ""))
    assert sensor.poke({}) is True


def test_a_blocked_table_is_waited_for_unless_that_is_to_end_it(source, tmp_path):
    stand(tmp_path, orders=(30, "a column is gone"), items=(26, "no privilege"))
    patient = FloodmarkSealedSensor(task_id="a", source=source, up_to=UP_TO)
    assert patient.poke({}) is False
    short = FloodmarkSealedSensor(task_id="b", source=source, up_to=UP_TO, fail_when_blocked=True)
    with pytest.raises(AirflowFailException, match=r"^items is blocked: no privilege$"):
        short.poke({})


def test_a_source_is_found_by_its_name(source, tmp_path, monkeypatch):
    monkeypatch.setenv("FLOODMARK_SOURCES", str(source.parent))
    stand(tmp_path, orders=(30, ""), items=(30, ""))
    assert FloodmarkSealedSensor(task_id="a", source="shop", up_to=UP_TO).poke({}) is True


@pytest.mark.parametrize(
    ("written", "said"),
    [("soon", 'up_to: "soon" is no moment'), ("2026-11-02T03:00:00", 'up_to: "2026-11-02T03:00:00" has no zone')],
)
def test_what_is_no_moment_ends_it_at_once(source, written, said):
    with pytest.raises(AirflowFailException, match=said):
        FloodmarkSealedSensor(task_id="a", source=source, up_to=written).poke({})


def test_a_moment_of_any_zone_is_taken_as_utc():
    assert moment("2026-11-02T05:00:00+02:00") == datetime(2026, 11, 2, 3, tzinfo=UTC)
    assert moment(UP_TO + timedelta(0)) == UP_TO
