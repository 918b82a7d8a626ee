"""Cloud SQL's double behaves as the Admin API's documents say, and is no kinder than they are."""

from __future__ import annotations

import threading
import urllib.request
from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest
from google.auth.credentials import AnonymousCredentials
from google.auth.transport.requests import AuthorizedSession

from floodmark.demo.servers.all import Database, GoogleServers
from floodmark.demo.servers.cloud_sql.instance import Instance
from floodmark.demo.servers.cloud_sql.requests import RequestRefused, exported
from floodmark.demo.servers.cloud_sql.server import CloudSqlServer

COMMA = {"escapeCharacter": "22", "quoteCharacter": "22", "fieldsTerminatedBy": "2C"}


def context(query: str, uri: str = "gs://b/1.csv", **more: Any) -> dict[str, Any]:
    return {
        "fileType": "CSV", "uri": uri, "databases": ["shop"],
        "csvExportOptions": {"selectQuery": query, **COMMA}, **more,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        (context("WITH a AS (SELECT 1) SELECT * FROM a"), "invalidRequest"),
        (context("SELECT * FROM (WITH a AS (SELECT 1) SELECT * FROM a) AS q"), "invalidRequest"),
        (context("SELECT 1\nFROM t"), "invalidRequest"),
        (context("SELECT 1 FROM t -- all"), "invalidRequest"),
        (context("SELECT /* all */ 1 FROM t"), "invalidRequest"),
        (context("SELECT 1 FROM t; SELECT 2"), "invalidRequest"),
        (context("(SELECT 1 FROM t)"), "invalidRequest"),
        (context("SELECT 1"), "invalidRequest"),
        (context("SELECT 1 FROM t" + " " * 200), "errorExportCsvSelectQuerySizeExceedLimit"),
        (context("SELECT 1 FROM t", databases=["a", "b"]), "errorExportCsvDatabaseCount"),
        (context("SELECT 1 FROM t", fileType="SQL"), "errorExportUnknownFileType"),
        (context("SELECT 1 FROM t", uri="b/1.csv"), "invalidRequest"),
        (context("SELECT 1 FROM t", csvExportOptions={"quoteCharacter": '"'}), "invalidRequest"),
    ],
)
def test_what_the_api_refuses_is_refused_before_an_operation_begins(changed: dict[str, Any], reason: str) -> None:
    with pytest.raises(RequestRefused) as refused:
        exported(changed, query_limit=150)
    assert (refused.value.status, refused.value.body["error"]["errors"][0]["reason"]) == (400, reason)


def test_words_within_a_string_are_no_words() -> None:
    query = "SELECT 'WITH; -- /* ' FROM unnest(ARRAY[1]) WITH ORDINALITY AS u (a, b)"
    assert exported(context(query), query_limit=1000) == query


@pytest.fixture
def served(database: Database, google: GoogleServers) -> Iterator[CloudSqlServer]:
    instance = Instance(database.dsn, google.storage.url)
    with CloudSqlServer(instance) as server:
        yield server
        settle(server)


def settle(server: CloudSqlServer) -> None:
    """Wait until every operation is done."""
    while any(one["status"] != "DONE" for one in [*server.instance.operations.values()]):
        threading.Event().wait(0.01)


def post(server: CloudSqlServer, verb: str, body: dict[str, Any]) -> Any:
    return AuthorizedSession(AnonymousCredentials()).post(
        f"{server.url}/v1/projects/proj/instances/shop/{verb}", json=body, timeout=30
    )


def test_an_export_is_a_copy_by_a_role_without_privilege_and_with_settings_of_its_own(
    served: CloudSqlServer, database: Database, google: GoogleServers, bucket: str
) -> None:
    with psycopg2.connect(database.dsn) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE t (id int, at timestamptz, x float8, s text)")
        cursor.execute(
            "INSERT INTO t VALUES (1, '2026-01-01 00:00Z', 0.30000000000000004, E'a\"\\nb'), (2, NULL, NULL, '')"
        )
        cursor.execute("ALTER TABLE t ENABLE ROW LEVEL SECURITY")
        cursor.execute("CREATE POLICY p ON t USING (id < 2)")
    uri, query = f"gs://{bucket}/1.csv", "SELECT t.*, current_user FROM t"
    body = {"exportContext": {**context(query, uri), "databases": [database.dbname]}}
    first = post(served, "export", body).json()
    settle(served)
    written = google.storage_client().bucket(bucket).blob("1.csv").download_as_bytes()
    assert written == b'1,31.12.2025 19:00:00 EST,0.3,"a""\nb",cloudsqlimportexport\n'
    again = post(served, "export", body).json()
    settle(served)
    [newest, oldest] = (
        AuthorizedSession(AnonymousCredentials())
        .get(f"{served.url}/sql/v1beta4/projects/proj/operations?instance=shop", timeout=30)
        .json()["items"]
    )
    assert (oldest["name"], oldest["status"], "error" in oldest) == (first["name"], "DONE", False)
    assert (newest["name"], newest["status"]) == (again["name"], "DONE")
    assert newest["error"]["errors"][0]["message"] == "file already exists"


def test_one_operation_at_a_time_and_a_reply_that_is_lost(
    served: CloudSqlServer, database: Database, bucket: str
) -> None:
    instance, query = served.instance, "SELECT relname FROM pg_class"
    held = instance.occupy()
    body = {"exportContext": {**context(query, f"gs://{bucket}/1.csv"), "databases": [database.dbname]}}
    refused = post(served, "export", body)
    assert (refused.status_code, refused.json()["error"]["errors"][0]["reason"]) == (409, "operationInProgress")
    instance.finish(held)
    instance.conduct.lose_replies = 1
    with pytest.raises(OSError, match=r"Connection aborted|closed connection"):
        post(served, "export", body)
    assert instance.exports == [f"gs://{bucket}/1.csv"]


def test_execute_sql_is_one_transaction_and_an_error_has_status_200(served: CloudSqlServer, database: Database) -> None:
    body = {"database": database.dbname, "autoIamAuthn": True}
    text = "SET LOCAL TimeZone = 'UTC'; SELECT 1, NULL, 'a;b', current_setting('TimeZone')"
    [_, result] = post(served, "executeSql", {**body, "sqlStatement": text}).json()["results"]
    told = [{"value": "1"}, {"nullValue": True}, {"value": "a;b"}, {"value": "UTC"}]
    assert result["rows"] == [{"values": told}]
    failed = post(served, "executeSql", {**body, "sqlStatement": "SELECT nope"})
    assert (failed.status_code, failed.json()["status"]["code"]) == (200, 3)
    served.instance.conduct.data_api = False
    assert post(served, "executeSql", {**body, "sqlStatement": "SELECT 1"}).status_code == 400


def test_an_instance_tells_its_kind_and_whose_account_writes(served: CloudSqlServer) -> None:
    url = f"{served.url}/v1/projects/proj/instances/shop"
    told = urllib.request.urlopen(url, timeout=10).read()
    assert b'"CLOUD_SQL_INSTANCE"' in told
    assert b"gcp-sa-cloud-sql" in told
