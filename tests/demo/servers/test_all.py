"""The servers that the tests and the demo run on are the real thing, and keep tests apart."""

from __future__ import annotations

import subprocess

import psycopg2
import pytest
from google.api_core.exceptions import Conflict, PreconditionFailed

from floodmark.demo.servers import postgres
from floodmark.demo.servers.all import Database, GoogleServers, PostgresServer


def answers(dsn: str, statement: str) -> list[tuple]:
    """The rows of one statement."""
    connection = psycopg2.connect(dsn)
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall()
    finally:
        connection.close()


def test_postgres_is_version_18_with_room_for_prepared_transactions(database: Database) -> None:
    shown = "SELECT current_setting('server_version_num')::int / 10000, current_setting('max_prepared_transactions')"
    assert answers(database.dsn, shown) == [(18, "20")]


@pytest.mark.parametrize("_", [1, 2])
def test_a_database_is_empty_at_the_start_of_each_test(database: Database, _: int) -> None:
    assert answers(database.dsn, "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'") == [
        (0,)
    ]
    connection = psycopg2.connect(database.dsn)
    with connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE t (id int)")
    connection.close()


def test_a_database_is_dropped_with_open_sessions_and_prepared_transactions(postgres: PostgresServer) -> None:
    database = postgres.create_database("doomed")
    connection = psycopg2.connect(database.dsn)
    connection.tpc_begin("doomed")
    connection.cursor().execute("CREATE TABLE t (id int)")
    connection.tpc_prepare()
    postgres.drop_database("doomed")
    assert answers(postgres.database().dsn, "SELECT count(*) FROM pg_database WHERE datname = 'doomed'") == [(0,)]
    connection.close()


@pytest.mark.slow
def test_an_object_is_written_once_under_generation_match_zero(google: GoogleServers, bucket: str) -> None:
    blob = google.storage_client().bucket(bucket).blob("a/b.txt")
    blob.upload_from_string("one", if_generation_match=0)
    with pytest.raises(PreconditionFailed):
        blob.upload_from_string("two", if_generation_match=0)
    assert blob.download_as_text() == "one"


@pytest.mark.slow
def test_a_load_job_reads_from_the_bucket_and_its_id_runs_once(google: GoogleServers, bucket: str, datasets) -> None:
    from google.cloud import bigquery

    google.storage_client().bucket(bucket).blob("rows.csv").upload_from_string("1,a\n2,b\n")
    client = google.bigquery_client()
    table = f"{datasets.project}.{datasets.raw}.rows"
    schema = [bigquery.SchemaField("id", "INT64"), bigquery.SchemaField("name", "STRING")]
    config = bigquery.LoadJobConfig(schema=schema, source_format="CSV")
    client.load_table_from_uri(f"gs://{bucket}/rows.csv", table, job_id="once", job_config=config).result()
    with pytest.raises(Conflict):
        client.load_table_from_uri(f"gs://{bucket}/rows.csv", table, job_id="once", job_config=config)
    assert [tuple(row) for row in client.query_and_wait(f"SELECT id, name FROM `{table}` ORDER BY id")] == [
        (1, "a"),
        (2, "b"),
    ]


@pytest.mark.slow
def test_clients_find_the_servers_through_the_environment(google: GoogleServers, bucket: str) -> None:
    from airflow.providers.google.cloud.hooks.bigquery import BigQueryHook
    from airflow.providers.google.cloud.hooks.gcs import GCSHook

    GCSHook().upload(bucket, "hello", data=b"there")
    assert GCSHook().list(bucket) == ["hello"]
    assert [
        row[0] for row in BigQueryHook(use_legacy_sql=False, location="US").get_client().query_and_wait("SELECT 1")
    ] == [1]


def test_the_servers_are_reached_past_a_proxy(
    google: GoogleServers, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert google.storage_client().bucket(bucket).exists()
    assert google.bigquery_client().query_and_wait("SELECT 1").total_rows == 1


def test_binaries_that_another_user_cannot_reach_are_copied_whole(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres.tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(postgres, "_closed_to_others", lambda path: path)
    binaries = postgres._binaries(readable_by_all=True)
    assert tmp_path in binaries.parents
    for program in ("postgres", "initdb"):  # initdb needs the libraries beside the package
        version = subprocess.run([binaries / program, "--version"], capture_output=True, text=True, check=True).stdout
        assert version.endswith(" 18.4\n")
    assert postgres._binaries(readable_by_all=True) == binaries
