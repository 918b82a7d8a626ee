"""A digest is of values: nothing that lies beside them in memory counts, and everything that is a value does (R23)."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from floodmark.adapters.arrow.columns import arrow_type
from floodmark.adapters.arrow.digest import RunningDigest

ROWS = 2_001
KINDS: list[tuple[Any, Any]] = [
    (pa.int16(), 7),
    (pa.int64(), -1),
    (pa.float64(), 1.5),
    (pa.bool_(), True),
    (pa.string(), "a text"),
    (pa.binary(), b"\x00\xff"),
    (pa.decimal128(38, 2), Decimal("-1.25")),
    (arrow_type("decimal64(18, 2)"), Decimal("-1.25")),
    (pa.date32(), date(2026, 11, 1)),
    (pa.time64("us"), time(12)),
    (pa.timestamp("us", tz="UTC"), 5),
]


def digest(*arrays: Any) -> str:
    running = RunningDigest(pa.schema([("v", arrays[0].type)]))
    for array in arrays:
        running.add(pa.record_batch([array], names=["v"]))
    return running.value


def soiled(array: Any) -> Any:
    """The same values, with all that lies beside them turned over: under NULLs, and behind the bitmap's last bit."""
    parts = [bytearray(buffer.to_pybytes()) if buffer is not None else None for buffer in array.buffers()]
    valid, values = parts[0], parts[1]
    for place in range(len(array), 8 * len(valid)):
        valid[place // 8] ^= 1 << place % 8
    if len(parts) == 2 and array.type.bit_width >= 8:
        width = array.type.bit_width // 8
        for row in range(len(array)):
            if not array[row].is_valid:
                values[row * width : (row + 1) * width] = b"\xaa" * width
    buffers = [None if part is None else pa.py_buffer(bytes(part)) for part in parts]
    return pa.Array.from_buffers(array.type, len(array), buffers)


@pytest.mark.parametrize(("kind", "value"), KINDS, ids=str)
def test_what_lies_beside_the_values_does_not_count(kind: Any, value: Any) -> None:
    array = pa.array([value if row % 3 else None for row in range(ROWS)], kind)
    assert soiled(array).equals(array)
    assert digest(soiled(array)) == digest(array)
    padded = pa.concat_arrays([pa.array([value, None], kind), array, pa.array([None, value], kind)])
    assert digest(padded.slice(2, ROWS)) == digest(array)


@pytest.mark.parametrize(("kind", "value"), KINDS, ids=str)
def test_where_batches_are_cut_does_not_count_and_every_value_does(kind: Any, value: Any) -> None:
    array = pa.array([value if row % 3 else None for row in range(20)], kind)
    assert digest(array.slice(0, 7), array.slice(7)) == digest(array)
    changed = pa.array([value if row % 3 or row == 6 else None for row in range(20)], kind)
    assert digest(changed) != digest(array)
    assert digest(array.slice(1)) != digest(array)


def test_texts_that_meet_elsewhere_are_told_apart() -> None:
    assert digest(pa.array(["ab", "c"])) != digest(pa.array(["a", "bc"]))
    assert digest(pa.array(["", None])) != digest(pa.array([None, ""]))
    assert digest(pa.array([0, None])) != digest(pa.array([None, 0]))


def test_only_the_named_columns_are_left_out() -> None:
    def of(read_at: int, note: str) -> str:
        batch = pa.record_batch([pa.array([note]), pa.array([read_at])], names=["note", "read_at"])
        running = RunningDigest(batch.schema, frozenset({"read_at"}))
        running.add(batch)
        return running.value

    assert of(1, "a") == of(2, "a") != of(1, "b")
