"""OpenLineage: inputs, outputs, columns, statistics and seal of what a task loaded, through Airflow's own provider."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from airflow.providers.openlineage.extractors import OperatorLineage
from airflow.providers.openlineage.extractors.manager import ExtractorManager
from airflow.utils.state import TaskInstanceState
from openlineage.client.event_v2 import Job, Run, RunEvent, RunState
from openlineage.client.transport.file import FileConfig, FileTransport

from floodmark.adapters import yaml_file
from floodmark.adapters.connections.environment import LocalConnections
from floodmark.airflow import batch_steps, dags, lineage, steps
from floodmark.airflow.lineage import place_of
from floodmark.airflow.side_by_side import SideBySide
from floodmark.airflow.work import Work
from floodmark.core.ledger.fingerprint import Fingerprint, KnownColumn
from floodmark.core.ledger.head import Head
from floodmark.core.ledger.portion import Slices, Span
from floodmark.core.ledger.read import Read, State
from floodmark.core.ledger.watermark import OpenTransaction
from floodmark.core.schema import Carried
from floodmark.core.time.cadence import Every
from floodmark.core.time.interval import Interval
from floodmark.pipeline.lineage import Dataset, Flow, of_summary, of_table
from floodmark.pipeline.outcome import Outcome
from tests.airflow.test_operators import context

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
SPAN = Span(interval=Interval(low=AT - timedelta(hours=1), high=AT))
COLUMNS = (
    KnownColumn(name="id"),
    KnownColumn(name="e_mail", mask="sha256"),
    KnownColumn(name="total_€", renamed="total"),
    KnownColumn(name="secret", carried=False),
    KnownColumn(name="later", held=True, carried=False),
)
READ = Read(
    target="proj-x.shop.orders", read_at=AT, token=1, run_id="a", portion=Slices(spans=(SPAN,)),
    state=State.APPLIED, watermark=AT, fingerprint=Fingerprint(columns=COLUMNS),
    columns=tuple(Carried(name=name, landing=kind, target=kind) for name, kind in
                  [("id", "INT64"), ("e_mail", "STRING"), ("total", "NUMERIC")]),
)  # fmt: skip
HEAD = Head(uuid=UUID(int=0), target="proj-x.shop.orders", last=READ)
LOADED = Outcome(
    table="orders", target="proj-x.shop.orders", read_at=AT.isoformat(), state="applied", rows=331, bytes=12_345,
    sealed_up_to="2026-11-20T11:58:03+00:00", sealed_basis="proved", late=1, quarantined=2, changed=True,
)  # fmt: skip
PASSWORD = "hunter2-and-more"


@pytest.fixture
def work(write):
    def work(**keys: Any) -> Work:
        file = write(**keys).parent / "sources" / "shop.yml"
        return Work(config=yaml_file.load(file, {}), file=file, cadence=Every(timedelta(hours=1)))

    return work


def flow(work: Work, sql: str = "", uri: str = "") -> Flow:
    uri = uri or f"postgres://reader:{PASSWORD}@db.example:5433/shop?sslmode=require"
    connections = LocalConnections({"AIRFLOW_CONN_SHOP_DB": uri})
    table = work.table("orders")
    return of_table(place_of(work.config, connections), table, HEAD, LOADED.document(), sql=sql)


def test_a_table_of_postgresql_and_its_target_are_named_as_the_specification_has_it(work):
    one = flow(work(tables={"orders": {"from": "sales.orders"}}))
    assert one.inputs == (Dataset(namespace="postgres://db.example:5433", name="shop.sales.orders"),)
    assert one.output == Dataset(namespace="bigquery", name="proj-x.shop.orders")


@pytest.mark.parametrize(
    ("uri", "namespace", "name"),
    [
        (f"mysql://reader:{PASSWORD}@db.example/shop", "mysql://db.example:3306", "shop.orders"),
        (f"postgres://reader:{PASSWORD}@a,b/shop", "postgres://a:5432", "shop.public.orders"),
        (f"postgres://reader:{PASSWORD}@%2Fvar%2Frun/shop", "postgres://localhost:5432", "shop.public.orders"),
    ],
)
def test_other_places_are_named_without_user_or_password(work, uri, namespace, name):
    assert flow(work(), uri=uri).inputs == (Dataset(namespace=namespace, name=name),)


def test_a_database_behind_an_export_is_named_by_its_instance(work):
    place = place_of(work(adapter="cloudsql", cloudsql={"instance": "main", "database": "shop"}).config, None)
    assert place.table("public", "orders") == Dataset(namespace="cloudsql://proj-x:main", name="shop.public.orders")


def test_a_select_of_ones_own_reads_what_it_names(work):
    sql = "WITH paid AS (SELECT * FROM sales.bills) SELECT o.*, p.at FROM orders o JOIN paid p USING (id)"
    one = flow(work(), sql=sql)
    assert {dataset.name for dataset in one.inputs} == {"shop.public.orders", "shop.sales.bills"}
    assert not one.copies
    assert [dataset.name for dataset in flow(work(), sql="SELECT FROM ((").inputs] == ["shop.public.orders"]


def test_a_summary_reads_its_tables():
    told = {"summary": "daily", "target": "p.d.daily", "rows": 3, "read_at": "", "inputs": {"p.d.orders": "2026-11-20"}}
    one = of_summary(told)
    assert one.inputs == (Dataset(namespace="bigquery", name="p.d.orders"),)
    assert (one.output.name, one.seal["inputs"]) == ("p.d.daily", {"p.d.orders": "2026-11-20"})


@pytest.fixture
def listened_to(monkeypatch, tmp_path):
    """Whether the provider sends events is read when it is asked, once."""
    monkeypatch.setattr(lineage, "is_listened_to", lambda: True)
    return tmp_path / "events.json"


def event(file: Path, task: Any) -> dict[str, Any]:
    """What the provider makes of a task that has ended well, as it sends it to a file."""
    instance = SimpleNamespace(
        task_id=task.task_id, state="success", dag_id="shop", run_id="r", try_number=1, map_index=-1
    )
    told: OperatorLineage = ExtractorManager().extract_metadata(
        SimpleNamespace(run_id="r", dag_id="shop"), task,
        task_instance_state=TaskInstanceState.SUCCESS, task_instance=instance,
    )  # fmt: skip
    FileTransport(FileConfig(log_file_path=str(file), append=True)).emit(
        RunEvent(
            eventType=RunState.COMPLETE, eventTime=AT.isoformat(), producer="https://example.org",
            run=Run(runId="01941f29-7c00-7000-8000-000000000000", facets=told.run_facets),
            job=Job(namespace="default", name="shop.load"), inputs=told.inputs, outputs=told.outputs,
        )
    )  # fmt: skip
    return json.loads(file.read_text().splitlines()[-1])


def loaded(dag: Any, monkeypatch, *tables: str) -> Any:
    """The task of a DAG that loads, once it has done its work, but for the work."""
    [load] = [task for task in dag.tasks if task.task_id.endswith(("load", "sync"))]
    outcomes = {name: replace(LOADED, table=name, target=f"proj-x.shop.{name}") for name in tables}
    monkeypatch.setattr(steps, "load", lambda work, told, context: outcomes)
    monkeypatch.setattr(batch_steps, "begin", lambda *_: SideBySide(tables, lambda name: outcomes[name]))
    monkeypatch.setattr("floodmark.airflow.compat.assets._declare", lambda outlet: None)
    monkeypatch.setattr(lineage.wiring, "ports", lambda *_: Shelf())
    monkeypatch.setattr(lineage, "AirflowConnections", lambda: LocalConnections({
        "AIRFLOW_CONN_SHOP_DB": f"postgres://reader:{PASSWORD}@db.example:5433/shop",
    }))  # fmt: skip
    words = {f"{name}.extract": {name: outcomes[name].document()} for name in tables}
    load.execute(context(load, tables=tables, xcom=words))
    return load


class Shelf:
    """A ledger whose tables were all read alike."""

    ledger = property(lambda self: self)

    def heads(self, targets: list[str]) -> list[Head]:
        return [replace(HEAD, target=target, last=replace(READ, target=target)) for target in targets]

    def close(self) -> None:
        """Nothing is open."""


def test_the_event_has_tables_columns_statistics_and_the_seal(write, listened_to, monkeypatch):
    task = loaded(dags(str(write(tables={"orders": None})))["shop"], monkeypatch, "orders")
    sent = event(listened_to, task)
    [source], [target] = sent["inputs"], sent["outputs"]
    assert (source["namespace"], source["name"]) == ("postgres://db.example:5433", "shop.public.orders")
    assert (target["namespace"], target["name"]) == ("bigquery", "proj-x.shop.orders")
    assert [(one["name"], one["type"]) for one in target["facets"]["schema"]["fields"]] == [
        ("id", "INT64"), ("e_mail", "STRING"), ("total", "NUMERIC"),
    ]  # fmt: skip
    origins = {
        name: (one["field"], one["transformations"][0]["subtype"], one["transformations"][0]["masking"])
        for name, of in target["facets"]["columnLineage"]["fields"].items()
        for one in of["inputFields"]
    }
    assert origins == {
        "id": ("id", "IDENTITY", False), "e_mail": ("e_mail", "TRANSFORMATION", True),
        "total": ("total_€", "IDENTITY", False),
    }  # fmt: skip
    statistics = target["outputFacets"]["outputStatistics"]
    assert (statistics["rowCount"], statistics["size"]) == (331, 12_345)
    [seal] = sent["run"]["facets"]["floodmark_seal"]["tables"]
    assert seal == {
        "table": "orders", "sealedUntil": "2026-11-20T11:58:03+00:00", "basis": "proved", "asOf": "",
        "readAt": AT.isoformat(), "heldBy": 0, "rows": 331, "late": 1, "heldOut": 2,
    }  # fmt: skip
    assert PASSWORD not in listened_to.read_text()
    assert "reader" not in listened_to.read_text()


def test_tables_that_share_a_task_are_in_one_event(write, listened_to, monkeypatch):
    dag = dags(str(write(batch=True)))["shop"]
    sent = event(listened_to, loaded(dag, monkeypatch, "orders", "items"))
    assert {one["name"] for one in sent["inputs"]} == {"shop.public.orders", "shop.public.items"}
    assert {one["name"] for one in sent["outputs"]} == {"proj-x.shop.orders", "proj-x.shop.items"}
    assert [one["table"] for one in sent["run"]["facets"]["floodmark_seal"]["tables"]] == ["orders", "items"]


def test_who_holds_it_back_is_counted_and_not_named(work):
    holder = OpenTransaction(pid=7, backend_start=AT, since=AT - timedelta(days=1), application="psql of somebody")
    told = of_table(
        place_of(work().config, LocalConnections({"AIRFLOW_CONN_SHOP_DB": "postgres://db/shop"})),
        work().table("orders"), replace(HEAD, last=replace(READ, held_by=(holder,), watermark=None)), LOADED.document(),
    )  # fmt: skip
    assert told.seal["heldBy"] == 1
    assert "psql" not in json.dumps(told.seal)


def test_no_task_fails_of_it_and_the_log_says_so(write, listened_to, monkeypatch, caplog):
    monkeypatch.setattr(Shelf, "heads", None)
    task = loaded(dags(str(write(tables={"orders": None})))["shop"], monkeypatch, "orders")
    assert task.flows == ()
    assert "OpenLineage isn't told what was loaded; the task is done all the same" in caplog.text
    assert event(listened_to, task)["outputs"] == []


@pytest.mark.slow
def test_nothing_is_gathered_where_nobody_listens(write, monkeypatch, python):
    monkeypatch.setattr(Shelf, "heads", None)
    assert loaded(dags(str(write(tables={"orders": None})))["shop"], monkeypatch, "orders").flows == ()
    code = (
        "import sys, json; from floodmark.airflow import dags; dag = dags(sys.argv[1])['shop']\n"
        "print('ANSWER', json.dumps('openlineage' in sys.modules))"
    )
    assert python(code, write()) is False
