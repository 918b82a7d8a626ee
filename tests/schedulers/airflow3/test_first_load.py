"""A table that is added to the YAML is loaded by its first run, in parts; whoever is killed in the middle."""

from __future__ import annotations

import pytest

from floodmark.core.ledger.read import State
from tests.schedulers.airflow3.conftest import Schedulers
from tests.schedulers.shop import Shop
from tests.schedulers.source import until

pytestmark = [pytest.mark.long, pytest.mark.timeout(420)]


def test_a_new_table_is_loaded_in_parts_though_the_scheduler_is_killed_between_two(airflow: Schedulers, shop: Shop):
    airflow.adopt(shop, orders={"first_load": "whole", "first_load_rows": 20}, items={"first_load": "whole"})

    def between() -> bool:
        last = shop.head("orders").last
        return last is not None and last.portion.continues

    until("a part", between, 120, lambda: airflow.evidence(shop.name), every=0.005)
    airflow.kill_scheduler()
    done = [read for read in shop.reads("orders") if read.state is State.APPLIED]
    assert between(), "killed in the middle"
    airflow.server.scheduler.start()
    airflow.ended(shop.name, "scheduled", 1, within=200)

    applied = [read for read in shop.reads("orders") if read.state is State.APPLIED]
    assert applied[: len(done)] == done, "what was applied stays"
    assert [read.part.number for read in applied if read.part] == list(range(1, 11))  # 180 rows; the last part is empty
    assert shop.current("orders") == shop.source("orders")
    assert shop.differences() == []
