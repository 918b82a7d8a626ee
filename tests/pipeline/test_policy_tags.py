"""Who may read a column in BigQuery: policy tags are there before its values are (R38)."""

from __future__ import annotations

import pytest
from google.cloud import bigquery

from floodmark.errors import ConfigurationError
from tests.fakes.watched import watching
from tests.pipeline.conftest import World, hour

TAG = "projects/p/locations/eu/taxonomies/1/policyTags/1"
OTHER = "projects/p/locations/eu/taxonomies/1/policyTags/2"


def tags(world: World, dataset: str) -> dict[str, str]:
    fields = world.google.bigquery_client().get_table(f"{dataset}.orders").to_api_repr()["schema"]["fields"]
    return {field["name"]: field["policyTags"]["names"][0] for field in fields if "policyTags" in field}


def both(world: World) -> list[dict[str, str]]:
    return [tags(world, world.datasets.raw), tags(world, world.datasets.current)]


@pytest.mark.slow
def test_columns_are_tagged_when_they_are_made_and_a_new_one_before_its_values_come(world: World) -> None:
    world.sql("INSERT INTO orders VALUES (1, 'a', 1, '2026-11-01T00:10Z')")
    world.tables = f"{{orders: {{rename: {{note: remark}}, policy_tags: {{note: '{TAG}'}}}}}}"
    world.run("orders", hour(0))
    assert both(world) == [{"remark": TAG}] * 2

    world.tables = world.tables.replace(f"note: '{TAG}'", f"note: '{OTHER}', '*email': '{TAG}', '*amount': '{TAG}'")
    world.sql("ALTER TABLE orders ADD email text", "INSERT INTO orders VALUES (2, 'b', 1, '2026-11-01T01:10Z', 'e')")
    seen = []

    def after(call: str, found: object) -> None:
        if call == "wait":
            seen.append(both(world))

    world.run("orders", hour(1), ports=watching(world.table_run("orders"), "warehouse", after=after).ports)
    expected = [{"remark": OTHER, "amount": TAG, "email": TAG}] * 2
    assert both(world) == expected
    assert seen[-2:] == [expected, expected]  # when the load was done, and the merge
    assert world.current("orders", "id, email") == [(1, None), (2, "e")]


@pytest.mark.slow
def test_a_tag_of_somebody_elses_stays(world: World) -> None:
    world.sql("INSERT INTO orders VALUES (1, 'a', 1, '2026-11-01T00:10Z')")
    world.run("orders", hour(0))
    client = world.google.bigquery_client()
    table = client.get_table(f"{world.datasets.current}.orders")
    fields = [{**each, "policyTags": {"names": [OTHER]}} for each in table.to_api_repr()["schema"]["fields"][:1]]
    table.schema = [*(bigquery.SchemaField.from_api_repr(each) for each in fields), *table.schema[1:]]
    client.update_table(table, ["schema"])
    world.tables = f"{{orders: {{policy_tags: {{note: '{TAG}'}}}}}}"
    world.sql("UPDATE orders SET updated_at = '2026-11-01T01:10Z'")
    world.run("orders", hour(1))
    assert both(world) == [{"note": TAG}, {"id": OTHER, "note": TAG}]


def test_a_tag_that_fits_no_column_or_is_none_is_refused(world: World) -> None:
    world.tables = f"{{orders: {{policy_tags: {{nope: '{TAG}'}}}}}}"
    with pytest.raises(ConfigurationError, match=r'orders\.policy_tags: "nope" matches no column'):
        world.run("orders", hour(0))
    world.tables = "{orders: {policy_tags: {note: secret}}}"
    with pytest.raises(ConfigurationError, match=r"is not the name of a policy tag; projects/P/"):
        world.run("orders", hour(0))
