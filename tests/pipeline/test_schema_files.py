"""A schema file beside the source's is deployed by the next rows, and what differs is refused or told."""

from __future__ import annotations

import json

import pytest

from floodmark.errors import ConfigurationError
from tests.pipeline.conftest import World, hour

TAG = "projects/p/locations/eu/taxonomies/1/policyTags/1"
COLUMNS = [
    {"name": "id", "type": "INTEGER"},
    {"name": "note", "type": "STRING", "description": "What people say", "policyTags": {"names": [TAG]}},
    {"name": "amount", "type": "NUMERIC"},
    {"name": "updated_at", "type": "TIMESTAMP"},
]


def said(world: World, dataset: str) -> list[tuple[str | None, list[str]]]:
    fields = world.google.bigquery_client().get_table(f"{dataset}.orders").to_api_repr()["schema"]["fields"]
    return [
        (one.get("description"), one.get("policyTags", {}).get("names", [])) for one in fields if one["name"] == "note"
    ]


@pytest.mark.slow
def test_descriptions_and_policy_tags_are_deployed_to_tables_that_stand(world: World) -> None:
    world.sql("INSERT INTO orders VALUES (1, 'a', 1, '2026-11-01T00:10Z')")
    world.run("orders", hour(0), declared=lambda: "")
    assert said(world, world.datasets.current) == [(None, [])]
    world.sql("INSERT INTO orders VALUES (2, 'a', 1, '2026-11-01T01:10Z')")
    world.run("orders", hour(1), declared=lambda: json.dumps(COLUMNS))
    for dataset in (world.datasets.raw, world.datasets.current):
        assert said(world, dataset) == [("What people say", [TAG])]


def test_another_type_is_refused_before_anything_is_read_and_a_new_column_is_told(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.sql("INSERT INTO orders VALUES (1, 'a', 1, '2026-11-01T00:10Z')")
    other = [{**COLUMNS[0], "type": "STRING"}, *COLUMNS[1:]]
    with pytest.raises(ConfigurationError, match=r"schemas/shop/orders\.json: id: is STRING in the file, and would be"):
        world.run("orders", hour(0), declared=lambda: json.dumps(other))
    assert world.head("orders").last is None
    world.run("orders", hour(0), declared=lambda: json.dumps(COLUMNS[:1] + COLUMNS[2:]))
    assert "schemas/shop/orders.json: column note is not in the file, and is brought" in caplog.text
    assert world.current("orders", "id, note") == [(1, "a")]
