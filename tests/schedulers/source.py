"""A source of any database, its DAGs on a real Airflow: its file, its ledger, and what became of its rows."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from floodmark.adapters import yaml_file
from floodmark.adapters.ledger import open_ledger
from floodmark.core.config.source import SourceConfig
from floodmark.core.ledger import coverage as coverages
from floodmark.core.ledger.head import Head
from floodmark.core.ledger.read import Read
from floodmark.core.ports import Ledger, Source
from floodmark.demo.compare import Comparison, compare
from floodmark.demo.databases import Place
from floodmark.demo.pairs import Synced, synced
from floodmark.demo.servers.all import GoogleServers
from tests.conftest import Datasets

DAG_FILE = """\
from datetime import timedelta

from floodmark.airflow import dags

made = dags(__file__)
for dag in made.values():
    for task in dag.tasks:  # a minute and more by default
        task.retry_delay, task.retry_exponential_backoff = timedelta(seconds=2), False
globals().update(made)
"""


def until(what: str, condition: Any, within: float, evidence: Any = lambda: "", every: float = 0.1) -> Any:
    """Wait for a condition to hold; what it gave. Fails with ``evidence()`` after ``within`` seconds."""
    deadline = time.monotonic() + within
    while not (found := condition()):
        assert time.monotonic() < deadline, f"{what}: not within {within:.0f} s\n{evidence()}"
        time.sleep(every)
    return found


@dataclass(frozen=True, kw_only=True)
class ScheduledSource:
    """The source ``name`` in ``database``, synced from ``start`` on. ``asked`` is how Floodmark asks that database."""

    name: str
    database: Place
    google: GoogleServers
    datasets: Datasets
    bucket: str
    dags: Path
    state: Path
    start: datetime

    @property
    def asked(self) -> Source:
        """Its port."""
        raise TypeError(f"{type(self).__name__} says nothing of its database")

    @property
    def yaml(self) -> Path:
        """Where its YAML lies."""
        return self.dags / "sources" / f"{self.name}.yml"

    def put(self, file: Path, text: str) -> None:
        """Write a YAML, and the DAG file that reads it."""
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        (self.dags / "floodmark_dags.py").write_text(DAG_FILE, encoding="utf-8")

    def remove(self) -> None:
        """Take it out of Airflow."""
        for file in self.yaml.parent.glob(f"**/{self.name}*"):
            file.unlink()
        self.ledger.close()

    def config(self) -> SourceConfig:
        """The source as it is configured."""
        return yaml_file.load(self.yaml, os.environ)

    def target(self, table: str) -> str:
        """The name of a current table, which is that of its head."""
        return f"{self.datasets.project}.{self.datasets.current}.{table}"

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger that the tasks write."""
        self.state.mkdir(exist_ok=True)
        return open_ledger(f"sqlite:///{self.state}/floodmark.db")

    def head(self, table: str) -> Head:
        """What the ledger knows of a table now."""
        return self.ledger.head(self.target(table))

    def reads(self, table: str) -> tuple[Read, ...]:
        """Every closed read of a table, oldest first."""
        return tuple(self.ledger.reads(self.target(table)))

    def holder(self, table: str, task: str) -> int:
        """The process of ``task`` if it holds the table's lease now, by its name in the ledger; 0 if not."""
        holder = self.head(table).holder
        return int(holder.rpartition(":")[2]) if f"/{table}.{task}/" in holder else 0

    def current(self, table: str) -> list[tuple[Any, ...]]:
        """Rows of the current table, without Floodmark's columns."""
        return self.rows(f"SELECT * EXCEPT (_floodmark_cursor, _floodmark_read_at) FROM `{self.target(table)}`")

    def raw(self, table: str, key: Sequence[str] = ("id",)) -> dict[datetime, int]:
        """Rows in raw by the read that saw them. Fails where a read has a row twice."""
        place = f"`{self.datasets.project}.{self.datasets.raw}.{table}`"
        texts = ", ' ', ".join(f"CAST({name} AS STRING)" for name in key)
        one = key[0] if len(key) == 1 else f"CONCAT({texts})"
        found = self.rows(f"SELECT _floodmark_read_at, COUNT(*), COUNT(DISTINCT {one}) FROM {place} GROUP BY 1")
        assert all(rows == keys for _, rows, keys in found), f"{table}: a read is in raw twice: {found}"
        return {read_at: rows for read_at, rows, _ in found}

    def sealed_up_to(self, table: str) -> datetime:
        """From the start to where the ledger vouches for a table without a gap."""
        return coverages.sealed_up_to(self.head(table).coverage, self.start)

    def unrest(self, tables: Sequence[str]) -> list[str]:
        """What of the tables is open, held or blocked."""
        heads = [(table, self.head(table)) for table in tables]
        return [f"{table}: open {head.open and head.open.read_at}, held by {head.holder!r}, error {head.error!r}"
                for table, head in heads if head.open or head.holder or head.error]  # fmt: skip

    def compared(self) -> Iterator[tuple[Synced, Comparison]]:
        """Each table with how its current is other than its source."""
        for table in synced(self.config(), self.asked, self.ledger, self.yaml.name):
            yield table, compare(self.database.dsn, self.google.bigquery_client(), table.pair)

    def wrong(self, sealed: datetime, compared: Sequence[tuple[Synced, Comparison]]) -> Iterator[str]:
        """What of the ledger's promise doesn't hold, row by row; tables not sealed up to ``sealed``."""
        for table, comparison in compared:
            pair = table.pair
            if not comparison.equal:
                yield str(comparison)
            if pair.cursor and (pair.up_to is None or pair.up_to < sealed):
                yield f"{pair.name} is sealed up to {pair.up_to} only"
            known = {read.read_at: read.rows for read in table.reads if read.rows}
            if (raw := self.raw(pair.table, pair.key or ("id",))) != known:
                yield f"{pair.name}: raw has {raw}, the ledger {known}"

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query in the warehouse, in the order of their first column."""
        rows = self.google.bigquery_client().query(f"{query} ORDER BY 1", location="EU").result()
        return [tuple(row.values()) for row in rows]
