"""The gate before the local BigQuery server: as strict as the real service is documented to be."""

from __future__ import annotations

import pytest
from google.api_core.exceptions import BadRequest, InternalServerError
from google.cloud.bigquery import QueryJobConfig


def test_google_s_analyzer_is_loaded(google) -> None:
    assert google.bigquery.gate()["analyzer"] == "zetasql 0.1.5"


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
