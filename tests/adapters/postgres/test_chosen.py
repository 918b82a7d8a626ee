"""Which types may be chosen for which of PostgreSQL's, and what is said of all others."""

from __future__ import annotations

import pytest

from floodmark.adapters.postgres.choosing import choose, of_pair
from floodmark.adapters.postgres.keys import with_key
from floodmark.adapters.postgres.matrix.chosen import ALLOWED as ALL
from floodmark.adapters.postgres.matrix.pairs import PAIRS, Pair
from floodmark.adapters.postgres.types import with_carriage
from floodmark.core.config import target_types
from floodmark.core.config.table import fill
from floodmark.core.config.target_types import DECIMALS, PLAIN, Choices, Chosen
from floodmark.core.resolve.table import resolve
from floodmark.core.schema import Column, TableSchema
from floodmark.errors import ConfigurationError

BASES = (
    "int2", "int4", "int8", "oid", "float4", "float8", "numeric", "money", "bool", "text", "varchar", "bpchar", "bytea",
    "uuid", "json", "jsonb", "date", "time", "timetz", "timestamp", "timestamptz", "interval", "inet", "int4range",
)  # fmt: skip
ELEMENTS = [f"ARRAY<{one}>" for one in ("STRING", "INT64", "FLOAT64", "NUMERIC", "BIGNUMERIC", "BOOL", "DATE",
                                        "DATETIME", "TIMESTAMP", "BYTES", "TIME")]  # fmt: skip
ALLOWED = {
    "int2": {"NUMERIC", "BIGNUMERIC", "FLOAT64"},
    "int4": {"NUMERIC", "BIGNUMERIC", "FLOAT64"},
    "int8": {"NUMERIC", "BIGNUMERIC"},
    "numeric": {"NUMERIC", "BIGNUMERIC", "INT64"},
    "uuid": {"BYTES"},
    "json": {"JSON"},
    "jsonb": {"JSON"},
    "text": {"JSON"},
    "varchar": {"JSON"},
    "date": {"TIMESTAMP", "DATETIME"},
    "timestamp": {"TIMESTAMP"},
    "timestamptz": {"DATETIME"},
    **{f"{base}[]": {"ARRAY<INT64>"} for base in ("int2", "int4", "int8")},
    **{f"{base}[]": {"ARRAY<FLOAT64>"} for base in ("float4", "float8")},
    **{f"{base}[]": {"ARRAY<STRING>"} for base in ("text", "varchar", "bpchar", "uuid")},
    "numeric[]": {"ARRAY<NUMERIC>", "ARRAY<BIGNUMERIC>"},
    "bool[]": {"ARRAY<BOOL>"},
    "date[]": {"ARRAY<DATE>"},
    "timestamp[]": {"ARRAY<DATETIME>"},
    "timestamptz[]": {"ARRAY<TIMESTAMP>"},
}
"""Beside STRING, and what is its own anyway."""


def described(base: str, *, array: bool = False, modifier: int = -1) -> Column:
    kind = f"{base}[]" if array else base
    column = Column(name="a", type=kind, base_type=base, array=array, modifier=modifier, nullable=False)
    return with_key(with_carriage(column), deterministic=True)


def table_of(column: Column, chosen: object, version: int = 180_000) -> Column:
    schema = TableSchema(schema="public", name="t", columns=(column,), key=("a",), unique=(("a",),))
    choices = Choices(types=target_types.parse({"a": chosen}))
    return choose(schema, choices, version).columns[0]


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("array", [False, True])
def test_a_type_may_be_what_is_listed_and_nothing_else(base: str, *, array: bool) -> None:
    column = described(base, array=array)
    for target in (*PLAIN, *DECIMALS, *ELEMENTS):
        typed = table_of(column, target)
        allowed = target in ALLOWED.get(column.type, ()) or target in ("STRING", column.carriage.target)
        if allowed:
            assert typed.misfit == "", (base, target)
            assert typed.carriage.target == target
        else:
            assert typed.carriage == column.carriage
            assert f'column "a" is {column.type}: ' in typed.misfit, (base, target)
            assert "; " in typed.misfit


def test_every_pair_that_is_allowed_is_sent_through_the_pipeline() -> None:
    columns = [of_pair(pair) for pair in PAIRS]
    sent = {(f"{one.base_type}{'[]' * one.array}", Chosen(target=one.carriage.target).bare) for one in columns}
    assert set(ALL) - sent == set()
    assert {target for base, target in sent if base == "public.mood[]"} == {"ARRAY<STRING>"}


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair.type} {pair.chosen}")
def test_no_pair_of_the_page_is_refused(pair: Pair) -> None:
    assert of_pair(pair).misfit == ""
    assert of_pair(pair).chosen


