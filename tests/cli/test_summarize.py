"""``floodmark summarize``, and what check, status and prove say of summaries, on real servers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from floodmark.demo.servers.all import GoogleServers
from tests.cli.shop import Shop, floodmark, hour

Rows = Callable[[str], list[dict[str, Any]]]
GOOD = """/* floodmark
keys: id
partition_by: day
assert: {no_empty_status: SELECT * FROM summary WHERE status IS NULL}
*/
SELECT id, status, DATE(updated_at, 'UTC') AS day FROM orders WHERE updated_at >= @start AND updated_at < @end
"""


def write(shop: Shop, name: str, text: str) -> Path:
    """Write a summary beside the shop's file."""
    path = shop.file.parent / "summaries" / f"{name}.sql"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.slow
def test_summaries_are_built_checked_and_shown(shop: Shop, current: Rows, google: GoogleServers) -> None:
    shop.order(1, hour(1), "paid")
    write(shop, "latest", GOOD)
    write(shop, "count", "SELECT COUNT(*) AS id FROM latest")
    assert floodmark("run", shop.file, "-t", "orders", "--gaps").code == 0
    assert floodmark("status", shop.file, "--json").document["sources"][0]["summaries"][0]["doubts"] == [
        "it was never built"
    ]
    answer = floodmark("summarize", shop.file, "--json")
    assert answer.code == 0, answer.out + answer.err
    assert [(one["summary"], one["state"], one["rows"]) for one in answer.document["summaries"]] == [
        ("latest", "built", 1), ("count", "built", 1),
    ]  # fmt: skip
    assert (current("latest")[0]["status"], current("count")[0]["id"]) == ("paid", 1)
    [latest, _] = floodmark("prove", shop.file, "--json").document["summaries"]
    assert latest["doubts"] == []
    assert datetime.fromisoformat(latest["inputs"][0]["sealed_up_to"]) == hour()

    bills = floodmark("cost", shop.file, "--json").document["bills"]
    assert {("latest", "build"), ("latest", "summary")} <= {(one["table"], one["step"]) for one in bills}

    day = f"{hour(1):%Y-%m-%d}"
    part = floodmark("summarize", shop.file, "latest", "--from", day, "--json")
    assert day in part.document["summaries"][0]["window"]
    assert floodmark("summarize", shop.file, "latest", "--from", f"{day}T00:30Z").code == 2

    assert floodmark("balance", shop.file, "--json").document["summaries"][0]["looked_at"]
    google.bigquery_client().query(f"UPDATE `{latest['target']}` SET status = 'lost' WHERE TRUE").result()
    touched = floodmark("balance", shop.file)
    assert touched.code == 1
    assert "somebody else changed it: its last build left it at" in touched.err
    assert "TargetTouched: " in floodmark("status", shop.file).out
    assert "somebody else changed it" in floodmark("summarize", shop.file, "latest").err
    assert current("latest")[0]["status"] == "paid"

    write(shop, "latest", GOOD.replace("status IS NULL", "status = 'paid'"))
    failed = floodmark("summarize", shop.file)
    assert failed.code == 1
    assert "summaries/latest.sql:4: assert.no_empty_status: gives 1 rows, and may give none" in failed.err
    assert "it reads latest, which could not be built" in failed.err
    state = floodmark("status", shop.file)
    assert "the last build failed: SummaryRefused" in state.out
    assert state.code == 1
    write(shop, "latest", GOOD)
    floodmark("summarize", shop.file)
    answer = floodmark("summarize", shop.file, "latest", "--anew", "--json")
    assert "floodmark summarize --anew --yes" in answer.out
    assert floodmark("summarize", shop.file, "latest", "--anew", "--yes").code == 0


def test_where_there_is_no_summary_none_is_built_without_a_word(source: Shop) -> None:
    """As where the folder was not deployed."""
    answer = floodmark("summarize", source.file)
    assert answer.code == 2
    assert "there is none of the source shop; write one: summaries/NAME.sql" in answer.err


@pytest.mark.slow
def test_check_says_what_is_wrong_with_summaries_and_asks_bigquery_online(shop: Shop) -> None:
    shop.order(1, hour(1), "paid")
    write(shop, "latest", GOOD)
    before = floodmark("check", shop.file, "--online", "--json")
    table = f"{shop.datasets.project}.{shop.datasets.current}.orders"
    untried = f"summaries/latest.sql: was not tried in BigQuery, where there is no {table} yet"
    assert (before.code, untried in before.document["sources"][0]["notes"]) == (0, True)
    floodmark("run", shop.file, "-t", "orders")
    after = floodmark("check", shop.file, "--online", "--json")
    assert (after.code, after.document["sources"][0]["notes"]) == (0, [])
    write(shop, "latest", GOOD.replace("status,", "statsu,"))
    assert floodmark("check", shop.file).code == 0  # the words alone are right
    online = floodmark("check", shop.file, "--online")
    assert online.code == 2
    assert "summaries/latest.sql:6: query: " in online.out
    assert "statsu" in online.out
    write(shop, "latest", GOOD.replace("FROM orders", "FROM ordres"))
    offline = floodmark("check", shop.file, "--json")
    assert offline.code == 2
    [problem] = offline.document["sources"][0]["problems"]
    assert problem.startswith('summaries/latest.sql:6: query: reads "')
    assert floodmark("summarize", shop.file).code == 2
