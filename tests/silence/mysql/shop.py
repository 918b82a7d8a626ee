"""The same place over MySQL; both sides are read by their own clients, and compared value by value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Context, Decimal
from typing import Any

from floodmark.demo.servers.mariadb import MySQLDatabase
from tests.silence.shop import _MOMENT, Shop, hour

_ALL_DIGITS = Context(prec=80)
PLAIN = (
    "SET sql_select_limit = 18446744073709551615",
    "SET sql_big_selects = 1",
    "SET sql_mode = 'STRICT_TRANS_TABLES'",
    "/*M!100300 SET system_versioning_asof = DEFAULT */",
    "SET time_zone = '+00:00'",
)
"""A session that sees all, and writes what is valid, whatever the server is set to."""


@dataclass(kw_only=True)
class MySQLShop(Shop):
    """``{h0}``, ``{h1}`` ... are moments of UTC; the statements of one call share a session, whose zone is UTC."""

    @property
    def source_database(self) -> MySQLDatabase:
        """Where the table is."""
        assert isinstance(self.database, MySQLDatabase)
        return self.database

    def sql(self, *statements: str) -> None:
        """Run statements in one session, each committed."""
        moments = [
            _MOMENT.sub(lambda place: f"'{hour(int(place[1])) + timedelta(minutes=10):%Y-%m-%d %H:%M:%S}'", one)
            for one in statements
        ]
        self._rows(*moments)

    def differences(self, *, key: tuple[str, ...], where: str, deleted: str, left_out: Sequence[str]) -> str:
        """How current differs from the source, row by row; empty where it doesn't. ``key`` is the file's affair."""
        there = {name.casefold() for name in self.current_columns()}
        if not there:
            return "there is no current table"
        lacking = [name for name in self._columns() if name.casefold() not in there and name not in left_out]
        if filled := [name for name in lacking if self._has_values(name)]:
            return f"current lacks {', '.join(filled)}"
        names = [name for name in self._columns() if name not in (*left_out, *lacking)]
        listed = ", ".join(f"`{name}`" for name in names)
        chosen = f"({where or 'TRUE'})" + (f" AND `{deleted}` IS NULL" if deleted else "")
        source = self._rows(f"SELECT {listed} FROM t WHERE {chosen}")
        job = self.google.bigquery_client().query(f"SELECT {listed} FROM `{self._name('')}`")
        current = [tuple(row.values()) for row in job.result()]
        ours, theirs = (Counter(tuple(map(plain, row)) for row in rows) for rows in (source, current))
        parts = [("missing", ours - theirs), ("extra", theirs - ours)]
        return "; ".join(f"{word} {sorted(map(repr, rows))[:5]}" for word, rows in parts if rows)

    def _has_values(self, column: str) -> bool:
        [(filled,)] = self._rows(f"SELECT count(`{column}`) FROM t")
        return bool(filled)

    def _columns(self) -> list[str]:
        return [
            name
            for (name,) in self._rows(
                "SELECT column_name FROM information_schema.columns WHERE table_schema = DATABASE() "
                "AND table_name = 't' ORDER BY ordinal_position"
            )
        ]

    def _rows(self, *statements: str) -> list[tuple[Any, ...]]:
        """The rows of the last, as the server holds them, whatever its settings hide from others."""
        connection = self.source_database.connect(local_infile=True)
        try:
            with connection.cursor() as cursor:
                for statement in (*PLAIN, *statements):
                    cursor.execute(statement)
                return list(cursor.fetchall())
        finally:
            connection.close()


def plain(value: Any) -> Any:
    """One form for both clients' values. Where ours has a zone it is UTC; the source's session is in UTC."""
    match value:
        case datetime():
            return (value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value).isoformat()
        case timedelta():
            return str(value)
        case time():
            parts = {"hours": value.hour, "minutes": value.minute, "seconds": value.second}
            return str(timedelta(**parts, microseconds=value.microsecond))
        case Decimal():
            return value.normalize(_ALL_DIGITS)
        case int():
            return Decimal(value).normalize(_ALL_DIGITS)
    return value
