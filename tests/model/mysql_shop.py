"""A shop in MySQL whose applications write in every way that the model knows: each in a session and keys of its own."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pymysql.constants import CLIENT

from floodmark.demo.servers.mariadb import MySQLDatabase

WRITERS, KEYS = 3, 4
NOW = "timestamp(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6)"
TABLES = (
    "CREATE TABLE {table}_p (id bigint PRIMARY KEY)",
    "INSERT INTO {table}_p VALUES (1)",
    "CREATE TABLE {table} (id bigint PRIMARY KEY, version bigint NOT NULL, parent bigint, "
    f"updated_at {NOW}, deleted_at timestamp(6) NULL, KEY (updated_at), "
    "FOREIGN KEY (parent) REFERENCES {table}_p (id) ON UPDATE CASCADE ON DELETE SET NULL)",
    "CREATE PROCEDURE {table}_twice (key_ bigint, version_ bigint) BEGIN "
    "REPLACE INTO {table} (id, version) VALUES (key_, version_); DO SLEEP(0.1); "
    "REPLACE INTO {table} (id, version) VALUES (key_ + 100, version_); DO SLEEP(0.1); END",
)
OPERATIONS = {
    "insert": "INSERT IGNORE INTO {table} (id, version, parent) VALUES ({key}, {version}, 1)",
    "upsert": "INSERT INTO {table} (id, version) VALUES ({key}, {version}) ON DUPLICATE KEY UPDATE version = {version}",
    "same": "INSERT INTO {table} (id, version) VALUES ({key}, {version}) ON DUPLICATE KEY UPDATE version = version",
    "replace": "REPLACE INTO {table} (id, version) VALUES ({key}, {version})",
    "update": "UPDATE {table} SET version = {version}, deleted_at = NULL WHERE id = {key}",
    "remove": "UPDATE {table} SET version = {version}, deleted_at = NOW(6) WHERE id = {key}",
    "waits": "INSERT INTO {table} (id, version) SELECT {key}, {version} + SLEEP(0.15) "
    "ON DUPLICATE KEY UPDATE version = {version}",
}
"""``waits`` has its time before its transaction is in InnoDB's list (M5)."""
AT_LENGTH = {
    "procedure": "CALL {table}_twice({key}, {version})",
    "transaction in a procedure": "BEGIN; CALL {table}_twice({key}, {version}); COMMIT",
    "message": "BEGIN; REPLACE INTO {table} (id, version) VALUES ({key}, {version}); DO SLEEP(0.1); COMMIT; "
    "REPLACE INTO {table} (id, version) VALUES ({key} + 100, {version}); DO SLEEP(0.1)",
}
"""Several statements, each with a time of its own, while others work."""


@dataclass
class Writer:
    """One session of an application. ``xa`` names its transaction where that ends in two phases."""

    number: int
    connection: Any
    open: bool = False
    xa: str = ""
    thread: threading.Thread | None = None
    errors: list[BaseException] = field(default_factory=list)

    @property
    def idle(self) -> bool:
        """Whether it is in no transaction, and no message of it is under way."""
        return not self.open and self.thread is None

    def run(self, statement: str) -> None:
        """One message, and the results of all its statements."""
        with self.connection.cursor() as cursor:
            cursor.execute(statement)
            while cursor.nextset():
                pass


