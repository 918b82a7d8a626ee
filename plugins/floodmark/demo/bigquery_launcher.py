"""Run in the servers' own environment: local-bigquery, with one of its faults mended.

BigQuery takes ``dt=.../hr=...`` in an object's name for columns only where a load job asks for it
(``hivePartitioningOptions``); DuckDB, which local-bigquery reads with, guesses so unless it is told not to.
"""

from __future__ import annotations

import sys
from typing import Any

from local_bigquery.cli import main
from local_bigquery.jobs import load

_asked = load._hive


def _hive(config: Any) -> dict[str, Any]:
    return _asked(config) or {"hive_partitioning": "false"}


load._hive = _hive

if __name__ == "__main__":
    sys.exit(main())
