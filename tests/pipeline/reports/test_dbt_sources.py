"""dbt's sources: what stands where, and that no text of the database's is a template of dbt's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import jinja2
import pytest
import yaml

from floodmark.core.bigquery import handing_on
from floodmark.core.config.source_file import parse
from floodmark.core.ports import TargetTable
from floodmark.pipeline.reports.dbt_sources import document, plain
from tests.docs.pages import DOCS, blocks

SOURCE = """
version: 1
source: shop
connection: shop_db
stage: gs://bucket/floodmark
bigquery: {project: proj-x, location: EU, dataset: shop}
start: 2026-11-01
tables:
  orders: {freshness: 90m}
  "null": {to: "on", freshness: 3h}
"""
FIELDS = (
    ("yes", "INT64", ""), ("note", "STRING", "Who: {{ env_var('X') }} #1"), ("_floodmark_deleted", "BOOL", "Whether"),
)  # fmt: skip


def written() -> Any:
    """The document, through YAML, as dbt reads it."""
    config = parse(SOURCE, "shop.yml", {})
    orders, null = config.tables.values()
    place = {"project": "proj-x", "dataset": "shop"}
    described = TargetTable(**place, table="on", fields=FIELDS[:2], description="One: each {% x %}")
    tables = [
        (orders, TargetTable(**place, table="orders", fields=FIELDS), {}), (null, described, {"yes": "Of the file"}),
    ]  # fmt: skip
    return yaml.safe_load(yaml.safe_dump(document(config, tables), sort_keys=False, allow_unicode=True))


def test_each_table_has_its_columns_its_freshness_and_the_query_that_says_how_fresh_it_is() -> None:
    [source] = written()["sources"]
    assert (source["name"], source["database"], source["schema"]) == ("shop", "proj-x", "shop")
    orders, null, own = source["tables"]
    assert orders == {
        "name": "orders",
        "description": "Rows that its database marks as deleted stay, with _floodmark_deleted TRUE.",
        "config": {
            "loaded_at_query": "SELECT as_of FROM `proj-x.shop._floodmark_tables` "
            "WHERE source = 'shop' AND table = 'orders'",
            "freshness": {
                "warn_after": {"count": 90, "period": "minute"}, "error_after": {"count": 3, "period": "hour"},
            },
        },
        "columns": [
            {"name": "yes", "data_type": "INT64"},
            {"name": "note", "data_type": "STRING", "description": "Who: {{ '{{' }} env_var('X') }} #1"},
            {"name": "_floodmark_deleted", "data_type": "BOOL", "description": "Whether"},
        ],
    }  # fmt: skip
    assert (null["name"], null["description"]) == ("on", "One: each {{ '{%' }} x %}")
    assert null["columns"][0] == {"name": "yes", "data_type": "INT64", "description": "Of the file"}
    assert null["config"]["loaded_at_query"].endswith("table = 'null'")
    assert null["config"]["freshness"]["warn_after"] == {"count": 3, "period": "hour"}
    assert (own["name"], len(own["columns"])) == ("_floodmark_tables", len(handing_on.FIELDS))


def test_a_table_without_freshness_says_how_fresh_it_is_and_nobody_is_warned() -> None:
    config = parse(SOURCE.replace(", freshness: 3h", ""), "shop.yml", {})
    table = config.tables["null"]
    current = TargetTable(project="proj-x", dataset="shop", table="on", fields=FIELDS[:1])
    [source] = document(config, [(table, current, {})])["sources"]
    assert set(source["tables"][0]) == {"name", "config", "columns"}
    assert set(source["tables"][0]["config"]) == {"loaded_at_query"}


def test_the_documentation_shows_what_is_written() -> None:
    [shown] = blocks(DOCS / "handing-on.md", "dbt")
    config = parse(SOURCE.replace("proj-x", "my-project").replace("90m", "3h"), "shop.yml", {})
    fields = (("id", "INT64", "Number of the order"),)
    current = TargetTable(project="my-project", dataset="shop", table="orders", fields=fields)
    made = document(config, [(config.tables["orders"], current, {})])
    assert made["sources"][0]["tables"].pop()["name"] == "_floodmark_tables"
    assert yaml.safe_load(shown) == made


@pytest.mark.parametrize(
    "text", ["", "plain", "{{ x }}", "{% if %}", "{# gone #}", "{{{%{#", "{{ '{{' }}", "a{b}%c", "{\n{", "}}{{'"]
)
def test_a_text_comes_out_of_dbt_s_templates_as_it_is(text: str) -> None:
    assert jinja2.Environment().from_string(plain(text)).render() == text


def test_a_length_is_told_in_the_largest_whole_unit() -> None:
    from floodmark.pipeline.reports.dbt_sources import _length

    assert _length(timedelta(days=2)) == {"count": 2, "period": "day"}
    assert _length(timedelta(seconds=90)) == {"count": 2, "period": "minute"}
