"""The physical tables behind a table, by InnoDB's numbers: rows may come with a whole one (R11, M22).

RENAME and EXCHANGE PARTITION move the numbers with the rows, every rebuild and TRUNCATE makes a new one.
"""

from __future__ import annotations

from typing import Any

from floodmark.adapters.mysql.connect import account, is_mariadb, rows
from floodmark.adapters.mysql.errors import number_of
from floodmark.adapters.mysql.quote import literal, name
from floodmark.core import sql
from floodmark.core.ledger.snapshot import Leaf
from floodmark.errors import SourceRefused

_DENIED = 1227
NO_PRIVILEGE = (
    "which physical tables are read can't be seen, so rows that come with a whole one (RENAME TABLE, EXCHANGE "
    "PARTITION) would stay unseen; GRANT PROCESS ON *.* TO "
)
NOT_TOLD = (
    "which physical tables lie behind a view or a SELECT can't be seen, so rows that come with a whole one (RENAME "
    "TABLE, EXCHANGE PARTITION) would stay unseen"
)


def leaves(connection: Any, schema: str, table: str, *, whole: bool) -> tuple[tuple[Leaf, ...], tuple[str, ...]]:
    """Those of a table that is held, or none and what is trusted instead (R7); ``whole``: it is no view or SELECT."""
    if not whole:
        return (), (NOT_TOLD,)
    values = {"schema": schema, "table": table, "mariadb": is_mariadb(connection)}
    statement = sql.render("mysql/leaves.sql", values, quote=name, literal=literal)
    try:
        found = rows(connection, statement, "reading the source's catalog")
    except SourceRefused as error:
        if error.__cause__ is None or number_of(error.__cause__) != _DENIED:
            raise
        return (), (NO_PRIVILEGE + account(connection),)
    return tuple(Leaf(id=int(number), kind="r", name=_text(file)) for number, file in found), ()


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
