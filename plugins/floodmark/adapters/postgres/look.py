"""Which transactions are open: the look, on PostgreSQL (R4, R5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any
from uuid import UUID

from floodmark.adapters.postgres.connect import connected, rows
from floodmark.adapters.postgres.quote import literal, name
from floodmark.core import sql
from floodmark.core.ledger.watermark import Look, OpenTransaction
from floodmark.core.time.interval import utc
from floodmark.errors import SourceUnavailable

_LOOKING = "looking at the source's open transactions"


def own_reads(ledger_uuid: UUID) -> str:
    """The application name that this ledger's reads bear while they are open."""
    return f"floodmark/{ledger_uuid}"


def look(
    parameters: Mapping[str, str],
    ledger_uuid: UUID,
    *,
    between: Callable[[str], None] = lambda _: None,
    then: Callable[[Any], None] = lambda _: None,
    connect: Callable[[Mapping[str, str]], AbstractContextManager[Any]] = connected,
) -> Look:
    """Three statements, each its own transaction, in the order of R4: clock, sessions, prepared transactions.

    ``between`` is called with the name of each statement before it runs, ``then`` with the connection after the last.
    ``connect`` gives the connection.
    """
    with connect(parameters) as connection:

        def ask(template: str, **values: object) -> list[tuple[Any, ...]]:
            between(template)
            statement = sql.render(f"postgres/{template}.sql", values, quote=name, literal=literal)
            return rows(connection, statement, _LOOKING)

        [(clock, standby, sees_all, subscriber, role)] = ask("look_clock")
        sessions = ask("look_sessions", own_reads=own_reads(ledger_uuid))
        prepared = ask("look_prepared")
        identity = system_id(connection)
        then(connection)
        return look_of((clock, standby, sees_all, subscriber, role), sessions, prepared, identity)


def look_of(
    first: tuple[Any, ...], sessions: Sequence[tuple[Any, ...]], prepared: Sequence[tuple[Any, ...]], identity: str
) -> Look:
    """What the rows of the three statements mean; of the first there is one."""
    clock, standby, sees_all, subscriber, role = first
    blockers = [*_standby(standby), *_prepared(prepared), *_hidden(sees_all, role, sessions)]
    open_transactions, unclear = _open_transactions(sessions)
    return Look(
        clock=utc(clock),
        open_transactions=(*open_transactions, *_still_prepared(prepared)),
        blockers=(*blockers, *unclear),
        assumptions=tuple(_subscriber(subscriber)),
        server=identity,
    )


def system_id(connection: Any) -> str:
    """The cluster's identifier; empty where the service keeps it to itself."""
    statement = sql.render("postgres/system_id.sql", {}, quote=name, literal=literal)
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return str(cursor.fetchone()[0])
    except Exception as error:
        if getattr(error, "pgcode", None) in ("42501", "42883"):
            return ""
        raise SourceUnavailable(f"{_LOOKING}: {error}") from error


def _standby(standby: bool) -> Sequence[str]:
    if not standby:
        return ()
    return ("the server is a standby, where the primary's transactions can't be seen; name it as seal_connection",)


def _still_prepared(found: Sequence[tuple[Any, ...]]) -> Sequence[OpenTransaction]:
    return [
        OpenTransaction(pid=0, backend_start=utc(prepared), since=None, user=owner, prepared=gid)
        for gid, owner, _, prepared in found
    ]


def _prepared(found: Sequence[tuple[Any, ...]]) -> Sequence[str]:
    return [
        f"prepared transaction {gid!r} of {owner} in {database}: when it began can't be known; "
        f"COMMIT PREPARED or ROLLBACK PREPARED ends it"
        for gid, owner, database, _ in found
    ]


def _subscriber(subscriber: bool) -> Sequence[str]:
    if not subscriber:
        return ()
    return ("a logical-replication subscription writes rows with the publisher's times",)


def _hidden(sees_all: bool, role: str, sessions: Sequence[tuple[Any, ...]]) -> Sequence[str]:
    if sees_all and not any(hidden for *_, hidden, _, _ in sessions):
        return ()
    return (f"the role {role} can't see other sessions' transactions; GRANT pg_read_all_stats TO {name(role)}",)


def _open_transactions(sessions: Sequence[tuple[Any, ...]]) -> tuple[tuple[OpenTransaction, ...], tuple[str, ...]]:
    open_transactions, unclear = [], []
    for pid, backend_start, xact_start, query_start, application, user, hidden, disabled, runs_sql in sessions:
        if hidden:
            continue
        if disabled:
            unclear.append(f"pid {pid} ({application}) has track_activities off, which hides its transaction")
        elif runs_sql:
            unclear.append(f"pid {pid} ({application}) runs SQL on a replication connection")
        starts = [utc(start) for start in (xact_start, query_start) if start is not None]
        if starts:
            began = utc(backend_start) if backend_start else None
            open_transactions.append(
                OpenTransaction(
                    pid=pid, backend_start=began, since=min(starts), application=application or "", user=user or ""
                )
            )
    return tuple(open_transactions), tuple(unclear)
