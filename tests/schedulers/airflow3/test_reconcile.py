"""What is hard-deleted in the source leaves current by the reconcile's own DAG; whoever is killed in the middle."""

from __future__ import annotations

import pytest

from floodmark.core.ledger.portion import Kind
from floodmark.core.ledger.read import State
from tests.schedulers.airflow3.conftest import Schedulers
from tests.schedulers.shop import Shop
from tests.schedulers.source import until

pytestmark = [pytest.mark.long, pytest.mark.timeout(420)]


def test_a_reconcile_whose_scheduler_is_killed_with_its_tasks_is_finished_by_the_next(airflow: Schedulers, shop: Shop):
    airflow.adopt(shop, orders={"first_load": "whole", "deletes": "reconcile"}, items={"first_load": "whole"})
    airflow.ended(shop.name, "scheduled", 1)
    assert shop.current("orders") == shop.source("orders")
    shop.sql(
        f"DELETE FROM {shop.name}.orders WHERE id % 7 = 0; DELETE FROM {shop.name}.items WHERE id = 3;"
        f"UPDATE {shop.name}.orders SET note = 'changed in silence' WHERE id = 1"
    )
    dag = f"{shop.name}__reconcile"
    airflow.client.pause(dag, False)  # the last day's run comes by itself
    healing = until("a read", lambda: shop.head("orders").open, 90, lambda: airflow.evidence(dag), every=0.005)
    airflow.kill_scheduler()
    assert healing.kind is Kind.RECONCILE
    assert not all(run.ended for run in airflow.runs(dag, "scheduled")), "killed in the middle"
    airflow.server.scheduler.start()
    airflow.ended(dag, "scheduled", 1, within=200)

    assert shop.current("orders") == shop.source("orders")
    assert len(shop.current("items")) == len(shop.source("items")) + 1, "of a table that ignores deletes it stays"
    reconciles = [read for read in shop.reads("orders") if read.kind is Kind.RECONCILE and read.state is State.APPLIED]
    assert [(one.reconciled.deleted, one.reconciled.changed) for one in reconciles if one.reconciled] == [(26, 1)]
    assert shop.head("orders").reconciled_at == reconciles[0].read_at
