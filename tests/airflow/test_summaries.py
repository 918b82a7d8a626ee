"""The DAG of summaries: what runs it, in which order, and a file that is wrong, on either Airflow."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from airflow.providers.common.compat.sdk import AirflowSkipException

from floodmark.airflow import check, dags
from floodmark.airflow.compat.version import AIRFLOW_2
from floodmark.errors import ConfigurationError
from floodmark.pipeline.summaries.run import BuildOutcome


def summary(dag_file: Path, name: str, query: str) -> None:
    folder = dag_file.parent / "sources" / "summaries"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.sql").write_text(query, encoding="utf-8")


def condition(dag):
    """What the DAG's schedule waits for."""
    return dag.timetable.dataset_condition if AIRFLOW_2 else dag.timetable.asset_condition


def test_a_source_with_summaries_has_a_dag_that_its_tables_run(write):
    file = write()
    summary(file, "daily", "SELECT * FROM orders")
    summary(file, "all", "SELECT * FROM daily, items")
    dag = dags(str(file))["shop__summaries"]
    assert type(condition(dag)).__name__ in ("AssetAny", "DatasetAny")
    read = {one.uri for one in condition(dag).objects}
    assert read == {"bigquery://proj-x/shop/orders", "bigquery://proj-x/shop/items"}
    assert dag.get_task("daily").downstream_task_ids == {"all"}
    assert [task.params for task in dag.tasks if task.params] == [], "Airflow copies the DAG's into each"
    assert (dag.max_active_runs, dag.catchup) == (1, False)
    assert "| all | `daily`, `items` |" in dag.doc_md
    assert check(str(file)) is None


def test_without_summaries_there_is_no_dag_for_them(write):
    assert "shop__summaries" not in dags(str(write()))


def test_a_summary_that_is_wrong_takes_down_no_dag_but_its_own(write):
    file = write()
    summary(file, "daily", "SELECT * FROM ordres")
    made = dags(str(file))
    assert {"shop", "shop__reload"} < set(made)
    assert "did you mean" in made["shop__summaries"].doc_md
    assert made["shop__summaries"].task_ids == []
    with pytest.raises(ConfigurationError, match=r"summaries/daily.sql:1: query: reads"):
        check(str(file))


def test_a_folder_of_summaries_that_cant_be_looked_into_takes_down_no_dag_but_theirs(write):
    """A link to nothing: what was built until now isn't any more, and somebody is told."""
    write("crm.yml", source="crm")
    file = write()
    without = set(dags(str(file)))
    (file.parent / "sources" / "summaries").symlink_to(file.parent / "nothing")
    made = dags(str(file))
    assert set(made) - without == {"shop__summaries", "crm__summaries"}, "whose they are isn't known"
    assert made["shop__summaries"].task_ids == []
    assert "- summaries: is a link to nothing" in made["shop__summaries"].doc_md
    with pytest.raises(ConfigurationError) as caught:
        check(str(file))
    assert [str(one) for one in caught.value.problems] == ["summaries: is a link to nothing; mend it, or take it away"]


def test_with_several_sources_a_summary_says_whose_it_is(write):
    write("crm.yml", source="crm")
    file = write()
    summary(file, "daily", "SELECT * FROM orders")
    with pytest.raises(ConfigurationError, match="write source: shop into its header"):
        check(str(file))
    summary(file, "daily", "/* floodmark\nsource: shop\n*/ SELECT * FROM orders")
    made = dags(str(file))
    assert "shop__summaries" in made
    assert "crm__summaries" not in made


@dataclass
class Run:
    """A run of the DAG, of one type."""

    run_type: str
    run_id: str = "a_run"


