"""Names at the length that BigQuery and Cloud Storage still take: one more is refused where it is written."""

from __future__ import annotations

import pytest

from floodmark.core.config import column_names, object_names, source_file
from floodmark.core.config.source import SourceConfig
from floodmark.errors import ConfigurationError

WIDE = "\U0001d49c"
"""A letter of four bytes, which BigQuery takes in a table's name."""
FILE = """version: 1
source: shop
connection: shop_db
stage: gs://bucket/{stage}
ledger: gs://bucket/{ledger}
bigquery: {{project: proj, location: EU, dataset: {dataset}}}
start: 2026-11-01
tables: {tables}
"""


def parsed(stage: str = "stage", ledger: str = "ledger", dataset: str = "shop", tables: str = "{t: }") -> SourceConfig:
    return source_file.parse(FILE.format(stage=stage, ledger=ledger, dataset=dataset, tables=tables), "shop.yml", {})


def told(**written: str) -> str:
    with pytest.raises(ConfigurationError) as refused:
        parsed(**written)
    return str(refused.value)


def test_a_column_may_be_called_by_300_characters_and_by_no_more() -> None:
    longest = "é" * 300
    assert parsed(tables=f'{{t: {{rename: {{a: "{longest}"}}}}}}').tables["t"].in_target("a") == longest
    said = told(tables=f'{{t: {{rename: {{a: "{longest}x"}}}}}}')
    assert 'shop.yml:8: tables.t.rename: can\'t call "a" so' in said
    assert "longer than 300 characters" in said


def test_another_name_is_offered_within_300_characters() -> None:
    long = "1" + "x" * 400 + "°"
    offered = column_names.offer(long, ["c_1" + "x" * 400, "c_1" + "x" * 291])
    assert not column_names.refusal(offered.rpartition(": ")[2].rstrip("}"))
    assert len(offered.rpartition(": ")[2].rstrip("}")) > 280


def test_a_table_may_be_called_by_200_characters_whatever_their_bytes_and_by_no_more() -> None:
    longest = WIDE * 200
    assert len(longest.encode()) <= 1024, "BigQuery's page on table names"
    assert parsed(ledger="l", tables="{t: {to: %s}}" % ("t" * 200)).tables["t"].to == "t" * 200
    assert f'"{"t" * 100}... (201 characters)" can\'t name a table' in told(tables="{t: {to: %s}}" % ("t" * 201))
    sqlite = FILE.replace("gs://bucket/{ledger}", "sqlite:///ledger.db").format(
        stage="stage", ledger="", dataset="shop", tables=f"{{t: {{to: {longest}}}}}"
    )
    assert source_file.parse(sqlite, "shop.yml", {}).tables["t"].to == longest


def test_a_dataset_leaves_room_for_its_raw_one() -> None:
    assert "leaves the raw tables' dataset a name of 1025 characters; at most 1024" in told(dataset="d" * 1021)
    tables = "{t: }"
    text = FILE.replace("gs://bucket/{ledger}", "sqlite:///ledger.db")
    config = source_file.parse(text.format(stage="s", ledger="", dataset="d" * 1020, tables=tables), "shop.yml", {})
    assert len(config.bigquery.raw) == 1024


@pytest.mark.parametrize("key", ["stage", "ledger"])
def test_a_prefix_leaves_room_for_the_names_of_all_objects(key: str) -> None:
    said = told(**{key: "p" * 1000})
    assert f"shop.yml:{4 if key == 'stage' else 5}: {key}: gives objects of tables.t names of 1" in said
    assert "bytes, where 1024 are the most; shorten its prefix" in said
    assert parsed(**{key: "p" * 800})


def test_a_table_leaves_room_for_the_names_of_its_objects() -> None:
    said = told(tables=f"{{t: , u: {{to: {WIDE * 200}}}}}")
    assert "ledger: gives objects of tables.u names of 20" in said


def test_the_longest_names_are_those_that_are_made() -> None:
    """As :func:`floodmark.pipeline.staging.object_name` and the ledger of objects make them."""
    stage = "p/shop/a~2Ab.t/dt=2026-11-01/hr=10/20261101T100000.000000Z-9223372036854775808.quarantine.ndjson"
    assert object_names.longest_of_stage("p", "shop", "a*b", "t") == len(stage)
    ledger = "l/reads/proj.shop.t/2026-11-01T10:00:00.000000Z.json"
    assert object_names.longest_of_ledger("l", "proj.shop.t") == len(ledger)
