"""docs/coming-from.md: its files are valid, and the table that each way leaves is adopted."""

from __future__ import annotations

import io
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from floodmark.core.config.source_file import parse
from floodmark.pipeline.adopt import adopt
from tests.pipeline.conftest import World

PAGE = Path(__file__).parents[2] / "docs" / "coming-from.md"
FILES = re.findall(r"^```yaml\n(.*?)^```", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def test_each_way_has_a_file_of_its_own() -> None:
    ways = re.findall(r"^## From ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert len(FILES) == len(ways) == 8


@pytest.mark.parametrize("text", FILES, ids=range(len(FILES)))
def test_every_file_on_the_page_is_valid(text: str) -> None:
    assert parse(text, "shop.yml", {}).source == "shop"


LEFT: dict[str, tuple[str, str]] = {
    "csv": (
        "id INT64, note STRING, amount FLOAT64, day STRING, updated_at STRING",
        "{id}, '{note}', {amount}, '2026-11-01', '2026-11-01 0{id}:10:00.5+00'",
    ),
    "ndjson": (
        "amount FLOAT64, day DATE, id INT64, note STRING, updated_at TIMESTAMP",
        "{amount}, DATE '2026-11-01', {id}, '{note}', TIMESTAMP '2026-11-01 0{id}:10:00.5'",
    ),
    "dlt": (
        "id INT64, note STRING, amount NUMERIC, day DATE, updated_at TIMESTAMP, _dlt_load_id STRING, _dlt_id STRING",
        "{id}, '{note}', NUMERIC '{amount}', DATE '2026-11-01', TIMESTAMP '2026-11-01 0{id}:10:00.5', 'l', 'i'",
    ),
    "airbyte": (
        "_airbyte_raw_id STRING, _airbyte_extracted_at TIMESTAMP, _airbyte_meta JSON, _airbyte_generation_id INT64, "
        "id INT64, note STRING, amount NUMERIC, day DATE, updated_at TIMESTAMP",
        "'r', TIMESTAMP '2026-11-02 00:00:00', JSON '{{}}', 0, {id}, '{note}', NUMERIC '{amount}', DATE '2026-11-01', "
        "TIMESTAMP '2026-11-01 0{id}:10:00.5'",
    ),
    "datastream": (
        "id INT64, note STRING, amount NUMERIC, day DATE, updated_at TIMESTAMP, "
        "datastream_metadata STRUCT<uuid STRING, source_timestamp INT64>",
        "{id}, '{note}', NUMERIC '{amount}', DATE '2026-11-01', TIMESTAMP '2026-11-01 0{id}:10:00.5', STRUCT('u', 1)",
    ),
    "transfer": (
        "id INT64, note STRING, amount BIGNUMERIC, day DATE, updated_at TIMESTAMP",
        "{id}, '{note}', BIGNUMERIC '{amount}', DATE '2026-11-01', TIMESTAMP '2026-11-01 0{id}:10:00.5'",
    ),
}
"""By the way, the columns of the table that it leaves, and the values of a row."""
ROWS = [
    {"id": 1, "note": "a", "amount": "1.50"},
    {"id": 2, "note": "b", "amount": "9999999999.99"},
    {"id": 3, "note": "c", "amount": "0"},
]
"""The newest is not compared: it is read anew by the next run."""


@pytest.fixture
def shop(world: World) -> World:
    """Three rows in the source, and a target for each way."""
    world.sql("ALTER TABLE orders ADD day date NOT NULL DEFAULT '2026-11-01'")
    for row in ROWS:
        world.sql("INSERT INTO orders VALUES ({id}, '{note}', {amount}, '2026-11-01T0{id}:10:00.5Z')".format(**row))
    ways = ", ".join(f"{way}: {{from: orders}}" for way in [*LEFT, "operator"])
    world.tables = f"{{{ways}}}"
    return world


def is_adopted(world: World, way: str, others: tuple[str, ...]) -> None:
    origin = f"{world.datasets.project}.{world.datasets.current}.old_{way}"
    found = adopt(world.table_run(way), f"adopt {way}", origin=origin)
    assert found.outcome is not None, (way, found.found, found.examples)
    assert (found.rows, found.others) == (3, others), way
    wanted = [(row["id"], row["note"], Decimal(row["amount"])) for row in ROWS]
    assert world.current(way, "id, note, amount") == wanted, way


@pytest.mark.slow
def test_the_table_that_each_way_leaves_is_adopted(shop: World) -> None:
    world = shop
    client = world.google.bigquery_client()
    for way, (columns, values) in LEFT.items():
        rows = ", ".join(f"({values.format(**row)})" for row in ROWS)
        table = f"{world.datasets.current}.old_{way}"
        client.query(f"CREATE TABLE `{table}` ({columns})", location="EU").result()
        client.query(f"INSERT INTO `{table}` VALUES {rows}", location="EU").result()
        own = re.findall(r"(_dlt_\w+|_airbyte_\w+|datastream_metadata) ", columns)
        is_adopted(world, way, tuple(own))


@pytest.mark.slow
def test_the_table_that_airflows_own_operators_leave_is_adopted(
    shop: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """By the operator's own code: its types, and how it writes values, but for the way through the bucket.

    BigQuery takes a number for the seconds of a TIMESTAMP, and the local server doesn't: a statement does here.
    """
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
    from airflow.providers.google.cloud.transfers.postgres_to_gcs import PostgresToGCSOperator
    from google.cloud.bigquery import LoadJobConfig

    world = shop
    operator = PostgresToGCSOperator(task_id="t", sql="SELECT 1", bucket="b", filename="x")
    with world.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT * FROM orders")
        fields = [operator.field_to_bigquery(one) for one in cursor.description]
        [file] = list(operator._write_local_data_files(cursor))
        file["file_handle"].flush()
        written = Path(file["file_handle"].name).read_bytes()
    seconds = [{**one, "type": "FLOAT"} if one["type"] == "TIMESTAMP" else one for one in fields]
    given: dict[str, Any] = {"sourceFormat": "NEWLINE_DELIMITED_JSON", "schema": {"fields": seconds}}
    client, table = world.google.bigquery_client(), f"{world.datasets.current}.old_operator"
    config = LoadJobConfig.from_api_repr({"load": given})
    client.load_table_from_file(io.BytesIO(written), f"{table}_0", job_config=config, location="EU").result()
    moment = "TIMESTAMP_MICROS(CAST(ROUND(updated_at * 1000000) AS INT64)) AS updated_at"
    client.query(f"CREATE TABLE `{table}` AS SELECT * REPLACE ({moment}) FROM `{table}_0`", location="EU").result()
    assert {one["name"]: one["type"] for one in fields}["amount"] == "FLOAT"
    is_adopted(world, "operator", ())
