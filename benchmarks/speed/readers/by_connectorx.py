"""connectorx to an Arrow table, which is then written: it knows no other way."""

from pathlib import Path

import connectorx
import pyarrow.parquet
from slice_query import query


def read(argument: str, dsn: str, table: str, folder: Path) -> int:
    """Its binary protocol, the whole table in memory."""
    found = connectorx.read_sql(dsn, query(table), return_type="arrow")
    pyarrow.parquet.write_table(found, folder / "rows.parquet", compression="zstd")
    return found.num_rows
