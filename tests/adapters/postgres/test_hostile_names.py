"""Whatever a table, a schema or a column is called, what PostgreSQL is sent is the same statement."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot.tokens import TokenType

from floodmark.adapters.postgres.catalog import Result
from floodmark.adapters.postgres.connect import transaction_settings
from floodmark.adapters.postgres.query import Query, airflow_template
from floodmark.adapters.postgres.quote import literal, name
from floodmark.adapters.postgres.types import with_carriage
from floodmark.core import sql
from floodmark.core.checksum import LOW
from floodmark.core.config.masks import Mask, MaskKind
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
    "列", "\U0001f600", "\u202e", "\x01", "a", "A", "1", "$1", "${X}", "{col}", "{{ ds }}", "%(a)s", "#}", "%}", "@x",
    "e\u0301", "\u200d", "\u200b", "xmin", "ctid", "own", "r", "ab" * 31,
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
    told = [name(column) for column in names[:2]]
    masks = {names[6]: Mask(kind=MaskKind.SHA256), names[4]: Mask(kind=MaskKind.TRUNCATE, first=3)}
    return [
        query.rows(spans),
        plain.rows(None, part),
        plain.part_end(("1", value), 10),
        query.holder(),
        query.counts(),
        query.fresh(spans),
        query.probe(),
        plain.compared("census", scope),
        plain.compared("reconcile_rows", scope, buckets=Buckets(bits=4, numbers=(1,))),
        plain.compared("reconcile_sums", scope, shift=50, low=LOW, keys_only=False, stretch=None),
        plain.compared("reconcile_named", scope, buckets=Buckets(bits=4, numbers=(1,)), told=told),
        plain.compared("reconcile_keys", scope, told=told, told_by=told, keys=[[("1", "bigint"), (value, "text")]]),
        replace(plain, selection=replace(plain.selection, masks=masks)).rows(spans),
        airflow_template(selection, "low", "high"),
        replace(query, selection=replace(selection, sql="SELECT 1 AS id")).result(),
        *transaction_settings(value, 180000, timedelta(seconds=1), None),
        *(_filled(template, values) for template, values in _asked(schema, table, names, value)),
    ]


def _asked(schema: str, table: str, names: list[str], value: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The other templates, with what they are filled with."""
    named = ("relation", "facts_indexes", "facts_activity")
    yield from ((template, {"schema": schema, "table": table}) for template in named)
    yield "facts_spread", {"schema": schema, "table": table, "column": names[0]}
    yield "role", {"schema": schema}
    yield "look_sessions", {"own_reads": value}
    yield "result_collations", {"own": "SELECT 1", "columns": names}
    for flat in (False, True):
        yield (
            "columns",
            {"oid": None, "result": [Result(name=one, type=25, modifier=-1) for one in names], "flat": flat},
        )
        yield "columns", {"oid": 1, "result": (), "flat": flat}
        yield "catalog_parts", {"words": [*names, value], "own": True, "flat": flat}
    yield "flushed", {"lsn": value}
    yield "size", {"leaves": [1, 2]}
    yield "zone_clock", {"zone": value, "moments": [READ_AT]}
    yield "position", {"standby": True}
    yield "snapshot", {"identified": True}
    yield "unique_keys", {"oid": 1}
    yield from ((template, {}) for template in _ALONE)


def _filled(template: str, values: dict[str, Any]) -> str:
    return sql.render(f"postgres/{template}.sql", values, quote=name, literal=literal)


_ALONE = (
    "blind_collations", "database", "export_snapshot", "facts_server", "leaves", "look_clock", "look_prepared",
    "may_share", "replayed", "server", "system_id", "tables", "unreadable_tables",
)  # fmt: skip
"""Templates that are filled with nothing."""


def shape(sql: str) -> list[tuple[TokenType, str]]:
    """Its tokens, but for what stands in quotes."""
    quoted = (TokenType.IDENTIFIER, TokenType.STRING, TokenType.BYTE_STRING)
    return [
        (TokenType.STRING if token.token_type in quoted[1:] else token.token_type,
         "" if token.token_type in quoted else token.text)
        for token in sqlglot.tokenize(sql, read="postgres")
    ]  # fmt: skip


def test_no_template_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    used: set[str] = set()
    render = sql.render

    def noted(template: str, *values: Any, **more: Any) -> str:
        used.add(template.removeprefix("postgres/"))
        return render(template, *values, **more)

    monkeypatch.setattr(sql, "render", noted)
    statements("s", "t", [f"n{place}" for place in range(len(KINDS))], "v")
    assert used == {path.name for path in (sql.folder() / "postgres").glob("[!_]*.sql")}


@settings(max_examples=40, deadline=None)
@given(HOSTILE, HOSTILE, st.lists(HOSTILE, min_size=len(KINDS), max_size=len(KINDS), unique=True), HOSTILE)
def test_no_name_and_no_value_changes_a_statement(schema: str, table: str, names: list[str], value: str) -> None:
    plain = statements("s", "t", [f"n{place}" for place in range(len(KINDS))], "v")
    for odd, tame in zip(statements(schema, table, names, value), plain, strict=True):
        assert shape(odd) == shape(tame)