def test_the_remedy_names_what_is_allowed() -> None:
    table = fill("t", {"types": {"a": "DATE"}, "sync": "full"}, {}, {"start": "2026-11-01"})
    schema = TableSchema(schema="public", name="t", columns=(table_of(described("uuid"), "DATE"),))
    with pytest.raises(ConfigurationError) as refused:
        resolve(table, schema, "shop.yml")
    assert [str(one) for one in refused.value.problems] == [
        'shop.yml: tables.t.types: column "a" is uuid: it can\'t be DATE; allowed is STRING, BYTES, or nothing: it is '
        "STRING by itself"
    ]


def test_a_glob_of_the_tables_own_must_match_a_column_or_a_type() -> None:
    keys = {"types": {"*_json": "JSON", "uuid": "STRING"}, "sync": "full"}
    table = fill("t", keys, {"types": {"hstore": "STRING"}}, {"start": "2026-11-01"})
    schema = TableSchema(schema="public", name="t", columns=(described("uuid"),))
    with pytest.raises(ConfigurationError) as refused:
        resolve(table, schema, "shop.yml")
    [problem] = refused.value.problems
    assert problem.message == '"*_json" matches no column of public.t, by name or type; it has: a'


@pytest.mark.parametrize(
    ("base", "chosen", "may"),
    [("int8", "STRING", True), ("int4", "NUMERIC", True), ("int4", "FLOAT64", False), ("numeric", "INT64", True),
     ("numeric", "NUMERIC", True), ("float8", "STRING", False), ("uuid", "BYTES", False),
     ("text", "JSON", False), ("timestamptz", "DATETIME", False)],
)  # fmt: skip
def test_a_key_may_only_be_of_a_type_in_which_equal_values_are_equal(base: str, chosen: str, *, may: bool) -> None:
    typed = table_of(described(base), chosen)
    assert not typed.misfit
    assert (typed.key.refusal == "") is may
    if may:
        assert typed.key == typed.carriage


def test_a_number_that_float64_would_round_is_refused() -> None:
    assert "would round" in table_of(described("int8"), "FLOAT64").misfit
    assert "would round" in table_of(described("numeric"), "FLOAT64").misfit


def test_what_a_type_is_anyway_is_no_choice() -> None:
    assert table_of(described("jsonb"), "STRING") == described("jsonb")
    assert table_of(described("numeric", modifier=(12 << 16 | 2) + 4), "NUMERIC").chosen == ""


@pytest.mark.parametrize(("chosen", "fits"), [("NUMERIC(10)", True), ("NUMERIC(9)", False), ("NUMERIC(12, 4)", False)])
def test_a_whole_number_needs_room_for_all_its_digits(chosen: str, *, fits: bool) -> None:
    assert (table_of(described("int4"), chosen).misfit == "") is fits


def test_a_text_may_be_json_where_the_server_can_tell() -> None:
    assert table_of(described("text"), "JSON", version=160_000).carriage.target == "JSON"
    assert "from version 16 on" in table_of(described("text"), "JSON", version=150_009).misfit


def test_an_array_of_what_json_wouldnt_keep_stays_text() -> None:
    column = Column(name="a", type="thing[]", base_type="public.thing", array=True, kind="c")
    assert "allowed is STRING, or nothing" in table_of(with_carriage(column), "ARRAY<STRING>").misfit
    labels = Column(name="a", type="mood[]", base_type="public.mood", array=True, kind="e")
    assert table_of(with_carriage(labels), "ARRAY<STRING>").misfit == ""


@pytest.mark.parametrize("use", [{"partition_by": "at"}, {"deletes": {"soft": "at"}}])
def test_what_places_a_row_keeps_its_type(use: dict[str, object]) -> None:
    key = described("int8")
    at = with_key(with_carriage(Column(name="at", type="date", base_type="date")), deterministic=True)
    schema = TableSchema(schema="public", name="t", columns=(key, at), key=("a",), unique=(("a",),))
    keys = {"types": {"at": "STRING"}, "cursor": "at", "sync": "incremental", **use}
    table = fill("t", keys, {}, {"start": "2026-11-01"})
    with pytest.raises(ConfigurationError) as refused:
        resolve(table, choose(schema, table.choices, 180_000), "shop.yml")
    assert any("instead of its own type" in one.message for one in refused.value.problems)


def test_what_check_shows_of_a_table_names_the_types_that_are_chosen() -> None:
    table = fill("t", {"sync": "full"}, {"types": {"int8": "NUMERIC", "uuid": "STRING"}}, {"start": "2026-11-01"})
    schema = TableSchema(schema="public", name="t", columns=(described("int8"),))
    assert resolve(table, choose(schema, table.choices, 180_000), "shop.yml").derived == ("types: a NUMERIC",)


def test_a_column_is_masked_or_typed_not_both() -> None:
    keys = {"types": {"a": "STRING"}, "mask": {"a": "sha256"}, "sync": "full"}
    table = fill("t", keys, {}, {"start": "2026-11-01"})
    schema = TableSchema(schema="public", name="t", columns=(described("int8"),))
    with pytest.raises(ConfigurationError) as refused:
        resolve(table, choose(schema, table.choices, 180_000), "shop.yml")
    assert [one.message for one in refused.value.problems] == ['column "a" is masked, and a mask is a text']
