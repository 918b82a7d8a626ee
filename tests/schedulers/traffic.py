"""What an application does to a shop's tables while they are synced: short transactions, and some that end late.

Every row's cursor is ``now()``, the start of its transaction. Rows that others hold are passed over, so nobody waits.
"""

from __future__ import annotations

import contextlib
import itertools
import random
import time
from collections.abc import Iterator

import psycopg2.extensions

from tests.schedulers.sessions import Sessions
from tests.schedulers.shop import Shop

EDGE = 60.0
"""Seconds between two ends of the narrowest slices; every hour's end is one of them."""

INSERT = """
INSERT INTO {table} SELECT n, 'new', {more}now() FROM unnest(%s) n
"""
MOVE = """
UPDATE {table} SET note = note || '+', updated_at = now()
WHERE id IN (SELECT id FROM {table} WHERE id >= %s ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
"""
ROWS = {"orders": 60, "items": 6}
"""Rows that an hour of the history has."""


class Traffic(Sessions):
    """Several sessions that write until the end of a ``with``; then all is committed.

    ``done`` counts: transactions, rollbacks, prepared ones, and the ``late``, which committed after an edge before
    which they began.
    """

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._ids = itertools.count(10_000_000)
        deeds = [self._short, self._short, self._dawdle, self._dawdle, self._prepare]
        super().__init__("traffic", shop.database.dsn, deeds)

    def _short(self, connection: psycopg2.extensions.connection, dice: random.Random) -> None:
        """New rows, which share their cursor, or old ones that move into the running slice; one in ten is undone."""
        with self._transaction(connection, undone=dice.random() < 0.1) as cursor:
            self._change(cursor, dice)
        self._ending.wait(dice.expovariate(2.0))

    def _dawdle(self, connection: psycopg2.extensions.connection, dice: random.Random) -> None:
        """Begin shortly before an edge, commit a good while after it."""
        edge = (time.time() // EDGE + 1) * EDGE
        if self._ending.wait(max(0.0, edge - dice.uniform(0.5, 10) - time.time())):
            return
        with self._transaction(connection, undone=dice.random() < 0.2) as cursor:
            self._change(cursor, dice)
            self._ending.wait(max(0.0, edge - time.time()) + dice.uniform(1, 25))
            self._change(cursor, dice)

    def _prepare(self, connection: psycopg2.extensions.connection, dice: random.Random) -> None:
        """A transaction of two phases, with a pause between them."""
        name = f"{self._shop.name}_{next(self._ids)}"
        with connection.cursor() as cursor:
            self._change(cursor, dice)
            cursor.execute("PREPARE TRANSACTION %s", (name,))
        connection.rollback()  # psycopg2 believes itself still in it
        self._ending.wait(dice.uniform(0.5, 5))
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("COMMIT PREPARED %s", (name,))
        connection.autocommit = False
        self.done["prepared"] += 1
        self._ending.wait(dice.uniform(5, 30))

    def _change(self, cursor: psycopg2.extensions.cursor, dice: random.Random) -> None:
        """Of either table, something new or something old."""
        table = dice.choice(list(ROWS))
        place = f"{self._shop.name}.{table}"
        if dice.random() < 0.5:
            ids = [next(self._ids) for _ in range(dice.randint(1, 4))]
            cursor.execute(INSERT.format(table=place, more="n / 7.0, " if table == "orders" else ""), (ids,))
        else:
            last = max(1, ROWS[table] * self._shop.hours)
            cursor.execute(MOVE.format(table=place), (dice.randrange(last), dice.randint(1, 4)))

    @contextlib.contextmanager
    def _transaction(
        self, connection: psycopg2.extensions.connection, *, undone: bool
    ) -> Iterator[psycopg2.extensions.cursor]:
        """Committed or undone at the end, and counted."""
        began = time.time()
        with connection.cursor() as cursor:
            yield cursor
        connection.rollback() if undone else connection.commit()
        self.done["rollbacks" if undone else "transactions"] += 1
        self.done["late"] += not undone and time.time() // EDGE > began // EDGE
