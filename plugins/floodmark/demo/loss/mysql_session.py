"""The shop's transactions in the words of MySQL and MariaDB."""

from __future__ import annotations

import itertools
import time
from typing import Any

import pymysql
from pymysql.constants import CLIENT

from floodmark.core import sql
from floodmark.demo.databases import ask
from floodmark.demo.loss.transactions import Session
from floodmark.demo.servers.mariadb import by_dsn

NEWEST, CHOOSE = "SELECT MAX(id) FROM orders", sql.source("demo/loss_mysql_choose.sql")
UPDATE, CALL = sql.source("demo/loss_mysql_update.sql"), "CALL order_twice(%s, %s, %s, %s, %s)"
INSERT, ROW, SLOW_ROW = "INSERT INTO orders (version, note) VALUES", "(%s, %s)", "(%s, IF(SLEEP(%s), '', %s))"
WRITES_EACH, ROWS_EACH = 10**6, 10**7
"""No session ever writes so often, and no table gets so many rows: every write has versions of its own."""


class MySQLSession(Session):
    """Every ``updated_at`` is that of its statement's start, which a statement that waits leaves behind it.

    Read committed, since else the gaps between rows would be locked, and everybody would wait for the long ones.
    """

    refusal = pymysql.err.MySQLError

    def __init__(self, dsn: str, number: int, seed: int) -> None:
        super().__init__(number, seed)
        self._connection = by_dsn(dsn).connect(client_flag=CLIENT.MULTI_STATEMENTS)
        self._versions = itertools.count(number * WRITES_EACH * ROWS_EACH, ROWS_EACH)
        self.run("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")

    def run(self, statement: str, *values: Any) -> int:
        """Run one message; its statements' other results are thrown away."""
        with self._connection.cursor() as cursor:
            cursor.execute(statement, values or None)
            while cursor.nextset():
                pass
            return max(0, int(cursor.rowcount))

    def begin(self, name: str) -> None:
        """Begin; sessions have no names here."""
        self.run("BEGIN")

    def insert(self, rows: int) -> int:
        """New rows."""
        return self.run(self._inserting(rows), *self._values(rows))

    def begin_long(self, rows: int) -> int:
        """New ones, half of the time by a statement that waits before its first row: its time lies before its
        transaction's start. And changed ones, since those changed at its end are visible at once.
        """
        statement, values = self._inserting(rows), self._values(rows)
        if self.chance.random() < 0.5:
            statement = f"{INSERT} {', '.join([SLOW_ROW, *[ROW] * (rows - 1)])}"
            values.insert(1, self.spell() / 2)
        return self.run(statement, *values) + self.update(2)

    def update(self, rows: int) -> int:
        """New versions."""
        [[newest]] = ask(self._connection, NEWEST)
        wanted = [self.chance.randint(1, newest) for _ in range(rows)] if newest else []
        chosen = [id_ for (id_,) in ask(self._connection, CHOOSE, wanted)] if wanted else []
        return self.run(UPDATE, next(self._versions), self.note(), chosen) if chosen else 0

    def send_two(self) -> int:
        """Half of them by a procedure; elsewhere each statement has the time at which it began itself."""
        spell = self.spell() / 2
        if self.chance.random() < 0.5:
            statement = CALL
        else:
            statement = f"BEGIN; {self._inserting(1)}; COMMIT; DO SLEEP(%s); BEGIN; {self._inserting(1)}; COMMIT"
        self.run(statement, *self._values(1), spell, *self._values(1))
        return 2

    def prepare(self, rows: int) -> int:
        """XA PREPARE, and XA COMMIT later."""
        spell, name = self.spell() / 2, self.name()
        self.run("XA START %s", name)
        written = self.insert(rows)
        time.sleep(spell / 2)
        self.run("XA END %s", name)
        self.run("XA PREPARE %s", name)
        time.sleep(spell / 2)
        self.run("XA COMMIT %s", name)
        return written

    def _inserting(self, rows: int) -> str:
        return f"{INSERT} {', '.join([ROW] * rows)}"

    def _values(self, rows: int) -> list[Any]:
        return [value for _ in range(rows) for value in (next(self._versions), self.note())]
