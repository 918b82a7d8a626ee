"""What MySQL's catalog says of a table, a view, or a SELECT of the user's own."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import md5
from typing import Any

from floodmark.adapters.mysql.connect import account, rows
from floodmark.adapters.mysql.errors import number_of
from floodmark.adapters.mysql.quote import literal, name
from floodmark.adapters.mysql.types import Declared, base_type, described
from floodmark.core import sql
from floodmark.core.carriage import Check
from floodmark.core.ledger.fingerprint import CatalogPart
from floodmark.core.schema import Column, TableSchema
from floodmark.errors import SourceChanged, SourceRefused

UNSPLIT = frozenset({"enum", "set", "float", "double", "json", "geometry"})
"""Types of which a literal isn't compared as an index orders them, so that no first load is cut along them (M23)."""
_DENIED = (1142, 1143)
VIEW = "VIEW"
TRANSACTIONAL = "InnoDB"
KEYLESS = "it has no primary key, along which it could be shared out"
_EXACT = ("_nopad_bin", "_0900_bin")
"""Collations that tell all texts apart. Any other one leaves trailing spaces out, or case, or accents too (M25)."""


def ask(connection: Any, template: str, **values: Any) -> list[tuple[Any, ...]]:
    """The rows of a catalog query."""
    statement = sql.render(f"mysql/{template}.sql", values, quote=name, literal=literal)
    return rows(connection, statement, "reading the source's catalog")


def tables(connection: Any) -> Sequence[tuple[str, str]]:
    """``(database, name)`` of what the role may read."""
    return [(str(database), str(table)) for database, table in ask(connection, "tables")]


def engine(connection: Any, schema: str, table: str) -> str:
    """A table's engine; empty for a view, and for what isn't there."""
    found = ask(connection, "relation", schema=schema, table=table)
    return str(found[0][1]) if found else ""


def describe(connection: Any, schema: str, table: str) -> TableSchema:
    """One table or view. Raises ``SourceRefused`` where there is none that the role may read."""
    found = ask(connection, "relation", schema=schema, table=table)
    if not found:
        raise SourceRefused(
            f"{schema}.{table}: no such table or view in the source, or the role may not read it; names are exact, "
            f"upper and lower case too; {_grant(connection, schema, table)}"
        )
    [(kind, engine, comment, estimated_rows)] = found
    columns = tuple(_column(row) for row in ask(connection, "columns", schema=schema, table=table))
    key, unique = _keys(connection, schema, table, columns)
    whole = kind != VIEW
    splits = [column for column in columns if column.name in key and _is_unsplit(column)]
    return TableSchema(
        schema=schema,
        name=table,
        columns=columns,
        key=key,
        unique=unique,
        comment="" if comment == VIEW else comment,
        row_versions=False,
        splittable=whole and bool(key) and not splits,
        indexable=whole,
        estimated_rows=int(estimated_rows),
        in_part=_in_part(connection, schema, table),
        restless="" if kind == VIEW else restless(schema, table, str(engine)),
        undivided=_undivided(key, splits, kind, str(engine)),
    )


def _is_unsplit(column: Column) -> bool:
    return column.base_type.split()[0] in UNSPLIT or column.carriage.check is Check.LETTERS


def _in_part(connection: Any, schema: str, table: str) -> str:
    """How to be told of all columns, where the account may read some alone: the catalog hides others from it (R2)."""
    statement = f"SELECT * FROM {name(schema)}.{name(table)} LIMIT 0"
    try:
        rows(connection, statement, f"asking whether all columns of {schema}.{table} are told")
    except (SourceRefused, SourceChanged) as error:
        if error.__cause__ and number_of(error.__cause__) in _DENIED:
            return _grant(connection, schema, table)
    return ""  # a view that doesn't hold any more is told by whoever reads it


def _grant(connection: Any, schema: str, table: str, right: str = "SELECT") -> str:
    return f"GRANT {right} ON {name(schema)}.{name(table)} TO {account(connection)}"


def restless(schema: str, table: str, engine: str) -> str:
    """Why no snapshot holds a table of that engine still, and what mends it (M16); empty where one does."""
    if not engine or engine == TRANSACTIONAL:
        return ""
    return (
        f"its engine {engine} has no transactions, so no snapshot holds it still and no slice of it can be known to be "
        f"whole; ALTER TABLE {name(schema)}.{name(table)} ENGINE = InnoDB; or write sync: full"
    )


def _undivided(key: tuple[str, ...], splits: Sequence[Column], kind: str, engine: str) -> str:
    if kind == VIEW or not key:
        return KEYLESS
    if splits:
        return f"literals of its primary key's type, {splits[0].type}, aren't compared as its index orders them"
    return "" if engine == TRANSACTIONAL else f"its engine {engine} has no snapshots"


def parts(connection: Any, schema: TableSchema) -> tuple[CatalogPart, ...]:
    """What beside their names decides the columns' values: a view's text, what is generated, labels (R29)."""
    found = ask(connection, "columns", schema=schema.schema, table=schema.name)
    told: list[tuple[str, str]] = []
    for row in found:
        column, data_type, column_type, expression = row[0], row[1], row[2], row[8]
        if expression:
            told.append((f"generated column {schema.schema}.{schema.name}.{column}", expression))
        if data_type in ("enum", "set"):
            told.append((f"labels of {schema.schema}.{schema.name}.{column}", column_type))
    views = ask(connection, "views", schema=schema.schema, table=schema.name)
    told += [(f"view {database}.{view}", text or "") for database, view, text in views]
    return tuple(CatalogPart(what=what, digest=md5(str(text).encode()).hexdigest()) for what, text in told)


def untold(connection: Any, schema: TableSchema) -> tuple[str, ...]:
    """What the account is not told of what decides values: of a view's text MySQL says nothing without SHOW VIEW."""
    views = [view for _, view, text in ask(connection, "views", schema=schema.schema, table=schema.name) if not text]
    if not views:
        return ()
    grant = _grant(connection, schema.schema, schema.name, "SHOW VIEW")
    return (f"the text of the view {', '.join(views)} is not told, so another one would stay unseen; {grant}",)


def _column(row: Sequence[Any]) -> Column:
    column, data_type, column_type, nullable, comment, precision, scale, extra, expression, has_default = row[:10]
    collation, charset = row[10:]
    declared = Declared(
        data_type=str(data_type).lower(),
        column_type=_text(column_type).lower() if data_type not in ("enum", "set") else _text(column_type),
        precision=None if precision is None else int(precision),
        scale=None if scale is None else int(scale),
        charset=str(charset).lower(),
    )
    return described(
        Column(
            name=column,
            type=_text(column_type),
            base_type=base_type(declared),
            nullable=bool(nullable),
            comment=comment,
            folding="" if collation.endswith(_EXACT) else collation,
            filled=bool(expression) or "GENERATED" in extra.upper() or bool(has_default) or not nullable,
        ),
        declared,
    )


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _keys(
    connection: Any, schema: str, table: str, columns: tuple[Column, ...]
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """The primary key, and every set of columns that the source keeps unique and not null."""
    nullable = {column.name for column in columns if column.nullable}
    indexes: dict[str, list[tuple[str | None, Any]]] = {}
    for index, column, sub_part in ask(connection, "unique_keys", schema=schema, table=table):
        indexes.setdefault(index, []).append((column, sub_part))
    whole = {
        index: tuple(str(column) for column, _ in found)
        for index, found in indexes.items()
        if not any(column is None or sub_part is not None or column in nullable for column, sub_part in found)
    }
    return whole.get("PRIMARY", ()), tuple(whole.values())
