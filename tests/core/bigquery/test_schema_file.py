"""A table's schema as a file: written, read back, and held against what the source brings."""

from __future__ import annotations

import json
from typing import Any

import pytest

from floodmark.core.bigquery.schema_file import differences, kept, parse, text
from floodmark.core.ports import TargetTable
from floodmark.errors import ConfigurationError

TAG = "projects/p/locations/eu/taxonomies/1/policyTags/1"
TABLE = TargetTable(
    project="p",
    dataset="d",
    table="t",
    fields=(
        ("id", "INT64", "The key"),
        ("amount", "NUMERIC(12, 2)", ""),
        ("tags", "ARRAY<STRING>", ""),
        ("_floodmark_cursor", "TIMESTAMP", "ours"),
    ),
    required=("id",),
    policy_tags={"amount": TAG},
)


def test_a_file_is_what_bq_takes_and_differs_in_nothing() -> None:
    written = text(TABLE)
    assert json.loads(written)[:3] == [
        {"name": "id", "type": "INT64", "mode": "REQUIRED", "description": "The key"},
        {
            "name": "amount", "type": "NUMERIC", "mode": "NULLABLE", "precision": "12", "scale": "2",
            "policyTags": {"names": [TAG]},
        },
        {"name": "tags", "type": "STRING", "mode": "REPEATED"},
    ]  # fmt: skip
    assert differences(parse(written, "t.json"), TABLE) == ()
    assert differences(parse("", "t.json"), TABLE) == ()


def changed(**columns: Any) -> str:
    """The file with some columns otherwise, or without them (None)."""
    found = {one["name"]: one for one in json.loads(text(TABLE))}
    for name, change in columns.items():
        found[name] = {**found.get(name, {"name": name}), **change} if change is not None else None
    return json.dumps([one for one in found.values() if one])


@pytest.mark.parametrize(
    ("columns", "said", "refused"),
    [
        ({"id": {"type": "INTEGER"}}, [], False),
        ({"id": {"type": "STRING"}}, ["is STRING REQUIRED in the file, and would be INT64 REQUIRED"], True),
        ({"id": {"mode": "NULLABLE"}}, ["is INT64 in the file, and would be INT64 REQUIRED"], True),
        ({"amount": {"scale": "4"}}, ["is NUMERIC(12, 4) in the file, and would be NUMERIC(12, 2)"], True),
        ({"amount": None}, ["is not in the file, and is brought"], False),
        ({"_floodmark_cursor": None}, [], False),
        ({"more": {"type": "STRING"}}, ["is in the file, and the source brings no such column"], False),
    ],
)
def test_what_differs_is_told_and_another_type_or_mode_refused(
    columns: dict[str, Any], said: list[str], refused: bool
) -> None:
    found = differences(parse(changed(**columns), "t.json"), TABLE)
    assert [one.said for one in found] == said
    assert any(one.refused for one in found) is refused


def test_written_anew_it_keeps_what_people_wrote_into_it() -> None:
    before = changed(id={"description": "What people say"}, tags={"policyTags": {"names": [TAG]}}, amount=None)
    now = {one["name"]: one for one in json.loads(kept(before, text(TABLE), "t.json"))}
    assert now["id"]["description"] == "What people say"
    assert now["tags"]["policyTags"] == now["amount"]["policyTags"] == {"names": [TAG]}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("{", "t.json: is no JSON"),
        ("{}", "t.json: is no list of columns"),
        ('[{"name": "a"}]', "t.json: a: has no name, or no type"),
        ('[{"name": "a", "type": "STRING", "typ": 1}]', "t.json: a: has unknown keys: typ"),
        ('[{"name": "a", "type": "STRING"}, {"name": "A", "type": "STRING"}]', "t.json: A: stands there twice"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(wrong: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        parse(wrong, "t.json")
