"""Summaries are run by the events of the tables that they read; nobody triggers them."""

from __future__ import annotations

import json

import pytest

from floodmark.demo.servers.airflow import Part
from tests.schedulers.airflow2.conftest import Airflow, ended
from tests.schedulers.shop import Shop
from tests.schedulers.summarized import Summarized

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]


def test_summaries_are_built_when_a_run_has_changed_what_they_read_and_no_other_is(
    airflow: Airflow, recent: Shop, scheduler: Part
):
    summarized = Summarized(shop=recent, runs=airflow.runs, kind="dataset_triggered")

    def evidence() -> str:
        return airflow.runs.told(recent.name, summarized.dag) + airflow.evidence(summarized.dag)

    summarized.create()
    scheduler.start()
    ended(airflow, recent.name, 1)
    runs = summarized.current(evidence)
    items, both = summarized.builds("items"), summarized.builds("both")

    recent.sql(f"DELETE FROM {recent.name}.orders WHERE id < 10")  # which no slice can see
    airflow("dags", "trigger", f"{recent.name}__reload", "--conf", json.dumps({"tables": ["orders"]}))
    ended(airflow, f"{recent.name}__reload", 1)
    assert len(summarized.current(evidence)) > len(runs)
    assert (summarized.builds("items"), summarized.builds("both")) == (items, both + 1)
    assert airflow.runs.of(summarized.dag, "manual") == []
