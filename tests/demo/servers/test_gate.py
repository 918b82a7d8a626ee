"""The gate before the local BigQuery server: as strict as the real service is documented to be."""

from __future__ import annotations

import io
import uuid
from datetime import UTC, date, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from google.api_core.exceptions import BadRequest, InternalServerError, NotFound
from google.auth.credentials import AnonymousCredentials
from google.cloud.bigquery import Client, LoadJobConfig, QueryJobConfig, Table

from floodmark.demo.servers.environment import servers_environment
from floodmark.demo.servers.google import PROJECT, TIME_ZONE, BigQueryServer


def test_google_s_analyzer_is_loaded(google) -> None:
    assert google.bigquery.gate()["analyzer"] == "zetasql 0.1.5"


def test_that_the_analyzer_could_not_be_loaded_is_said_loudly_when_the_server_starts(
    google, monkeypatch, capsys
) -> None:
    monkeypatch.setattr(google.bigquery, "gate", lambda: {"missing": "ImportError: no zetasql"})
    google.bigquery.wait()
    assert "THE GATE IS OPEN: Google's analyzer could not be loaded: ImportError: no zetasql" in capsys.readouterr().err


def test_a_statement_that_google_s_analyzer_refuses_does_not_run(google, datasets) -> None:
    client = google.bigquery_client()
    name = f"{datasets.project}.{datasets.current}.one"
    client.query(f"CREATE TABLE `{name}` (id INT64, t STRING)").result()
    merge = (
        f"MERGE `{name}` AS t USING (SELECT 1 AS id, 'x' AS t) AS s ON t.id = s.id "
        "WHEN MATCHED THEN UPDATE SET t = s.t WHEN NOT MATCHED THEN INSERT (id, t) VALUES (s.id, s.t)"
    )
    with pytest.raises(BadRequest, match=r"UPDATE \.\.\. SET does not support updating the entire row at") as refused:
        client.query(merge).result()
    assert refused.value.errors[0]["reason"] == "invalidQuery"
    client.query(merge.replace("SET t = s.t", "SET `t`.t = s.t")).result()


def test_a_query_is_billed_for_its_columns_in_the_partitions_that_its_constants_select(google, datasets) -> None:
    client, name = google.bigquery_client(), f"{datasets.project}.{datasets.current}.days"
    client.query(f"CREATE TABLE `{name}` (id INT64, note STRING, day DATE) PARTITION BY day").result()
    client.query(
        f"INSERT INTO `{name}` SELECT n, 'a', DATE_ADD(DATE '2026-01-01', INTERVAL MOD(n, 10) DAY) "
        "FROM UNNEST(GENERATE_ARRAY(0, 999)) AS n UNION ALL SELECT NULL, NULL, NULL"
    ).result()

    def processed(sql: str) -> int:
        return client.query(sql, job_config=QueryJobConfig(dry_run=True)).total_bytes_processed

    assert processed(f"SELECT COUNT(*) FROM `{name}`") == 0
    assert processed(f"SELECT id FROM `{name}`") == 1001 * 8
    assert processed(f"SELECT id, note FROM `{name}`") == 1001 * (8 + 32)
    assert processed(f"SELECT id FROM `{name}` WHERE day = DATE '2026-01-03'") == 100 * (8 + 8)
    assert processed(f"SELECT id FROM `{name}` WHERE day >= '2026-01-09' OR day IS NULL") == 201 * (8 + 8)
    assert processed(f"SELECT id FROM `{name}` WHERE id = 3") == 1001 * 8, "no column but the partitioning one prunes"
    other = f"SELECT x.day FROM `{name}` AS x LEFT JOIN `{name}` AS y ON x.id = y.id AND y.day = DATE '2026-01-03'"
    assert processed(f"{other} WHERE x.day = DATE '2026-01-01'") == 100 * 16, "of one table read twice, the dearer"
    merge = (
        f"MERGE `{name}` AS t USING (SELECT 1 AS id) AS s ON t.id = s.id AND (t.day = DATE '2026-01-02') "
        "WHEN MATCHED THEN UPDATE SET note = 'b'"
    )
    assert processed(merge) == 100 * (8 + 32 + 8), "the partitions that a MERGE may change, whole"
    job = client.query(merge)
    job.result()
    assert (job.total_bytes_processed, job.total_bytes_billed) == (4800, 10 << 20)


