"""What PostgreSQL's catalog says of a table, a view, or a SELECT of the user's own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import psycopg2

from floodmark.adapters.postgres.connect import rows
from floodmark.adapters.postgres.errors import mapped
from floodmark.adapters.postgres.keys import with_key
from floodmark.adapters.postgres.quote import literal, name
from floodmark.adapters.postgres.types import with_carriage
from floodmark.core import sql
from floodmark.core.ledger.fingerprint import CatalogPart
from floodmark.core.ledger.snapshot import Leaf
from floodmark.core.schema import Column, Identity, TableSchema
from floodmark.errors import SourceRefused

PLACELESS = "its rows have no place of their own, as those of a heap table have"
_NUMERIC = 1700
_COLLATED = (19, 25, 1042, 1043)
"""name, text, bpchar, varchar."""
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, kw_only=True)
class Result:
    """One column of a query's result: its type's oid and modifier, and whether its collation tells texts apart."""

    name: str
    type: int
    modifier: int
    deterministic: bool = True


def statement_of(template: str, *, flat: bool = False, **values: Any) -> str:
    """The text of a catalog query. ``flat``: without a common table expression, which Cloud SQL's exports refuse."""
    return sql.render(f"postgres/{template}.sql", {"flat": flat, **values}, quote=name, literal=literal)


def ask(connection: Any, template: str, **values: Any) -> list[tuple[Any, ...]]:
    """The rows of a catalog query."""
    statement = statement_of(template, flat=getattr(connection, "flat", False), **values)
    return rows(connection, statement, "reading the source's catalog")


def tables(connection: Any) -> Sequence[tuple[str, str]]:
    """``(schema, name)`` of what the role may read."""
    return [(schema, table) for schema, table in ask(connection, "tables")]


def describe(connection: Any, schema: str, table: str) -> TableSchema:
    """One table or view. Raises ``SourceRefused`` where there is none, or it can't be read as it is."""
    where = f"{schema}.{table}"
    found = ask(connection, "relation", schema=schema, table=table)
    if not found:
        raise SourceRefused(f"{where}: no such table or view in the source; names are exact, upper and lower case too")
    [(oid, relkind, comment, estimated_rows, xmin, has_children, _, readable)] = found
    if has_children:
        raise SourceRefused(
            f"{where}: other tables inherit from it, so its keys are unique in each of them only (R2); read it by a "
            f"SELECT of your own, FROM ONLY {name(schema)}.{name(table)}, and each child by itself"
        )
    if not readable:
        raise SourceRefused(f"{where}: the role may not read it; {_grants(connection, schema, table)}")
    columns, numbers = _columns(connection, oid=oid, result=())
    key, unique = _keys(connection, oid, columns)
    return TableSchema(
        schema=schema,
        name=table,
        columns=columns,
        key=key,
        unique=unique,
        comment=comment,
        row_versions=xmin,
        splittable=relkind in ("r", "p"),
        indexable=relkind in ("r", "p", "m"),
        estimated_rows=estimated_rows,
        identity=Identity(relation=str(oid), columns=numbers),
        undivided="" if xmin else PLACELESS,
    )


def _grants(connection: Any, schema: str, table: str) -> str:
    """What an administrator runs to let our role read a table."""
    [(role, enters)] = ask(connection, "role", schema=schema)
    usage = "" if enters else f"GRANT USAGE ON SCHEMA {name(schema)} TO {name(role)}; "
    return f"{usage}GRANT SELECT ON {name(schema)}.{name(table)} TO {name(role)}"


