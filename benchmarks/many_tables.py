"""A source of many tables: what its DAGs cost to parse and to store, and what a table costs in an hour. CPU and bytes.

    python benchmarks/many_tables.py                        # 1,000 tables parsed, 40 and 50 synced
    python benchmarks/many_tables.py --parse-only
    python benchmarks/many_tables.py --most 0.1             # end with 1 where an idle table costs more CPU seconds
    python benchmarks/many_tables.py --python .venv-airflow2/bin/python        # the tasks on another Airflow

A task is a process of its own that imports what a task of Airflow imports, parses the file for its own DAG, does its
step and ends as Airflow's tasks end, by os._exit; so all it costs is counted, but not the servers' share. A worker of
Airflow's forks its tasks and has imported that before, so there a task costs what is above an empty one. The source's
database has a thousand tables of thirty columns beside. A slice lasts a minute here, an hour elsewhere.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import psycopg2

HERE = Path(__file__).resolve()
sys.path.insert(0, str(HERE.parent.parent / "plugins"))

MINUTE = timedelta(minutes=1)
BATCH, BATCH_OF_MANY, MANY = 20, 50, 1_000
"""Tables that share a task; and in a source of so many."""
LEDGERS = ("postgres", "gcs")
ROWS = 100
"""That a table holds at first, and that a busy slice adds."""
BESIDE = """
DO $$ BEGIN FOR number IN 1..1000 LOOP
    EXECUTE format('CREATE TABLE beside_%s (%s)', number,
                   (SELECT string_agg('column_' || n || ' text', ', ') FROM generate_series(1, 30) AS n));
END LOOP; END $$
"""
"""What else the source's database holds: its catalog costs whoever reads it."""
DAG_FILE = "from floodmark.airflow import dags\n\nglobals().update(dags(__file__))\n"

START = """
import json, os, sys, time
try:
    import airflow.sdk.execution_time.task_runner
except ModuleNotFoundError:
    import airflow.cli.commands.task_command, airflow.models.taskinstance, airflow.task.task_runner.standard_task_runner
imported = time.process_time()

def answer(**told):
    print("ANSWER", json.dumps(told), flush=True)
    os._exit(0)
"""
"""What a task of Airflow 3 imports, or of Airflow 2, and how both end."""
PARSE = """
from airflow.providers.common.compat.sdk import DAG
try:
    from airflow.serialization.serialized_objects import DagSerialization as Serialized
except ImportError:
    from airflow.serialization.serialized_objects import SerializedDAG as Serialized
from floodmark.airflow import dag_file, dags

def took(what):
    began = time.process_time()
    made = what()
    return made, time.process_time() - began

file = sys.argv[1]
_, first = took(lambda: dags(file))
made, again = took(lambda: dags(file))
stored, serialize = took(lambda: {key: json.dumps(Serialized.to_dict(dag)) for key, dag in made.items()})
context = type(dag_file.get_parsing_context())(dag_id="many", task_id="any")
dag_file.get_parsing_context = lambda: context
_, own = took(lambda: dags(file))
answer(
    tasks=sum(len(dag.tasks) for dag in made.values()), first=first, again=again, own=own,
    serialize=serialize, bytes={key: len(text) for key, text in stored.items()},
)
"""
EMPTY = "answer()"
TASK = """
from datetime import datetime, timedelta
from types import SimpleNamespace
from floodmark.airflow import dag_file, dags

file, task_id, low = sys.argv[1], sys.argv[2], datetime.fromisoformat(sys.argv[3])
context = type(dag_file.get_parsing_context())(dag_id="many", task_id=task_id)
dag_file.get_parsing_context = lambda: context
task = dags(file)["many"].get_task(task_id)
parsed = time.process_time()
high, run_id = low + timedelta(minutes=1), "scheduled__" + low.isoformat()
context = {
    "ti": SimpleNamespace(dag_id="many", run_id=run_id, task_id=task_id, try_number=1, max_tries=3,
                          xcom_pull=lambda **_: None),
    "task": task, "params": {"tables": list(task.tables)},
    "dag_run": SimpleNamespace(run_id=run_id, run_type="scheduled", logical_date=low, start_date=high,
                               data_interval_start=low, data_interval_end=high),
}
if task_id.endswith("sync"):
    from floodmark.airflow import batch_steps
    outcomes = batch_steps.begin(task.work, task.tables, context).go_on()
else:
    from floodmark.airflow import steps
    outcomes = steps.extract(task.work, task.tables, context)
    told = {name: outcome.document() for name, outcome in outcomes.items()}
    steps.load(task.work, steps.pending(told), context)  # a task of its own, which an idle table skips
answer(**{
    "import": imported, "parse": parsed - imported, "step": time.process_time() - parsed,
    "rows": sum(one.rows for one in outcomes.values()), "tables": len(outcomes),
    "google": "google.cloud.bigquery" in sys.modules,
})
"""


