"""``floodmark ledger rebuild``, ``verify``, and what ``status`` and ``prove`` say of levels and of new columns."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cli.shop import Shop, floodmark, hour

Rows = Callable[[str], list[dict[str, Any]]]
HALF = timedelta(minutes=30)


@pytest.mark.slow
def test_a_lost_ledger_is_rebuilt_and_its_gaps_are_run(shop: Shop, current: Rows, tmp_path: Path) -> None:
    shop.order(1, hour(2) + HALF)
    assert floodmark("run", shop.file, "-t", "orders", "--last", "2h").code == 0
    shutil.rmtree(tmp_path / "state")
    shop.order(2, hour(1) + HALF)
    refused = floodmark("run", shop.file, "-t", "orders")
    assert refused.code == 1
    assert "floodmark ledger rebuild" in refused.err
    answer = floodmark("ledger", "rebuild", shop.file)
    assert answer.code == 0, answer.err
    assert "orders: taken over from ledger " in answer.out
    assert "products: " in answer.out
    assert "doesn't stand" in answer.out
    assert f"floodmark run --gaps {shop.file} -t orders" in answer.out
    again = floodmark("ledger", "rebuild", shop.file, "-t", "orders", "--json").document
    assert (again["ok"], again["tables"][0]["adopted"]) == (True, False)
    assert floodmark("run", shop.file, "-t", "orders", "--gaps").code == 0
    assert [row["id"] for row in current("orders")] == [1, 2]
    assert floodmark("balance", shop.file, "orders").code == 0
    proved = floodmark("prove", shop.file, "-t", "orders", "--json").document["tables"][0]
    assert (proved["proved"], proved["level"]) == (True, "counts")


@pytest.mark.slow
def test_a_doubled_key_is_found_over_the_whole_table(shop: Shop, google: Any) -> None:
    shop.order(1, hour(1) + HALF)
    assert floodmark("run", shop.file, "-t", "orders").code == 0
    well = floodmark("verify", shop.file, "--json")
    assert (well.code, [one["well"] for one in well.document["tables"]]) == (0, [True, True])
    table = f"`{shop.datasets.current}.orders`"
    google.bigquery_client().query(f"INSERT INTO {table} SELECT * FROM {table}").result()
    found = floodmark("verify", shop.file)
    assert found.code == 1
    assert "1 keys (id) stand more than once" in found.out
    assert "blocked: KeysDoubled" in floodmark("status", shop.file).out
    assert floodmark("reload", shop.file, "orders").code == 0
    assert floodmark("verify", shop.file).code == 0


@pytest.mark.slow
def test_status_tells_a_column_that_older_rows_lack_and_prove_the_level_of_each_slice(shop: Shop) -> None:
    shop.order(1, hour(2) + HALF)
    assert floodmark("run", shop.file, "-t", "orders", "--from", f"{hour(24):%Y-%m-%dT%H:%MZ}", "--to",
                     f"{hour(1):%Y-%m-%dT%H:%MZ}").code == 0  # fmt: skip
    shop.execute("ALTER TABLE orders ADD colour text DEFAULT 'red'")
    shop.execute("INSERT INTO orders VALUES (2, 'new', %s, %s)", hour(1) + HALF, hour(1) + HALF)
    shop.file.write_text(
        shop.file.read_text().replace("{partition_by: created_at}", "{partition_by: created_at, verify: full}")
    )
    assert floodmark("run", shop.file, "-t", "orders").code == 0
    assert "column colour added at " in floodmark("status", shop.file).out
    proved = floodmark("prove", shop.file, "-t", "orders", "--json").document["tables"][0]
    levels = [(one["interval"], one["level"]) for one in proved["levels"]]
    assert proved["level"] == "counts"
    assert levels[-1] == ([hour(1).isoformat(), hour().isoformat()], "full")
    assert "full: " in floodmark("prove", shop.file, "-t", "orders").out
    assert floodmark("reload", shop.file, "orders").code == 0
    assert "colour" not in floodmark("status", shop.file).out
    assert floodmark("prove", shop.file, "-t", "orders", "--json").document["tables"][0]["level"] == "full"
