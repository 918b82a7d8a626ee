"""What makes a MySQL source easy or hard to read, for ``check`` and ``doctor``: privileges, settings, indexes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import cached_property
from typing import Any

import pymysql

from floodmark.adapters.connections.mysql import MySQL
from floodmark.adapters.mysql import catalog, own_select
from floodmark.adapters.mysql.connect import account, connected, is_mariadb, rows, version
from floodmark.adapters.mysql.errors import mapped
from floodmark.adapters.mysql.own_select import DEFAULT_SCHEMA, database_of
from floodmark.core.config.target_types import NOTHING_CHOSEN, Choices
from floodmark.core.ports.inspection import Activity, Advice, Server, Spread
from floodmark.core.schema import TableSchema
from floodmark.errors import SourceRefused

SEAL, SOURCE = "seal", "source"
_LONG_WAIT = 3600
"""Seconds. A statement that waits longer for a definition's lock than this may begin its row work very late (M9)."""
_SETTINGS = ("read_only", "lock_wait_timeout", "max_allowed_packet", "tx_isolation", "wsrep_on")


class MySQLInspection:
    """Implements :class:`~floodmark.core.ports.Inspection`. ``has_primary``: a seal_connection is named beside it."""

    def __init__(self, given: MySQL, *, has_primary: bool = False) -> None:
        self._given, self._has_primary = given, has_primary
        self._opened = ExitStack()

    def server(self) -> Server:
        """The server and our account on it."""
        product = "MariaDB" if is_mariadb(self._connection) else "MySQL"
        number = ".".join(str(part) for part in version(self._connection))
        settings = self._settings()
        read_only = settings.get("read_only", "OFF") not in ("OFF", "0")
        return Server(
            name=f"{product} {number}, {'read only' if read_only else 'a primary'}",
            place=self._given.shown,
            unproved=tuple(unproved(self._sees_all, read_only=read_only, has_primary=self._has_primary, who=self._who)),
            advice=tuple(advice(settings)),
        )

    def tables(self) -> Sequence[tuple[str, str]]:
        """``(schema, name)`` of every table and view that the account may read."""
        own = self._given.database
        found = catalog.tables(self._connection)
        return [(DEFAULT_SCHEMA if database == own else database, table) for database, table in found]

    def unreadable(self) -> None:
        """MySQL lists to an account what it has a privilege on, and nothing else (its page "INFORMATION_SCHEMA")."""

    def describe(
        self, schema: str, name: str, *, sql: str = "", where: str = "", choices: Choices = NOTHING_CHOSEN
    ) -> TableSchema:
        """One table, or what a SELECT of the user's own returns. Raises ``SourceRefused`` where it can't be read."""
        database = self._database(schema)
        return own_select.describe(self._connection, database, name, sql=sql, where=where, choices=choices)

    def indexed(self, schema: str, name: str) -> frozenset[str]:
        """Columns that lead an index of the table by which a range of them can be found."""
        found = catalog.ask(self._connection, "facts_indexes", schema=self._database(schema), table=name)
        return frozenset(str(column) for (column,) in found)

    def unseen(self, schema: str, name: str) -> Sequence[str]:
        """Foreign keys whose cascades change or delete rows: neither ON UPDATE nor a trigger sees them (M4)."""
        found = catalog.ask(self._connection, "cascades", schema=self._database(schema), table=name)
        return [
            f"foreign key {key} to {parent} (ON UPDATE {on_update}, ON DELETE {on_delete})"
            for key, parent, on_update, on_delete in found
        ]

    def spread(self, schema: str, name: str, column: str) -> Spread | None:
        """None: MySQL keeps no statistics of a column's values that a SELECT may read."""
        return None

    def activity(self, schema: str, name: str) -> Activity:
        """How large it is, by InnoDB's statistics. Whether rows change no SELECT tells without performance_schema."""
        database = self._database(schema)
        [(size,)] = catalog.ask(self._connection, "facts_activity", schema=database, table=name) or [(None,)]
        return Activity(rows=None if size is None else int(size))

    def estimate(self, query: str) -> int:
        """How many rows the optimizer expects of a query; nothing is read."""
        with self._connection.cursor() as cursor:
            try:
                cursor.execute(f"EXPLAIN {query}")
            except pymysql.err.Error as error:
                raise mapped(error, "estimating the rows of the next read") from error
            place = [column[0] for column in cursor.description].index("rows")
            return max((int(row[place]) for row in cursor.fetchall() if row[place] is not None), default=0)

    def close(self) -> None:
        """Give the connection back; another question makes a new one."""
        self.__dict__.pop("_connection", None)
        self._opened.close()

    @cached_property
    def _connection(self) -> Any:
        return self._opened.enter_context(connected(self._given))

    def _database(self, schema: str) -> str:
        return database_of(schema, self._given.database)

    def _settings(self) -> Mapping[str, str]:
        names = ", ".join(f"'{one}'" for one in _SETTINGS)
        statement = f"SHOW VARIABLES WHERE Variable_name IN ({names})"
        return {str(name): str(value) for name, value in rows(self._connection, statement, "asking for its settings")}

    @cached_property
    def _sees_all(self) -> bool:
        """Whether the account has PROCESS: without it the list of transactions is an error (M11)."""
        try:
            rows(self._connection, "SELECT COUNT(*) FROM information_schema.innodb_trx", "asking for its privileges")
        except SourceRefused:
            return False
        return True

    @cached_property
    def _who(self) -> str:
        return account(self._connection)


def unproved(sees_all: bool, *, read_only: bool, has_primary: bool, who: str) -> Iterator[Advice]:
    """Why no slice of this server could be proved, each with its remedy (R5, R8)."""
    if not sees_all:
        yield Advice(
            about=SEAL,
            said=f"account {who} doesn't see other sessions, so nothing can be sealed",
            remedy=f"as an administrator: GRANT PROCESS ON *.* TO {who}",
        )
    if read_only and not has_primary:
        remedy = "name its primary as seal_connection"
        yield Advice(about=SEAL, said="the server is read only, so nothing can be sealed", remedy=remedy)


def advice(settings: Mapping[str, str]) -> Iterator[Advice]:
    """What else hinders reads."""
    wait = int(float(settings.get("lock_wait_timeout", "0")))
    if wait > _LONG_WAIT:
        yield Advice(
            about=SOURCE,
            said=f"a statement may wait {wait:,} s for the lock of a table's definition before it begins",
            remedy=f"SET GLOBAL lock_wait_timeout = {_LONG_WAIT}",
        )
