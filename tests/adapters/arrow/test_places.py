"""Rows in slices that are looked at again are counted by the worker, or not at all; never taken for none (R12)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pyarrow as pa
import pytest

from floodmark.adapters.arrow.rows import ArrowRows
from floodmark.core.ledger.manifest import Rechecked
from floodmark.core.time.interval import Interval
from tests.fakes.examples import ZERO, hour
from tests.fakes.toy import BIGINT, INSTANT

HALF = timedelta(minutes=30)
TIME = pa.timestamp("us", tz="UTC")


def rows(recheck: Sequence[Interval] | None) -> ArrowRows:
    """A row each in the first three hours, cut by day of its own column, and one without a cursor."""
    moments = [ZERO + HALF + timedelta(hours=number) for number in range(3)]
    days = [ZERO + timedelta(days=number) for number in range(4)]
    batch = pa.record_batch(
        [
            pa.array([1, 2, 3, 4], pa.int64()),
            pa.array(days, TIME),
            pa.array([*moments, None], TIME),
        ],
        names=["id", "made", "_floodmark_cursor"],
    )
    return ArrowRows(
        iter([batch]),
        {"id": BIGINT, "made": INSTANT},
        read_at=ZERO + timedelta(days=9),
        table="orders",
        key=("id",),
        partition_by="made",
        recheck=recheck,
    )


@pytest.mark.parametrize(
    ("recheck", "counted"),
    [
        ([hour(0)], Rechecked(rows=1, partitions=("2026-11-01",))),
        ([hour(0), hour(2)], Rechecked(rows=2, partitions=("2026-11-01", "2026-11-03"))),
        ([hour(5)], Rechecked()),
        ([], Rechecked()),
        (None, None),
    ],
)
def test_rows_in_slices_that_are_looked_at_again_are_counted_with_their_partitions(
    recheck: Sequence[Interval] | None, counted: Rechecked | None
) -> None:
    """None where a source doesn't say which slices those are: then BigQuery is asked."""
    found = rows(recheck)
    assert sum(batch.num_rows for batch in found) == 4
    assert found.rechecked == counted
    assert found.partitions == ("2026-11-01", "2026-11-02", "2026-11-03", "2026-11-04")
