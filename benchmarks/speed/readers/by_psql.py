"""COPY by PostgreSQL's own client, thrown away as it comes. The argument is its path and the format, by a comma."""

import os
import subprocess
from pathlib import Path

from slice_query import query


def read(argument: str, dsn: str, table: str, folder: Path) -> None:
    """psql tells no count: where its output goes, goes its count."""
    psql, _, kind = argument.partition(",")
    copy = f"COPY ({query(table)}) TO STDOUT (FORMAT {kind})"
    subprocess.run([psql, "-X", "-q", "-o", os.devnull, "-c", copy, dsn], check=True)
