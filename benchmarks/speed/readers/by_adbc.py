"""ADBC to Parquet as its documentation has it, nothing tuned: one thread, batches as they come, zstd."""

from pathlib import Path

import adbc_driver_postgresql.dbapi
import pyarrow.parquet
from slice_query import query


def read(argument: str, dsn: str, table: str, folder: Path) -> int:
    """Batch by batch."""
    rows = 0
    with adbc_driver_postgresql.dbapi.connect(dsn) as connection, connection.cursor() as cursor:
        cursor.execute(query(table))
        reader = cursor.fetch_record_batch()
        with pyarrow.parquet.ParquetWriter(folder / "rows.parquet", reader.schema, compression="zstd") as writer:
            for batch in reader:
                writer.write_batch(batch)
                rows += batch.num_rows
    return rows
