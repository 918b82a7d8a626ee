"""What is derived from a catalog, what is refused, and in which words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from floodmark.core.carriage import Carriage
from floodmark.core.config.table import fill
from floodmark.core.resolve.table import resolve
from floodmark.core.schema import Column, TableSchema
from floodmark.errors import ConfigurationError

TYPES = {"id": "bigint", "created_at": "timestamp with time zone", "updated_at": "timestamp with time zone"}


def column(text: str) -> Column:
    """``name``, ``name type`` or ``name type?`` (nullable); the type by TYPES, else text."""
    name, _, kind = text.partition(" ")
    kind = kind or TYPES.get(name, "text")
    kind, nullable = kind.removesuffix("?"), kind.endswith("?")
    return Column(name=name, type=kind, base_type=kind.removesuffix("[]"), nullable=nullable, array="[]" in kind)


def schema(*columns: str, key=("id",), unique=()) -> TableSchema:
    indexes = (*([key] if key else []), *unique)
    return TableSchema(schema="public", name="orders", columns=tuple(map(column, columns)), key=key, unique=indexes)


def resolved(catalog: TableSchema, **keys):
    table = fill("orders", keys, {}, {"start": "2026-11-01"})
    return resolve(table, catalog, "shop.yml")


def refusals(catalog: TableSchema, **keys) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        resolved(catalog, **keys)
    return [str(problem) for problem in caught.value.problems]


def test_a_table_may_be_just_its_name():
    table = resolved(schema("id", "total", "created_at", "updated_at"))
    assert (table.key, table.cursor, table.sync) == (("id",), ("updated_at",), "incremental")
    assert table.columns == ("id", "total", "created_at", "updated_at")
    assert table.unique
    assert table.assumptions == ()
    assert table.derived == (
        "cursor: updated_at (by its name; beside it: created_at)",
        "key: id (the primary key)",
        "sync: incremental (cursor updated_at)",
    )


@pytest.mark.parametrize(
    ("columns", "cursor"),
    [
        (["modified_at timestamptz", "updated_at"], "updated_at"),
        (["modified_at timestamptz", "last_updated timestamptz"], "modified_at"),
        (["updatedAt timestamptz", "created_at"], "updatedAt"),
        (["updated_at date", "modified timestamptz"], "modified"),
        (["updated_at text", "modified_at timestamp"], "modified_at"),
        (["updated_at timestamptz[]", "modified_at timestamp"], "modified_at"),
    ],
)
def test_the_best_name_is_the_cursor(columns, cursor):
    assert resolved(schema("id", *columns)).cursor == (cursor,)


def test_equally_good_cursors_ask_for_a_name():
    assert refusals(schema("id", "updated_at", "updatedAt timestamptz")) == [
        "shop.yml: tables.orders.cursor: public.orders has several that may be it: updated_at, updatedAt; "
        "name the one that moves"
    ]


def test_a_cursor_that_may_be_null_says_so():
    assert "it may be null" in resolved(schema("id", "updated_at timestamptz?")).derived[0]


@pytest.mark.parametrize(
    ("columns", "reason"),
    [(["total"], "it has no timestamp"), (["created_at"], "none of created_at is known to move when a row changes")],
)
def test_without_a_cursor_the_table_is_read_in_full(columns, reason):
    table = resolved(schema("id", *columns))
    assert (table.sync, table.cursor) == ("full", ())
    assert table.derived[-1] == f"sync: full ({reason})"


def test_append_takes_the_time_of_creation_and_no_key():
    table = resolved(schema("id", "created_at"), sync="append")
    assert (table.key, table.cursor, table.sync) == ((), ("created_at",), "append")


def test_a_written_cursor_that_does_not_exist_is_told_what_there_is():
    assert refusals(schema("id", "updated_at", "created_at"), cursor="updated") == [
        'shop.yml: tables.orders.cursor: column "updated" does not exist in public.orders; '
        "it has: updated_at, created_at"
    ]


def test_a_cursor_must_be_a_time():
    assert refusals(schema("id", "updated_at"), cursor="id") == [
        'shop.yml: tables.orders.cursor: column "id" of public.orders is bigint; '
        "name a timestamp or a date; it has: updated_at"
    ]


@pytest.mark.parametrize("sync", ["incremental", "append"])
def test_a_sync_that_needs_a_cursor_refuses_to_go_without(sync):
    told = refusals(schema("id", "happened timestamptz"), sync=sync)
    assert told == [
        f"shop.yml: tables.orders.cursor: public.orders has no column known to be a cursor for sync: {sync}; "
        "it has these times: happened; name one"
    ]


def test_incremental_without_a_key_is_refused():
    told = refusals(schema("id", "updated_at", key=()))
    assert told == [
        "shop.yml: tables.orders.key: public.orders has no primary key and no unique index over NOT NULL columns; "
        "name its key; or write sync: append if its rows never change, or sync: full"
    ]


def test_the_only_unique_index_is_the_key_and_two_are_not():
    assert resolved(schema("id", "code", "updated_at", key=(), unique=[("code",)])).key == ("code",)
    told = refusals(schema("id", "code", "updated_at", key=(), unique=[("code",), ("id", "code")]))
    assert "several unique indexes: (code), (id, code) over NOT NULL" in told[0]


@pytest.mark.parametrize(
    ("key", "unique"), [("id", True), (["code", "id"], True), ("code", False), (["code", "note"], False)]
)
def test_a_written_key_is_unique_where_an_index_stands_behind_it(key, unique):
    table = resolved(schema("id", "code", "note text", "updated_at"), key=key)
    assert table.unique is unique
    assert any("every merge asserts it" in line for line in table.derived) is not unique


def test_columns_are_chosen_by_globs_in_the_tables_order():
    catalog = schema("id", "password_hash", "api_token", "updated_at")
    assert resolved(catalog, columns={"exclude": ["password*", "*_token"]}).columns == ("id", "updated_at")
    assert resolved(catalog, columns={"include": ["*_at", "id"]}).columns == ("id", "updated_at")


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"columns": {"include": ["ids"]}}, '"ids" matches no column'),
        ({"columns": {"exclude": "*"}}, "no column of public.orders is left"),
        ({"columns": {"exclude": "id"}}, 'key: column "id" is not among the columns carried'),
        ({"columns": {"exclude": "updated_at"}}, 'cursor: column "updated_at" is excluded, and would travel as'),
        ({"columns": {"include": "id"}}, 'cursor: column "updated_at" is excluded, and would travel as'),
        ({"mask": {"updated_at": "redact"}}, 'mask: "updated_at" is the cursor, which travels with every row'),
        ({"mask": {"id": "redact"}}, 'mask: "id" is a key column, and redact makes one of different keys'),
        ({"mask": {"emial": "sha256"}}, 'mask: "emial" matches no column of public.orders; it has: id, code, day'),
        ({"partition_by": "code", "columns": {"exclude": "code"}}, 'partition_by: column "code" is not among'),
        ({"cluster_by": ["id", "cod"]}, 'cluster_by: column "cod" does not exist'),
        ({"partition_by": "id"}, 'partition_by: column "id" is bigint; name a date or a timestamp'),
        ({"partition_by": "updated_at"}, "moves whenever a row changes"),
        ({"partition_by": {"column": "day", "by": "hour"}}, "has no hours"),
        ({"deletes": {"soft": "gone"}}, 'deletes.soft: column "gone" does not exist'),
        ({"deletes": {"soft": "code"}}, "name a timestamp, a date or a boolean"),
        ({"key": "idd"}, 'key: column "idd" does not exist in public.orders; it has: id, code, day, updated_at'),
    ],
)
def test_what_does_not_fit_the_catalog_is_refused(keys, told):
    assert any(told in line for line in refusals(schema("id", "code", "day date", "updated_at"), **keys))


def test_a_key_that_may_be_null_or_has_no_one_text_is_refused_where_rows_are_found_by_it():
    [told] = refusals(schema("id", "code text?", "updated_at"), key=["id", "code"])
    assert 'column "code" may be NULL' in told
    assert "NOT NULL in the source" in told
    assert resolved(schema("id", "code text?", "updated_at"), key=["id", "code"], sync="full").key == ("id", "code")
    view = replace(schema("id", "code text?", "updated_at"), splittable=False)
    assert resolved(view, key=["id", "code"]).key == ("id", "code")
    catalog = schema("id", "updated_at")
    worded = replace(catalog.columns[0], key=Carriage(refusal="it has several texts (R30); name another key"))
    [told] = refusals(replace(catalog, columns=(worded, *catalog.columns[1:])))
    assert 'column "id": it has several texts (R30); name another key' in told


@pytest.mark.parametrize(
    ("column", "live", "told"),
    [
        ("gone_at timestamptz", None, 'deletes.soft: column "gone_at" is never NULL'),
        ("gone_at timestamptz", "0001-01-01", ""),
        ("gone_at date", "infinity", ""),
        ("gone_at timestamptz?", None, ""),
        ("gone_at boolean", None, ""),
        ("gone_at boolean", "infinity", 'deletes.live: column "gone_at" is a boolean'),
    ],
)
def test_a_soft_delete_column_says_by_which_value_a_row_lives(column, live, told):
    deletes = {"soft": "gone_at"} | ({"live": live} if live else {})
    found = refusals(schema("id", "updated_at", column), deletes=deletes) if told else []
    assert [told in one for one in found] == ([True] if told else [])
    assert told or resolved(schema("id", "updated_at", column), deletes=deletes)


def test_deletes_need_an_incremental_table_as_it_came_out():
    assert any("came out as full" in line for line in refusals(schema("id", "gone boolean"), deletes={"soft": "gone"}))


@pytest.mark.parametrize(
    ("columns", "told"),
    [(["_floodmark_x"], "begins as Floodmark's own do"), (["a", "A"], "differ in case only")],
)
def test_columns_that_bigquery_cannot_hold_beside_ours_are_refused(columns, told):
    assert any(told in line for line in refusals(schema("id", *columns)))


def test_all_problems_come_at_once():
    assert len(refusals(schema("id", "updated_at"), cursor="a", key="b", cluster_by="c")) == 3


@pytest.mark.parametrize(
    ("columns", "keys", "told"),
    [
        (["updated_at"], {"clock": "application"}, "clock: application"),
        (["updated_at timestamp without time zone"], {"timezone": "Europe/Berlin"}, "taken as Europe/Berlin"),
        (["day date"], {"cursor": "day"}, "is a date"),
        (["updated_at"], {"sql": "x.sql"}, "SELECT of one's own"),
    ],
)
def test_what_no_look_can_prove_is_assumed(columns, keys, told):
    (assumption,) = resolved(schema("id", *columns), **keys).assumptions
    assert told in assumption


def test_a_full_table_assumes_nothing_of_a_clock():
    assert resolved(schema("id", "updated_at"), sync="full", clock="application").assumptions == ()


def test_a_where_that_cannot_be_followed_is_assumed():
    catalog = schema("id", "status", "updated_at")
    assert resolved(catalog, where="status <> 'done'").assumptions == ()
    [said] = resolved(catalog, where="updated_at > now() - interval '1 day'").assumptions
    assert said.startswith("where depends on now:")
    [said] = resolved(catalog, where="tenant = 5", leaving="ignore").assumptions
    assert said.startswith("leaving: ignore:")
    assert resolved(catalog, where="updated_at > now()", sync="full").assumptions == ()


@pytest.mark.parametrize(
    ("rename", "told"),
    [
        ({"temp": "t"}, 'rename: column "temp" does not exist in public.orders; it has: id, ID, updated_at'),
        ({"id": "Updated_At"}, 'column "id" can\'t be called "Updated_At": a column of public.orders is: "updated_at"'),
        ({}, 'columns "id" and "ID" differ in case only, which BigQuery does not tell apart; exclude one of them, or '
             'rename: {"ID": id_2}'),
    ],
)  # fmt: skip
def test_a_name_that_another_column_has_or_none_is_refused(rename: dict[str, str], told: str) -> None:
    assert any(told in line for line in refusals(schema("id", "ID", "updated_at"), rename=rename))


@pytest.mark.parametrize("rename", [{"ID": "id_2"}, {"id": "ID", "ID": "id2"}])
def test_two_columns_that_differ_by_case_travel_under_two_names(rename: dict[str, str]) -> None:
    assert resolved(schema("id", "ID", "updated_at"), rename=rename).columns == ("id", "ID", "updated_at")
