"""The local BigQuery server as Floodmark launches it."""

from __future__ import annotations

import pytest
from google.api_core.exceptions import NotFound
from google.cloud.bigquery import SchemaField


def test_a_table_says_its_rows_and_modes_beside_a_view_and_others(google, datasets) -> None:
    client = google.bigquery_client()
    place = f"{datasets.project}.{datasets.current}"
    for statement in (
        f"CREATE TABLE `{place}.one` (id INT64 NOT NULL, note STRING)",
        f"INSERT INTO `{place}.one` VALUES (1, 'a'), (2, NULL), (3, 'c')",
        f"CREATE TABLE `{datasets.raw}.one` (other STRING)",
        f"CREATE VIEW `{place}.seen` AS SELECT id FROM `{place}.one`",
    ):
        client.query(statement).result()
    table = client.get_table(f"{place}.one")
    assert (table.table_type, table.num_rows) == ("TABLE", 3)
    assert table.schema == [SchemaField("id", "INTEGER", mode="REQUIRED"), SchemaField("note", "STRING")]
    assert client.get_table(f"{place}.seen").table_type == "VIEW"
    assert {one.table_id for one in client.list_tables(datasets.current)} == {"one", "seen"}
    client.delete_table(f"{place}.one")
    with pytest.raises(NotFound):
        client.get_table(f"{place}.one")
