"""Record batches into one Parquet file, as BigQuery likes to load it and as fast as it goes.

Measured on 2 M rows: the dictionary of a column with many values is the largest single cost, so only columns of few
values get one; statistics are of no use to a load job.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from floodmark.core.config.names import OURS

if TYPE_CHECKING:
    import pyarrow as pa

ROW_GROUP_BYTES = 8 * 1024 * 1024
"""A row group is closed once so many bytes of Arrow wait for it: the memory that a file takes, whatever its size.

Four times as many take 35 MB more, and make a file 0.1 % smaller (docs/performance.md)."""
PAGE_BYTES = 64 * 1024
"""So many bytes of a column's values are encoded and compressed together; Arrow's own default is 1 MB.

That takes 10 to 16 MB more, and no less time (docs/performance.md)."""
_SAMPLE_ROWS = 10_000
_FEW = 0.1


class Sink(Protocol):
    """Where a file goes."""

    def write(self, data: bytes, /) -> int:
        """Take bytes; how many."""


class ParquetFile:
    """One Parquet file written to ``sink`` as it grows. ``close`` writes the footer; ``sink`` stays open."""

    def __init__(self, sink: Sink, schema: pa.Schema, *, row_group: int = ROW_GROUP_BYTES) -> None:
        """Raises ``ValueError`` where a column has an extension type: BigQuery would load it as BYTES."""
        import pyarrow as pa

        strange = [field.name for field in schema if isinstance(field.type, pa.BaseExtensionType)]
        if strange:
            raise ValueError(f"columns of an extension type can't be staged: {', '.join(strange)}; cast them first")
        self._sink, self._schema, self._row_group = sink, schema, row_group
        self._waiting: list[pa.RecordBatch] = []
        self._bytes = 0
        self._writer: pa.parquet.ParquetWriter | None = None

    def write(self, batch: pa.RecordBatch) -> None:
        """Add a batch; whole row groups go to the sink."""
        self._waiting.append(batch)
        self._bytes += batch.nbytes
        if self._bytes >= self._row_group:
            self._flush()

    def close(self) -> None:
        """Write what waits, and the footer."""
        self._flush()
        if self._writer is not None:
            self._writer.close()

    def _flush(self) -> None:
        import pyarrow as pa

        if not self._waiting:
            return
        group = pa.Table.from_batches(self._waiting, schema=self._schema)
        self._waiting, self._bytes = [], 0
        if self._writer is None:
            self._writer = self._open(group)
        self._writer.write_table(group, row_group_size=group.num_rows)

    def _open(self, first: pa.Table) -> pa.parquet.ParquetWriter:
        import pyarrow.parquet as pq

        return pq.ParquetWriter(
            self._sink,
            self._schema,
            compression="zstd",
            data_page_size=PAGE_BYTES,
            use_dictionary=repetitive(first),
            write_statistics=False,
            store_decimal_as_integer=True,
            store_schema=False,
        )


def repetitive(table: pa.Table) -> list[str]:
    """The columns for which a dictionary pays, judged by the first rows: texts of few values, and Floodmark's own."""
    import pyarrow as pa
    import pyarrow.compute as pc

    head = table.slice(0, _SAMPLE_ROWS)
    names = []
    for field in table.schema:
        texts = pa.types.is_string(field.type) or pa.types.is_binary(field.type) or pa.types.is_large_string(field.type)
        if not texts and not field.name.startswith(OURS):
            continue
        if pc.count_distinct(head[field.name]).as_py() <= max(1, head.num_rows * _FEW):
            names.append(field.name)
    return names
