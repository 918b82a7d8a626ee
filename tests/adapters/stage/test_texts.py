"""NDJSON and CSV as BigQuery's load jobs read them: by parsers that know nothing of how they were written."""

from __future__ import annotations

import base64
import csv
import gzip
import io
import json
import math
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from floodmark.adapters.stage import texts
from floodmark.adapters.stage.texts import TextFile, null_marker
from floodmark.errors import FatalError

TEXTS = ["", "a", 'say "hi"', "two\nlines\r\n", ",;\t", "\\N", "ß 列 😀 \u2028", "\x01\x1f\\u0041", "null", "NaN", None]
VALUES: dict[str, tuple[Any, list[Any]]] = {
    "t": (pa.string(), TEXTS),
    "i": (pa.int64(), [0, -(2**63), 2**63 - 1, 9007199254740993, None]),
    "f": (pa.float64(), [0.1, -0.0, 5e-324, 1.7976931348623157e308, math.nan, math.inf, -math.inf, None]),
    "r": (pa.float32(), [1.100000023841858, None]),
    "n": (pa.decimal128(38, 9), [Decimal("0.000000001"), Decimal("-99999999999999999999999999999.999999999"), None]),
    "w": (pa.decimal128(38, 38), [Decimal(f"0.{'0' * 37}1"), Decimal(0), None]),
    "b": (pa.bool_(), [True, False, None]),
    "y": (pa.binary(), [b"", b"\x00\xff\n", None]),
    "d": (pa.date32(), [date(1, 1, 1), date(9999, 12, 31), None]),
    "h": (pa.time64("us"), [time(0, 0), time(23, 59, 59, 999999), None]),
    "at": (
        pa.timestamp("us", tz="UTC"),
        [datetime(1, 1, 1, tzinfo=UTC), datetime(2026, 10, 25, 0, 30, 0, 1, tzinfo=UTC), None],
    ),
}
LONGEST = max(len(values) for _, values in VALUES.values())
COLUMNS = {name: [*values, *[None] * (LONGEST - len(values))] for name, (_, values) in VALUES.items()}
BATCH = pa.record_batch([pa.array(COLUMNS[name], kind) for name, (kind, _) in VALUES.items()], names=list(VALUES))
READERS: dict[str, Any] = {
    "t": str,
    "i": int,
    "f": float,
    "r": float,
    "n": Decimal,
    "w": Decimal,
    "b": lambda said: {"true": True, "false": False}.get(said, said),
    "y": lambda said: base64.b64decode(said, validate=True),
    "d": date.fromisoformat,
    "h": time.fromisoformat,
    "at": lambda said: datetime.fromisoformat(said).astimezone(UTC),
}


def written(marker: str = "") -> str:
    sink = io.BytesIO()
    file = TextFile(sink, BATCH.schema, null_marker=marker)
    for half in (BATCH.slice(0, 4), BATCH.slice(4)):
        file.write(half)
    file.close()
    return gzip.decompress(sink.getvalue()).decode()


def alike(given: Any, wanted: Any) -> bool:
    """Equal, of the same sign if it is zero, and no number like no number."""
    if isinstance(wanted, float) and given is not None:
        return repr(float(given)) == repr(wanted)
    return bool(given == wanted)


def test_every_value_comes_back_from_ndjson() -> None:
    rows = [json.loads(line) for line in written().split("\n")[:-1]]
    for name, values in COLUMNS.items():
        read = [None if row[name] is None else READERS[name](row[name]) for row in rows]
        assert all(alike(*pair) for pair in zip(read, values, strict=True)), (name, read)
    assert {type(row["i"]) for row in rows} == {str, type(None)}, "a number of 64 bits is no double"


def test_every_value_comes_back_from_csv_and_null_is_no_empty_text() -> None:
    marker = null_marker()
    rows = list(csv.reader(io.StringIO(written(marker), newline=""), strict=True))
    for place, (name, values) in enumerate(COLUMNS.items()):
        read = [None if row[place] == marker else READERS[name](row[place]) for row in rows]
        assert all(alike(*pair) for pair in zip(read, values, strict=True)), (name, read)


def test_what_stands_for_null_is_another_each_time() -> None:
    assert null_marker() != null_marker()


def test_more_than_a_load_job_takes_of_compressed_text_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "MOST_BYTES", 100)
    with pytest.raises(FatalError, match=r"BigQuery loads no more than 100: nothing was staged; write format: parquet"):
        written()
