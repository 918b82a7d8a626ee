"""The source of the model: one table, several sessions that write to it, and a record of all that was committed.

Every write sets ``updated_at = now()``, as a source must, and takes a ``version`` of its own. A trigger notes each
version in ``<table>_history`` and each key that goes in ``<table>_gone``; both roll back with their transaction.
"""

from __future__ import annotations

import threading
import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import psycopg2
import psycopg2.errors
from psycopg2 import sql

from tests.model.statements import APPEND_ONLY, OPERATIONS, TABLE, TRIGGER, UNSEEN
from tests.model.writer import Writer

KEYS = 6
"""Few, so that transactions meet in the same rows."""
WRITERS = 3
MOST_PREPARED = 2
PATIENCE = 20.0
"""Seconds after which a message that should have ended is a defect of the test."""


@dataclass
class Shop:
    """One table of the source and its sessions. ``kind`` is keyed, partitioned or append."""

    dsn: str
    table: str
    kind: str
    writers: list[Writer] = field(default_factory=list)
    prepared: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    fresh: int = 1000
    rewritten: int = 0
    attached: int = 0

    def __post_init__(self) -> None:
        self.admin = self._connect()
        self.gate = self._connect()
        self.gate_key = zlib.crc32(self.table.encode())
        partitioning = "PARTITION BY RANGE (id)" if self.kind == "partitioned" else ""
        self.do(f"CREATE SEQUENCE {self.table}_versions")
        self.do(TABLE, partitioning=sql.SQL(partitioning))
        if self.kind == "partitioned":
            self.do(f"CREATE TABLE {self.table}_0 PARTITION OF {self.table} FOR VALUES FROM (0) TO (100000)")
        self.do(TRIGGER)
        self.start = self.clock()
        if self.kind == "partitioned":
            self.make_spare()
        self.writers = [Writer(self._connect()) for _ in range(WRITERS)]

    def _connect(self) -> Any:
        connection = psycopg2.connect(self.dsn)
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '100ms'")
        return connection

    def statement(self, text: str, **more: Any) -> sql.Composed:
        """With the table's names in it."""
        return sql.SQL(text).format(
            table=sql.Identifier(self.table),
            history=sql.Identifier(f"{self.table}_history"),
            gone=sql.Identifier(f"{self.table}_gone"),
            function=sql.Identifier(f"{self.table}_noted"),
            sequence=sql.Literal(f"{self.table}_versions"),
            keys=sql.Literal(KEYS),
            **more,
        )

    def do(self, text: str, **more: Any) -> None:
        """As the administrator, committed at once."""
        with self.admin.cursor() as cursor:
            cursor.execute(self.statement(text, **more))

    def ask(self, text: str, **more: Any) -> list[tuple[Any, ...]]:
        """Rows, as the administrator sees them."""
        with self.admin.cursor() as cursor:
            cursor.execute(self.statement(text, **more))
            return list(cursor.fetchall())

    def clock(self) -> datetime:
        """The database's clock."""
        return self.ask("SELECT clock_timestamp()")[0][0]

    def birth(self, key: int) -> datetime:
        """When a row was born, which for a key is always the same: its current table is cut by that (R20)."""
        return self.start - timedelta(days=key % 3)

    def transact(self, who: int, operations: Sequence[tuple[str, int]]) -> None:
        """Go on with the writer's transaction, or begin one. What the server refuses rolls it back."""
        writer = self.writers[who]
        try:
            if not writer.open:
                writer.run("BEGIN")
                writer.open, writer.savepoint = True, False
            for name, key in operations:
                self._operate(writer, name, key)
        except psycopg2.errors.LockNotAvailable:
            self.end(who, "ROLLBACK")

    def _operate(self, writer: Writer, name: str, key: int) -> None:
        if name == "back" and not writer.savepoint:
            return
        writer.savepoint |= name == "savepoint"
        if self.kind == "append":
            if name not in APPEND_ONLY:
                return
            self.fresh += 1
            key = self.fresh
        writer.run(self.statement(OPERATIONS[name]), {"id": key, "birth": self.birth(key)})

    def end(self, who: int, how: str) -> None:
        """COMMIT, ROLLBACK, or PREPARE TRANSACTION under a name of its own."""
        writer = self.writers[who]
        if how == "PREPARE" and len(self.prepared) < MOST_PREPARED:
            self.fresh += 1
            gid = f"{self.table}_{self.fresh}"
            writer.run("PREPARE TRANSACTION %s", (gid,))
            self.prepared.append(gid)
        else:
            writer.run("COMMIT" if how == "PREPARE" else how)
        writer.open = False

    def end_prepared(self, how: str) -> None:
        """COMMIT or ROLLBACK the oldest of two phases."""
        gid = self.prepared.pop(0)
        with self.admin.cursor() as cursor:
            cursor.execute(f"{how} PREPARED %s", (gid,))

    def begin_message(self, who: int, key: int) -> None:
        """Two transactions in one message: the first commits, the second waits at a gate before it begins to write.

        In both, now() is the moment at which the message came.
        """
        with self.gate.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", (self.gate_key,))
        self.fresh += 2
        first, second = (self.fresh - 1, self.fresh) if self.kind == "append" else (key, key % KEYS + 1)
        write = (
            "INSERT INTO {table} (id, note, amount) VALUES ({id}, 'of one message', 1)"
            if self.kind == "append"
            else "INSERT INTO {table} AS t (id, note, created_at) VALUES ({id}, 'of one message', {birth}) "
            "ON CONFLICT (id) DO UPDATE SET updated_at = now(), version = excluded.version, "
            "amount = coalesce(t.amount, 0) + 10"
        )

        def written(key: int) -> sql.Composed:
            return self.statement(write, id=sql.Literal(key), birth=sql.Literal(self.birth(key)))

        message = sql.SQL("; ").join(
            [
                sql.SQL("BEGIN"),
                written(first),
                sql.SQL("COMMIT; BEGIN; SET LOCAL lock_timeout = 0; SELECT pg_advisory_xact_lock_shared({})").format(
                    sql.Literal(self.gate_key)
                ),
                sql.SQL("SET LOCAL lock_timeout = '100ms'"),
                written(second),
                sql.SQL("COMMIT"),
            ]
        )
        writer = self.writers[who]
        writer.thread = threading.Thread(target=self._message, args=(writer, message), daemon=True)
        writer.thread.start()
        self._until_at_the_gate(writer)

    def _message(self, writer: Writer, message: sql.Composed) -> None:
        try:
            writer.run(message)
        except psycopg2.Error:  # a row is locked: what was open of the message is rolled back
            writer.run("ROLLBACK")

    def _until_at_the_gate(self, writer: Writer) -> None:
        pid = writer.connection.info.backend_pid
        query = "SELECT 1 FROM pg_locks WHERE pid = {pid} AND locktype = 'advisory' AND NOT granted"
        deadline = time.monotonic() + PATIENCE
        while writer.thread and writer.thread.is_alive() and not self.ask(query, pid=sql.Literal(pid)):
            assert time.monotonic() < deadline, "the message never came to its gate"
            time.sleep(0.005)

    def end_message(self) -> None:
        """Open the gate: whatever message waits there goes on, and ends."""
        with self.gate.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock_all()")
        for writer in self.writers:
            if writer.thread:
                writer.thread.join(timeout=PATIENCE)
                assert not writer.thread.is_alive(), "a message never ended"
                writer.thread = None

    @property
    def in_message(self) -> bool:
        """Whether some session is in the middle of a message."""
        return any(writer.thread for writer in self.writers)

    def alter(self, how: str) -> None:
        """Add a column (which old rows don't have), or change a type so that the table is written anew."""
        tables = [self.table, self.spare] if self.kind == "partitioned" else [self.table]
        if how == "add":
            text = "ALTER TABLE {it} ADD COLUMN {name} text; ALTER TABLE {it} ALTER COLUMN {name} SET DEFAULT 'x'"
        else:
            text = "ALTER TABLE {it} ALTER COLUMN amount TYPE {kind}"
        name = f"extra_{len(self.added)}"
        kind = sql.SQL("int" if self.rewritten % 2 else "bigint")
        changes = [self.statement(text, it=sql.Identifier(it), name=sql.Identifier(name), kind=kind) for it in tables]
        try:
            with self.admin.cursor() as cursor:
                cursor.execute(sql.SQL("; ").join(changes))
        except psycopg2.errors.LockNotAvailable:
            return
        self.rewritten += how == "rewrite"
        self.added += [name] if how == "add" else []

    @property
    def spare(self) -> str:
        """The table that will be the next partition."""
        return f"{self.table}_{self.attached + 1}"

    def _parts(self) -> dict[str, sql.Composable]:
        low = 100_000 * (self.attached + 1)
        return {"part": sql.Identifier(self.spare), "low": sql.Literal(low), "high": sql.Literal(low + 100_000)}

    def make_spare(self) -> None:
        """Rows that nobody sees yet, written early, so that their xids are old when they come."""
        self.do(
            "CREATE TABLE {part} (LIKE {table} INCLUDING DEFAULTS INCLUDING INDEXES);"
            "INSERT INTO {part} (id, note, amount, updated_at) "
            "SELECT {low} + g, 'old', 0, {start} + g * interval '0.2 s' FROM generate_series(1, 4) AS g",
            start=sql.Literal(self.start), **self._parts(),
        )  # fmt: skip

    def attach(self) -> bool:
        """The spare becomes a partition; False where its rows lie in the future, or somebody is in the way."""
        if self.ask("SELECT max(updated_at) >= clock_timestamp() FROM {part}", **self._parts())[0][0]:
            return False
        try:
            self.do(
                "INSERT INTO {history} SELECT id, version FROM {part};"
                "ALTER TABLE {table} ATTACH PARTITION {part} FOR VALUES FROM ({low}) TO ({high})",
                **self._parts(),
            )
        except psycopg2.errors.LockNotAvailable:
            return False
        self.attached += 1
        self.make_spare()
        return True

    def moments(self) -> list[datetime]:
        """Cursors of committed rows, and starts of transactions that are open: where boundaries hurt most."""
        return [
            moment
            for (moment,) in self.ask(
                "SELECT updated_at FROM {table} UNION SELECT xact_start FROM pg_stat_activity "
                "WHERE datname = current_database() AND xact_start IS NOT NULL AND pid <> pg_backend_pid() ORDER BY 1"
            )
        ]

    def change_unseen(self, key: int, how: str) -> bool:
        """Change, import or delete a row in a way that no cursor shows; False where there was nothing to."""
        places = {"id": key, "birth": self.birth(key), "old": self.start + timedelta(microseconds=1)}
        return bool(self.ask(UNSEEN[how], **{name: sql.Literal(value) for name, value in places.items()}))

    def go_home(self) -> None:
        """Whatever is open is committed."""
        self.end_message()
        for number, writer in enumerate(self.writers):
            if writer.open:
                self.end(number, "COMMIT")
        while self.prepared:
            self.end_prepared("COMMIT")

    def close(self) -> None:
        """End everything that is open, and drop the table."""
        try:
            self.end_message()
        finally:
            for writer in self.writers:
                writer.connection.close()
            while self.prepared:
                self.end_prepared("ROLLBACK")
            self.gate.close()
            self.do("DROP TABLE IF EXISTS {table}, {history}, {gone} CASCADE")
            self.admin.close()