def test_a_query_that_would_be_billed_for_more_than_it_may_does_not_run(google, datasets) -> None:
    client, name = google.bigquery_client(), f"{datasets.project}.{datasets.current}.one"
    client.query(f"CREATE TABLE `{name}` AS SELECT 1 AS id").result()
    config = QueryJobConfig(maximum_bytes_billed=(10 << 20) - 1)
    with pytest.raises(
        InternalServerError, match=r"Query exceeded limit for bytes billed: 10485759\. 10485760 or higher"
    ) as no:
        client.query(f"DELETE FROM `{name}` WHERE id = 1", job_config=config).result()
    assert no.value.errors[0]["reason"] == "bytesBilledLimitExceeded"
    assert client.get_table(name).num_rows == 1
    client.query(
        f"DELETE FROM `{name}` WHERE id = 1", job_config=QueryJobConfig(maximum_bytes_billed=10 << 20)
    ).result()


TABLE = {"id": "INT64", "note": "STRING", "price": "FLOAT64", "at": "TIMESTAMP", "day": "DATE", "amount": "NUMERIC"}


def new_table(google, datasets, **changes) -> Table:
    """Makes a table as ``tables.insert`` takes it, but for the changes."""
    fields = [{"name": name, "type": kind, "mode": "NULLABLE"} for name, kind in TABLE.items()]
    named = {"projectId": datasets.project, "datasetId": datasets.current, "tableId": "one"}
    resource = {"tableReference": named, "schema": {"fields": fields}, **changes}
    return google.bigquery_client().create_table(Table.from_api_repr(resource))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("temp_°C", "must contain the allowed characters"),
        ("preis_€", "must contain the allowed characters"),
        ("ok\t", "must contain the allowed characters"),
        ("🙂", "must contain the allowed characters"),
        ("x" * 301, "at most 300 characters"),
        ("_CHANGE_TYPE", "reserved prefixes"),
        ("_partition_x", "reserved prefixes"),
    ],
)
def test_a_column_s_name_that_is_not_allowed_is_refused_in_a_table_and_in_a_statement(
    google, datasets, name, said
) -> None:
    with pytest.raises(BadRequest, match=said):
        new_table(google, datasets, schema={"fields": [{"name": name, "type": "INT64"}]})
    new_table(google, datasets)
    added = f"ALTER TABLE `{datasets.current}.one` ADD COLUMN `{name}` INT64"
    with pytest.raises(BadRequest, match=f"{said}|Syntax error|Invalid"):
        google.bigquery_client().query(added).result()


@pytest.mark.parametrize("change", ["RENAME COLUMN {} TO other", "DROP COLUMN {}"])
def test_a_column_that_cuts_or_clusters_a_table_stays_under_its_name(google, datasets, change) -> None:
    cut = {"timePartitioning": {"type": "DAY", "field": "day"}, "clustering": {"fields": ["id"]}}
    new_table(google, datasets, **cut)
    for column in ("day", "ID"):
        with pytest.raises(BadRequest, match="partitioning or clustering column"):
            google.bigquery_client().query(f"ALTER TABLE `{datasets.current}.one` {change.format(column)}").result()
    google.bigquery_client().query(f"ALTER TABLE `{datasets.current}.one` {change.format('note')}").result()


def test_names_that_are_documented_as_flexible_are_taken(google, datasets) -> None:
    names = ["größe", "a b", "a-b", "&%=+:'<>#|", "列", "_x"]
    new_table(google, datasets, schema={"fields": [{"name": name, "type": "INT64"} for name in names]})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"description": "x" * 16385}, "description is too long"),
        (
            {"schema": {"fields": [{"name": "a", "type": "INT64", "description": "x" * 1025}]}},
            "description is too long",
        ),
        ({"schema": {"fields": [{"name": "a", "type": "INT64"}, {"name": "A", "type": "INT64"}]}}, "Duplicate field"),
        ({"labels": {"Team": "x"}}, 'Label key "Team"'),
        ({"labels": {"team": "X y"}}, 'Label value "X y"'),
        ({"labels": {"team": "x" * 64}}, "too long"),
        ({"clustering": {"fields": ["price"]}}, "field of type FLOAT64. Invalid field: price"),
        ({"clustering": {"fields": ["id", "note", "at", "day", "amount"]}}, "Too many clustering fields"),
        ({"timePartitioning": {"type": "DAY", "field": "id"}}, "must be a DATE, TIMESTAMP or DATETIME"),
        ({"timePartitioning": {"type": "HOUR", "field": "day"}}, "HOUR partitioning is not supported for DATE"),
    ],
)
def test_a_table_that_bigquery_would_not_make_is_refused(google, datasets, changes, said) -> None:
    with pytest.raises(BadRequest, match=said) as refused:
        new_table(google, datasets, **changes)
    assert refused.value.errors[0]["reason"] == "invalid"


