"""dlt's ``sql_table`` to Parquet files of a folder, as its documentation has it. The argument is the backend."""

import os
from pathlib import Path

import dlt
import pyarrow.parquet
from dlt.destinations import filesystem
from dlt.sources.sql_database import sql_table

os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"


def read(argument: str, dsn: str, table: str, folder: Path) -> int:
    """The whole table: that saves it the condition."""
    url = dsn.replace("postgresql:", "postgresql+psycopg2:", 1)
    extra = {"backend_kwargs": {"return_type": "arrow", "conn": dsn}} if argument == "connectorx" else {}
    resource = sql_table(credentials=url, schema="public", table=table, backend=argument, **extra)
    pipeline = dlt.pipeline(
        "speed",
        pipelines_dir=str(folder.parent / "pipelines"),
        destination=filesystem(bucket_url=folder.as_uri()),
        dataset_name="speed",
    )
    pipeline.run(resource, loader_file_format="parquet")
    files = (folder / "speed" / table).glob("*.parquet")
    return sum(pyarrow.parquet.read_metadata(file).num_rows for file in files)
