"""A source of many tables under live writers: its DAGs, who holds its leases, and what became of its rows."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import psycopg2
import yaml

from floodmark.adapters.ledger import open_ledger
from floodmark.core.ledger.head import Head
from floodmark.core.ledger.read import State
from floodmark.core.ports import Ledger
from tests.schedulers.sessions import Sessions
from tests.schedulers.shop import Shop, iso

CREATE = """
CREATE TABLE {place} (id bigserial PRIMARY KEY, note text, updated_at timestamptz NOT NULL DEFAULT now());
CREATE INDEX ON {place} (updated_at);
INSERT INTO {place} (note, updated_at) SELECT 'n' || n, '{start}'::timestamptz + n * interval '1 second'
FROM generate_series(0, 59) n;
"""


@dataclass(frozen=True, kw_only=True)
class Plant(Shop):
    """The source ``name`` of some tables. ``place`` is its ledger's, as YAML has it; ``kept`` how to open it here."""

    tables: int
    batch: bool
    place: Any
    kept: Any

    @property
    def names(self) -> list[str]:
        """Its tables."""
        return [f"t{number:03}" for number in range(self.tables)]

    def create(self, **keys: Any) -> None:
        """Make its tables, each with a minute of rows, and its YAML."""
        self.sql(f"CREATE SCHEMA {self.name}")
        for table in self.names:
            self.sql(CREATE.format(place=f"{self.name}.{table}", start=iso(0, self.start)))
        document = {
            "version": 1, "source": self.name, "connection": "shop_db", "stage": f"gs://{self.bucket}/floodmark",
            "ledger": self.place, "batch": self.batch,
            "bigquery": {"project": self.datasets.project, "location": "EU", "dataset": self.datasets.current},
            "start": iso(0, self.start), "catchup": "span", "alert": "none", "defaults": {"settle": "1s", "retries": 9},
            "tables": {table: {"from": f"{self.name}.{table}"} for table in self.names},
        } | keys  # fmt: skip
        self.put(self.yaml, yaml.safe_dump(document, sort_keys=False))

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger that the tasks write."""
        return self.kept()

    def heads(self) -> Sequence[Head]:
        """Of all tables."""
        return self.ledger.heads([self.target(table) for table in self.names])

    def working(self, task: str, *, loading: bool = False) -> int:
        """The process of a task that holds a lease of its tables now, ``loading`` past staging; 0: there is none."""
        for head in self.heads():
            staged = head.open is not None and head.open.state in (State.STAGED, State.LOADED)
            if f".{task}/" in head.holder and (staged or not loading):
                return int(head.holder.rpartition(":")[2])
        return 0

    def uneasy(self) -> list[str]:
        """What of its tables is open, held or blocked."""
        return [f"{head.target}: open {head.open and head.open.read_at}, held by {head.holder!r}, error {head.error!r}"
                for head in self.heads() if head.open or head.holder or head.error]  # fmt: skip

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Its tables can't be read meanwhile: whoever begins to read one has its lease, and waits."""
        with contextlib.closing(psycopg2.connect(self.database.dsn)) as connection, connection.cursor() as cursor:
            for table in self.names:
                cursor.execute(f"LOCK TABLE {self.name}.{table} IN ACCESS EXCLUSIVE MODE")
            yield
            connection.rollback()


def kept(place: str, storage: Any = None) -> Ledger:
    """A ledger at a URL or in a bucket, which tasks make."""
    return open_ledger(place, storage=storage) if storage is not None else open_ledger(place)


class Writers(Sessions):
    """Two sessions that insert into and update tables of some plants, until the end of a ``with``.

    ``done`` counts the transactions.
    """

    def __init__(self, *plants: Plant) -> None:
        self._plants = plants
        super().__init__("writers", plants[0].database.dsn, [self._write, self._write])

    def _write(self, connection: Any, dice: random.Random) -> None:
        """A pause, then one transaction over a few tables; one in ten stays open for a while, one in ten is undone."""
        self._ending.wait(dice.expovariate(4))
        plant = dice.choice(self._plants)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '200ms'")
            try:
                for table in dice.sample(plant.names, k=2):
                    place = f"{plant.name}.{table}"
                    cursor.execute(f"INSERT INTO {place} (note) SELECT 'new' FROM generate_series(1, 3)")
                    cursor.execute(
                        f"UPDATE {place} SET note = note || '+', updated_at = now() WHERE id IN "
                        f"(SELECT id FROM {place} WHERE id >= %s ORDER BY id LIMIT 2 FOR UPDATE SKIP LOCKED)",
                        (dice.randrange(1, 60),),
                    )
                if dice.random() < 0.1:
                    self._ending.wait(dice.uniform(1, 10))
            except psycopg2.errors.LockNotAvailable:
                connection.rollback()
                return
        connection.rollback() if dice.random() < 0.1 else connection.commit()
        self.done["transactions"] += 1
