"""What BigQuery holds no column of is told with its remedy (R27)."""

from __future__ import annotations

import pytest

from floodmark.core.bigquery.columns import refusals
from floodmark.core.carriage import Carriage
from floodmark.core.schema import Column, TableSchema


@pytest.mark.parametrize(
    ("column", "says"),
    [
        (
            Column(name="r", type="record", base_type="record", carriage=Carriage(refusal="it has no values")),
            "no values",
        ),
        (Column(name="ID", type="bigint", base_type="int8"), "case doesn't count"),
        (Column(name="_floodmark_x", type="bigint", base_type="int8"), "Floodmark's own"),
        (Column(name="_PARTITIONTIME", type="bigint", base_type="int8"), "BigQuery keeps names"),
        (
            Column(name="_Change_Type", type="text", base_type="text"),
            "begin with _CHANGE_TYPE",
        ),
        (Column(name="a.b", type="bigint", base_type="int8"), "BigQuery allows no . in"),
        (Column(name="temp_°C", type="real", base_type="float4"), 'rename: {"temp_°C": temp_c}, or exclude it'),
        (Column(name="a\u00a0b", type="real", base_type="float4"), "BigQuery allows no U+00A0 in"),
    ],
)
def test_what_cannot_be_carried_is_named_with_its_remedy(column: Column, says: str) -> None:
    table = TableSchema(schema="public", name="t", columns=(Column(name="id", type="bigint", base_type="int8"), column))
    [found] = refusals(table)
    assert found.startswith(f"public.t.{column.name} ({column.type}): ")
    assert says in found
    assert "exclude" in found
    assert refusals(table, ("id",)) == ()


def test_a_column_goes_by_the_name_that_it_has_in_bigquery() -> None:
    columns = (
        Column(name="temp_°C", type="real", base_type="float4"),
        Column(name="plain", type="bigint", base_type="int8"),
    )
    table = TableSchema(schema="public", name="t", columns=columns)
    assert refusals(table, None, {"temp_°C": "temp_c"}) == ()
    assert "begin with _CHANGE_TYPE" in refusals(table, None, {"temp_°C": "temp_c", "plain": "_change_type"})[0]
