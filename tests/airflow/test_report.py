"""The last task of a run: it tells how far a source is, and fails once for all of its tables."""

from __future__ import annotations

import json
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException

from floodmark.airflow import dags, upkeep_steps
from floodmark.airflow.kept_page import KEY
from floodmark.airflow.report import by_table, gauge
from floodmark.errors import WarehouseUnavailable
from floodmark.pipeline.page.kept import keep, read
from floodmark.pipeline.report import report
from tests.airflow.conftest import AIRFLOW_2
from tests.airflow.test_operators import Run, context
from tests.pipeline.page.many import ZERO, shop
from tests.pipeline.test_report import Shelved

COUNTRIES_READ_AT = "2026-11-03T03:02:00+00:00"
AT = ZERO + timedelta(days=2, hours=3, minutes=12)


class Outlets(dict):
    """By an alias's name: what was added, with its extra."""

    def __getitem__(self, outlet: Any) -> Any:
        events = self.setdefault(outlet.name, [])
        return type("Accessor", (), {"add": lambda _, asset, extra: events.append((asset.uri, extra))})()


@pytest.fixture
def told(monkeypatch):
    """A report of several tables, two of them ill."""
    config, shelf = shop()
    found = report(config, Shelved(shelf.ledger), AT)  # type: ignore[arg-type]
    monkeypatch.setattr(upkeep_steps, "report", lambda work: found)
    monkeypatch.setattr(upkeep_steps, "hand_on", lambda work, report, run_id: None)
    monkeypatch.setattr("floodmark.airflow.compat.assets._declare", lambda outlet: None)
    return found


def test_it_tells_of_summaries_that_cant_be_used(write, monkeypatch):
    """Their DAG has no tasks then, and nothing else fails."""
    task = dags(str(write()))["shop"].get_task("report")
    (task.work.file.parent / "summaries").mkdir()
    (task.work.file.parent / "summaries" / "daily.sql").write_bytes(b"\xff")
    shelved = Shelved(shop()[1].ledger)
    monkeypatch.setattr(upkeep_steps.wiring, "ports", lambda config, connections: SimpleNamespace(
        ledger=shelved.ledger, stage=shelved, close=lambda: None))  # fmt: skip
    found = upkeep_steps.report(task.work)
    told = "blocked: summaries/daily: no summary is built: summaries/daily.sql: is not UTF-8 (byte 0); save it as UTF-8"
    assert told in found.alarm
    assert found.document["tables"]


@pytest.mark.parametrize(
    ("alert", "run_type", "fails", "logs"),
    [
        ("fail", "scheduled", True, 0), ("fail", "manual", True, 0), ("fail", "backfill", False, 1),
        ("log", "scheduled", False, 1), ("none", "scheduled", False, 0),
    ],
)  # fmt: skip
def test_it_fails_once_for_all_tables_without_a_retry_and_keeps_the_page(
    write, told, caplog, alert, run_type, fails, logs
):
    task = dags(str(write(alert=alert)))["shop"].get_task("report")
    outlets = Outlets()
    run = context(task) | {"outlet_events": outlets, "dag_run": Run(run_type=run_type)}
    if fails:
        with pytest.raises(AirflowFailException, match=r"blocked: refunds: [^\n]*\nunbalanced: customers: "):
            task.execute(run)
    else:
        assert task.execute(run)["page"] == "gs://bucket/_status/shop.html"
    assert sum("blocked: refunds" in record.getMessage() for record in caplog.records) == logs
    page = read(run["ti"].xcom[KEY])
    assert (page.source, page.uri, page.need_somebody) == ("shop", "gs://bucket/_status/shop.html", 4)
    assert page.shown() == read(keep(told.page, told.uri).document()).shown()
    [(uri, extra)] = dict.__getitem__(outlets, task.alias.name)
    assert uri.rstrip("/") == "floodmark://shop"
    if AIRFLOW_2:  # it makes a set of them, and report would fail, and be tried for ever under `dags test`
        assert frozenset(extra.items())
        extra = extra | {"by_table": json.loads(extra["by_table"])}
    assert extra == {
        "sealed_until": "2026-11-03T00:48:00+00:00", "basis": "assumed", "rows": 7 * 1_234 - 1_234 + 250, "late": 3,
        "held_out": 2, "tables": 8, "need_somebody": 4, "by_table": by_table(told),
    }  # fmt: skip
    nothing_held = {"rows": 1234, "late": 0, "held_out": 0, "well": True}
    sealed = {"sealed_until": "2026-11-03T03:00:00+00:00", "as_of": "2026-11-03T03:00:00+00:00", "basis": "proved"}
    assert extra["by_table"]["orders"] == sealed | nothing_held
    countries = extra["by_table"]["countries"]
    assert (countries["sealed_until"], countries["basis"], countries["as_of"]) == (None, None, COUNTRIES_READ_AT)
    events = extra["by_table"]["events"]
    assert (events["basis"], events["late"], events["held_out"]) == ("assumed", 3, 2)
    assert extra["by_table"]["refunds"]["well"] is False
    assert json.loads(json.dumps(extra)) == extra


def test_what_could_not_be_written_to_bigquery_fails_it_after_everything_else_is_told(write, told, monkeypatch):
    task = dags(str(write(alert="log")))["shop"].get_task("report")
    outlets = Outlets()
    failure = WarehouseUnavailable("proj-x.shop._floodmark_tables_shop: no answer")
    asked: list[tuple[Any, str]] = []
    monkeypatch.setattr(upkeep_steps, "hand_on", lambda work, report, run_id: asked.append((report, run_id)) or failure)
    with pytest.raises(WarehouseUnavailable):
        task.execute(context(task) | {"outlet_events": outlets})
    assert asked == [(told, "shop/a_run#2")]
    assert list(outlets) == [task.alias.name]
    alarmed = dags(str(write(alert="fail")))["shop"].get_task("report")
    with pytest.raises(AirflowFailException, match="blocked: refunds"):
        alarmed.execute(context(alarmed) | {"outlet_events": outlets})


def test_gauges_bear_source_and_table_in_their_names(told, monkeypatch):
    sent: dict[str, float] = {}
    monkeypatch.setattr(
        "airflow.providers.common.compat.sdk.Stats.gauge", lambda name, value: sent.update({name: value})
    )
    gauge("my shop", told)
    assert sent["floodmark.seal_lag.my_shop.items"] == 8_640
    assert (sent["floodmark.blocked.my_shop.refunds"], sent["floodmark.blocked.my_shop.orders"]) == (1, 0)
    assert sent["floodmark.unbalanced.my_shop.customers"] == 1
    assert "floodmark.seal_lag.my_shop.countries" not in sent
