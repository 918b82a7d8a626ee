"""``floodmark plan``: what the next run would do, with nothing read, written or created."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from floodmark.adapters.bigquery.warehouse import BigQueryWarehouse
from floodmark.errors import FatalError
from tests.cli.shop import Shop, floodmark, hour

HALF = timedelta(minutes=30)


def test_it_shows_the_query_with_its_bounds_and_the_tables_to_create(shop: Shop) -> None:
    for number in range(40):
        shop.order(number, hour(1) + HALF)
    shop.execute("ANALYZE orders")
    answer = floodmark("plan", shop.file, "-t", "orders", "--json")
    assert answer.code == 0, answer.err
    [found] = answer.document["plans"]
    assert found["intervals"] == [[hour(1).isoformat(), hour().isoformat()]]
    assert f"{hour(1):%Y-%m-%d %H:%M}" in found["query"].replace("T", " ")
    assert 1 <= found["rows"] <= 80
    assert found["creates"] == [
        f"proj.{shop.datasets.raw}.orders", f"proj.{shop.datasets.current}.orders",
    ]  # fmt: skip
    assert found["guessed"], "there is no table yet that BigQuery could be asked of"
    assert found["bytes"] >= 40 * (8 + 32 + 8 + 8 + 16)
    assert found["price_per_month"] == pytest.approx(20 / 2**20 * 6.25 * 730.5), "the least of two tables"
    [found] = floodmark("plan", shop.file, "-t", "orders", "--full", "--json").document["plans"]
    assert (found["price_per_month"], found["price_once"]) == (None, pytest.approx(10 / 2**20 * 6.25))
    assert floodmark("status", shop.file).code == 2  # there is no ledger: a plan makes none


@pytest.mark.slow
def test_after_a_run_it_comes_to_the_next_slice_and_has_a_price(shop: Shop) -> None:
    shop.order(1, hour(1) + HALF)
    assert floodmark("run", shop.file, "-t", "orders").code == 0
    answer = floodmark("plan", shop.file, "-t", "orders", "--price-per-tib", "100000", "--json")
    assert answer.code == 0, answer.err
    [found] = answer.document["plans"]
    assert [hour().isoformat(), hour(-1).isoformat()] in found["intervals"]
    assert found["creates"] == []
    assert "MERGE" in found["statements"][0]
    # 20 MiB, the least for two tables, 730.5 times a month, at 100,000 a TiB of 2^20 MiB
    assert round(found["price_per_month"], 2) == round(20 / 2**20 * 730.5 * 100_000, 2)


@pytest.mark.slow
def test_the_checks_that_are_billed_are_shown_with_their_prices(shop: Shop) -> None:
    shop.file.write_text(shop.file.read_text().replace("partition_by: created_at", "verify: full"))
    shop.order(1, hour(1) + HALF)
    assert floodmark("run", shop.file, "-t", "orders").code == 0
    words = ("plan", shop.file, "-t", "orders", "--price-per-tib", "100000")
    [found] = floodmark(*words, "--json").document["plans"]
    once = 10 / 2**20 * 100_000  # 10 MiB, the least for one table
    assert [
        (one["what"], one["every"], round(one["price_per_month"], 3)) for one in found["checks"] if not one["seldom"]
    ] == [
        ("raw held", "1h", round(once * 730.5, 3)),
        ("keys touched", "1h", round(once * 730.5, 3)),
        ("full, raw", "1h", round(once * 730.5, 3)),
        ("full, current", "1h", round(once * 730.5, 3)),
        ("keys in all", "1d", round(once * 730.5 / 24, 3)),
        ("balance: counts", "1d", round(once * 730.5 / 24, 3)),
        ("balance: keys", "1d", round(once * 730.5 / 24, 3)),
        ("balance: rows", "1d", round(once * 730.5 / 24, 3)),
    ]
    assert found["all_per_month"] == pytest.approx(
        sum(one["price_per_month"] or 0 for one in [found, *found["checks"]])
    )
    assert "keys in all   8 bytes each 1d, 29.03 a month" in floodmark(*words).out


@pytest.mark.slow
def test_what_max_bytes_billed_would_stop_is_named_before_the_run(shop: Shop) -> None:
    shop.order(1, hour(1) + HALF)
    assert floodmark("run", shop.file, "-t", "orders").code == 0
    text = shop.file.read_text()
    for most, code, dear in (
        ("10MiB", 1, [("apply", 20 << 20, 10 << 20), ("late rows, if any", 20 << 20, 10 << 20)]),
        ("20MiB", 0, []),
    ):
        shop.file.write_text(text.replace("location: US", f"location: US, max_bytes_billed: {most}"))
        answer = floodmark("plan", shop.file, "-t", "orders", "--json")
        [found] = answer.document["plans"]
        assert [(one["what"], one["billed"], one["most"]) for one in found["too_dear"]] == dear
        assert answer.code == code
    shop.file.write_text(text.replace("location: US", "location: US, max_bytes_billed: 10MiB"))
    said = "apply would bill 20,971,520 bytes, bigquery.max_bytes_billed is 10,485,760"
    assert f"blocked       {said}: allow more" in floodmark("plan", shop.file, "-t", "orders").out
    assert said in " ".join(floodmark("plan", shop.file, "-t", "orders", "--summary").out.split())


@pytest.mark.slow
@pytest.mark.slow
def test_targets_of_another_ledger_and_those_that_are_gone_are_told_before_the_run(
    shop: Shop, google: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """An empty ledger, as that of another folder is, is none of a source that was never read."""
    shop.order(1, hour(1) + HALF)
    assert floodmark("run", shop.file, "-t", "orders").code == 0
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("FLOODMARK_STATE", str(tmp_path / "elsewhere"))
        planned = floodmark("plan", shop.file, "-t", "orders", "--json")
        raw, current = planned.document["plans"][0]["refused"]
        assert ("its label floodmark_ledger is" in current, "orders: its label" in raw, planned.code) == (True, True, 1)
        found = floodmark("doctor", shop.file, "--no-write", "--json").document["findings"]
        assert [one["level"] for one in found if "its label floodmark_ledger" in one["said"]] == ["failed", "failed"]
    assert floodmark("plan", shop.file, "-t", "orders").code == 0
    google.bigquery_client().delete_table(f"{shop.datasets.project}.{shop.datasets.current}.orders")
    planned = floodmark("plan", shop.file, "-t", "orders")
    said = f"{shop.datasets.current}.orders is gone, though the ledger has reads of it; undelete it"
    assert (planned.code, said in " ".join(planned.out.split())) == (1, True)
    found = floodmark("doctor", shop.file, "--no-write", "--json").document["findings"]
    assert [one["level"] for one in found if said in one["said"]] == ["failed"]


def test_a_column_that_the_run_adds_first_is_shown_and_the_bytes_are_guessed(shop: Shop) -> None:
    shop.order(1, hour(1) + HALF)
    assert floodmark("run", shop.file, "-t", "orders").code == 0
    shop.execute("ALTER TABLE orders ADD COLUMN gift text")
    answer = floodmark("plan", shop.file, "-t", "orders", "--json")
    assert answer.code == 0, answer.err
    [found] = answer.document["plans"]
    assert [one["step"] for one in found["alters"]] == ["alter_raw", "alter_current"]
    assert all("ADD COLUMN" in one["statement"] and "`gift`" in one["statement"] for one in found["alters"])
    assert found["guessed"]
    assert found["bytes"] is not None
    assert "alters        ALTER TABLE" in floodmark("plan", shop.file, "-t", "orders").out


def test_without_bigquery_it_plans_from_the_source_alone(source: Shop) -> None:
    answer = floodmark("plan", source.file, "--source-only")
    assert answer.code == 0, answer.err
    assert "SELECT" in answer.out
    assert "public.products" in answer.out.replace('"', "") or "products" in answer.out


def test_a_whole_table_is_planned_without_bounds(source: Shop) -> None:
    answer = floodmark("plan", source.file, "--full", "--source-only", "-t", "orders", "--json")
    [found] = answer.document["plans"]
    assert (found["kind"], found["intervals"]) == ("reload", [])
    assert found["query"].endswith("WHERE TRUE")


def test_a_table_that_is_not_there_is_refused(source: Shop) -> None:
    source.execute("DROP TABLE orders")
    answer = floodmark("plan", source.file, "-t", "orders", "--source-only")
    assert answer.code == 1
    assert "orders" in answer.err


def test_a_table_that_is_refused_does_not_end_the_plan_for_all(source: Shop) -> None:
    source.execute('ALTER TABLE orders ADD "temp\u00a0°C" text')
    answer = floodmark("plan", source.file, "--source-only", "--json")
    refused, planned = answer.document["plans"]
    assert answer.code == 2
    assert (refused["table"], refused["error"]["kind"]) == ("orders", "ConfigurationError")
    assert "BigQuery allows no U+00A0 ° in" in refused["error"]["message"]
    assert (planned["table"], planned["kind"]) == ("products", "refresh")


@pytest.mark.slow
def test_a_dry_run_that_bigquery_refuses_is_its_tables_own(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.order(1, hour(1))
    assert floodmark("run", shop.file, "--last", "1h").code == 0
    asked = BigQueryWarehouse.dry_run

    def dry_run(self: BigQueryWarehouse, sql: str, *more: Any, **named: Any) -> int:
        if ".orders`" in sql:
            raise FatalError("dry run: refused")
        return asked(self, sql, *more, **named)

    monkeypatch.setattr(BigQueryWarehouse, "dry_run", dry_run)
    answer = floodmark("plan", shop.file)
    assert answer.code == 1
    assert ".orders: can't be planned" in answer.out
    assert "error: dry run: refused" in answer.err
    assert "products -> " in answer.out
    assert "price" in answer.out


@pytest.mark.slow
def test_a_name_that_bigquery_refuses_does_not_end_the_run_for_all(shop: Shop) -> None:
    shop.execute('ALTER TABLE orders ADD "a\u00a0b" text')
    answer = floodmark("run", shop.file, "--last", "1h", "--json")
    refused, done = answer.document["runs"]
    assert answer.code == 2
    assert 'rename: {"a\\u00a0b": a_b}' in refused["error"]["message"]
    assert (done["table"], done["rows"], done["error"]) == ("products", 2, None)


@pytest.mark.slow
def test_a_summary_has_a_line_a_table_the_dear_ones_first_and_a_sum(shop: Shop) -> None:
    shop.execute("INSERT INTO products SELECT n, md5(n::text) FROM generate_series(10, 200000) AS n")
    shop.execute("ANALYZE products")
    shop.order(1, hour(1) + HALF)
    assert floodmark("run", shop.file).code == 0
    answer = floodmark("plan", shop.file, "--summary", "--price-per-tib", "100000")
    assert answer.code == 0, answer.err
    assert answer.out.index("products") < answer.out.index("orders") < answer.out.index("in all ")
    assert "SELECT" not in answer.out
    plans = floodmark("plan", shop.file, "--price-per-tib", "100000", "--json").document["plans"]
    assert f"in all {sum(one['all_per_month'] for one in plans):.2f} a month" in answer.out
    [products] = [one for one in plans if one["table"] == "products"]
    assert products["rows_per_month"] == pytest.approx(200_000 * 730.5, rel=0.1)
    assert any("sync: full" in note for note in products["notes"])


@pytest.mark.slow
def test_a_comparison_that_its_limit_forbids_costs_nothing_and_says_so(shop: Shop) -> None:
    shop.file.write_text(shop.file.read_text().replace("partition_by: created_at", "reconcile_bytes: 1B"))
    shop.order(1, hour(1) + HALF)
    assert floodmark("run", shop.file, "-t", "orders").code == 0
    words = ("plan", shop.file, "-t", "orders")
    [found] = floodmark(*words, "--json").document["plans"]
    refused = {one["what"]: one["price_per_month"] for one in found["checks"] if one["refused"]}
    assert refused == {"balance: keys": None, "balance: rows": None}
    assert "which is more than reconcile_bytes: it is never asked" in floodmark(*words).out


def test_a_sum_says_of_which_tables_no_price_is_known(shop: Shop) -> None:
    answer = floodmark("plan", shop.file, "--summary", "--source-only")
    assert "in all 0.00 a month, checks included; without a price by the month: " in answer.out
    assert {"orders", "products"} <= set(answer.out.split("without a price by the month: ")[1].replace(",", "").split())


@pytest.mark.slow
def test_late_rows_have_bytes_and_no_price_by_the_month(shop: Shop) -> None:
    """They are asked for only where a sealed slice gained rows."""
    shop.order(1, hour(2) + HALF)
    assert (
        floodmark("run", shop.file, "-t", "orders", "--from", hour(2).isoformat(), "--to", hour(1).isoformat()).code
        == 0
    )
    [found] = floodmark("plan", shop.file, "-t", "orders", "--json").document["plans"]
    [late] = [one for one in found["checks"] if one["what"] == "late rows, if any"]
    assert (late["seldom"], late["price_per_month"]) == (True, None)
    assert "bytes whenever it has to be asked" in floodmark("plan", shop.file, "-t", "orders").out
