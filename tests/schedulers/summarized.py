"""Summaries beside a shop: run by the events of its tables, by the scheduler alone; on 2 and on 3 alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from google.cloud.bigquery import QueryJobConfig

from tests.schedulers.runs import Run, Runs
from tests.schedulers.shop import Shop
from tests.schedulers.source import until

ORDERS = (
    "SELECT TIMESTAMP_TRUNC(updated_at, HOUR) AS hour, COUNT(*) AS n, SUM(amount) AS amount FROM orders GROUP BY hour"
)
ITEMS = "SELECT TIMESTAMP_TRUNC(updated_at, HOUR) AS hour, COUNT(*) AS n FROM items GROUP BY hour"
BOTH = "SELECT o.hour, o.n + i.n AS n FROM {orders} AS o JOIN {items} AS i ON i.hour = o.hour"


@dataclass(frozen=True, kw_only=True)
class Summarized:
    """A shop with a summary of each table, and one of both; ``kind`` is what this Airflow calls a run by events."""

    shop: Shop
    runs: Runs
    kind: str

    @property
    def dag(self) -> str:
        """Their DAG."""
        return f"{self.shop.name}__summaries"

    def create(self) -> None:
        """The shop, which has had no run, and its summaries."""
        folder = self.shop.yaml.parent / "summaries"
        folder.mkdir(parents=True, exist_ok=True)
        for name, query in self._queries.items():
            header = f"/* floodmark\nsource: {self.shop.name}\nkeys: hour\nrequire_rows: true\n*/\n"
            (folder / f"{name}.sql").write_text(header + query, encoding="utf-8")
        self.shop.create(catchup="span")

    def current(self, evidence: Callable[[], str]) -> list[Run]:
        """Wait until each is built of what its tables are by now; the runs that did it. Each equals its query."""
        behind = self._behind
        until(f"runs of {self.dag}", lambda: not behind(), 150, lambda: f"{behind()}\n{evidence()}", every=0.5)
        for name, query in self._queries.items():
            there = self._rows(f"SELECT * FROM {name}")
            assert there == self._rows(query)
            assert there
        return self.runs.ended_well(self.dag, self.kind)

    def builds(self, what: str) -> int:
        """How often one was built: of ``orders``, ``items`` or ``both``."""
        return len(self.shop.reads(f"{self.shop.name}_{what}"))

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        place = f"{self.shop.datasets.project}.{self.shop.datasets.current}"
        config = QueryJobConfig(default_dataset=place)
        rows = self.shop.google.bigquery_client().query(f"{query} ORDER BY hour", job_config=config, location="EU")
        return [tuple(row.values()) for row in rows.result()]

    @property
    def _queries(self) -> dict[str, str]:
        orders, items = f"{self.shop.name}_orders", f"{self.shop.name}_items"
        both = BOTH.format(orders=orders, items=items)
        return {orders: ORDERS, items: ITEMS, f"{self.shop.name}_both": both}

    def _behind(self) -> list[str]:
        """What is still to come: runs that go on, summaries of older reads than their tables' last ones."""
        going = [run.id for run in self.runs.of(self.dag, self.kind) if not run.over]
        return going + [name for name in self._queries if not self._is_current(name)]

    def _is_current(self, name: str) -> bool:
        last = self.shop.head(name).last
        inputs = last.portion.inputs if last else ()
        return bool(inputs) and all(one.read_at == self._read_at(one.target) for one in inputs)

    def _read_at(self, target: str) -> object:
        last = self.shop.ledger.head(target).last
        return last.read_at if last else None
