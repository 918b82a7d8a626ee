"""Run in the servers' own environment: local-bigquery, with two of its faults mended.

BigQuery takes ``dt=.../hr=...`` in an object's name for columns only where a load job asks for it
(``hivePartitioningOptions``); DuckDB, which local-bigquery reads with, guesses so unless it is told not to. And two
first loads at once both make DuckDB's secret for the emulated Cloud Storage, of which one fails.
"""

from __future__ import annotations

import sys
import threading
from typing import Any

from local_bigquery.cli import main
from local_bigquery.jobs import load

_asked, _paths, _one = load._hive, load.paths, threading.Lock()


def _hive(config: Any) -> dict[str, Any]:
    return _asked(config) or {"hive_partitioning": "false"}


def _one_at_a_time(cursor: Any, uri: str) -> list[str]:
    with _one:
        found: list[str] = _paths(cursor, uri)
        return found


load._hive, load.paths = _hive, _one_at_a_time

if __name__ == "__main__":
    sys.exit(main())
