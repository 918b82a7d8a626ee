"""The worker's side of a checksum: what is done many at a time comes to the same as row by row."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from hashlib import md5
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from floodmark.adapters.arrow.checksum import RunningChecksum, canonical


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(-(2**63), 2**63 - 1), st.none() | st.text(max_size=5)), max_size=40))
def test_it_is_what_its_definition_says(rows: list[tuple[int, str | None]]) -> None:
    rows = [(number, None if text is None else text.encode("utf-8", "replace").decode()) for number, text in rows]
    schema = pa.schema([("id", pa.int64()), ("note", pa.string())])
    running = RunningChecksum(["id", "note"], ["id"], "full")
    running.add(pa.RecordBatch.from_pylist([{"id": number, "note": text} for number, text in rows], schema))
    hashes = [
        int(md5(f"={number}\x1f{'' if text is None else '=' + text}".encode()).hexdigest()[:10], 16)
        for number, text in rows
    ]
    mixed = 0
    for one in hashes:
        mixed ^= one
    note = running.value.columns[1]
    assert (note.sum, note.xor) == (sum(one % 2**32 for one in hashes), mixed)


@pytest.mark.parametrize(
    ("type_", "value", "text"),
    [
        (pa.decimal128(12, 2), Decimal("-100.10"), "-100.1"),
        (pa.decimal64(12, 2), Decimal("100"), "100"),
        (pa.decimal128(38, 6), Decimal("0.000001"), "0.000001"),
        (pa.decimal128(38, 9), Decimal("0.000000001"), "0.000000001"),
        (pa.decimal128(38, 9), Decimal("0"), "0"),
        (pa.decimal64(18, 0), Decimal("100"), "100"),
        (pa.float32(), 0.5, "5.0000000000000000e-01"),
        (pa.float64(), -0.0, "0"),
        (pa.float64(), float("-inf"), "-inf"),
        (pa.float64(), float("nan"), "nan"),
        (pa.bool_(), False, "0"),
        (pa.int16(), -7, "-7"),
        (pa.binary(), b"\x00\xff", "00ff"),
        (pa.date32(), date(1969, 12, 31), "-1"),
        (pa.time64("us"), time(0, 0, 1), "1000000"),
        (pa.timestamp("us", tz="UTC"), datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC), "-1"),
        (pa.string(), "", ""),
    ],
)
def test_every_value_has_one_text_and_null_has_none(type_: Any, value: Any, text: str) -> None:
    assert canonical(pa.array([value, None], type_)).to_pylist() == ["=" + text, ""]


def test_a_type_without_a_canonical_text_is_refused() -> None:
    with pytest.raises(TypeError, match="no canonical text"):
        canonical(pa.array([[1]], pa.list_(pa.int64())))
