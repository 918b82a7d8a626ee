"""What summaries bill counts to their source's budget, and a build that it can't pay leaves the table (R20)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from floodmark.core.ledger.effect import EffectState
from floodmark.core.ledger.head import Head
from floodmark.core.ledger.step import Step
from floodmark.errors import BudgetReached
from floodmark.pipeline.clock import now
from tests.pipeline.conftest import World, hour
from tests.pipeline.summaries import DAILY, built, orders, summary_run, write

LEAST = 10 * 2**20
BEFORE = [(date(2026, 11, 1), 1, Decimal(1))]


@pytest.fixture
def shop(world: World) -> World:
    """An order, and its summary; a window of it is built by schedule."""
    orders(world, (1, "1", "2026-11-01T10:00Z"))
    write(world, "daily", DAILY.replace("keys: day", "keys: day\nwindow: 1h"))
    built(world)
    return world


def head(world: World) -> Head:
    run = summary_run(world, "daily")
    return run.ports.ledger.head(run.target)


def spent(world: World) -> int:
    """What the tables and the summary billed today."""
    return sum(each.bill.bytes for one in (world.head("orders"), head(world)) for each in one.spending.days)


def tomorrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("floodmark.pipeline.budget.now", lambda: now() + timedelta(days=1))


def test_what_a_summary_billed_is_missing_to_its_tables(shop: World) -> None:
    assert sum(each.bill.bytes for each in head(shop).spending.days) >= 3 * LEAST
    shop.sql("INSERT INTO orders VALUES (2, 'n', 2, '2026-11-06T00:10Z')")
    shop.place = f", budget: {{day: {spent(shop) + 3 * LEAST - 1}}}"
    with pytest.raises(BudgetReached, match=f"of a day .*: {spent(shop):,} bytes are billed"):
        shop.run("orders", hour(24 * 5))


@pytest.mark.slow
def test_a_build_that_a_day_can_t_pay_leaves_the_table_and_the_next_day_builds_its_window(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders(shop, (2, "2", "2026-11-02T10:00Z"))
    shop.place = f", budget: {{day: {spent(shop) + LEAST - 1}}}"
    with pytest.raises(BudgetReached, match=r"its DAG builds it tomorrow .*; see: floodmark cost shop$"):
        built(shop)
    assert (head(shop).open, head(shop).error[:13], shop.current("daily")) == (None, "BudgetReached", BEFORE)
    tomorrow(monkeypatch)
    assert built(shop).window.startswith("[2026-10-31")
    assert shop.current("daily") == [*BEFORE, (date(2026, 11, 2), 1, Decimal(2))]


@pytest.mark.slow
def test_a_query_that_is_paid_for_is_not_run_again_where_its_checks_have_to_wait(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders(shop, (2, "2", "2026-11-02T10:00Z"))
    shop.place = f", budget: {{day: {spent(shop) + 2 * LEAST}}}"
    with pytest.raises(BudgetReached, match="what was built waits, and its DAG goes on with it tomorrow"):
        built(shop)
    waits = head(shop).open
    assert waits is not None
    assert shop.current("daily") == BEFORE
    with pytest.raises(BudgetReached):  # another run's word is no better
        built(shop)
    tomorrow(monkeypatch)
    assert built(shop).state == "built"  # for whoever waits for the table's asset
    [last] = summary_run(shop, "daily").ports.ledger.reads(head(shop).target, newest=1)
    assert [one.state for one in last.attempts(Step.BUILD)] == [EffectState.DONE]
    assert last.read_at == waits.read_at
    assert shop.current("daily") == [*BEFORE, (date(2026, 11, 2), 1, Decimal(2))]
