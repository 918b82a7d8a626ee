"""``floodmark schema``: the tables' schemas as files beside the source's, which check and runs hold them to."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.cli.shop import HALF, Shop, floodmark, hour


@pytest.mark.slow
def test_the_files_are_written_kept_compared_and_deployed(
    shop: Shop, current: Callable[[str], list[dict[str, Any]]]
) -> None:
    answer = floodmark("schema", shop.file, "--json")
    assert answer.code == 0
    folder = shop.file.parent / "schemas" / answer.document["source"]
    assert sorted(one.name for one in folder.iterdir()) == ["orders.json", "products.json"]
    file = folder / "orders.json"
    columns = json.loads(file.read_text())
    assert [one["name"] for one in columns][:2] == ["id", "status"]
    columns[1]["description"] = "How far it is"
    file.write_text(json.dumps(columns))
    floodmark("schema", shop.file)
    assert json.loads(file.read_text())[1]["description"] == "How far it is"
    assert floodmark("schema", shop.file, "--compare").code == 0

    shop.order(1, hour(1) + HALF)
    assert floodmark("run", shop.file, "-t", "orders").code == 0
    assert [row["id"] for row in current("orders")] == [1]

    shop.execute("ALTER TABLE orders ADD late text")
    assert floodmark("schema", shop.file, "--compare").code == 1
    told = floodmark("check", shop.file, "--online", "--json").document["sources"][0]["tables"]
    [orders] = [one for one in told if one["name"] == "orders"]
    assert any("column late is not in the file, and is brought" in one for one in orders["warnings"])

    file.write_text(json.dumps([{**columns[0], "type": "STRING"}, *columns[1:]]))
    answer = floodmark("check", shop.file, "--online")
    assert (answer.code, "id: is STRING in the file, and would be INT64" in answer.out + answer.err) == (2, True)
    assert floodmark("run", shop.file, "-t", "orders").code == 2
