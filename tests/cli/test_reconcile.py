"""``floodmark reconcile`` on real servers: what differs is a finding until it is healed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from floodmark.adapters.ledger import open_ledger
from tests.cli.shop import Shop, floodmark, hour, written

HALF = timedelta(minutes=30)


def reconciled(shop: Shop, *words: str) -> tuple[int, dict[str, Any]]:
    """The exit code, and what is said of the orders."""
    answer = floodmark("reconcile", shop.file, *words, "--json")
    tables = {one["table"]: one for one in answer.document["tables"]}
    return answer.code, tables["orders"]


@pytest.mark.slow
def test_a_difference_is_a_finding_until_it_is_healed(
    shop: Shop, current: Callable[[str], list[dict[str, Any]]]
) -> None:
    for number in (1, 2):
        shop.order(number, hour(1) + HALF)
    none_yet = floodmark("reconcile", shop.file)
    assert (none_yet.code, "ledger" in none_yet.err) == (2, True)
    assert floodmark("run", shop.file, "-t", "orders").code == 0
    shop.execute("DELETE FROM orders WHERE id = 2")
    code, orders = reconciled(shop)
    assert (code, orders["deleted"], orders["examples"], orders["healed"]) == (1, 1, {"deleted": ["2"]}, None)
    told = floodmark("reconcile", shop.file, "orders")
    assert "differs: --heal mends it" in told.out
    code, orders = reconciled(shop, "orders", "--heal")
    assert (code, orders["deleted"], orders["healed"]["state"]) == (0, 1, "applied")
    assert [row["id"] for row in current("orders")] == [1]
    code, orders = reconciled(shop)
    assert (code, orders["deleted"]) == (0, 0)
    [status, _] = floodmark("status", shop.file, "--json").document["sources"][0]["tables"]
    assert status["reconciled_at"] == status["last_read_at"]
    proof = floodmark("prove", shop.file, "-t", "orders", "--json").document["tables"][0]
    assert not [doubt for doubt in proof["doubts"] if "read of" in doubt]


@pytest.mark.slow
def test_a_table_without_keys_or_a_cursor_is_left_alone(shop: Shop) -> None:
    floodmark("run", shop.file)
    answer = floodmark("reconcile", shop.file, "products", "--json")
    [products] = answer.document["tables"]
    assert answer.code == 0
    assert products["skipped"] == "only incremental tables are compared, and it is full"


@pytest.mark.slow
def test_the_plan_shows_what_a_comparison_costs(shop: Shop) -> None:
    shop.file.write_text(shop.file.read_text().replace("orders: {", "orders: {deletes: reconcile, "))
    shop.order(1, hour(1) + HALF)
    assert floodmark("run", shop.file, "-t", "orders").code == 0
    [plan] = floodmark("plan", shop.file, "-t", "orders", "--json").document["plans"]
    [found] = [one for one in plan["checks"] if one["what"] == "reconcile: rows"]
    assert (found["every"], found["price_per_month"] > 0) == ("1d", True)


def test_a_source_of_which_no_table_is_compared_says_so(source: Shop) -> None:
    file = written(source.file.parent, tables="  products: {sync: full}\n")
    open_ledger(f"sqlite:///{file.parent}/state/floodmark.db").close()
    answer = floodmark("reconcile", file)
    assert (answer.code, "no table of shop is incremental by its file, so none was compared" in answer.err) == (0, True)
