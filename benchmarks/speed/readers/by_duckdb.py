"""DuckDB's postgres scanner to Parquet. The extension comes from the package of its own: nothing is fetched."""

from pathlib import Path

import duckdb
import duckdb_extension_postgres_scanner
from slice_query import query

SETTINGS = {"extension_directory": str(Path.cwd() / "extensions")}


def _install() -> None:
    """As it is done once on a machine, so it isn't part of a read."""
    [extension] = Path(duckdb_extension_postgres_scanner.__file__).parent.rglob("postgres_scanner.duckdb_extension")
    with duckdb.connect(config=SETTINGS) as database:
        database.execute(f"INSTALL '{extension}'")


_install()


def read(argument: str, dsn: str, table: str, folder: Path) -> int:
    """With as many threads as the argument says."""
    with duckdb.connect(config={**SETTINGS, "threads": int(argument)}) as database:
        database.execute("LOAD postgres_scanner")
        database.execute(f"ATTACH '{dsn}' AS source (TYPE postgres, READ_ONLY)")
        select = query(table, "source.public")
        file = folder / "rows.parquet"
        [rows] = database.execute(f"COPY ({select}) TO '{file}' (FORMAT parquet, COMPRESSION zstd)").fetchone()
    return rows
