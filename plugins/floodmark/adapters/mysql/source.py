"""MySQL and MariaDB as a source: one driver looks, holds, describes and reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from floodmark.adapters.connections.mysql import MySQL
from floodmark.adapters.mysql import history, own_select
from floodmark.adapters.mysql.connect import connected
from floodmark.adapters.mysql.look import look, own_remark
from floodmark.adapters.mysql.masks import variables_of
from floodmark.adapters.mysql.replica import Position, primary_position
from floodmark.core.config.target_types import NOTHING_CHOSEN, Choices
from floodmark.core.ledger.snapshot import History, Snapshot
from floodmark.core.ledger.watermark import Look, Seen
from floodmark.core.ports import Selection
from floodmark.core.schema import TableSchema
from floodmark.errors import SourceRefused

if TYPE_CHECKING:
    from floodmark.adapters.mysql.reading import MySQLReading


_REMEMBERED = 8
"""Looks that are kept while the process works: each clears whom it does not see (M8)."""


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
        self._seen: list[Seen] = []
        self._after: Position | None = None

    def look(self, before: Seen | None = None) -> Look:
        """Who may still write with a time that has passed, held against what earlier looks saw (R4, R5).

        Raises ``SourceUnavailable``.
        """
        earlier = sorted([*self._seen, *([before] if before else [])], key=lambda one: one.clock)
        if self._seal is None:
            found = look(self._given, self._ledger_uuid, earlier)
        else:
            found = look(self._seal, self._ledger_uuid, earlier, then=self._note)
        if found.seen:
            self._seen = [*self._seen, found.seen][-_REMEMBERED:]
        return found

    def _note(self, primary: Any) -> None:
        """Reads that follow wait for at least this much; a later look of another table only makes it more."""
        self._after = primary_position(primary)

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
        """Hold the table still and take a snapshot (R1, R2).

        It is not older than the table's ``last`` one, since a replica has applied what the primary had by now (R8).
        """
        from floodmark.adapters.mysql.opening import opened

        database = own_select.database_of(selection.schema, self._given.database)
        keys = {one: self._secret(one).encode() for one in variables_of(selection.masks)}
        return opened(
            self._given,
            replace(selection, schema=database),
            keys=keys,
            remark=own_remark(self._ledger_uuid),
            after=self._after,
        )

    def history(self, before: Snapshot, this: Snapshot) -> History:
        """What the table's last snapshot still proves (R3, R10); its rows have no ids of transactions."""
        return history.history(before, this)

    def until_exported(self, request: Mapping[str, Any]) -> None:
        """Nothing is exported."""

    def close(self) -> None:
        """Nothing to do: every connection is closed by who opened it."""
