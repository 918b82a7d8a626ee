"""A long read says now and then how far it is; a short one says nothing."""

from __future__ import annotations

import logging

import pyarrow as pa
import pytest

from floodmark.adapters.stage import progress


def batches(*rows: int) -> list[pa.RecordBatch]:
    return [pa.record_batch({"id": pa.array(range(count), pa.int64())}) for count in rows]


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [one.message.partition(" (")[0] for one in caplog.records if one.name == "floodmark.progress"]


def test_every_line_has_all_rows_so_far(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(progress, "EVERY", 0.0)
    caplog.set_level(logging.INFO, "floodmark.progress")
    passed = list(progress.watched(batches(250_000, 0, 1), "shop/orders"))
    assert [batch.num_rows for batch in passed] == [250_000, 1]
    assert told(caplog) == [
        "shop/orders: 250,000 rows read so far, 2 MB in memory",
        "shop/orders: 250,001 rows read so far, 2 MB in memory",
    ]


def test_a_short_read_tells_nothing(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "floodmark.progress")
    assert len(list(progress.watched(batches(5, 5), "shop/orders"))) == 2
    assert told(caplog) == []
