"""``floodmark adopt``: what equals the source is taken over, also of a partitioned table; what differs is named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.cli.shop import HALF, Shop, floodmark, hour


@pytest.mark.slow
def test_a_difference_is_named_and_healed_and_the_next_run_goes_on(
    shop: Shop, google: Any, current: Callable[[str], list[dict[str, Any]]]
) -> None:
    for number in (1, 2, 3):
        shop.order(number, hour(5 - number) + HALF)
    client, table = google.bigquery_client(), f"{shop.datasets.current}.before"
    client.query(
        f"CREATE TABLE `{table}` (id INT64, status STRING, created_at TIMESTAMP, updated_at TIMESTAMP, _dlt_id STRING)"
    ).result()
    for number, moment, status in shop.execute("SELECT id, updated_at::text, status FROM orders"):
        said = "stale" if number == 1 else status
        client.query(
            f"INSERT INTO `{table}` VALUES ({number}, '{said}', TIMESTAMP '{moment}', TIMESTAMP '{moment}', 'x')"
        ).result()
    answer = floodmark("adopt", shop.file, "orders", "--from", table, "--json")
    found = answer.document["table"]
    assert (answer.code, found["changed"], found["examples"]) == (1, 1, {"changed": ["1"]})
    assert found["others"] == ["_dlt_id"]
    told = floodmark("adopt", shop.file, "orders", "--from", table, "--heal")
    assert (told.code, "adopted, what differed read anew" in " ".join(told.out.split())) == (0, True)
    assert [(row["id"], row["status"]) for row in current("orders")] == [(1, "new"), (2, "new"), (3, "new")]
    shop.order(4, hour(1) + HALF)
    assert floodmark("run", shop.file, "-t", "orders").code == 0
    assert [row["id"] for row in current("orders")] == [1, 2, 3, 4]
    again = floodmark("adopt", shop.file, "orders", "--from", table, "--json")
    assert (again.code, again.document["table"]["rows"]) == (0, 2)
