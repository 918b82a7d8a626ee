"""What parsing a DAG file loads and costs, and what schedulers need of Floodmark: nothing."""

from __future__ import annotations

import json

import pytest

PARSE = """
import json, runpy, sys
from airflow.providers.common.compat.sdk import DAG, BaseOperator, Param, TaskGroup
from airflow.timetables.interval import CronDataIntervalTimetable
from airflow.models.xcom import XCom
with DAG("any", schedule=None):
    BaseOperator(task_id="any")  # what the first task of any file loads is Airflow's own: half a second on 3.1

def refused(event, arguments):
    if event == "socket.connect":
        raise SystemExit("a connection is opened")
sys.addaudithook(refused)
before = set(sys.modules)
made = runpy.run_path(sys.argv[1])
modules = sorted(set(sys.modules) - before)
calls = 0
def count(frame, event, argument):
    global calls
    calls += event in ("call", "c_call")
sys.setprofile(count)
runpy.run_path(sys.argv[1])  # again, as a processor of DAG files does, with all that it needs loaded
sys.setprofile(None)
print("ANSWER " + json.dumps({
    "dags": sorted(key for key, value in made.items() if isinstance(value, DAG)),
    "modules": modules,
    "calls": calls,
}))
"""
HEAVY = ("google.", "psycopg", "adbc", "pyarrow", "alembic", "airflow.providers.google", "airflow.providers.postgres")
OURS = ("floodmark.adapters.ledger", "floodmark.adapters.stage", "floodmark.adapters.bigquery", "floodmark.pipeline.")
LIGHT = "floodmark.pipeline.shown_sql"


@pytest.mark.slow
def test_parsing_loads_nothing_heavy_and_opens_no_connection(write, python):
    answer = python(PARSE, write(tables={f"t{number}": None for number in range(10)}))
    assert answer["dags"] == ["shop", "shop__ops", "shop__reload", "shop__upkeep"]
    assert [name for name in answer["modules"] if name.startswith((*HEAVY, *OURS)) and name != LIGHT] == []
    assert answer["calls"] < 160_000  # half of it is ours and Airflow's today, on each of the three


SERIALIZE = """
import json, runpy, sys
from airflow.providers.common.compat.sdk import DAG
try:
    from airflow.serialization.serialized_objects import DagSerialization as Serialized
except ImportError:
    from airflow.serialization.serialized_objects import SerializedDAG as Serialized
made = runpy.run_path(sys.argv[1])
documents = {key: Serialized.to_dict(value) for key, value in made.items() if isinstance(value, DAG)}
json.dump(documents, open(sys.argv[2], "w"))
print("ANSWER true")
"""
SCHEDULE = """
import json, sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "floodmark":
            raise ImportError("floodmark is not here")
sys.meta_path.insert(0, Blocked())
import importlib.metadata as metadata
every = metadata.distributions
metadata.distributions = lambda **named: (one for one in every(**named) if one.name != "floodmark")
import pendulum
try:
    from airflow.serialization.serialized_objects import DagSerialization as Serialized
except ImportError:
    from airflow.serialization.serialized_objects import SerializedDAG as Serialized
dags = {key: Serialized.from_dict(value) for key, value in json.load(open(sys.argv[1])).items()}
dag = dags["shop__3h"]
from airflow.timetables.base import TimeRestriction
restriction = TimeRestriction(earliest=dag.start_date, latest=None, catchup=dag.catchup)
run = dag.timetable.next_dagrun_info(last_automated_data_interval=None, restriction=restriction)
print("ANSWER " + json.dumps({
    "loaded": "floodmark" in sys.modules,
    "interval": [run.data_interval.start.isoformat(), run.data_interval.end.isoformat()],
    "tasks": sorted(dag.task_ids),
    "after": sorted(dag.get_task("gate").downstream_task_ids),
    "params": dag.params.get_param("tables").resolve(),
    "outlets": [outlet.name for outlet in dag.get_task("items.load").outlets],
}))
"""


@pytest.mark.slow
def test_a_thousand_tables_are_stored_in_less_than_a_mebibyte(write, python, airflow, tmp_path):
    """The DAGs of one source together; 6.4 MB while each task had a copy of the params."""
    stored = tmp_path / "dags.json"
    python(SERIALIZE, write(tables={f"t{number:04}": None for number in range(1000)}), stored, **airflow.settings)
    documents = json.loads(stored.read_text())
    assert set(documents) == {"shop", "shop__ops", "shop__reload", "shop__upkeep"}
    assert max(len(json.dumps(document)) for document in documents.values()) < 2**20


@pytest.mark.slow
def test_a_scheduler_without_floodmark_makes_runs_and_knows_their_tasks(write, python, airflow, tmp_path):
    stored = tmp_path / "dags.json"
    python(SERIALIZE, write(tables={"orders": None, "items": {"cadence": "3h"}}), stored, **airflow.settings)
    assert "floodmark." in json.dumps(json.loads(stored.read_text()))  # it would be needed to run the tasks
    assert python(SCHEDULE, stored, **airflow.settings) == {
        "loaded": False,
        "interval": ["2026-11-02T00:00:00+00:00", "2026-11-02T03:00:00+00:00"],
        "tasks": ["gate", "items.extract", "items.load", "report"],
        "after": ["items.extract"],
        "params": ["items"],
        "outlets": ["floodmark:shop__3h:items"],
    }
