"""A table as its configuration means it: from the catalog, or as a SELECT of the user's own returns it (R29)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import psycopg2

from floodmark.adapters.postgres import catalog
from floodmark.adapters.postgres.choosing import choose
from floodmark.adapters.postgres.errors import mapped
from floodmark.adapters.postgres.query import Query
from floodmark.core.config.target_types import NOTHING_CHOSEN, Choices
from floodmark.core.ports import Selection
from floodmark.core.refused import Refused
from floodmark.core.schema import TableSchema
from floodmark.errors import FatalError, SourceRefused


def describe(
    connection: Any, schema: str, table: str, *, sql: str = "", where: str = "", choices: Choices = NOTHING_CHOSEN
) -> TableSchema:
    """One table, view or SELECT, its columns travelling as chosen. No row is read.

    PostgreSQL itself is asked whether ``sql`` and ``where`` hold.

    A SELECT has every column that it returns. Its key is that of the table of this name, where there is one and its
    key's columns are among them; nothing proves it there, so every merge asserts it (R2).

    Raises:
        SourceRefused: it isn't there, can't be read, or PostgreSQL doesn't take what was written.
    """
    query = Query(
        selection=Selection(schema=schema, name=table, key=(), cursor=(), columns=(), where=where, sql=sql),
        schema=TableSchema(schema=schema, name=table, columns=()),
    )
    try:
        found = _result(connection, query) if sql else catalog.describe(connection, schema, table)
        if where:
            _probe(connection, query, f"the where of {schema}.{table}")
    except Refused as refused:
        raise SourceRefused(f"{schema}.{table}: its SELECT or where {refused.message}; {refused.remedy}") from None
    return choose(found, choices, connection.server_version)


def _result(connection: Any, query: Query) -> TableSchema:
    schema, table = query.selection.schema, query.selection.name
    described = catalog.describe_result(connection, schema, table, query.result())
    try:
        key = catalog.describe(connection, schema, table).key
    except FatalError:  # the SELECT need not be of a table of this name
        return described
    return replace(described, key=key) if key and set(key) <= set(described.names) else described


def _probe(connection: Any, query: Query, what: str) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute(query.probe())
    except psycopg2.Error as error:
        raise mapped(error, what) from error
