"""Files that BigQuery loads well: few dictionaries, no statistics, whole row groups, values as they were."""

from __future__ import annotations

import io
import math
from datetime import date, time
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from floodmark.adapters.stage.parquet import ParquetFile, repetitive
from tests.adapters.rows import READ_AT, SCHEMA, batch, noise


def written(batches: list[pa.RecordBatch], **options: Any) -> pq.ParquetFile:
    """A file of the batches, read back."""
    sink = io.BytesIO()
    file = ParquetFile(sink, batches[0].schema, **options)
    for each in batches:
        file.write(each)
    file.close()
    return pq.ParquetFile(io.BytesIO(sink.getvalue()))


def test_values_come_back_as_they_were() -> None:
    columns: dict[str, Any] = {
        "int": pa.array([-(2**63), 2**63 - 1, None], pa.int64()),
        "float": pa.array([math.inf, 5e-324, None], pa.float64()),
        "decimal": pa.array([Decimal("-99999999.99"), Decimal("0.01"), None], pa.decimal128(10, 2)),
        "wide": pa.array([Decimal("1" * 28 + ".1"), Decimal(0), None], pa.decimal128(38, 10)),
        "text": pa.array(["", "é😀\x00", None]),
        "bytes": pa.array([b"", b"\x00\xff", None]),
        "bool": pa.array([True, False, None]),
        "date": pa.array([date(1, 1, 1), date(9999, 12, 31), None]),
        "time": pa.array([time(0), time(23, 59, 59, 999999), None], pa.time64("us")),
        "at": pa.array([READ_AT, READ_AT, None], pa.timestamp("us", tz="UTC")),
        "list": pa.array([[], ["a", None], None], pa.list_(pa.string())),
    }
    given = pa.RecordBatch.from_pydict(columns)
    assert written([given]).read().to_pydict() == given.to_pydict()


def test_only_texts_of_few_values_and_our_own_columns_have_a_dictionary() -> None:
    rows = 1000
    table = pa.table(
        {
            "id": list(range(rows)),
            "few": ["open", "paid"] * (rows // 2),
            "many": [f"text {number}" for number in range(rows)],
            "small": [1] * rows,
            "_floodmark_read_at": [READ_AT] * rows,
            "_floodmark_cursor": pa.array(range(rows), pa.timestamp("us", tz="UTC")),
        }
    )
    assert repetitive(table) == ["few", "_floodmark_read_at"]
    group = written(table.to_batches()).metadata.row_group(0)
    having = [
        group.column(at).path_in_schema
        for at in range(group.num_columns)
        if any("DICTIONARY" in encoding for encoding in group.column(at).encodings)
    ]
    assert having == ["few", "_floodmark_read_at"]


def test_files_are_zstd_without_statistics_and_decimals_are_integers() -> None:
    file = written([batch(1, 2)])
    group = file.metadata.row_group(0)
    columns = [group.column(at) for at in range(group.num_columns)]
    assert {column.compression for column in columns} == {"ZSTD"}
    assert not any(column.is_stats_set for column in columns)
    assert {column.path_in_schema: column.physical_type for column in columns}["amount"] == "INT64"


def test_small_batches_share_a_row_group_and_large_files_have_several() -> None:
    assert written([batch(number) for number in range(50)]).num_row_groups == 1
    each = noise(2000)
    file = written([each] * 10, row_group=3 * each.nbytes)
    assert file.num_row_groups == 4
    assert file.read().num_rows == 20_000


def test_columns_of_an_extension_type_are_refused() -> None:
    schema = SCHEMA.append(pa.field("u", pa.uuid()))
    with pytest.raises(ValueError, match="extension type can't be staged: u"):
        ParquetFile(io.BytesIO(), schema)