def test_a_job_whose_labels_are_not_allowed_is_refused(google, datasets) -> None:
    with pytest.raises(BadRequest, match="Label key"):
        google.bigquery_client().query("SELECT 1", job_config=QueryJobConfig(labels={"1st": "x"}))


def load(google, datasets, bucket, columns: dict, **config) -> None:
    """Loads a Parquet file with these columns (arrays of Arrow's) into the table."""
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file)
    name = f"{uuid.uuid4().hex}.parquet"
    google.storage_client().bucket(bucket).blob(name).upload_from_string(file.getvalue())
    given = {"sourceFormat": "PARQUET", "writeDisposition": "WRITE_APPEND", "columnNameCharacterMap": "V2", **config}
    given.setdefault("decimalTargetTypes", ["NUMERIC", "BIGNUMERIC"])
    google.bigquery_client().load_table_from_uri(
        f"gs://{bucket}/{name}", f"{datasets.current}.one", job_config=LoadJobConfig.from_api_repr({"load": given})
    ).result()


@pytest.mark.parametrize(
    ("columns", "config", "said"),
    [
        ({"id": pa.array(["1"])}, {}, "Field id has changed type from INT64 to STRING"),
        ({"note": pa.array([b"x"])}, {}, "Field note has changed type from STRING to BYTES"),
        ({"at": pa.array([1])}, {}, "Field at has changed type from TIMESTAMP to INT64"),
        ({"day": pa.array([0], pa.timestamp("us"))}, {}, "Field day has changed type from DATE to TIMESTAMP"),
        ({"note": pa.array([["x"]])}, {"parquetOptions": {"enableListInference": True}}, "changed mode from NULLABLE"),
        ({"amount": pa.array([1], pa.decimal128(38, 20))}, {}, "Field amount has changed type from NUMERIC to BIGNUM"),
        (
            {"amount": pa.array([1], pa.decimal128(38, 20))},
            {"decimalTargetTypes": ["NUMERIC"]},
            r"DECIMAL\(38, 20\), which none of decimalTargetTypes",
        ),
    ],
)
def test_a_file_whose_types_are_not_the_table_s_is_not_loaded(google, datasets, bucket, columns, config, said) -> None:
    new_table(google, datasets)
    with pytest.raises(BadRequest, match=said) as refused:
        load(google, datasets, bucket, columns, **config)
    assert refused.value.errors[0]["reason"] == "invalid"
    load(google, datasets, bucket, {"id": pa.array([1]), "amount": pa.array([1], pa.decimal128(12, 2))})


def test_a_datetime_column_can_t_be_loaded_from_parquet(google, datasets, bucket) -> None:
    new_table(google, datasets, schema={"fields": [{"name": "at", "type": "DATETIME"}]})
    with pytest.raises(BadRequest, match="Field at has changed type from DATETIME to TIMESTAMP"):
        load(google, datasets, bucket, {"at": pa.array([0], pa.timestamp("us"))})


def test_a_name_that_a_load_would_replace_needs_the_character_map(google, datasets, bucket) -> None:
    new_table(google, datasets, schema={"fields": [{"name": "größe", "type": "INT64"}]})
    with pytest.raises(BadRequest, match="columnNameCharacterMap"):
        load(google, datasets, bucket, {"größe": pa.array([1])}, columnNameCharacterMap="V1")
    load(google, datasets, bucket, {"größe": pa.array([1])})


def test_no_table_gets_more_than_ten_thousand_partitions_and_no_job_changes_more_than_four_thousand(
    google, datasets, bucket
) -> None:
    client = google.bigquery_client()
    new_table(google, datasets, timePartitioning={"type": "DAY", "field": "day"})
    days = {count: pa.array(range(count), pa.int32()).cast(pa.date32()) for count in (4001, 4000)}
    with pytest.raises(BadRequest, match="Too many partitions produced by load, allowed 4000"):
        load(google, datasets, bucket, {"day": days[4001]})
    load(google, datasets, bucket, {"day": days[4000]})
    merge = f"MERGE `{datasets.current}.one` AS t USING (SELECT DATE_ADD(DATE '1990-01-01', INTERVAL n DAY) AS day "
    merge += (
        "FROM UNNEST(GENERATE_ARRAY(1, {rows})) AS n) AS s ON FALSE WHEN NOT MATCHED THEN INSERT (day) VALUES (day)"
    )
    with pytest.raises(BadRequest, match="Too many partitions produced by query, allowed 4000"):
        client.query(merge.format(rows=4001)).result()
    client.query(merge.format(rows=4000)).result()
    with pytest.raises(BadRequest, match=r"Too many partitions in table .*allowed 10000, it would have 12000"):
        client.query(merge.format(rows=4000).replace("1990-01-01", "2020-01-01")).result()
    assert client.get_table(f"{datasets.current}.one").num_rows == 8000


