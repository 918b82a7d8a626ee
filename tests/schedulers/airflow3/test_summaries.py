"""Summaries are run by the events of the tables that they read; nobody triggers them."""

from __future__ import annotations

import pytest

from floodmark.core.time.interval import Interval
from tests.schedulers.airflow3.conftest import Schedulers
from tests.schedulers.shop import Shop
from tests.schedulers.summarized import Summarized

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]


def test_summaries_are_built_when_a_run_has_changed_what_they_read(airflow: Schedulers, recent: Shop):
    summarized = Summarized(shop=recent, runs=airflow.runs_of, kind="asset_triggered")

    def evidence() -> str:
        return airflow.runs_of.told(recent.name, summarized.dag) + airflow.evidence(summarized.dag)

    summarized.create()
    airflow.unpause(summarized.dag)
    airflow.unpause(recent.name)
    [hourly] = airflow.ended(recent.name, "scheduled", 1)
    runs = summarized.current(evidence)

    recent.sql(f"UPDATE {recent.name}.orders SET amount = 77 WHERE id = {recent.hours * 60 - 1}")
    high = hourly.interval.high
    airflow.client.trigger(recent.name, Interval(low=hourly.interval.low, high=high))
    airflow.ended(recent.name, "manual", 1)
    assert len(summarized.current(evidence)) > len(runs)
    assert recent.differences() == []
    assert airflow.runs(summarized.dag, "manual") == []
    assert not airflow.asked_for_floodmark()
