"""MySQL and MariaDB as a source: one driver looks, holds, describes and reads."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC
from typing import TYPE_CHECKING
from uuid import UUID

from floodmark.adapters.connections.mysql import MySQL
from floodmark.adapters.mysql import own_select
from floodmark.adapters.mysql.connect import connected, rows
from floodmark.adapters.mysql.masks import variables_of
from floodmark.core.config.target_types import NOTHING_CHOSEN, Choices
from floodmark.core.ledger.snapshot import History, Snapshot
from floodmark.core.ledger.watermark import Look, Seen
from floodmark.core.ports import Selection
from floodmark.core.schema import TableSchema
from floodmark.errors import SourceRefused

if TYPE_CHECKING:
    from floodmark.adapters.mysql.reading import MySQLReading


def _no_secret(connection: str) -> str:
    raise SourceRefused(f"the key of a mask is asked of connection {connection}, and nobody here knows it")


class MySQLSource:
    """Implements :class:`~floodmark.core.ports.Source`.

    ``given`` is the server and its database, ``seal`` the primary where that is a replica. ``secret`` gives the key of
    a mask by its connection's id. Nothing is connected before something is asked.
    """

    def __init__(
        self,
        given: MySQL,
        ledger_uuid: UUID,
        *,
        seal: MySQL | None = None,
        secret: Callable[[str], str] = _no_secret,
    ) -> None:
        self._given, self._seal, self._ledger_uuid, self._secret = given, seal, ledger_uuid, secret

    def look(self, before: Seen | None = None) -> Look:
        """The clock; nothing of what is open, so nothing is proved."""
        with connected(self._seal or self._given) as connection:
            [(clock,)] = rows(connection, "SELECT UTC_TIMESTAMP(6)", "asking for the source's clock")
        return Look(clock=clock.replace(tzinfo=UTC), blockers=("nobody looks at MySQL's open transactions yet",))

    def describe(
        self, schema: str, name: str, *, sql: str = "", where: str = "", choices: Choices = NOTHING_CHOSEN
    ) -> TableSchema:
        """One table from the catalog; or, with ``sql``, what that SELECT of the user's own returns.

        Raises ``SourceRefused`` where it isn't there or can't be read, or where ``sql`` or ``where`` doesn't hold.
        """
        database = own_select.database_of(schema, self._given.database)
        with connected(self._given) as connection:
            return own_select.describe(connection, database, name, sql=sql, where=where, choices=choices)

    def open(self, selection: Selection, last: Snapshot | None = None) -> AbstractContextManager[MySQLReading]:
        """Hold the table still and take a snapshot (R1, R2)."""
        from floodmark.adapters.mysql.opening import opened

        database = own_select.database_of(selection.schema, self._given.database)
        keys = {one: self._secret(one).encode() for one in variables_of(selection.masks)}
        remark = f"/* floodmark/{self._ledger_uuid} */"
        return opened(self._given, replace(selection, schema=database), keys=keys, remark=remark)

    def history(self, before: Snapshot, this: Snapshot) -> History:
        """MySQL's rows have no ids of transactions, so nothing is told by a base."""
        return History(bases=False)

    def close(self) -> None:
        """Nothing to do: every connection is closed by who opened it."""