@pytest.mark.slow
def test_plain_dml_changes_no_more_partitions_than_a_merge_may(google, datasets) -> None:
    client, name = google.bigquery_client(), f"{datasets.current}.one"
    new_table(google, datasets, timePartitioning={"type": "DAY", "field": "day"})
    insert = f"INSERT INTO `{name}` (day, note) SELECT DATE_ADD(DATE '{{first}}', INTERVAL n DAY), 'a' "
    insert += "FROM UNNEST(GENERATE_ARRAY(1, {rows})) AS n"
    with pytest.raises(BadRequest, match="Too many partitions produced by query, allowed 4000"):
        client.query(insert.format(first="1990-01-01", rows=4001)).result()
    assert client.get_table(name).num_rows == 0
    for first, rows in (("1990-01-01", 4000), ("2010-01-01", 4000)):
        assert client.query(insert.format(first=first, rows=rows)).result().num_dml_affected_rows == rows
    with pytest.raises(BadRequest, match=r"Too many partitions in table .*allowed 10000, it would have 12000"):
        client.query(insert.format(first="2040-01-01", rows=4000)).result()
    for statement in (f"UPDATE `{name}` SET note = 'b' WHERE TRUE", f"DELETE FROM `{name}` WHERE TRUE"):
        with pytest.raises(BadRequest, match="Too many partitions produced by query, allowed 4000"):
            client.query(statement).result()
        client.query(statement.replace("TRUE", "day < DATE '2005-01-01'")).result()
    rows = client.query(f"SELECT note, COUNT(*) AS number FROM `{name}` GROUP BY note").result()
    assert [tuple(row) for row in rows] == [("a", 4000)]


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("(a TIME) CLUSTER BY a", "Clustering is not supported on a field of type TIME"),
        (
            "(a STRING, b STRING, c STRING, d STRING, e STRING) CLUSTER BY a, b, c, d, e",
            "Too many clustering|at most 4",
        ),
        ("(a TIMESTAMP) PARTITION BY a", r"PARTITION BY expression must be DATE\(<timestamp_column>\)"),
        ("(a DATETIME) PARTITION BY a", r"PARTITION BY expression must be DATE\(<timestamp_column>\)"),
        ("(a DATE) PARTITION BY DATE_TRUNC(a, WEEK)", "partitioning is not supported for DATE columns"),
        ("(a INT64) PARTITION BY RANGE_BUCKET(a, GENERATE_ARRAY(0, 10001, 1))", "Too many partitions: 10001"),
        (
            "PARTITION BY day AS SELECT DATE_ADD(DATE '1990-01-01', INTERVAL n DAY) AS day "
            "FROM UNNEST(GENERATE_ARRAY(1, 4001)) AS n",
            "Too many partitions produced by query, allowed 4000",
        ),
        ("CLUSTER BY a AS SELECT b'x' AS a", "Clustering is not supported on a field of type BYTES"),
    ],
)
def test_a_create_table_that_bigquery_would_not_run_is_refused(google, datasets, table, said) -> None:
    client, name = google.bigquery_client(), f"{datasets.current}.made"
    for dry_run in (True, False):
        with pytest.raises(BadRequest, match=said):
            client.query(f"CREATE TABLE `{name}` {table}", job_config=QueryJobConfig(dry_run=dry_run)).result()
    with pytest.raises(NotFound):
        client.get_table(name)


def test_a_create_table_that_bigquery_would_run_is_taken(google, datasets) -> None:
    client, name = google.bigquery_client(), f"{datasets.current}.made"
    for table in (
        "(a TIMESTAMP, b STRING, c INT64, d DATE, e BOOL) PARTITION BY DATE(a) CLUSTER BY b, c, d, e",
        "(a DATETIME) PARTITION BY DATETIME_TRUNC(a, HOUR)",
        "(a TIMESTAMP) PARTITION BY TIMESTAMP_TRUNC(a, MONTH)",
        "(a INT64) PARTITION BY RANGE_BUCKET(a, GENERATE_ARRAY(0, 10000, 1))",
        "PARTITION BY day AS SELECT DATE_ADD(DATE '1990-01-01', INTERVAL n DAY) AS day "
        "FROM UNNEST(GENERATE_ARRAY(1, 4000)) AS n",
    ):
        client.query(f"CREATE OR REPLACE TABLE `{name}` {table}").result()
    assert client.get_table(name).num_rows == 4000


