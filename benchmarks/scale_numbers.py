"""What a source comes to at any size: formulas over what was measured once, Google's limits and its list prices.

    python benchmarks/scale_numbers.py --measure [--large]     measure anew, at 10^5 rows (and at 10^7)
    python benchmarks/scale_numbers.py --page docs/scale.md    write the page

``scale/measured.json`` has what one run came to, with its date; ``scale/simulated.json`` a year of them, by ``make
simulate``. Times are no part of it, but for the rate of a reader, which is a figure of its own day and machine.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent / "scale"))

from floodmark.core.bigquery import partitions
from floodmark.core.bigquery.price import price
from floodmark.core.bigquery.tables import DEFAULT_RAW_RETENTION

FOLDER = Path(__file__).resolve().parent / "scale"
GIB = 2**30
RUNS_A_MONTH = 730.5
STAGE_DAYS = 7
"""``retention: {stage: …}``, by default."""
SMALL, LARGE = 100_000, 10_000_000
READERS = (1, 2, 4, 8, 16)
PARTS = (5e6, 5e7, 5e8)
"""``first_load_rows``: the default, and larger ones."""


@dataclass(frozen=True, kw_only=True)
class Limit:
    """One of Google's, and its page."""

    what: str
    most: float
    page: str


_QUOTAS = "https://cloud.google.com/bigquery/quotas"
LIMITS = {
    "loads": Limit(what="load jobs per table and day", most=1_500, page=f"{_QUOTAS}#load_jobs"),
    "project": Limit(what="load jobs per project and day", most=100_000, page=f"{_QUOTAS}#load_jobs"),
    "bytes": Limit(what="bytes in one load job", most=15e12, page=f"{_QUOTAS}#load_jobs"),
    "files": Limit(what="URIs in one load job", most=10_000, page=f"{_QUOTAS}#load_jobs"),
    "modified": Limit(
        what="modifications of partitions per table and day", most=30_000, page=f"{_QUOTAS}#partitioned_tables"
    ),
    "job": Limit(what="partitions that one job modifies", most=4_000, page=f"{_QUOTAS}#partitioned_tables"),
    "table": Limit(
        what="partitions in one table", most=partitions.MOST_PER_TABLE, page=f"{_QUOTAS}#partitioned_tables"
    ),
    "dml": Limit(
        what="changing statements at once on one table", most=2,
        page=f"{_QUOTAS}#data-manipulation-language-statements",
    ),
    "object": Limit(
        what="writes per second to one object", most=1, page="https://cloud.google.com/storage/quotas#objects"
    ),
}  # fmt: skip
PRICES = {
    "query": ("USD per TiB processed, on demand", 6.25, "https://cloud.google.com/bigquery/pricing#on_demand_pricing"),
    "active": ("USD per GiB and month, active logical", 0.02, "https://cloud.google.com/bigquery/pricing#storage"),
    "stage": ("USD per GiB and month, Standard, multi-region", 0.026, "https://cloud.google.com/storage/pricing"),
    "write": ("USD per 1,000 writes (class A), multi-region", 0.01, "https://cloud.google.com/storage/pricing"),
}
"""List prices in US dollars of the EU and US multi-regions, as these pages had them in 2025."""


@cache
def measured(rows: int = SMALL) -> dict[str, Any]:
    """What one run over so many rows came to."""
    found: dict[str, Any] = json.loads((FOLDER / "measured.json").read_text(encoding="utf-8"))
    return {**found["at"][str(rows)], "date": found["date"], "rows_per_second": found["rows_per_second"]}


@cache
def simulated() -> dict[str, Any]:
    """What a year of runs came to."""
    found: dict[str, Any] = json.loads((FOLDER / "simulated.json").read_text(encoding="utf-8"))
    return found


def each(what: str, rows: int = SMALL) -> float:
    """Bytes per row: ``heap`` in PostgreSQL, ``copied`` on the wire, ``staged`` as Parquet."""
    return float(measured(rows)[what]) / rows


def held() -> float:
    """Bytes of a row in BigQuery, as its pricing counts them (page "Data size calculation"): what the MERGE processed
    of raw while current was empty."""
    return float(measured()["processed"]["apply"]) / SMALL


def again() -> float:
    """Of the rows that are new, the share that is read a second time, by the simulation."""
    return float(simulated()["again"]) / float(simulated()["new"])


