"""The shop's transactions in PostgreSQL's words."""

from __future__ import annotations

import time
from typing import Any

import psycopg2

from floodmark.core import sql
from floodmark.demo.loss.transactions import Session

INSERT = sql.source("demo/loss_insert.sql")
UPDATE = sql.source("demo/loss_update.sql")


class PostgresSession(Session):
    """Every ``updated_at`` is ``now()``, the time at which its transaction began."""

    refusal = psycopg2.Error

    def __init__(self, dsn: str, number: int, seed: int) -> None:
        super().__init__(number, seed)
        self._connection = psycopg2.connect(dsn)
        self._connection.autocommit = True

    def run(self, statement: str, *values: Any) -> int:
        """Run one message."""
        with self._connection.cursor() as cursor:
            cursor.execute(statement, values or None)
            return max(0, int(cursor.rowcount))

    def begin(self, name: str) -> None:
        """Begin under an application's name."""
        self.run("SELECT set_config('application_name', %s, false)", name)
        self.run("BEGIN")

    def insert(self, rows: int) -> int:
        """New rows."""
        return self.run(INSERT, self.note(), rows)

    def begin_long(self, rows: int) -> int:
        """New ones: those that it changes later have the same cursor, the transaction's start."""
        return self.insert(rows)

    def update(self, rows: int) -> int:
        """New versions."""
        return self.run(UPDATE, self.note(), rows)

    def send_two(self) -> int:
        """In both, ``now()`` is the moment at which the message came."""
        note = "of one message"
        script = f"BEGIN; {INSERT}; COMMIT; SELECT pg_sleep(%s); BEGIN; {INSERT}; COMMIT"
        self.run("SELECT set_config('application_name', %s, false)", "shop: script")
        self.run(script, note, 2, self.spell() / 2, note, 2)
        return 4

    def prepare(self, rows: int) -> int:
        """PREPARE TRANSACTION, and COMMIT PREPARED later."""
        spell, name = self.spell() / 2, self.name()
        self.begin("shop: payment")
        written = self.insert(rows)
        time.sleep(spell / 2)
        self.run("PREPARE TRANSACTION %s", name)
        time.sleep(spell / 2)
        self.run("COMMIT PREPARED %s", name)
        return written
