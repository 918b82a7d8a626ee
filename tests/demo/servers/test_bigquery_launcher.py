"""The local BigQuery server as Floodmark launches it."""

from __future__ import annotations

import pytest
from google.api_core.exceptions import Conflict, NotFound
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


def test_a_table_that_is_made_anew_is_seen_at_once_in_every_way(google, datasets) -> None:
    client = google.bigquery_client()
    name = f"{datasets.project}.{datasets.current}.one"
    for column, label in (("a", "first"), ("b", "second")):
        client.query(f"CREATE OR REPLACE TABLE `{name}` ({column} INT64)").result()
        client.query(
            f"MERGE `{name}` t USING (SELECT 1 AS x) s ON FALSE WHEN NOT MATCHED THEN INSERT ({column}) VALUES (x)"
        ).result()
        table = client.get_table(name)
        table.labels = {"made": label}
        client.update_table(table, ["labels"])
        again = client.get_table(name)
        assert (again.labels, [field.name for field in again.schema], again.num_rows) == ({"made": label}, [column], 1)
        assert [dict(row) for row in client.query(f"SELECT * FROM `{name}`").result()] == [{column: 1}]


def test_a_job_that_ended_is_known_and_its_id_is_taken(google, datasets) -> None:
    client = google.bigquery_client()
    done = client.query("SELECT 1", job_id=f"job_{datasets.current}", job_retry=None)
    done.result()
    assert client.get_job(done.job_id).state == "DONE"
    assert done.job_id in {job.job_id for job in client.list_jobs(state_filter="done")}
    with pytest.raises(Conflict):
        client._connection.api_request("POST", f"/projects/{datasets.project}/jobs", data=done.to_api_repr())
    client.delete_job_metadata(done.job_id)
    with pytest.raises(NotFound):
        client.get_job(done.job_id)