@dataclass
class MySQLShop:
    """One table, its writers, and the names of prepared transactions whose sessions are gone."""

    database: MySQLDatabase
    table: str
    prepared: list[str] = field(default_factory=list)
    versions: Any = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.admin = self._session()
        for statement in TABLES:
            self.ask(statement.format(table=self.table))
        self.writers = [Writer(number=number, connection=self._session()) for number in range(WRITERS)]

    def _session(self) -> Any:
        setup = "SET time_zone = '+00:00', tx_isolation = 'READ-COMMITTED'"
        return self.database.connect(client_flag=CLIENT.MULTI_STATEMENTS, init_command=setup)

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        """Rows, by a session that nothing else uses."""
        with self.admin.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())

    def clock(self) -> datetime:
        """The server's clock."""
        [(clock,)] = self.ask("SELECT UTC_TIMESTAMP(6)")
        return clock.replace(tzinfo=UTC)  # type: ignore[no-any-return]

    def statement(self, text: str, who: int, key: int) -> str:
        """For a key that is this writer's alone."""
        return text.format(table=self.table, key=key * WRITERS + who, version=next(self.versions))

    def transact(self, who: int, operations: Sequence[tuple[str, int]], *, xa: bool) -> None:
        """Begin, or go on."""
        writer = self.writers[who]
        if not writer.open:
            writer.xa = f"{self.table}_{next(self.versions)}" if xa else ""
            writer.run(f"XA START '{writer.xa}'" if xa else "BEGIN")
            writer.open = True
        for name, key in operations:
            writer.run(self.statement(OPERATIONS[name], who, key))

    def end(self, who: int, how: str) -> None:
        """COMMIT, ROLLBACK; of two phases both, or the first, after which its session goes (``LEAVE``)."""
        writer = self.writers[who]
        writer.open = False
        if not writer.xa:
            writer.run("ROLLBACK" if how == "ROLLBACK" else "COMMIT")
            return
        writer.run(f"XA END '{writer.xa}'")
        if how == "ROLLBACK":
            writer.run(f"XA ROLLBACK '{writer.xa}'")
            return
        writer.run(f"XA PREPARE '{writer.xa}'")
        if how == "LEAVE":
            writer.connection.close()
            self.prepared.append(writer.xa)
            writer.connection = self._session()
        else:
            writer.run(f"XA COMMIT '{writer.xa}'")

    def end_prepared(self, how: str) -> None:
        """The second phase, by somebody else."""
        self.ask(f"XA {how} '{self.prepared.pop(0)}'")

    def kill(self, who: int) -> None:
        """A session is gone in the middle of its transaction."""
        writer = self.writers[who]
        self.ask(f"KILL {writer.connection.thread_id()}")
        writer.connection, writer.open = self._session(), False

    def begin_message(self, who: int, kind: str, key: int) -> None:
        """Send several statements in one message, which take their time while others work."""
        writer = self.writers[who]
        text = self.statement(AT_LENGTH[kind], who, key)

        def send() -> None:
            try:
                writer.run(text)
            except BaseException as error:
                writer.errors.append(error)

        writer.thread = threading.Thread(target=send, daemon=True)
        writer.thread.start()

    def end_messages(self) -> None:
        """Wait for all that are under way."""
        for writer in self.writers:
            if writer.thread:
                writer.thread.join(60)
                writer.thread = None
            if writer.errors:
                raise writer.errors.pop()

    def go_home(self) -> None:
        """Everybody commits."""
        self.end_messages()
        for writer in self.writers:
            if writer.open:
                self.end(writer.number, "COMMIT")
        while self.prepared:
            self.end_prepared("COMMIT")

    def cascade(self, key: int) -> None:
        """A parent's key changes, and its children with it: neither ON UPDATE nor a trigger shows it (M4)."""
        self.go_home()
        self.ask(
            f"UPDATE {self.table}_p SET id = {key} WHERE id = (SELECT * FROM (SELECT MIN(id) FROM {self.table}_p) m)"
        )

    def rows(self) -> dict[int, tuple[int, int | None, datetime, bool]]:
        """What is committed: version, parent, cursor, whether it is marked as deleted; by key."""
        found = self.ask(f"SELECT id, version, parent, updated_at, deleted_at IS NOT NULL FROM {self.table}")
        return {key: (version, parent, at.replace(tzinfo=UTC), bool(gone)) for key, version, parent, at, gone in found}

    def close(self) -> None:
        """Leave nothing open."""
        for writer in self.writers:
            if writer.thread:
                writer.thread.join(60)
            writer.connection.close()
        for name in self.prepared:
            self.ask(f"XA ROLLBACK '{name}'")
        self.ask(f"DROP TABLE {self.table}, {self.table}_p")
        self.ask(f"DROP PROCEDURE {self.table}_twice")
        self.admin.close()
