"""``_floodmark_tables``: its load job, its view by Google's own code, and the SQL of the documentation."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from floodmark.core.bigquery import handing_on
from floodmark.core.config.source import SourceConfig
from floodmark.core.config.source_file import parse
from floodmark.core.ports import TargetTable
from tests.core.bigquery.analyzer import GooglesAnalyzer, google_s_analyzer
from tests.docs.pages import DOCS, blocks

NOW = datetime(2026, 11, 1, 3, tzinfo=UTC)


@pytest.fixture(scope="module")
def google_says() -> Iterator[GooglesAnalyzer]:
    """Google's analyzer and evaluator."""
    with google_s_analyzer() as analyzer:
        yield analyzer


def config(source: str = "shop", place: str = "") -> SourceConfig:
    return parse(
        f"""
        version: 1
        source: {source}
        connection: shop_db
        stage: gs://bucket/floodmark
        bigquery: {{project: proj, location: EU, dataset: shop{place}}}
        start: 2026-11-01
        tables: {{orders: }}
        """,
        "shop.yml",
        {},
    )


def test_the_view_over_any_sources_is_valid_and_says_which_they_are(google_says: GooglesAnalyzer) -> None:
    tables = [handing_on.table(config(source)) for source in ("shop", "my-billing")]
    sql = handing_on.create("proj.shop", ["shop", "my-billing", "shop"])
    assert google_says.refusal(sql, tables) == ""
    assert "('floodmark_source_1', 'my-billing'), ('floodmark_source_2', 'shop')" in sql
    assert handing_on.sources_in({"floodmark_source_1": "b", "floodmark_source_2": "a", "team": "x"}) == ("a", "b")
    assert handing_on.digest("proj.shop", ["b", "a"]) == handing_on.digest("proj.shop", ["a", "b"])
    assert handing_on.digest("proj.shop", ["a"]) not in (
        handing_on.digest("proj.shop", ["b"]), handing_on.digest("proj.shop", ["a", "b"]),
    )  # fmt: skip


def test_a_job_replaces_all_of_the_source_s_own_table_and_is_one_per_moment() -> None:
    key = "projects/p/locations/eu/keyRings/r/cryptoKeys/k"
    its = config(place=f", kms_key: {key}")
    load = {"uri": "gs://bucket/floodmark/_status/shop.tables.ndjson", "ledger": UUID(int=7)}
    job = handing_on.load_job(its, **load, now=NOW, labels={"team": "x"})  # type: ignore[arg-type]
    told = job.configuration["load"]
    assert told["destinationTable"] == {"projectId": "proj", "datasetId": "shop", "tableId": "_floodmark_tables_shop"}
    assert (told["writeDisposition"], told["createDisposition"]) == ("WRITE_TRUNCATE", "CREATE_NEVER")
    assert told["destinationEncryptionConfiguration"] == {"kmsKeyName": key}
    assert [one["name"] for one in told["schema"]["fields"]] == [name for name, _, _ in handing_on.FIELDS]
    assert job.configuration["labels"] == {"team": "x", "floodmark_digest": job.digest}
    again = handing_on.load_job(its, **load, now=NOW, labels={"team": "x"})  # type: ignore[arg-type]
    later = handing_on.load_job(its, **load, now=NOW + timedelta(microseconds=1), labels={})  # type: ignore[arg-type]
    assert again == job
    assert later.id != job.id
    assert json.dumps(job.configuration)


def test_descriptions_stand_within_quotes() -> None:
    assert all(description and not {"'", "\\", "\n"} & {*description} for _, _, description in handing_on.FIELDS)


SHOWN = blocks(DOCS / "handing-on.md", "sql")


@pytest.mark.parametrize("sql", SHOWN, ids=[str(number) for number, _ in enumerate(SHOWN, start=1)])
def test_the_sql_that_the_documentation_shows_is_valid(google_says: GooglesAnalyzer, sql: str) -> None:
    view = TargetTable(project="proj", dataset="shop", table=handing_on.TABLES, fields=handing_on.FIELDS)
    shown = sql.replace("shop._floodmark_tables", "`proj.shop._floodmark_tables`")
    assert google_says.refusal(shown, [view]) == ""


def test_the_query_of_the_documentation_s_dag_is_valid(google_says: GooglesAnalyzer) -> None:
    [code] = [code for code in blocks(DOCS / "handing-on.md", "python") if "configuration=" in code]
    [job] = [ast.literal_eval(one.value) for one in ast.walk(ast.parse(code))
             if isinstance(one, ast.keyword) and one.arg == "configuration"]  # fmt: skip
    fields = (("updated_at", "TIMESTAMP", ""), ("amount", "NUMERIC", ""), ("_floodmark_deleted", "BOOL", ""))
    orders = TargetTable(project="proj", dataset="shop", table="orders", fields=fields)
    sql = job["query"]["query"].replace("shop.orders", "`proj.shop.orders`")
    rendered = sql.replace("{{ data_interval_end }}", "2026-11-02 11:00:00+00:00")
    assert google_says.refusal(rendered, [orders]) == ""


@pytest.mark.parametrize(
    ("as_of", "well", "said"),
    [
        ("2026-11-28 03:00:00+00", True, ""), ("2026-11-28 02:59:59+00", True, "not sealed"),
        ("2026-11-28 03:00:00+00", False, "not sealed"), (None, True, "not sealed"),
    ],
)  # fmt: skip
def test_the_guard_of_the_documentation_stops_a_query_while_one_table_lacks(
    google_says: GooglesAnalyzer, as_of: str | None, well: bool, said: str
) -> None:
    guard = next(sql for sql in SHOWN if "ERROR(" in sql)
    rows = [("orders", "'2026-11-28 04:00:00+00'", True), ("items", f"'{as_of}'" if as_of else "NULL", well)]
    table = " UNION ALL ".join(
        f"SELECT 'shop' AS source, '{name}' AS `table`, CAST({at} AS TIMESTAMP) AS as_of, {is_well} AS well"
        for name, at, is_well in rows
    )
    error = google_says.error(guard.replace("shop._floodmark_tables", f"({table})").rstrip().rstrip(";"))
    assert said in error if said else error == ""
