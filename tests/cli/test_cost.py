"""``floodmark cost``: what was billed, by table, step and day, as BigQuery said it of each job."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.cli.shop import Shop, floodmark, hour

HALF = timedelta(minutes=30)
LEAST = 10 * 2**20


@pytest.mark.slow
def test_it_adds_up_what_each_job_billed_and_asks_nobody(shop: Shop) -> None:
    assert floodmark("cost", shop.file).code == 2, "there is no ledger yet"
    shop.order(1, hour(1) + HALF)
    assert floodmark("run", shop.file).code == 0
    answer = floodmark("cost", shop.file, "--json", "--price-per-tib", 100_000)
    assert answer.code == 0, answer.err
    bills = {(one["table"], one["step"]): one for one in answer.document["bills"]}
    assert bills["orders", "apply"]["bytes"] == LEAST, "the least of a table; current is empty, and counts for nothing"
    assert bills["products", "apply"]["jobs"] == 1
    assert ("orders", "load") not in bills, "loads are free"
    assert {one["day"] for one in bills.values()} == {datetime.now(UTC).date().isoformat()}
    total = answer.document["total"]
    assert total["bytes"] == sum(one["bytes"] for one in bills.values())
    assert round(total["price"], 3) == round(total["bytes"] / 2**40 * 100_000, 3)
    (shop.file.parent / "summaries").symlink_to("nothing")  # no file says whose they are; the ledger does
    shop.file.write_text(shop.file.read_text().replace("  orders: {partition_by: created_at}\n", ""))
    without = floodmark("cost", shop.file, "--json").document
    assert without["total"]["bytes"] == total["bytes"], "what was taken out of the file was billed all the same"


@pytest.mark.slow
def test_people_see_the_dear_ones_first_and_a_sum(shop: Shop) -> None:
    shop.order(1, hour(1) + HALF)
    for _ in range(2):
        assert floodmark("run", shop.file, "-t", "orders").code == 0
    answer = floodmark("cost", shop.file, "-t", "orders", "--days", 1)
    assert answer.code == 0, answer.err
    assert answer.out.index("apply") < answer.out.index("held") < answer.out.index("in all ")
    assert f"{3 * LEAST:,}" in answer.out, "of raw twice, of current once"
    assert datetime.now(UTC).date().isoformat() in answer.out
