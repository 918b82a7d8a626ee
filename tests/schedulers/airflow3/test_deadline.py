"""A deadline as docs/operating.md gives it: who is named there is told of a run that misses it, by Airflow itself."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from floodmark.demo.servers.airflow import Part
from tests.schedulers import source
from tests.schedulers.airflow3.conftest import Schedulers
from tests.schedulers.shop import Shop
from tests.schedulers.source import until

pytestmark = [pytest.mark.long, pytest.mark.timeout(1200)]

OPERATING = Path(__file__).parents[3] / "docs" / "operating.md"
WRITTEN = "interval=timedelta(minutes=50)"
ALERTS = """\
import json


async def run_is_late(context, channel):
    run = context["dag_run"]
    with open({told!r}, "a", encoding="utf-8") as file:
        file.write(json.dumps([run["dag_id"], run["dag_run_id"], channel]) + "\\n")
"""
PARSED = "SELECT last_parsed_time FROM dag WHERE dag_id = %s"
LEFT = "SELECT COUNT(*) FROM deadline JOIN dag_run ON dag_run.id = deadline.dagrun_id WHERE dag_run.dag_id = %s"


@pytest.fixture
def told(airflow: Schedulers, tmp_path: Path) -> Iterator[Path]:
    """What the callback was told, a line each time. Meanwhile there is a triggerer, which can import its module."""
    file = tmp_path / "told.jsonl"
    module = airflow.server.folder / "plugins" / "shop_alerts.py"
    module.parent.mkdir(exist_ok=True)
    module.write_text(ALERTS.format(told=str(file)), encoding="utf-8")
    triggerer = Part(["triggerer", "--skip-serve-logs"], airflow.server.folder, airflow.server.variables)
    triggerer.begin()
    yield file
    triggerer.stop()
    module.unlink()


def ask(airflow: Schedulers, query: str, dag: str) -> list[tuple[Any, ...]]:
    """What Airflow's own database says of a DAG."""
    dsn = airflow.runs_of.metadata.dsn
    with contextlib.closing(psycopg2.connect(dsn)) as connection, connection.cursor() as cursor:
        cursor.execute(query, (dag,))
        return cursor.fetchall()


def parsed_anew(airflow: Schedulers, dag: str) -> None:
    """Wait for a parse that began after another had found the DAG, so that it has read the DAG file as it is now."""
    moments: set[Any] = set()

    def twice() -> bool:
        moments.update(moment for (moment,) in ask(airflow, PARSED, dag) if moment)
        return len(moments) > 1

    until(f"parsing {dag} twice", twice, 300, airflow.evidence)


@pytest.mark.parametrize("late", [True, False])
def test_who_is_named_is_told_of_a_run_that_misses_its_deadline_and_of_no_other(
    airflow: Schedulers, recent: Shop, told: Path, monkeypatch: pytest.MonkeyPatch, late: bool
):
    [code] = re.findall(r"```python\n(.*?)```", OPERATING.read_text(encoding="utf-8"), re.DOTALL)
    assert WRITTEN in code
    code = code.replace(WRITTEN, "interval=timedelta(0)") if late else code  # then every run ends after it
    monkeypatch.setattr(source, "DAG_FILE", code)
    (recent.dags / "floodmark_dags.py").write_text(code, encoding="utf-8")
    recent.create(catchup="span")
    parsed_anew(airflow, recent.name)
    airflow.unpause(recent.name)
    [run] = airflow.ended(recent.name, "scheduled", 1)[:1]
    if not late:
        assert ask(airflow, LEFT, recent.name) == [(0,)], "it ended in time, and nobody need be told any more"
        assert not told.exists()
        return

    def heard() -> list[list[str]]:
        return [json.loads(line) for line in told.read_text().splitlines()] if told.exists() else []

    until("the callback", heard, 300, lambda: airflow.evidence(recent.name), every=0.5)
    assert [recent.name, run.id, "data"] in heard()
    assert len({(dag, id_) for dag, id_, _ in heard()}) == len(heard()), "each run is told of once"
