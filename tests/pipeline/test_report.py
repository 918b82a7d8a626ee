"""What each run leaves in the bucket: the page and where tables stand, written anew, and kept by every retention."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from floodmark.pipeline.clock import now
from floodmark.pipeline.repairs.sweep import sweep
from floodmark.pipeline.report import report
from tests.pipeline.applied_reads import at
from tests.pipeline.conftest import World, hour
from tests.pipeline.page.many import ZERO, shop


def _published(world: World) -> dict[str, Any]:
    client = world.google.storage_client()
    return {
        blob.name.removeprefix("stage/_status/"): blob
        for blob in client.list_blobs(world.bucket, prefix="stage/_status/")
    }


@pytest.mark.slow
def test_the_page_and_where_tables_stand_are_written_anew_and_no_retention_takes_them(world: World) -> None:
    world.sql("INSERT INTO orders VALUES (1, 'x', 1, '2026-11-01 00:30Z')")
    run = world.table_run("orders")
    before = report(run.config, run.ports, now())
    world.run("orders", hour(0))
    after = report(run.config, run.ports, now())
    published = _published(world)
    assert set(published) == {"shop.html", "shop.json"}
    assert after.uri == before.uri == f"gs://{world.bucket}/stage/_status/shop.html"
    assert (published["shop.html"].content_type, published["shop.html"].content_encoding) == (
        "text/html; charset=utf-8", "gzip",
    )  # fmt: skip
    assert "Its one table is" in published["shop.html"].download_as_bytes().decode()
    told = json.loads(published["shop.json"].download_as_bytes())
    assert (told["source"], told["trusted_up_to"]) == ("shop", "2026-11-01T01:00:00+00:00")
    assert [(table["table"], table["verdict"], table["rows"]) for table in told["tables"]] == [("orders", "sealed", 1)]
    sweep(run.config, run.ports, now() + timedelta(days=99))
    assert set(_published(world)) == {"shop.html", "shop.json"}


class Shelved:
    """Ports of which the stage keeps what is published."""

    def __init__(self, ledger: Any) -> None:
        self.ledger, self.stage, self.written = ledger, self, {}

    def publish(self, name: str, data: bytes, *, content_type: str) -> str:
        self.written[name] = data
        return f"gs://bucket/{name}"


def test_somebody_is_told_of_what_is_blocked_unbalanced_or_stale_and_of_nothing_else() -> None:
    config, shelf = shop()
    found = report(config, Shelved(shelf.ledger), ZERO + timedelta(days=2, hours=3, minutes=12))  # type: ignore[arg-type]
    blocked, unbalanced = found.alarm.split("\n")
    assert blocked == (
        "blocked: refunds: column refunds.reason is gone; write renamed, or exclude it; floodmark unblock shop refunds"
    )
    assert unbalanced.startswith("unbalanced: customers: source 9,120 / current 9,100; ")
    later = report(config, Shelved(shelf.ledger), at(80))  # type: ignore[arg-type]
    assert (
        "stale: items: older than its freshness: no run has read what is due; floodmark run --gaps shop" in later.alarm
    )
