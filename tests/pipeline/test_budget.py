"""A source's budget of a day and of a run (R20): by name, nothing half done, and it goes on by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest

from floodmark.core.ledger.read import State
from floodmark.errors import BudgetReached
from floodmark.pipeline.balance import balance
from floodmark.pipeline.check_keys import check_keys
from floodmark.pipeline.clock import now
from floodmark.pipeline.reconcile import reconcile
from tests.pipeline.conftest import World, hour

ORDER = "INSERT INTO orders VALUES ({}, 'a', 1, '2026-11-01T{}Z')"
LEAST = 10 * 2**20


@pytest.fixture
def shop(world: World) -> World:
    """Two tables; ``products`` is there, and has billed of the day: its merge, the look at raw, that at its keys."""
    world.tables = "{orders: {deletes: reconcile}, products: {sync: full}}"
    world.sql("CREATE TABLE products (id int PRIMARY KEY)", "INSERT INTO products VALUES (1)")
    world.run("products", None, run_id="products")
    assert sum(spent.bill.bytes for spent in world.head("products").spending.days) == 3 * LEAST
    world.sql(ORDER.format(1, "00:10"))
    return world


@pytest.mark.slow
def test_a_read_that_a_day_can_t_pay_waits_whole_until_the_next(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A merge of two tables and a look at the keys come to 30 MiB at most; 30 MiB are billed already."""
    shop.place = ", budget: {day: 59MiB}"
    said = rf"budget of a day of source shop is reached: {3 * LEAST:,} bytes are billed.*{3 * LEAST:,} more.*by itself"
    with pytest.raises(BudgetReached, match=said):
        shop.run("orders", hour(0))
    head = shop.head("orders")
    assert head.error.startswith("BudgetReached: ")
    assert "bigquery.budget.day in shop.yml" in head.error
    assert head.open is not None
    assert (head.open.state, shop.current("orders")) == (State.LOADED, [])
    shop.sql(ORDER.format(2, "01:10"))
    with pytest.raises(BudgetReached):
        shop.run("orders", hour(1), run_id="second")
    monkeypatch.setattr("floodmark.pipeline.budget.now", lambda: now() + timedelta(days=1))
    shop.run("orders", hour(1), run_id="second")
    assert [row[0] for row in shop.current("orders")] == [1, 2]
    assert shop.head("orders").error == ""


@pytest.mark.slow
def test_a_budget_that_was_raised_lets_it_go_on(shop: World) -> None:
    shop.place = ", budget: {day: 59MiB}"
    with pytest.raises(BudgetReached):
        shop.run("orders", hour(0))
    shop.place = ", budget: {day: 60MiB}"
    shop.run("orders", hour(1), run_id="second")
    assert [row[0] for row in shop.current("orders")] == [1]


@pytest.mark.slow
def test_a_run_has_a_budget_of_its_own_and_the_next_run_goes_on(shop: World) -> None:
    shop.place = ", budget: {run: 40MiB}"
    with pytest.raises(BudgetReached, match="budget of a run of source shop"):
        shop.run("orders", hour(0), run_id="products")
    assert shop.current("orders") == []
    shop.sql("INSERT INTO products VALUES (2)")
    shop.run("products", None, run_id="other")
    with pytest.raises(BudgetReached):  # what the first run left is finished at the cost of who finishes it
        shop.run("orders", hour(1), run_id="other")
    shop.run("orders", hour(1), run_id="second")
    assert [row[0] for row in shop.current("orders")] == [1]
    assert shop.head("orders").error == ""


def test_a_comparison_that_it_can_t_pay_is_left_out_and_slices_go_on(shop: World) -> None:
    shop.run("orders", hour(0))
    shop.place = ", budget: {day: 61MiB}"
    with pytest.raises(BudgetReached):
        reconcile(shop.table_run("orders"), "day", heal=True)
    with pytest.raises(BudgetReached):
        check_keys(shop.table_run("orders"))
    [said] = balance(shop.table_run("orders")).balance.skipped
    assert "keys and rows were not compared" in said
    assert "bigquery.budget.day" in said
    assert shop.head("orders").error == "", "the table itself is well"
