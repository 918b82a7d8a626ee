"""A source's YAML becomes its DAGs: one for each cadence, and one to reload."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from floodmark.airflow import check, dag_factory, dags, sources
from floodmark.airflow.compat.version import AIRFLOW_2
from floodmark.airflow.operators import ExtractOperator, GateOperator, LoadOperator, SyncOperator
from floodmark.airflow.ops import OpsOperator
from floodmark.airflow.report import ReportOperator
from floodmark.airflow.upkeep import BalanceOperator, KeysOperator, SweepOperator
from floodmark.core.config import dag_ids
from floodmark.errors import ConfigurationError

MANY = {f"t{number:02}": None for number in range(45)}


def test_a_source_has_one_dag_for_each_cadence_one_to_reload_and_one_for_upkeep(write):
    tables = {"orders": None, "items": {"cadence": "3h"}, "days": {"cadence": "24h"}, "more": {"cadence": "3h"}}
    made = dags(str(write(tables=tables)))
    assert {
        dag_id: set(dag.params["tables"] or ())
        for dag_id, dag in made.items()
        if "tables" in dag.params and not dag_id.endswith(("__reload", "__ops"))
    } == {
        "shop": {"orders"},
        "shop__3h": {"items", "more"},
        "shop__1d": {"days"},
    }
    assert set(made) == {"shop", "shop__3h", "shop__1d", "shop__ops", "shop__reload", "shop__upkeep"}


def test_the_dags_of_a_source_are_known_without_airflow(write):
    file = write(tables={"orders": {"deletes": "reconcile"}, "items": {"cadence": "3h"}})
    assert set(dags(str(file))) == set(dag_ids.of_source(sources.beside(str(file)).good.popitem()[1]))


def test_a_cron_has_a_dag_of_its_own_that_fires_by_the_clocks_of_its_zone(write):
    berlin = {"cron": "0 */5 * * *", "timezone": "Europe/Berlin"}
    tables = {name: {"cadence": dict(berlin)} for name in ("items", "more")} | {"orders": None}
    tables["days"] = {"cadence": "@daily"}
    made = dags(str(write(tables=tables)))
    cron = made["shop__0_x.by.5_x_x_x_Europe.by.Berlin"]
    assert "shop__1d" in made
    assert set(cron.params["tables"]) == {"items", "more"}
    assert cron.timetable.serialize() == {"expression": "0 */5 * * *", "timezone": "Europe/Berlin"}
    assert "by the cron `0 */5 * * * Europe/Berlin`" in cron.doc_md


def test_several_sources_make_their_own_dags(write):
    write("crm.yml", source="crm")
    assert set(dags(str(write()))) == {
        "shop",
        "shop__ops",
        "shop__reload",
        "shop__upkeep",
        "crm",
        "crm__ops",
        "crm__reload",
        "crm__upkeep",
    }


def test_a_table_is_a_group_of_two_tasks_behind_one_gate(write):
    dag = dags(str(write()))["shop"]
    assert set(dag.task_ids) == {"gate", "orders.extract", "orders.load", "items.extract", "items.load", "report"}
    assert dag.get_task("gate").downstream_task_ids == {"orders.extract", "items.extract"}
    assert dag.get_task("orders.extract").downstream_task_ids == {"orders.load"}
    assert dag.get_task("orders.load").downstream_task_ids == {"report"}
    assert dag.get_task("report").is_teardown
    assert not dag.get_task("report").on_failure_fail_dagrun
    assert set(dag.task_group.children) == {"gate", "orders", "items", "report"}


def test_tables_that_begin_one_after_the_other_wait_behind_the_gate_without_a_worker(write):
    made = dags(str(write(stagger="30m", cadence="1d")))
    dag = made["shop"]
    assert dag.get_task("gate").downstream_task_ids == {"orders.stagger", "items.stagger"}
    assert dag.get_task("orders.stagger").downstream_task_ids == {"orders.extract"}
    assert dag.get_task("orders.stagger").reschedule
    assert dag.timetable.serialize() == dags(str(write(cadence="1d")))["shop"].timetable.serialize()
    assert set(made["shop__reload"].get_task("gate").downstream_task_ids) == {"orders.extract", "items.extract"}


def test_a_table_called_gate_has_its_group(write):
    dag = dags(str(write(tables={"gate": None, "gate_": None, "report": None})))["shop"]
    assert {"gate__", "gate.extract", "gate_.load", "report.load", "report_"} < set(dag.task_ids)


def test_a_table_of_the_longest_and_oddest_name_has_its_group(write):
    names = ["\U0001d49c" * 200, "-", "_--", "列²", "select", "x" * 200, "gate", "extract"]
    dag = dags(str(write(tables=dict.fromkeys(names))))["shop"]
    assert {f"{name}.extract" for name in names} <= set(dag.task_ids)


def test_what_a_table_is_called_in_the_source_is_no_template(write):
    odd = {"from": 'public."{{ 1 / 0 }}{% x {# ${X} %s.sql"'.replace("${", "$${"), "cursor": "{{ ds }}"}
    dag = dags(str(write(tables={"odd": odd})))["shop"]
    template = dag.get_template_env().from_string(dag.get_task("odd.extract").sql)
    shown = template.render(data_interval_start="low", data_interval_end="high")
    assert '"{{ 1 / 0 }}{% x {# ${X} %s.sql"' in shown
    assert "\"{{ ds }}\" >= 'low'" in shown


@pytest.mark.parametrize(
    ("batch", "count", "groups", "shared"),
    [
        ("auto", 20, 20, False),
        ("auto", 21, 2, True),  # 20 + 1
        ("auto", 45, 3, True),  # 20 + 20 + 5
        (False, 45, 45, False),
        (True, 3, 1, True),
    ],
)
def test_many_tables_share_tasks(write, batch, count, groups, shared):
    tables = dict(list(MANY.items())[:count])
    dag = dags(str(write(tables=tables, batch=batch)))["shop"]
    extracts = [task for task in dag.tasks if isinstance(task, ExtractOperator)]
    assert {isinstance(task, SyncOperator) for task in extracts} == {shared}
    assert len(extracts) == groups == len(dag.tasks) - 2 - sum(isinstance(task, LoadOperator) for task in dag.tasks)
    assert sorted(name for task in extracts for name in task.tables) == sorted(tables)


@pytest.mark.parametrize(
    ("tables", "size", "hours"),
    [(3, 20, 1), (200, 20, 1), (300, 30, 1.5), (1000, 50, 2), (5000, 50, 2)],  # 1 + 3 tables' time: 50 are 20 + 20 + 10
)
def test_batches_grow_once_there_are_ten_of_them(tables, size, hours):
    """Each is a task, whose start is most of what an idle one costs; below that, more tasks are more workers."""
    assert dag_factory.batch_size(tables) == size
    assert dag_factory._steps(min(size, tables)) == hours * 2


def test_a_batch_is_one_task_between_gate_and_report_with_the_time_of_two(write):
    made = dags(str(write(batch=True, tables={"orders": {"timeout": "30m"}, "items": {"timeout": "20m"}})))
    for dag in (made["shop"], made["shop__reload"]):
        assert set(dag.task_ids) == {"gate", "tables_1.sync", "report"}
        sync = dag.get_task("tables_1.sync")
        assert (sync.upstream_task_ids, sync.downstream_task_ids) == ({"gate"}, {"report"})
        assert [outlet.name for outlet in sync.outlets] == [f"floodmark:{dag.dag_id}:tables_1"]
        assert sync.execution_timeout == timedelta(hours=1)


def test_runs_are_scheduled_as_the_source_says(write):
    tables = {"orders": {"start": "2026-11-05"}, "items": None}
    made = dags(str(write(tables=tables, max_active_runs=2, max_active_tasks=5, tags="core", pool="dbs", owner="Data")))
    dag = made["shop"]
    assert (dag.max_active_runs, dag.max_active_tasks, dag.catchup) == (2, 5, True)
    assert dag.start_date == datetime(2026, 11, 2, tzinfo=UTC)
    assert {"floodmark", "shop", "core"} <= set(dag.tags)
    assert {(task.pool, task.owner) for task in dag.tasks} == {("dbs", "Data")}
    assert not made["shop__reload"].catchup
    assert made["shop__reload"].is_paused_upon_creation is False
    assert made["shop"].is_paused_upon_creation is None
    assert type(dag.timetable).__name__ == "CronDataIntervalTimetable"


@pytest.mark.parametrize(("at_once", "left"), [(3, 2), (1, 1)])
def test_a_backfill_of_airflow_2_leaves_the_schedule_one_of_the_runs(write, monkeypatch, at_once, left):
    file = str(write(max_active_runs=at_once))
    monkeypatch.setattr("sys.argv", ["airflow", "dags", "backfill", "-s", "2026-11-02", "shop"])
    assert dags(file)["shop"].max_active_runs == (left if AIRFLOW_2 else at_once)
    monkeypatch.setattr("sys.argv", ["airflow", "dags", "list"])
    assert dags(file)["shop"].max_active_runs == at_once


@pytest.mark.parametrize(("catchup", "expected"), [(True, True), (False, False), ("span", False)])
def test_airflow_catches_up_run_by_run_only_where_that_is_asked_for(write, catchup, expected):
    assert dags(str(write(catchup=catchup)))["shop"].catchup is expected


def test_tasks_are_retried_with_growing_pauses(write):
    tables = {"orders": {"retries": 5, "timeout": "30m", "owner": "Sales"}, "items": {"timeout": 0}}
    dag = dags(str(write(tables=tables)))["shop"]
    task = dag.get_task("orders.load")
    assert (task.retries, task.execution_timeout, task.owner) == (5, timedelta(minutes=30), "Sales")
    assert task.retry_exponential_backoff
    assert dag.get_task("items.load").execution_timeout is None
    assert dag.get_task("items.load").retries == 3


def test_documents_tell_the_configuration(write):
    tables = {"orders": {"cursor": "changed_at", "deletes": {"soft": "gone"}, "description": "What was sold."}}
    dag = dags(str(write(tables=tables)))["shop"]
    assert "| orders | orders | *from the catalog* | *from the catalog* | `changed_at` | soft: `gone`, remove | 1m" in (
        dag.doc_md
    )
    assert dag.get_task("orders.extract").doc_md.startswith("What was sold.\n\n- source: `public.orders`")


def test_a_ledger_that_does_not_fit_the_executor_is_said_at_once(write, monkeypatch):
    monkeypatch.setenv("AIRFLOW__CORE__EXECUTOR", "CeleryExecutor")
    assert "CeleryExecutor runs tasks on several" in dags(str(write()))["shop"].doc_md


def test_every_template_field_is_an_attribute(write):
    operators = set()
    for dag in dags(str(write())).values():
        for task in dag.tasks:
            assert {field for field in task.template_fields if not hasattr(task, field)} == set()
            operators.add(type(task))
    assert operators == {
        GateOperator, ExtractOperator, LoadOperator, ReportOperator, SweepOperator, KeysOperator, BalanceOperator,
        OpsOperator,
    }  # fmt: skip


def test_tables_whose_keys_are_compared_have_a_daily_dag(write):
    tables = {"orders": {"deletes": "reconcile"}, "items": None, "more": {"deletes": "reconcile", "cadence": "3h"}}
    made = dags(str(write(tables=tables)))
    dag = made["shop__reconcile"]
    assert set(dag.task_ids) == {"gate", "orders.extract", "orders.load", "more.extract", "more.load", "report"}
    assert (dag.catchup, dag.max_active_runs, dag.timetable.summary) == (False, 1, "0 0 * * *")
    assert dag.params.get_param("tables").resolve() == ["orders", "more"]
    assert "shop__reconcile" not in dags(str(write(tables={"items": None})))


def test_upkeep_is_daily_and_does_not_catch_up(write):
    dag = dags(str(write()))["shop__upkeep"]
    assert (set(dag.task_ids), dag.catchup) == ({"sweep", "keys", "balance"}, False)
    assert dag.get_task("keys").tables == dag.get_task("balance").tables == ("orders", "items")


def test_tables_are_chosen_from_a_form(write):
    made = dags(str(write()))
    scheduled, reload = (made[dag_id].params.get_param("tables") for dag_id in ("shop", "shop__reload"))
    assert scheduled.resolve() == ["orders", "items"]
    assert scheduled.schema["items"] == {"type": "string", "enum": ["orders", "items"]}
    with pytest.raises(Exception, match="'nothing' is not one of"):
        scheduled.resolve(["nothing"])
    with pytest.raises(Exception, match="No value passed"):
        reload.resolve()
    with pytest.raises(Exception, match=r"non-empty|too short"):
        reload.resolve([])


@pytest.mark.parametrize("batch", [True, False])
def test_a_task_holds_no_copy_of_what_all_tables_are(write, batch):
    tables = MANY | {"compared": {"deletes": "reconcile"}}
    for dag_id, dag in dags(str(write(tables=tables, batch=batch))).items():
        for task in dag.tasks if dag_id != "shop__ops" else ():
            assert not task.params, "Airflow copies the DAG's into each"
            assert "| t07 |" not in (task.doc_md or "")


def test_a_statement_shows_its_bounds_and_leaves_users_braces_alone(write):
    tables = {"orders": {"cursor": "changed_at", "where": "note <> '{{ x }}' AND tag <> '{% y'"}}
    dag = dags(str(write(tables=tables)))["shop"]
    extract = dag.get_task("orders.extract")
    shown = dag.get_template_env().from_string(extract.sql).render(data_interval_start="LOW", data_interval_end="HIGH")
    assert """"changed_at" >= 'LOW' AND "changed_at" < 'HIGH'""" in shown
    assert "note <> '{{ x }}' AND tag <> '{% y'" in shown


def test_a_broken_source_takes_no_other_down_and_says_every_problem(write):
    write("crm.yml", source="crm", surce="x", start="yesterday")
    dag_file = str(write())
    made = dags(dag_file)
    assert set(made) == {"shop", "shop__ops", "shop__reload", "shop__upkeep", "crm__broken"}
    with pytest.raises(ConfigurationError) as raised:
        check(dag_file)
    for said in (made["crm__broken"].doc_md, str(raised.value)):
        assert 'did you mean "source"' in said
        assert "is not a date" in said


def test_two_files_of_one_source_are_refused(write):
    write("again.yml")
    made = dags(str(write()))
    assert set(made) == {"shop", "shop__ops", "shop__reload", "shop__upkeep", "shop__broken"}
    assert '"shop" is the source of again.yml too' in made["shop__broken"].doc_md


def test_two_files_that_fill_one_table_are_refused(write):
    write("again.yml", source="again", bigquery={"project": "proj-x", "location": "EU", "dataset": "shop"})
    made = dags(str(write()))
    assert set(made) == {"again", "again__ops", "again__reload", "again__upkeep", "shop__broken"}
    assert "proj-x.shop.orders is filled by tables.orders of again.yml too" in made["shop__broken"].doc_md


def test_where_no_source_can_be_used_the_file_itself_fails(write):
    with pytest.raises(ConfigurationError, match=r"crm\.yml"):
        dags(str(write("crm.yml", text="version: 2")))


def test_a_folder_without_sources_is_refused(tmp_path):
    with pytest.raises(ConfigurationError, match=r"holds no \*.yml; write one YAML file per source into sources/"):
        dags(str(tmp_path / "floodmark_dags.py"))


def test_right_sources_pass_the_check(write):
    check(str(write()))


def test_a_task_makes_its_own_dag_only(write, monkeypatch):
    from airflow.providers.common.compat.sdk import get_parsing_context

    write("crm.yml", source="crm")
    context = type(get_parsing_context())(dag_id="shop__reload", task_id="orders.load")
    monkeypatch.setattr("floodmark.airflow.dag_file.get_parsing_context", lambda: context)
    assert set(dags(str(write()))) == {"shop__reload"}