def source(folder: Path, tables: int, **keys: Any) -> Path:
    """A DAG file and a source of so many tables beside it."""
    document = {
        "version": 1, "source": "many", "connection": "many_db", "stage": "gs://a-bucket/floodmark",
        "bigquery": {"project": "proj-x", "location": "EU", "dataset": "many"}, "start": "2026-11-02",
        "tables": {f"t{number:04}": None for number in range(tables)},
    } | keys  # fmt: skip
    (folder / "sources").mkdir(parents=True, exist_ok=True)
    (folder / "sources" / "many.yml").write_text(json.dumps(document), encoding="utf-8")  # JSON is YAML
    (folder / "many.py").write_text(DAG_FILE, encoding="utf-8")
    return folder / "many.py"


def child(code: str, *arguments: object, variables: Mapping[str, str], python: str = sys.executable) -> dict[str, Any]:
    """What it answers, and its CPU seconds under ``cpu``."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [python, "-c", START + code, *map(str, arguments)], env={**os.environ, **variables},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    answers = [line.removeprefix("ANSWER ") for line in done.stdout.splitlines() if line.startswith("ANSWER ")]
    if not answers:
        raise SystemExit(done.stdout + done.stderr)
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return {**json.loads(answers[-1]), "cpu": cpu}


def variables(home: Path) -> dict[str, str]:
    """Of an Airflow of its own."""
    return {
        "AIRFLOW_HOME": str(home), "AIRFLOW__CORE__LOAD_EXAMPLES": "False", "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING", "FLOODMARK_STATE": str(home / "state"),
        "PYTHONPATH": str(HERE.parent.parent / "plugins"),
        # An installed package is compiled; a checkout under PYTHONDONTWRITEBYTECODE would be anew by each task.
        "PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(home / "compiled"),
    }  # fmt: skip


def tell_parsing(home: Path, counts: list[int], python: str) -> None:
    """One line for each number of tables, batched and not."""
    print("| tables | batch | tasks | parse: first / again / for one task, CPU s | serialize, CPU s | stored, KiB |")
    print("| --- | --- | --- | --- | --- | --- |")
    for count in counts:
        for batch in ("auto", False):
            file = source(home / f"{count}{batch}", count, batch=batch)
            told = child(PARSE, file, variables=variables(home), python=python)
            own, stored = told["bytes"]["many"], sum(told["bytes"].values())
            print(
                f"| {count:,} | {batch} | {told['tasks']} | "
                f"{told['first']:.2f} / {told['again']:.2f} / {told['own']:.2f} | {told['serialize']:.2f} | "
                f"{own / 1024:,.0f} of {stored / 1024:,.0f} |",
                flush=True,
            )


@dataclass(frozen=True, kw_only=True)
class Case:
    """A source of ``of`` tables, of which the first ``tables`` are there and synced; and the Python of its tasks."""

    tables: int
    of: int
    batch: object
    ledger: str
    python: str

    @property
    def task_ids(self) -> list[str]:
        """Of the tables that are synced."""
        size = BATCH_OF_MANY if self.of >= MANY else BATCH
        if self.batch:
            return [f"tables_{number}.sync" for number in range(1, -(-self.tables // size) + 1)]
        return [f"t{number:04}.extract" for number in range(self.tables)]


@dataclass(frozen=True, kw_only=True)
class Living:
    """A source on this machine, its rows and its tasks."""

    dsn: str
    file: Path
    case: Case
    variables: Mapping[str, str]

    def sql(self, statement: str) -> None:
        """Run ``statement`` for every table, named ``{table}``."""
        connection = psycopg2.connect(self.dsn)
        with connection, connection.cursor() as cursor:
            for number in range(self.case.tables):
                cursor.execute(statement.format(table=f"t{number:04}"))
        connection.close()

    def slice(self, low: datetime) -> list[dict[str, Any]]:
        """One run of a minute that is over and settled; what each task tells."""
        time.sleep(max(0.0, (low + MINUTE + timedelta(seconds=2) - datetime.now(UTC)).total_seconds()))
        return [
            child(TASK, self.file, task_id, low.isoformat(), variables=self.variables, python=self.case.python)
            for task_id in self.case.task_ids
        ]


@contextmanager
def living(home: Path, case: Case) -> Iterator[Living]:
    """Servers, tables of ROWS rows each, datasets and a bucket."""
    from floodmark.demo.servers.all import FAST, PostgresServer, google_servers

    home.mkdir(parents=True, exist_ok=True)
    with (
        PostgresServer(folder=home / "postgres", settings=FAST) as postgres,
        google_servers(folder=home / "google") as google,
    ):
        os.environ.update(google.variables())
        database, kept = postgres.create_database("many"), postgres.create_database("ledger")
        place = {"conn_type": "postgres", "host": database.host, "port": database.port, "login": database.user}
        client = google.bigquery_client()
        client.create_dataset("many")
        client.create_dataset("many_raw")
        google.storage_client().create_bucket("many-bucket")
        file = source(
            home / "dags", case.of, batch=case.batch, cadence="1m", stage="gs://many-bucket/floodmark",
            start=f"{_minute() - MINUTE:%Y-%m-%dT%H:%M:%SZ}", defaults={"settle": "1s"},
            bigquery={"project": client.project, "location": "EU", "dataset": "many"},
            ledger={"connection": "many_ledger"} if case.ledger == "postgres" else "gs://many-bucket/ledger",
        )  # fmt: skip
        given = google.variables() | {
            "AIRFLOW_CONN_MANY_DB": json.dumps(place | {"schema": database.dbname}),
            "AIRFLOW_CONN_MANY_LEDGER": json.dumps(place | {"schema": kept.dbname}),
        }
        made = Living(dsn=database.dsn, file=file, case=case, variables=variables(home) | given)
        made.sql(
            "CREATE TABLE {table} (id bigint PRIMARY KEY, note text, updated_at timestamptz NOT NULL DEFAULT now());"
            "CREATE INDEX ON {table} (updated_at);" + _rows(1, _minute() - MINUTE)
        )
        with psycopg2.connect(database.dsn) as connection, connection.cursor() as cursor:
            cursor.execute(BESIDE)
        connection.close()
        yield made


def _minute() -> datetime:
    return datetime.now(UTC).replace(second=0, microsecond=0)


def _rows(first: int, low: datetime) -> str:
    """Add ROWS rows of the minute that begins then."""
    moment = f"'{low.isoformat()}'::timestamptz + interval '1 second'"
    return f"INSERT INTO {{table}} SELECT n, 'x', {moment} FROM generate_series({first}, {first + ROWS - 1}) n"


def tell_hours(home: Path, case: Case) -> float:
    """One line for each slice: the first, two idle ones and a busy one; CPU seconds of an idle table, in all."""
    idle = 0.0
    with living(home, case) as made:
        for what in ("first", "idle", "idle", "busy") if case.batch else ("first", "idle", "idle"):
            low = _minute()
            if what == "busy":
                made.sql(_rows(ROWS + 1, low))
            told = made.slice(low)
            empty = median(child(EMPTY, variables=made.variables, python=case.python)["cpu"] for _ in range(3))
            cpu, rows = sum(one["cpu"] for one in told), sum(one["rows"] for one in told)
            each, step = cpu / case.tables, sum(one["step"] for one in told) / case.tables
            above = cpu - empty * len(told)
            kind = f"{len(told)} x {'sync' if case.batch else 'extract'}"
            google = "yes" if any(one["google"] for one in told) else "no"
            print(
                f"| {case.ledger} | {what} | {case.tables} of {case.of:,} | {kind} | {rows:,} | {each:.3f} | "
                f"{empty:.2f} | {above / len(told):.2f} | {above / case.tables:.3f} | {step:.3f} | {google} |",
                flush=True,
            )
            idle = each if what == "idle" else idle
        return idle


def main() -> int:
    """Measure and print; 1 where ``--most`` is passed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--counts", nargs="+", type=int, default=[100, 1000], help="how many tables are parsed")
    parser.add_argument("--tables", type=int, default=40, help="how many tables are synced")
    parser.add_argument("--parse-only", action="store_true")
    parser.add_argument("--python", default=sys.executable, help="the tasks' own, beside another Airflow")
    parser.add_argument("--most", type=float, default=None, help="CPU seconds that an idle table of a batch may cost")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="floodmark-") as name:
        home = Path(name)
        home.chmod(0o711)
        tell_parsing(home / "parsed", asked.counts, asked.python)
        if asked.parse_only:
            return 0
        print(
            "\n| ledger | slice | tables | tasks | rows | CPU s a table, in all | of an empty Airflow task "
            "| of a task above that | of a table above that | of a table: step | BigQuery's client |\n"
            + "| --- " * 11 + "|"
        )  # fmt: skip
        few = [
            Case(tables=asked.tables, of=asked.tables, batch=True, ledger=one, python=asked.python) for one in LEDGERS
        ]
        many = Case(tables=BATCH_OF_MANY, of=MANY, batch=True, ledger="postgres", python=asked.python)
        idle = max(tell_hours(home / f"{number}", case) for number, case in enumerate((*few, many)))
        tell_hours(home / "single", Case(tables=4, of=4, batch=False, ledger="postgres", python=asked.python))
    if asked.most is not None and idle > asked.most:
        print(f"an idle table costs {idle:.3f} CPU seconds, more than {asked.most}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
