"""A table as its configuration means it: from the catalog, or as a SELECT of the user's own returns it (R29)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from floodmark.adapters.mysql import catalog
from floodmark.adapters.mysql.choosing import choose
from floodmark.adapters.mysql.connect import rows
from floodmark.adapters.mysql.query import Query
from floodmark.adapters.mysql.result import describe_result
from floodmark.core.config.target_types import NOTHING_CHOSEN, Choices
from floodmark.core.ports import Selection
from floodmark.core.refused import Refused
from floodmark.core.schema import TableSchema
from floodmark.errors import FatalError, SourceRefused

DEFAULT_SCHEMA = "public"
"""What a table without a schema is in in Floodmark's files: here, in the connection's own database."""


def database_of(schema: str, own: str) -> str:
    """The database that a table's schema means; ``own`` is the connection's. Raises ``SourceRefused`` without one."""
    if schema != DEFAULT_SCHEMA:
        return schema
    if not own:
        raise SourceRefused(
            "the connection names no database: write one as its schema, or name each table's: from: database.table"
        )
    return own


def describe(
    connection: Any, schema: str, table: str, *, sql: str = "", where: str = "", choices: Choices = NOTHING_CHOSEN
) -> TableSchema:
    """One table, view or SELECT, its columns travelling as chosen. No row is read.

    MySQL itself is asked whether ``sql`` and ``where`` hold. A SELECT's key is that of the table of this name, where
    there is one and its key's columns are among what it returns; nothing proves it there (R2).

    Raises:
        SourceRefused: it isn't there, can't be read, or MySQL doesn't take what was written.
    """
    query = Query(
        selection=Selection(schema=schema, name=table, key=(), cursor=(), columns=(), where=where, sql=sql),
        schema=TableSchema(schema=schema, name=table, columns=()),
    )
    try:
        found = _result(connection, query) if sql else catalog.describe(connection, schema, table)
        if where:
            rows(connection, query.probe(), f"the where of {schema}.{table}")
    except Refused as refused:
        raise SourceRefused(f"{schema}.{table}: its SELECT or where {refused.message}; {refused.remedy}") from None
    return choose(found, choices)


def _result(connection: Any, query: Query) -> TableSchema:
    schema, table = query.selection.schema, query.selection.name
    described = describe_result(connection, schema, table, query.result())
    try:
        key = catalog.describe(connection, schema, table).key
    except FatalError:  # the SELECT need not be of a table of this name
        return described
    return replace(described, key=key) if key and set(key) <= set(described.names) else described
