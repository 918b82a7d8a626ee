"""What a server of MySQL or MariaDB says of itself: who it is, since when, and what it might be fed by (R1, R3, R8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from floodmark.adapters.mysql.connect import is_mariadb, rows
from floodmark.adapters.mysql.errors import number_of
from floodmark.adapters.mysql.quote import literal, name
from floodmark.core import sql
from floodmark.errors import SourceRefused

_DENIED = 1227
_UNKNOWN = 1064
"""A statement of another version."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """The server's variables and status by their names in small letters, as one session got them at ``clock`` (UTC)."""

    mariadb: bool
    clock: datetime
    variables: Mapping[str, str]
    status: Mapping[str, str]

    @property
    def identity(self) -> str:
        """MySQL's own; MariaDB has none of its data, so what it is set up as (M19)."""
        said = self.variables
        return said.get("server_uuid") or f"{said.get('server_id', '')}@{said.get('hostname', '')}:{said.get('port')}"

    @property
    def started(self) -> datetime:
        """When the server started, in UTC; a second more or less."""
        return self.clock - timedelta(seconds=int(self.status.get("uptime", 0)))

    @property
    def read_only(self) -> bool:
        """Whether nobody writes here but who applies another's changes."""
        return any(self.is_on(one) for one in ("read_only", "innodb_read_only"))

    def is_on(self, variable: str) -> bool:
        """Whether a variable is there and on. MariaDB has more words for read_only than ON."""
        return self.variables.get(variable, "OFF").upper() not in ("OFF", "0", "")

    @property
    def members(self) -> str:
        """Why rows come that other servers of a cluster wrote, each with its own statement's time (M12)."""
        said = self.variables
        if self.is_on("wsrep_on") and said.get("wsrep_provider", "none") not in ("none", ""):
            return "the server is a node of a Galera cluster: what other nodes' transactions hold can't be seen here"
        if said.get("group_replication_group_name"):
            return "the server is in a replication group: what other members' transactions hold can't be seen here"
        return ""

    @property
    def heedless(self) -> str:
        """Why rows change here that no lock of this server keeps back; empty where there are none."""
        if self.is_on("innodb_read_only"):
            return "changes come from another server, beneath InnoDB (innodb_read_only), as on a reader of Aurora's"
        return self.members

    @property
    def written(self) -> str:
        """Where the log ends, in bytes; empty where the server doesn't tell (M17)."""
        return self.status.get("innodb_lsn_current") or self.status.get("innodb_redo_log_current_lsn", "")

    @property
    def flushed(self) -> str:
        """How far the log is on disk."""
        return self.status.get("innodb_lsn_flushed") or self.status.get("innodb_redo_log_flushed_to_disk_lsn", "")

    @property
    def position(self) -> str:
        """All transactions that it has applied, by their GTIDs; empty without any (M19)."""
        return self.variables.get("gtid_current_pos" if self.mariadb else "gtid_executed", "").replace("\n", "")

    @property
    def servers(self) -> str:
        """Of MariaDB: the last transaction of each server whose changes it has, where its position names one of each
        domain. Empty of MySQL, whose position names all."""
        told = (self.variables.get(one, "") for one in ("gtid_binlog_state", "gtid_slave_pos"))
        return ",".join(filter(None, told)) if self.mariadb else ""


def facts(connection: Any, doing: str) -> Facts:
    """Ask a server about itself. No privilege is needed."""
    [(clock,)] = rows(connection, "SELECT UTC_TIMESTAMP(6)", doing)
    variables, status = (_pairs(connection, template, doing) for template in ("server", "server_status"))
    return Facts(
        mariadb=is_mariadb(connection), clock=clock.replace(tzinfo=UTC), variables=variables, status=status
    )  # fmt: skip


def is_replica(connection: Any, known: Facts, doing: str) -> bool | None:
    """Whether it is set up to apply another server's changes, at work or not; None where it won't say.

    MariaDB tells without a privilege that it never has: then ``gtid_slave_pos`` is empty.
    """
    for statement in ("SHOW ALL SLAVES STATUS",) if known.mariadb else ("SHOW REPLICA STATUS", "SHOW SLAVE STATUS"):
        try:
            return bool(rows(connection, statement, doing))
        except SourceRefused as error:
            number = number_of(error.__cause__) if error.__cause__ else 0
            if number == _DENIED:
                never = known.mariadb and known.variables.get("gtid_slave_pos") == ""
                return False if never else None
            if number != _UNKNOWN:
                raise
    return None


def _pairs(connection: Any, template: str, doing: str) -> dict[str, str]:
    statement = sql.render(f"mysql/{template}.sql", {}, quote=name, literal=literal)
    return {str(key).lower(): str(value) for key, value in rows(connection, statement, doing)}
