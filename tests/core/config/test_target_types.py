"""Types as they are chosen in the file: by column, glob or the source's type."""

from __future__ import annotations

import pytest

from floodmark.core.config import target_types
from floodmark.core.config.table import fill
from floodmark.core.config.values import written
from floodmark.core.refused import Refused
from floodmark.core.schema import Column

SOURCE: dict[str, object] = {"start": "2026-11-01"}
EACH: dict[str, object] = {
    "price": "NUMERIC",
    "exact": "NUMERIC(12, 2)",
    "wide": "BIGNUMERIC(40, 5)",
    "tags": "ARRAY<STRING>",
    "payload": {"JSON": "round"},
    "raw": "JSON",
    "clear": "default",
}


def column(name: str, kind: str = "text", base: str = "", *, array: bool = False) -> Column:
    return Column(name=name, type=kind, base_type=base or kind.removesuffix("[]"), array=array)


def chosen(column: Column, own: dict[str, object], defaults: dict[str, object] | None = None) -> str:
    table = fill("t", {"types": own}, {"types": defaults} if defaults else {}, SOURCE)
    return str(table.choices.of(column) or "")


def test_each_spelling_is_read_and_written_back() -> None:
    assert written(target_types.parse(EACH)) == EACH


@pytest.mark.parametrize(
    ("spelling", "read"),
    [("numeric", "NUMERIC"), ("Numeric( 12,2 )", "NUMERIC(12, 2)"), ("NUMERIC(12)", "NUMERIC(12, 0)"),
     ("array< string >", "ARRAY<STRING>")],
)  # fmt: skip
def test_spaces_and_case_dont_count(spelling: str, read: str) -> None:
    assert chosen(column("a"), {"a": spelling}) == read


@pytest.mark.parametrize(
    "spelling",
    ["TEXT", "NUMERIC(12, 10)", "NUMERIC(2, 5)", "BIGNUMERIC(77, 38)", "NUMERIC(0)", "ARRAY<JSON>",
     "ARRAY<ARRAY<INT64>>", "", 5, None, {"JSON": "exact"}, {"NUMERIC": "round"}, ["JSON"], "STRUCT<a INT64>",
     "NUMERIC(12, 2); DROP"],
)  # fmt: skip
def test_what_is_no_type_of_bigquery_s_is_refused(spelling: object) -> None:
    with pytest.raises(Refused, match="is no type of BigQuery's") as refused:
        target_types.parse({"a": spelling})
    assert "NUMERIC(p, s)" in refused.value.remedy


def test_a_name_comes_before_a_glob_and_a_glob_before_a_type() -> None:
    own: dict[str, object] = {"jsonb": "STRING", "*_at": "STRING", "paid_at": "DATETIME"}
    assert chosen(column("paid_at", "timestamp with time zone", "timestamptz"), own) == "DATETIME"
    assert chosen(column("made_at", "jsonb"), own) == "STRING"
    assert chosen(column("payload", "jsonb"), {"jsonb": "JSON", "p": "STRING"}) == "JSON"


@pytest.mark.parametrize(
    ("key", "kind", "base"),
    [("numeric", "numeric(12,2)", "numeric"), ("timestamptz", "timestamp(3) with time zone", "timestamptz"),
     ("timestamp with time zone", "timestamp(3) with time zone", "timestamptz"), ("price", "price", "numeric"),
     ("numeric", "price", "numeric"), ("citext", "citext", "public.citext")],
)  # fmt: skip
def test_a_type_is_known_by_what_is_declared_and_by_what_lies_under_it(key: str, kind: str, base: str) -> None:
    assert chosen(column("a", kind, base), {key: "STRING"}) == "STRING"


def test_an_array_isnt_its_elements_type() -> None:
    array = column("a", "numeric(5,2)[]", "numeric", array=True)
    assert chosen(array, {"numeric": "STRING"}) == ""
    assert chosen(array, {"numeric[]": "ARRAY<NUMERIC>"}) == "ARRAY<NUMERIC>"


def test_a_tables_own_come_before_those_of_defaults_which_stay_beside_them() -> None:
    defaults: dict[str, object] = {"jsonb": "JSON", "numeric": "BIGNUMERIC"}
    own: dict[str, object] = {"payload": "default", "numeric": "NUMERIC"}
    assert chosen(column("payload", "jsonb"), own, defaults) == ""
    assert chosen(column("other", "jsonb"), own, defaults) == "JSON"
    assert chosen(column("price", "numeric"), own, defaults) == "NUMERIC"


def test_a_masked_column_travels_as_the_mask_does() -> None:
    table = fill("t", {"mask": {"email": "sha256"}, "types": {"*": "BYTES"}}, {}, SOURCE)
    assert table.choices.of(column("email")) is None
    assert table.choices.of(column("other")) is not None
