"""Who may still write with a time that has passed: the look, on MySQL and MariaDB (R4, R5)."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from floodmark.adapters.connections.mysql import MySQL
from floodmark.adapters.mysql import engine_status
from floodmark.adapters.mysql.connect import connected, is_mariadb, rows
from floodmark.adapters.mysql.errors import number_of
from floodmark.adapters.mysql.judging import judge
from floodmark.adapters.mysql.quote import grantee, literal, name
from floodmark.adapters.mysql.server import facts, is_replica
from floodmark.adapters.mysql.witnesses import Server, Session, Transaction, Witnesses
from floodmark.core import sql
from floodmark.core.ledger.watermark import Look, Seen
from floodmark.errors import SourceRefused

_LOOKING = "looking at the source's open transactions"
_DENIED = 1227
TRIES = 5
PAUSE = 0.15
"""Seconds. The server keeps the list for who asks within a tenth of a second of the last, whoever that was (M7)."""


def own_remark(ledger_uuid: UUID) -> str:
    """What the statements of this ledger's reads begin with: the process list shows it."""
    return f"/* floodmark/{ledger_uuid} */"


def look(
    given: MySQL,
    ledger_uuid: UUID,
    earlier: Sequence[Seen] = (),
    *,
    between: Callable[[str], None] = lambda _: None,
    then: Callable[[Any], None] = lambda _: None,
) -> Look:
    """Clock, sessions, transactions, in the order of R4, held against ``earlier`` looks, the oldest first.

    ``between`` is called with the name of each question before it is asked, ``then`` with the connection at the end.
    """
    with connected(given) as connection, connected(given) as canary:
        asking = _Asking(connection=connection, canary=_Canary(canary), own=own_remark(ledger_uuid), between=between)
        witnesses = asking.witnesses()
        then(connection)
    return judge(witnesses, earlier)


@dataclass(frozen=True, kw_only=True)
class _Listed:
    """The transactions that have changed rows; None where they can't be seen, because of ``unseen``."""

    changed: tuple[Transaction, ...] | None
    unseen: str = ""


class _Canary:
    """A transaction of our own that an up-to-date list must show (M7).

    It begins after the process list was read: so a list that shows it was made after that. Its session is new, and no
    earlier list has its id.
    """

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self.session = int(connection.thread_id())

    @contextmanager
    def open(self) -> Iterator[None]:
        rows(self._connection, "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY", _LOOKING)
        yield
        rows(self._connection, "ROLLBACK", _LOOKING)


@dataclass(frozen=True, kw_only=True)
class _Asking:
    connection: Any
    canary: _Canary
    own: str
    between: Callable[[str], None]

    def witnesses(self) -> Witnesses:
        mariadb = is_mariadb(self.connection)
        if not mariadb:
            with suppress(SourceRefused):  # before 8.0 there are none
                rows(self.connection, "SET ROLE ALL", _LOOKING)
        rows(self.connection, "SET SESSION time_zone = 'SYSTEM'", _LOOKING)  # that of trx_started (M10)
        known = facts(self.connection, _LOOKING)
        replica = is_replica(self.connection, known, _LOOKING)
        self.between("look_clock")
        [(clock, account, session)] = self._ask("look_clock")
        sessions = self._sessions(int(session), mariadb=mariadb)
        self.between("look_transactions")
        with self.canary.open():
            listed = self._listed(account)
        return Witnesses(
            server=Server(
                identity=known.identity,
                account=grantee(account),
                started=known.started,
                read_only=known.read_only,
                replica=replica,
                grant="SLAVE MONITOR" if mariadb else "REPLICATION CLIENT",
                members=known.members,
            ),
            clock=clock.replace(tzinfo=UTC),
            sessions=sessions,
            transactions=listed.changed,
            unseen=listed.unseen,
            prepared=self._prepared(),
        )

    def _sessions(self, asking: int, *, mariadb: bool) -> tuple[Session, ...]:
        self.between("look_sessions")
        found = self._ask("look_sessions", own=self.own, mariadb=mariadb)
        ours = (asking, self.canary.session)
        return tuple(
            Session(
                id=int(pid), user=user or "", command=command or "",
                elapsed=None if elapsed is None else timedelta(milliseconds=float(elapsed)),
            )
            for pid, user, command, elapsed, own in found
            if int(pid) not in ours and not own
        )  # fmt: skip

    def _listed(self, account: str) -> _Listed:
        """From the list, asked again while it is stale; else from the engine's status, which is never kept."""
        for attempt in range(TRIES):
            if attempt:
                time.sleep(PAUSE * (1 + random.random()))
            try:
                found = self._ask("look_transactions", canary=self.canary.session)
            except SourceRefused as error:
                if error.__cause__ is None or number_of(error.__cause__) != _DENIED:
                    raise
                return _Listed(changed=None, unseen=_no_privilege(account))
            changed = tuple(
                Transaction(id=str(id_), session=int(session), started=datetime.fromtimestamp(int(started), UTC))
                for id_, session, started, has_changed in found
                if has_changed
            )
            fresh = any(int(session) == self.canary.session for _, session, _, _ in found)
            # The server's own short ones have no session either, and are gone in a moment; a prepared one stays.
            if fresh and (all(one.session for one in changed) or attempt == TRIES - 1 or self._prepared()):
                return _Listed(changed=changed)
        return self._by_status()

    def _by_status(self) -> _Listed:
        [(clock, _, _)] = self._ask("look_clock")
        [(*_, text)] = rows(self.connection, "SHOW ENGINE INNODB STATUS", _LOOKING)
        found = engine_status.parse(_text(text), clock.replace(tzinfo=UTC))
        if found.whole and self.canary.session in found.sessions:
            return _Listed(changed=found.changed)
        return _Listed(
            changed=None,
            unseen="the server's list of open transactions is stale, as others read it all the time, and SHOW ENGINE "
            "INNODB STATUS leaves some out: read information_schema.innodb_trx less than 5 times a second",
        )

    def _prepared(self) -> tuple[str, ...]:
        """The names of prepared transactions; MySQL has a privilege for them, and without it there are no names."""
        with suppress(SourceRefused):
            return tuple(_text(name_) for *_, name_ in rows(self.connection, "XA RECOVER", _LOOKING))
        return ()

    def _ask(self, template: str, **values: object) -> list[tuple[Any, ...]]:
        statement = sql.render(f"mysql/{template}.sql", values, quote=name, literal=literal)
        return rows(self.connection, statement, _LOOKING)


def _no_privilege(account: str) -> str:
    told = grantee(account)
    return f"the account {told} can't see other sessions' transactions; GRANT PROCESS ON *.* TO {told}"


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
