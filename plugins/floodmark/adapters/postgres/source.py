"""PostgreSQL as a source: psycopg2 looks, holds and describes, ADBC reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any
from uuid import UUID

from floodmark.adapters.postgres import history, own_select
from floodmark.adapters.postgres.connect import parameters
from floodmark.adapters.postgres.kept import Kept
from floodmark.adapters.postgres.look import look, own_reads
from floodmark.adapters.postgres.masks import settings_of
from floodmark.adapters.postgres.standby import Position, primary_position
from floodmark.core.config.target_types import NOTHING_CHOSEN, Choices
from floodmark.core.ledger.snapshot import History, Snapshot
from floodmark.core.ledger.watermark import Look, Seen
from floodmark.core.ports import Selection
from floodmark.core.schema import TableSchema
from floodmark.errors import SourceRefused

if TYPE_CHECKING:
    from floodmark.adapters.postgres.reading import PostgresReading


def _no_secret(connection: str) -> str:
    raise SourceRefused(f"the key of a mask is asked of connection {connection}, and nobody here knows it")


class PostgresSource:
    """Implements :class:`~floodmark.core.ports.Source`.

    ``libpq`` is a URI, a DSN, or a mapping of libpq's parameters, every one of which reaches both drivers. ``seal`` is
    the same for the primary, where ``libpq`` leads to a standby. ``secret`` gives the key of a mask by its connection's
    id. Nothing is connected before something is asked.
    """

    def __init__(
        self,
        libpq: str | Mapping[str, Any],
        ledger_uuid: UUID,
        *,
        seal: str | Mapping[str, Any] | None = None,
        secret: Callable[[str], str] = _no_secret,
    ) -> None:
        self._secret = secret
        self._parameters = parameters(libpq)
        self._seal = parameters(seal) if seal is not None else None
        self._ledger_uuid = ledger_uuid
        self._after: Position | None = None
        self._kept = Kept()
        self._described: dict[tuple[str, str, str, Choices], TableSchema] = {}

    def look(self, before: Seen | None = None) -> Look:
        """Which transactions are open (R4, R5); one look tells all. Raises ``SourceUnavailable``."""
        if self._seal is None:
            return look(self._parameters, self._ledger_uuid, connect=self._kept.connected)
        return look(self._seal, self._ledger_uuid, then=self._note)

    def _note(self, primary: Any) -> None:
        """Reads that follow wait for at least this much; a later look of another table only makes it more."""
        self._after = primary_position(primary)

    def describe(
        self, schema: str, name: str, *, sql: str = "", where: str = "", choices: Choices = NOTHING_CHOSEN
    ) -> TableSchema:
        """One table from the catalog; or, with ``sql``, what that SELECT of the user's own returns.

        Raises ``SourceRefused`` where it isn't there or can't be read, or where ``sql`` or ``where`` doesn't hold.
        """
        with self._kept.connected(self._parameters) as connection:
            found = own_select.describe(connection, schema, name, sql=sql, where=where, choices=choices)
        self._described[schema, name, sql, choices] = found
        return found

    def open(self, selection: Selection, last: Snapshot | None = None) -> AbstractContextManager[PostgresReading]:
        """Hold the table still and take a snapshot (R1, R2), not older than the table's ``last`` one (R8).

        What :meth:`describe` found of it serves once to lock it; what it is then, the catalog says once it is locked.
        """
        from floodmark.adapters.postgres.opening import opened

        keys = {one: self._secret(one).encode() for one in settings_of(selection.masks)}
        known = self._described.pop((selection.schema, selection.name, selection.sql, selection.choices), None)
        return opened(
            self._parameters, selection, own_reads(self._ledger_uuid), self._after, last,
            keys=keys, known=known, connect=self._kept.last,
        )  # fmt: skip

    def history(self, before: Snapshot, this: Snapshot) -> History:
        """What the table's last snapshot still proves (R3, R10)."""
        return history.history(before, this)

    def until_exported(self, request: Mapping[str, Any]) -> None:
        """Nothing is exported."""

    def close(self) -> None:
        """Close what is kept for the next question."""
        self._kept.close()