@pytest.mark.parametrize(
    ("run_type", "max_tries", "asked"),
    [
        ("asset_triggered", 3, False),
        ("dataset_triggered", 3, False),
        ("asset_triggered", 7, True),
        ("manual", 3, True),
    ],
)
def test_a_task_builds_what_changed_and_whatever_a_person_asks_for(write, monkeypatch, run_type, max_tries, asked):
    file = write()
    summary(file, "daily", "SELECT * FROM orders")
    task = dags(str(file))["shop__summaries"].get_task("daily")
    told, emitted = [], []
    result = BuildOutcome(summary="daily", target="proj-x.shop.daily", state="built", inputs={})

    def build(work, name, context, *, asked):
        told.append((name, asked))
        return result

    monkeypatch.setattr("floodmark.airflow.build_steps.build", build)
    monkeypatch.setattr("floodmark.airflow.summaries.emit", lambda context, alias, targets: emitted.extend(targets))
    context = {
        "params": {"summaries": ["daily"], "start": None, "end": None}, "dag_run": Run(run_type), "task": task,
        "ti": SimpleNamespace(max_tries=max_tries, try_number=1, dag_id="d", run_id="r", task_id="t"),
    }  # fmt: skip
    assert task.execute(context)["state"] == "built"
    assert (told, emitted) == ([("daily", asked)], ["proj-x.shop.daily"])
    result = replace(result, state="unchanged")
    with pytest.raises(AirflowSkipException, match="nothing that it reads has changed"):
        task.execute(context)
    with pytest.raises(AirflowSkipException, match="leaves it out"):
        task.execute({**context, "params": {"summaries": []}})
    assert emitted == ["proj-x.shop.daily"]


@pytest.mark.slow
def test_summaries_are_built_by_airflow_once_until_something_changes(airflow, shop_of_orders, google, datasets):
    name, run, folder = shop_of_orders
    (folder / "summaries").mkdir(exist_ok=True)
    query = folder / "summaries" / "daily.sql"
    query.write_text(
        f"/* floodmark\nsource: {name}\nkeys: note\n*/ SELECT note, COUNT(*) AS n FROM orders GROUP BY note"
    )
    try:
        run("dags", "test", name, "2026-11-02T10:00:00+00:00")
        said = run("dags", "test", f"{name}__summaries", "2026-11-02T10:00:00+00:00")
        rows = google.bigquery_client().query(f"SELECT n FROM `{datasets.project}.{datasets.current}.daily`").result()
        assert [row["n"] for row in rows] == [1], said
        query.write_text(query.read_text() + " HAVING n > 1")
        header = query.read_text().replace("keys: note", "keys: note\nrequire_rows: true")
        query.write_text(header)
        said = run("dags", "test", f"{name}__summaries", "2026-11-02T11:00:00+00:00", fails=True)
        assert "require_rows: true, and its query gives no rows" in said
        conf = json.dumps({"summaries": ["daily"], "start": "2026-11-02T00:00:00Z"})
        said = run("dags", "test", f"{name}__summaries", "2026-11-02T12:00:00+00:00", "-c", conf, fails=True)
        assert "can't be built for a window" in said
    finally:
        query.unlink()


@pytest.fixture
def shop_of_orders(airflow, database, google, bucket, datasets):
    """A source of one table and one row, under a name of its own in Airflow's DAGs."""
    import uuid

    import psycopg2

    name = "s" + uuid.uuid4().hex[:8]
    with psycopg2.connect(database.dsn) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE orders (id bigint PRIMARY KEY, note text, updated_at timestamptz)")
        cursor.execute("INSERT INTO orders VALUES (1, 'n', '2026-11-02 09:30Z')")
    connection.close()
    parts = {"host": database.host, "port": database.port, "schema": database.dbname, "login": database.user}
    variables = google.variables() | {f"AIRFLOW_CONN_{name.upper()}": json.dumps({"conn_type": "postgres"} | parts)}
    folder = airflow.home / "dags" / "sources"
    (folder.parent / "floodmark_dags.py").write_text(
        "from floodmark.airflow import dags\n\nglobals().update(dags(__file__))\n"
    )
    source = {
        "version": 1, "source": name, "connection": name, "stage": f"gs://{bucket}/floodmark", "start": "2026-11-02",
        "bigquery": {"project": datasets.project, "location": "EU", "dataset": datasets.current},
        "defaults": {"settle": "1s", "retries": 0, "first_load": "slices"}, "tables": {"orders": None},
    }  # fmt: skip
    (folder / f"{name}.yml").write_text(yaml.safe_dump(source), encoding="utf-8")

    def run(*arguments: object, fails: bool = False) -> str:
        return airflow(*arguments, fails=fails, **variables)

    yield name, run, folder
    (folder / f"{name}.yml").unlink()
