"""What the gate refuses of files of text that the local server would load, as BigQuery's pages say."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from floodmark.demo.servers.gate.text_loads import refusal

FIELDS = (
    {"name": "id", "type": "INTEGER", "mode": "NULLABLE"},
    {"name": "note", "type": "STRING", "mode": "NULLABLE"},
)
CSV: dict[str, Any] = {
    "sourceFormat": "CSV",
    "nullMarker": "\\N",
    "allowQuotedNewlines": True,
    "preserveAsciiControlCharacters": True,
    "schema": {"fields": list(FIELDS)},
}
JSON: dict[str, Any] = {"sourceFormat": "NEWLINE_DELIMITED_JSON", "schema": {"fields": list(FIELDS)}}


def said(text: str, config: dict[str, Any], fields: tuple[dict[str, str], ...] = FIELDS) -> str:
    return refusal("p:d.t", fields, config, [gzip.compress(text.encode())])


def test_what_fits_is_loaded() -> None:
    assert said('1,"two\nlines, \x01"\n\\N,""\n', CSV) == ""
    assert said('{"id":"1","note":"a"}\n{"id":null,"note":""}\n', JSON) == ""


@pytest.mark.parametrize(
    ("text", "changes", "wanted"),
    [
        ('1,"two\nlines"\n', {"allowQuotedNewlines": False}, "Missing close quote"),
        ('1,"\x01"\n', {"preserveAsciiControlCharacters": False}, "control characters"),
        (',""\n', {}, "Could not parse '' as INTEGER for field id"),
        ("1\n", {}, "Too few values in row: 1 for 2"),
        ("1,a,b\n", {}, "Too many values in row: 3 for 2"),
    ],
)
def test_a_csv_that_bigquery_would_not_load(text: str, changes: dict[str, Any], wanted: str) -> None:
    assert wanted in said(text, {**CSV, **changes})


@pytest.mark.parametrize(
    ("text", "changes", "wanted"),
    [
        ('{"id":1,"more":2}\n', {}, "No such field: more"),
        ('{"note":["a"]}\n', {}, "Array specified for non-repeated field: note"),
        ("[1]\n", {}, "a row is no object"),
        ('{"id":1}\n', {"columnNameCharacterMap": "V2"}, "can't be set for NEWLINE_DELIMITED_JSON"),
    ],
)
def test_json_that_bigquery_would_not_load(text: str, changes: dict[str, Any], wanted: str) -> None:
    assert wanted in said(text, {**JSON, **changes})


def test_a_schema_that_is_not_the_tables_and_an_array_in_a_csv() -> None:
    texts = [{"name": "id", "type": "STRING"}]
    assert "Field id has changed type from INT64 to STRING" in said("", {**CSV, "schema": {"fields": texts}})
    repeated = {"name": "tags", "type": "STRING", "mode": "REPEATED"}
    fields = (*FIELDS, repeated)
    assert "Field tags is REPEATED, which CSV doesn't hold" in said(
        "", {**CSV, "schema": {"fields": [repeated]}}, fields
    )