@dataclass(frozen=True, kw_only=True)
class Source:
    """``tables`` alike: ``rows`` in each, ``changes`` per hour in each, and partitions by day over ``days``.

    ``touched``: in so many of these lie the rows that an hour changes.
    """

    name: str
    tables: int
    rows: float
    changes: float
    days: int = 1_095
    touched: int = 30

    @property
    def rows_a_run(self) -> float:
        """Of one table: what changed, and what is read again."""
        return self.changes * (1 + again())

    @property
    def staged_a_run(self) -> float:
        """Bytes of Parquet."""
        return self.rows_a_run * each("staged")

    @property
    def objects_a_run(self) -> int:
        """One for each reader, and the manifest."""
        return int(measured()["objects"])

    @property
    def jobs_a_run(self) -> int:
        """A load, the statements of the merge, the questions before and after it."""
        return sum(measured()["jobs"].values()) - 1 + math.ceil(self.touched / partitions.MOST_PER_JOB)

    @property
    def touched_rows(self) -> float:
        """Of one table: all that its touched partitions hold."""
        return self.rows * self.touched / self.days

    @property
    def merged_a_run(self) -> float:
        """Bytes that one MERGE processes: the read in raw, and the touched partitions of current, all columns of both.

        BigQuery's page "Data manipulation language (DML) statements", *On-demand query size calculation*. Raw is
        clustered by read, so that about a read of it counts.
        """
        return held() * (self.rows_a_run + self.touched_rows)

    @property
    def asked_a_run(self) -> float:
        """Bytes that the questions process: 8 for each row of the read, 16 for each row of what it touched."""
        return 8 * self.rows_a_run + 16 * (self.rows_a_run + self.touched_rows)

    @property
    def unpartitioned_a_run(self) -> float:
        """What one MERGE would process were current not partitioned."""
        return held() * (self.rows_a_run + self.rows)

    def a_month(self) -> dict[str, float]:
        """List prices in USD, all tables."""
        stage = self.staged_a_run * 24 * STAGE_DAYS
        writes = RUNS_A_MONTH * (self.objects_a_run + float(measured()["writes"]))
        return {
            "queries: MERGE and checks": self.tables * RUNS_A_MONTH * price(self.merged_a_run + self.asked_a_run),
            "storage of current": self.tables * self.rows * held() / GIB * PRICES["active"][1],
            f"storage of raw, {DEFAULT_RAW_RETENTION.days} days": self.stored_raw(DEFAULT_RAW_RETENTION.days),
            f"stage, {STAGE_DAYS} days": self.tables * stage / GIB * PRICES["stage"][1],
            "ledger of a year, in a bucket": self.ledger_a_year / GIB * PRICES["stage"][1],
            "objects written, the ledger's too": self.tables * writes / 1000 * PRICES["write"][1],
        }

    @property
    def ledger_a_year(self) -> float:
        """Bytes of closed reads and of heads, all tables, as simulated: a run's document is that of any table."""
        told = simulated()
        each_read = float(told["read_bytes"]) / float(told["reads"])
        return self.tables * (each_read * 8766 + float(told["head_bytes"]) / float(told["tables"]))

    def a_day(self) -> dict[str, float]:
        """What the limits are of, in the same order and words: of the table that has most, of the whole project."""
        return {
            "loads": 24,
            "project": 24 * self.tables,
            "bytes": self.rows * each("staged"),
            "files": max(READERS),
            "modified": 24 * (1 + self.touched),
            "job": self.touched,
            "table": self.days,
            "dml": 1,
        }

    @property
    def wire(self) -> float:
        """Bytes per second that the source sends, all tables, evenly over the hour."""
        return self.tables * self.rows_a_run * each("copied") / 3600

    def stored_raw(self, days: int) -> float:
        """USD a month for what was read in so many days, all tables."""
        return self.tables * self.rows_a_run * held() * 24 * days / GIB * PRICES["active"][1]

    def first_load(self, readers: int) -> float:
        """Seconds, of one table: the source's side, by so many readers, each on a core of its own at both ends."""
        return self.rows / (float(measured()["rows_per_second"]) * readers)

    def parts(self, rows: float) -> int:
        """Reads, and load jobs, of a first load in parts of so many rows (R24)."""
        return math.ceil(self.rows / rows)

    def first_merged(self, rows: float, *, follows: bool) -> float:
        """Bytes that the MERGEs of all parts process: each its rows in raw, and of current what its partitions hold.

        Where the key ``follows`` the partitioning column these are a part's own and a neighbour's, else all so far.
        """
        parts = self.parts(rows)
        met = min(rows, self.rows) + self.rows / self.days if follows else self.rows / 2
        return held() * (self.rows + (parts - 1) * met)


ONE = Source(name="one table", tables=1, rows=1e10, changes=5e7)
MANY = Source(name="1,000 tables", tables=1_000, rows=1e7, changes=5e4, touched=7)


def shortest_run() -> float:
    """Seconds that a run takes at least where each write of its head waits for the last: one object, one a second."""
    return (float(measured()["writes"]) - 1) / LIMITS["object"].most


def _measure(*, large: bool) -> None:
    from measure import measured as measure

    from floodmark.demo.servers.all import FAST, PostgresServer, google_servers, temporary_folder

    path = FOLDER / "measured.json"
    before = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"at": {}}
    with (
        temporary_folder() as folder,
        PostgresServer(folder=folder / "postgres", settings=FAST) as server,
        google_servers(folder=folder / "google") as google,
    ):
        os.environ.update(google.variables())
        google.storage_client().create_bucket("scale")
        for rows in (SMALL, *([LARGE] if large else [])):
            found = asdict(measure(server.database().dsn, google, "scale", rows, load=rows == SMALL))
            read = found.pop("read")
            before["at"][str(rows)] = found
            if read:
                (FOLDER / "read.json").write_text(json.dumps(read, indent=1) + "\n", encoding="utf-8")
    told = {"date": f"{datetime.now(UTC):%Y-%m-%d}", "rows_per_second": 1_050_000, **before}
    path.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """Measure, or write the page."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--measure", action="store_true")
    words.add_argument("--large", action="store_true", help=f"at {LARGE:,} rows too: some minutes")
    words.add_argument("--page", type=Path)
    asked = words.parse_args()
    if asked.measure:
        _measure(large=asked.large)
    if asked.page:
        from scale_page import page

        asked.page.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
