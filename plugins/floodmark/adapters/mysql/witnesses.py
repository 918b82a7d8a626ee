"""What one look at MySQL or MariaDB brought, before it is judged. All moments are UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

_LISTENING = ("Sleep", "Daemon")
_REPLICA_READS = "Binlog Dump"
_APPLIER = "system user"


@dataclass(frozen=True, kw_only=True)
class Session:
    """One connection of the process list.

    ``elapsed`` is how long its statement has been running, at most; None where the server didn't tell.
    """

    id: int
    user: str = ""
    command: str = "Query"
    elapsed: timedelta | None = None

    @property
    def runs(self) -> bool:
        """Whether it runs a statement, or may: whatever is not known to wait for one."""
        return self.command not in _LISTENING and not self.command.startswith(_REPLICA_READS)

    @property
    def applies(self) -> bool:
        """Whether it is a thread that brings the changes of another server. Other threads of its user are daemons."""
        return self.user == _APPLIER and self.command != "Daemon"


@dataclass(frozen=True, kw_only=True)
class Transaction:
    """One transaction of InnoDB that has changed rows. ``session`` 0: it has none, since it was prepared (XA).

    ``started`` is when its first work on a row began, in whole seconds: a statement may have begun long before.
    """

    id: str
    session: int
    started: datetime


@dataclass(frozen=True, kw_only=True)
class Server:
    """What the server says of itself.

    ``identity`` names it; ``account`` is whom we are logged in as. ``replica`` None: it didn't tell. ``members`` says
    in words why rows of other servers may come with their own times; empty: they don't.
    """

    identity: str
    account: str
    started: datetime
    read_only: bool = False
    replica: bool | None = False
    grant: str = ""
    members: str = ""


@dataclass(frozen=True, kw_only=True)
class Witnesses:
    """All of one look, in the order in which it was asked: clock, sessions, transactions. Our own are left out.

    ``transactions`` None: they could not be seen, because of ``unseen``. ``prepared`` are the names of those that wait
    for their second phase (XA RECOVER), whether their session lives or not.
    """

    server: Server
    clock: datetime
    sessions: tuple[Session, ...] = ()
    transactions: tuple[Transaction, ...] | None = ()
    unseen: str = ""
    prepared: tuple[str, ...] = ()