def describe_result(connection: Any, schema: str, table: str, statement: str) -> TableSchema:
    """What a SELECT of the user's own returns. As a view, it has no key, no index and no xmin."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            result = [_result(column) for column in cursor.description]
    except psycopg2.Error as error:
        raise mapped(error, f"the SELECT for {schema}.{table}") from error
    names = [column.name for column in result]
    if doubled := sorted({one for one in names if names.count(one) > 1}):
        raise SourceRefused(
            f"the SELECT for {schema}.{table} returns {', '.join(doubled)} twice; name each column once"
        )
    columns, _ = _columns(connection, oid=None, result=_with_collations(connection, statement, result))
    return TableSchema(
        schema=schema, name=table, columns=columns, row_versions=False, splittable=False, indexable=False,
        undivided=PLACELESS,
    )  # fmt: skip


def _with_collations(connection: Any, statement: str, result: Sequence[Result]) -> list[Result]:
    """The same with what the collations hold for equal; asked only where the database has one that does (R30)."""
    blind = [name for (name,) in ask(connection, "blind_collations")]
    if not blind:
        return list(result)
    columns = [one.name for one in result if one.type in _COLLATED]
    [found] = ask(connection, "result_collations", own=statement, columns=columns) if columns else [()]
    named = dict(zip(columns, found, strict=True))
    return [replace(one, deterministic=named.get(one.name) not in blind) for one in result]


def leaves(connection: Any) -> tuple[Leaf, ...]:
    """The physical tables that this transaction has locked."""
    return as_leaves(ask(connection, "leaves"))


def as_leaves(found: Sequence[tuple[Any, ...]]) -> tuple[Leaf, ...]:
    """What the rows of ``leaves.sql`` mean."""
    return tuple(
        Leaf(id=oid, kind=kind, access_method=method, name=name, storage=storage)
        for oid, kind, method, name, storage in found
    )


def parts(connection: Any, *, where: str = "", own: str = "") -> tuple[CatalogPart, ...]:
    """What else decides the values of all that this transaction has locked: views, expressions, types (R29).

    And functions that they call, or that ``where`` and the user's ``own`` SELECT may.
    """
    return as_parts(rows(connection, parts_statement(where=where, own=own), "reading the source's catalog"))


def parts_statement(*, where: str, own: str, flat: bool = False) -> str:
    """The text that asks for them; ``flat`` as of :func:`statement_of`."""
    words = sorted({word for text in (where, own) for name in _WORD.findall(text) for word in (name, name.lower())})
    return statement_of("catalog_parts", flat=flat, words=words, own=bool(own))


def as_parts(found: Sequence[tuple[Any, ...]]) -> tuple[CatalogPart, ...]:
    """What its rows mean."""
    return tuple(CatalogPart(what=what, digest=digest) for what, digest in found)


def _columns(
    connection: Any, *, oid: int | None, result: Sequence[Result]
) -> tuple[tuple[Column, ...], tuple[tuple[str, int], ...]]:
    """The columns, and their numbers in the catalog."""
    if oid is None and not result:
        return (), ()
    found = ask(connection, "columns", oid=oid, result=result)
    columns = tuple(
        with_key(
            with_carriage(
                Column(
                    name=column,
                    type=type_,
                    base_type=base,
                    kind=kind,
                    modifier=modifier,
                    array=array,
                    nullable=nullable,
                    comment=comment,
                    filled=filled,
                    in_parts=in_parts,
                )
            ),
            deterministic=deterministic,
        )
        for column, type_, base, kind, modifier, array, in_parts, nullable, comment, deterministic, filled, _ in found
    )
    return columns, tuple((column, number) for column, *_, number in found)


def _keys(
    connection: Any, oid: int, columns: tuple[Column, ...]
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """The primary key, and every set of columns that the source keeps unique and not null."""
    nullable = {column.name for column in columns if column.nullable}
    found = [(primary, tuple(names)) for primary, names in ask(connection, "unique_keys", oid=oid)]
    whole = [(primary, names) for primary, names in found if not nullable.intersection(names)]
    return next((names for primary, names in whole if primary), ()), tuple(names for _, names in whole)


def _result(column: Any) -> Result:
    """psycopg2 tells a numeric's modifier as precision and scale, and no other."""
    modifier = -1
    if column.type_code == _NUMERIC and column.precision is not None and column.precision < 65_535:
        modifier = (column.precision << 16 | (column.scale or 0) & 0x7FF) + 4
    return Result(name=column.name, type=column.type_code, modifier=modifier)