def test_expirations_are_set_and_taken_off_in_sql(google, datasets) -> None:
    client, name = google.bigquery_client(), f"{datasets.current}.made"
    dataset = client.get_dataset(datasets.current)
    dataset.default_partition_expiration_ms, dataset.default_table_expiration_ms = 86_400_000, 7_200_000
    client.update_dataset(dataset, ["default_partition_expiration_ms", "default_table_expiration_ms"])

    def expirations() -> tuple[bool, str | None]:
        made = client.get_table(name).to_api_repr()
        return "expirationTime" in made, made["timePartitioning"].get("expirationMs")

    def alter(options: str) -> None:
        client.query(f"ALTER TABLE `{name}` SET OPTIONS ({options})").result()

    client.query(f"CREATE TABLE `{name}` (day DATE) PARTITION BY day").result()
    assert expirations() == (True, "86400000")
    alter("partition_expiration_days = 3")
    assert expirations() == (True, "259200000")
    alter("expiration_timestamp = NULL, partition_expiration_days = 36 / 24")
    assert expirations() == (False, "129600000")
    client.query(f"INSERT INTO `{name}` SELECT DATE_SUB(CURRENT_DATE('UTC'), INTERVAL 9 DAY)").result()
    alter("partition_expiration_days = NULL")
    assert expirations() == (False, None)
    client.query(f"CREATE TABLE `{name}_2` (day DATE)").result()
    with pytest.raises(BadRequest, match="partition_expiration_days is for partitioned tables only"):
        client.query(f"ALTER TABLE `{name}_2` SET OPTIONS (partition_expiration_days = 3)").result()


def test_a_partition_goes_at_its_date_and_the_expiration_and_what_is_written_into_it_vanishes(google, datasets) -> None:
    client = google.bigquery_client()
    new_table(google, datasets, timePartitioning={"type": "DAY", "field": "day", "expirationMs": str(3 * 86_400_000)})
    insert = f"INSERT INTO `{datasets.current}.one` (id, day) SELECT n, DATE_SUB(CURRENT_DATE(), INTERVAL n DAY)"
    client.query(f"{insert} FROM UNNEST(GENERATE_ARRAY(0, 5)) AS n").result()
    rows = client.query(f"SELECT id FROM `{datasets.current}.one` ORDER BY id").result()
    assert [row.id for row in rows] == [0, 1, 2]


def test_a_new_table_takes_over_its_dataset_s_defaults(google, datasets) -> None:
    client = google.bigquery_client()
    dataset = client.get_dataset(datasets.current)
    dataset.default_partition_expiration_ms, dataset.default_table_expiration_ms = 86_400_000, 7_200_000
    dataset._properties["defaultCollation"] = "und:ci"
    client.update_dataset(
        dataset, ["default_partition_expiration_ms", "default_table_expiration_ms", "defaultCollation"]
    )
    made = new_table(google, datasets, timePartitioning={"type": "DAY", "field": "day"}).to_api_repr()
    assert made["timePartitioning"]["expirationMs"] == "86400000"
    assert made["expirationTime"]
    assert made["defaultCollation"] == "und:ci"
    assert [field.get("collation") for field in made["schema"]["fields"] if field["name"] in ("id", "note")] == [
        None,
        "und:ci",
    ]


@pytest.mark.slow
def test_the_project_s_default_time_zone_is_followed_where_no_zone_is_named(
    google, datasets, tmp_path, monkeypatch
) -> None:
    monkeypatch.setenv(TIME_ZONE, "America/Los_Angeles")
    environment = servers_environment()
    with BigQueryServer(folder=tmp_path, environment=environment, storage_url=google.storage.url) as server:
        client = Client(PROJECT, AnonymousCredentials(), client_options={"api_endpoint": server.url})
        [row] = client.query(
            "SELECT DATETIME(moment) AS local, DATE(moment) AS day, CAST(moment AS DATETIME) AS cast_, "
            "TIMESTAMP(DATETIME '2026-01-01 00:00:00') AS back, DATETIME(moment, 'UTC') AS utc, "
            "TIMESTAMP(DATETIME '2026-01-01 00:00:00', 'UTC') AS same, moment "
            "FROM (SELECT TIMESTAMP '2026-01-01 00:00:00+00:00' AS moment)"
        ).result()
    assert str(row.local) == str(row.cast_) == "2025-12-31 16:00:00"
    assert row.day == date(2025, 12, 31)
    assert row.back == datetime(2026, 1, 1, 8, tzinfo=UTC)
    assert str(row.utc) == "2026-01-01 00:00:00"
    assert row.same == row.moment == datetime(2026, 1, 1, tzinfo=UTC)
