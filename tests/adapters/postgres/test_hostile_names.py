"""Whatever a table, a schema or a column is called, what PostgreSQL is sent is the same statement."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot.tokens import TokenType

from floodmark.adapters.postgres.query import Query
from floodmark.adapters.postgres.types import with_carriage
from floodmark.core.ledger.portion import Buckets, Part, Span
from floodmark.core.ports import Selection
from floodmark.core.reconcile import Scope
from floodmark.core.schema import Column, TableSchema
from floodmark.core.time.interval import Interval

READ_AT = datetime(2026, 11, 1, 12, tzinfo=UTC)
HOUR = Interval(low=datetime(2026, 11, 1, 10, tzinfo=UTC), high=datetime(2026, 11, 1, 11, tzinfo=UTC))
PIECES = (
    '"', '""', "'", "''", "\\", "\\'", ";", "--", "/*", "*/", "$$", "$a$", "`", "{", "}", "{}", "{0}", "{{", "}}", "{%",
    "{#", "%s", "%", ":a", "?", "\n", "\r", "\t", " ", ".", ",", "(", ")", "E'", "DROP TABLE x", "SELECT", "NULL", "ß",
    "列", "\U0001f600", "\u202e", "\x01", "a", "A", "1",
)  # fmt: skip
HOSTILE = st.lists(st.sampled_from(PIECES), min_size=1, max_size=5).map("".join)
KINDS = (
    ("bigint", "int8"),
    ("text", "text"),
    ("timestamp with time zone", "timestamptz"),
    ("numeric", "numeric"),
    ("jsonb", "jsonb"),
    ("date", "date"),
    ("double precision", "float8"),
)
"""A column of each; the first two are the key, the third is the cursor."""


def statements(schema: str, table: str, names: list[str], value: str) -> list[str]:
    """What a read, a first load in parts and a comparison send for such a table; ``value`` is a text of a key."""
    columns = tuple(
        with_carriage(Column(name=name, type=kind, base_type=base))
        for name, (kind, base) in zip(names, KINDS, strict=True)
    )
    selection = Selection(
        schema=schema, name=table, key=tuple(names[:2]), cursor=(names[2],), columns=tuple(names), soft=names[5],
        leaving=True, where="true", rename={name: f"c{place}" for place, name in enumerate(names)},
    )  # fmt: skip
    query = Query(
        selection=selection, schema=TableSchema(schema=schema, name=table, columns=columns), xmax=(1 << 32) + 5
    )
    plain = replace(query, selection=replace(selection, leaving=False, where="", soft=""))
    spans = [Span(interval=HOUR, base=7)]
    part = Part(low=("1", value), high=("2", value), since=READ_AT)
    scope = Scope(
        sealed=(HOUR,), start=READ_AT, early=True, timeless=False, soft="c5",
        columns=tuple(f"c{place}" for place in range(len(names))),
    )  # fmt: skip
    return [
        query.rows(spans, READ_AT),
        plain.rows(None, READ_AT, part),
        plain.part_end(("1", value), 10),
        query.holder(),
        query.counts(),
        query.fresh(spans),
        query.probe(),
        plain.compared("census", scope),
        plain.compared("reconcile_rows", scope, buckets=Buckets(bits=4, numbers=(1,))),
    ]


def shape(sql: str) -> list[tuple[TokenType, str]]:
    """Its tokens, but for what stands in quotes."""
    quoted = (TokenType.IDENTIFIER, TokenType.STRING, TokenType.BYTE_STRING)
    return [
        (TokenType.STRING if token.token_type in quoted[1:] else token.token_type,
         "" if token.token_type in quoted else token.text)
        for token in sqlglot.tokenize(sql, read="postgres")
    ]  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(HOSTILE, HOSTILE, st.lists(HOSTILE, min_size=len(KINDS), max_size=len(KINDS), unique=True), HOSTILE)
def test_no_name_and_no_value_changes_a_statement(schema: str, table: str, names: list[str], value: str) -> None:
    plain = statements("s", "t", [f"n{place}" for place in range(len(KINDS))], "v")
    for sql, tame in zip(statements(schema, table, names, value), plain, strict=True):
        assert shape(sql) == shape(tame)
