"""dlt's incremental cursor, as its documentation shows it: sql_database -> merge -> DuckDB. Runs in dlt's environment.

    python dlt_worker.py SOURCE_URL FOLDER LAG_SECONDS

``LAG_SECONDS`` is ``-`` for none. A line ``run`` on standard input makes one run and is answered by ``ran``; a line
``rows`` is answered by one JSON document: the target's rows, the rows that the source returned, and how many of them
it had returned before in that very version. Standard input's end ends it.
"""

import json
import os
import sys
from collections import Counter
from typing import Any

os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
os.environ["RUNTIME__LOG_LEVEL"] = "ERROR"

import dlt
import duckdb
from dlt.sources.sql_database import sql_table

seen: Counter[int] = Counter()


def note(row: dict[str, Any]) -> dict[str, Any]:
    """Count a row as it comes from the database, before dlt's own filter of rows that it knows."""
    seen[row["version"]] += 1
    return row


def run(pipeline: dlt.Pipeline, source: str, lag: float | None) -> None:
    """One run: everything at or after the last cursor seen, less the lag, merged by key."""
    orders = sql_table(
        credentials=source,
        table="orders",
        incremental=dlt.sources.incremental("updated_at", lag=lag),
        primary_key="id",
        write_disposition="merge",
    )
    orders.add_map(note, insert_at=1)
    pipeline.run(orders)


def rows(file: str, dataset: str) -> list[Any]:
    """The target's rows."""
    with duckdb.connect(file) as connection:
        return connection.execute(f'SELECT id, version FROM "{dataset}".orders').fetchall()


def main() -> None:
    """Answer lines until there are no more."""
    source, folder, lag = sys.argv[1:]
    file = f"{folder}/target.duckdb"
    pipeline = dlt.pipeline(
        "loss",
        pipelines_dir=f"{folder}/pipelines",
        destination=dlt.destinations.duckdb(file),
        dataset_name="shop",
    )
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # whatever prints, prints to the log
    print("ready", file=answers)
    for line in sys.stdin:
        if line.strip() == "run":
            run(pipeline, source, None if lag == "-" else float(lag))
            print("ran", file=answers)
        else:
            read = seen.total()
            print(json.dumps({"rows": rows(file, "shop"), "read": read, "again": read - len(seen)}), file=answers)


main()
