"""What of a table that somebody else filled can be taken over, and how."""

from __future__ import annotations

import pytest

from floodmark.core.bigquery.takeover import expression, taking
from floodmark.core.schema import Carried

COLUMNS = (
    Carried(name="id", landing="INT64", target="INT64"),
    Carried(name="Note", landing="STRING", target="STRING"),
    Carried(name="at", landing="TIMESTAMP", target="DATETIME", convert="DATETIME({col}, 'UTC')"),
)


def test_columns_are_found_by_any_case_and_what_is_not_ours_stays() -> None:
    fields = [("ID", "INT64"), ("note", "STRING(20)"), ("at", "DATETIME"), ("_airbyte_raw_id", "STRING")]
    found = taking(fields, COLUMNS, ("at",), "Europe/Berlin")
    assert found.problems == ()
    assert found.others == ("_airbyte_raw_id",)
    assert dict(found.columns)["at"] == "TIMESTAMP(_floodmark_o.`at`, 'UTC')"
    assert found.cursor == "TIMESTAMP(DATETIME(TIMESTAMP(_floodmark_o.`at`, 'UTC'), 'UTC'), 'Europe/Berlin')"


def test_a_missing_cursor_and_a_type_that_does_not_fit_are_told_at_once() -> None:
    found = taking([("id", "BYTES"), ("note", "STRING")], COLUMNS, ("at",), "UTC")
    assert [(column, said) for column, said, _ in found.problems] == [
        ("id", "is BYTES, of which no INT64 can be made"),
        ("at", "is not there"),
        ("at", "is the cursor, and can't be taken"),
    ]


@pytest.mark.parametrize(
    ("kind", "landing", "way"),
    [
        ("NUMERIC", "NUMERIC(12, 2)", "{col}"),
        ("FLOAT64", "NUMERIC(12, 2)", "SAFE_CAST(CAST({col} AS STRING) AS NUMERIC)"),
        ("NUMERIC", "INT64", "SAFE_CAST({col} AS INT64)"),
        ("STRING", "BYTES", "SAFE.FROM_BASE64({col})"),
        ("STRING", "TIMESTAMP", "SAFE_CAST({col} AS TIMESTAMP)"),
        ("JSON", "STRING", "IF({col} IS NULL, NULL, TO_JSON_STRING({col}))"),
        ("ARRAY<STRING>", "STRING", "TO_JSON_STRING({col})"),
        ("TIMESTAMP", "DATE", "DATE({col}, 'UTC')"),
        ("STRUCT", "STRING", None),
        ("GEOGRAPHY", "STRING", None),
        ("BOOL", "INT64", None),
        ("ARRAY<INT64>", "INT64", None),
    ],
)
def test_how_a_type_becomes_another(kind: str, landing: str, way: str | None) -> None:
    assert expression(kind, landing) == way
