"""The suite for a real Google project, tried on the local servers, whose gate must answer as it expects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg2
import pytest
from google.api_core.exceptions import BadRequest

from floodmark.core.bigquery import partitions
from floodmark.demo.servers.cloud_sql.instance import Instance
from floodmark.demo.servers.cloud_sql.server import CloudSqlServer
from tests.cloud import __main__ as command
from tests.cloud import journey, suite
from tests.cloud.bill import Bill
from tests.cloud.checks import cloud_sql, statements, tables
from tests.cloud.checks.every import CHECKS
from tests.cloud.finding import Check, Finding, NotAskable, Verdict, answers, held
from tests.cloud.kinds import CUSTOMERS, DECIMALS, EVENTS, FLAGGED, KINDS, ORDERS, PRODUCTS, READINGS, TYPES
from tests.cloud.place import BUCKET, LABELS, LOCATION, PROJECT, Place
from tests.cloud.report import Report
from tests.cloud.tidy import left_over, made, removed

DAY = timedelta(days=1)
BEYOND = {"a collated key", "a key of one's own", "the bucket", "default_time_zone of a session", "NaN",
          "decimals beyond the declared scale", "values of other centuries"}  # fmt: skip
"""Checks of which the local server can't answer all."""


@pytest.fixture
def place(google, bucket) -> Place:
    return Place(project=google.project, bucket=bucket, location="EU", bill=Bill(seconds=10_000))


@pytest.fixture
def instance(database, google, monkeypatch) -> Iterator[None]:
    """An instance of Cloud SQL, named as a real one would be, with a table in it."""
    with psycopg2.connect(database.dsn) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE orders AS SELECT 1 AS id, 'a' AS note")
    connection.close()
    with CloudSqlServer(Instance(database.dsn, google.storage.url)) as server:
        monkeypatch.setenv(cloud_sql.INSTANCE, f"proj:shop:{database.dbname}")
        monkeypatch.setenv(cloud_sql.ADDRESS, server.url)
        yield


def stands(place: Place) -> list[str]:
    """What there is of the suite's in BigQuery and in the bucket."""
    mine = [item.dataset_id for item in place.bigquery.list_datasets() if item.dataset_id.startswith(place.name)]
    return mine + [blob.name for blob in place.storage.list_blobs(place.bucket)]


def ask(place: Place, postgres, tmp_path, **what) -> list[Finding]:
    what = {"kinds": (), "checks": (), **what}
    return suite.run(place, postgres, tmp_path, lambda _: None, workers=2, **what)


def wrong(findings: list[Finding]) -> list[str]:
    return [f"{one.about}: {one.asked}: {one.came}" for one in findings if one.verdict is not Verdict.PASS]


@pytest.mark.slow
@pytest.mark.parametrize(
    "kinds", [(ORDERS, CUSTOMERS), (EVENTS, PRODUCTS, FLAGGED), (READINGS, TYPES)], ids=lambda kinds: kinds[0].name
)
def test_every_kind_of_table_goes_through_the_product_as_expected(place, postgres, tmp_path, kinds) -> None:
    findings = ask(place, postgres, tmp_path, kinds=kinds)
    assert wrong(findings) == []
    assert len(findings) >= 4 * len(kinds)
    assert stands(place) == []
    assert 0 < place.bill.billed < place.bill.most / 50


def test_every_kind_is_among_those_that_are_tried_here() -> None:
    assert set(KINDS) == {ORDERS, CUSTOMERS, EVENTS, PRODUCTS, FLAGGED, READINGS, TYPES, DECIMALS}


def test_the_page_has_a_row_for_every_kind_and_every_check_and_says_what_can_t_be_asked_here() -> None:
    page = (Path(__file__).parents[2] / "docs" / "cloud.md").read_text(encoding="utf-8")
    rows = {line.split(" | ")[0].removeprefix("| "): line for line in page.splitlines() if line.startswith("| ")}
    names = [one.name for one in (*KINDS, *CHECKS)]
    assert [name for name in names if name not in rows] == []
    assert {name for name in names if "Not here" in rows[name]} == BEYOND


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(check.name for check in CHECKS))
def test_the_gate_answers_each_doubt_as_expected(place, postgres, tmp_path, monkeypatch, request, name) -> None:
    monkeypatch.setattr(statements, "WIDTHS", (100,))
    if name in {check.name for check in cloud_sql.CHECKS}:
        request.getfixturevalue("instance")
    findings = ask(place, postgres, tmp_path, checks=[check for check in CHECKS if check.name == name])
    unasked = {one.about for one in findings if one.verdict is Verdict.NOT_ASKABLE}
    assert [one for one in findings if one.verdict is Verdict.DIFFERS] == []
    assert bool(unasked) is (name in BEYOND)
    assert stands(place) == []


@pytest.mark.slow
def test_with_a_key_of_one_s_own_loads_are_tried_under_it(place, postgres, tmp_path) -> None:
    keyed = replace(place, kms_key="projects/p/locations/eu/keyRings/k/cryptoKeys/c")
    findings = ask(keyed, postgres, tmp_path, checks=[check for check in CHECKS if check.name == "a key of one's own"])
    assert (len(findings), wrong(findings)) == (2, [])


@pytest.mark.slow
def test_a_statement_that_reads_all_of_a_partitioned_table_differs(place, postgres, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(partitions, "prune", lambda *_: None)
    findings = ask(place, postgres, tmp_path, kinds=[replace(ORDERS, behind="", name="first")])
    assert {one.about for one in findings if one.verdict is Verdict.DIFFERS} == {"first: pruning"}
    assert not Report(place=place, began=datetime.now(UTC), postgres="", findings=findings).well


@pytest.mark.slow
def test_a_row_that_current_lacks_differs(place, postgres, tmp_path, monkeypatch) -> None:
    def load(run, read_at):
        outcome = loaded(run, read_at)
        place.query(f"DELETE FROM `{run.target}` WHERE id = 7")
        return outcome

    loaded = journey.load
    monkeypatch.setattr(journey, "load", load)
    first, *_ = ask(place, postgres, tmp_path, kinds=[PRODUCTS])
    assert first.verdict is Verdict.DIFFERS
    assert "1 missing, 0 extra" in first.came
    assert "missing (('int', 7)" in first.came


@pytest.mark.parametrize("ending", [KeyboardInterrupt, SystemExit])
def test_whatever_ends_it_nothing_is_left_behind(place, postgres, tmp_path, ending) -> None:
    def ends(place: Place) -> Iterator[Finding]:
        tables.create(place, "one", [("id", "INT64")])
        place.storage.bucket(place.bucket).blob(f"{place.prefix}/x").upload_from_string("x")
        assert len(stands(place)) == len(place.datasets) + 1
        yield held("", asked="", expected="", came="", well=True)
        raise ending

    with pytest.raises(ending):
        ask(place, postgres, tmp_path, checks=[Check(name="ends", ask=ends), Check(name="never begun", ask=ends)])
    assert stands(place) == []
    assert place.bill.stopped


def test_what_a_killed_run_left_is_removed_by_one_a_day_later(place) -> None:
    old = replace(place, name=f"floodmark_cloud_{datetime.now(UTC) - 2 * DAY:%Y%m%dt%H%M%S}_0a1b2c")
    fresh = replace(place, name=f"floodmark_cloud_{datetime.now(UTC):%Y%m%dt%H%M%S}_0a1b2c")
    mine = f"floodmark_cloud_{datetime.now(UTC) - 3 * DAY:%Y%m%dt%H%M%S}_ffffff"
    place.bigquery.create_dataset(mine)
    place.bigquery.create_dataset(labelled(fresh))
    place.bigquery.create_dataset(labelled(old))
    place.storage.bucket(place.bucket).blob(f"{old.prefix}/stage/x").upload_from_string("x")
    place.storage.bucket(place.bucket).blob("floodmark_cloud_of_somebody").upload_from_string("x")
    assert left_over(place, datetime.now(UTC) - DAY) == [old.name]
    with made(place, lambda _: None):
        pass
    assert (stands(old), stands(fresh), stands(replace(place, name=mine))) == (
        ["floodmark_cloud_of_somebody"],
        [fresh.name, "floodmark_cloud_of_somebody"],
        [mine, "floodmark_cloud_of_somebody"],
    )
    for name in (fresh.name, mine):
        place.bigquery.delete_dataset(name)


def labelled(place: Place):
    from google.cloud.bigquery import Dataset

    dataset = Dataset(f"{place.project}.{place.name}")
    dataset.labels = LABELS
    return dataset


def test_what_can_t_be_removed_is_named(place, monkeypatch) -> None:
    def fails(*_, **__) -> None:
        raise BadRequest("not now")

    monkeypatch.setattr(place.bigquery, "delete_dataset", fails)
    with pytest.raises(RuntimeError, match=f"remove it by hand: the dataset {place.name} .*not now.*_raw"):
        removed(place)


def test_without_its_variables_it_says_in_one_line_what_to_set(monkeypatch, capsys) -> None:
    for name in (PROJECT, BUCKET, LOCATION):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(BUCKET, "gs://mine/")
    assert command.main([]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"make cloud: not set: {PROJECT}, {LOCATION}; set ")
    assert "docs/cloud.md" in said
    assert said.count("\n") == 1


@pytest.mark.slow
def test_the_command_writes_and_prints_a_report(google, bucket, monkeypatch, tmp_path, capsys) -> None:
    for name, value in ((PROJECT, google.project), (BUCKET, bucket), (LOCATION, "EU")):
        monkeypatch.setenv(name, value)
    file = tmp_path / "report.md"
    assert command.main(["--report", str(file), "--only", "bytes billed"]) == 0
    text, said = file.read_text(encoding="utf-8"), capsys.readouterr()
    assert text in said.out
    assert "| result | 3 pass, 0 differs, 0 not askable here |" in text
    assert "local servers, behind the gate: not the real service" in text
    assert "| a query of two tables of one row | 20,971,520 bytes | 20,971,520 bytes | pass |" in text
    assert bucket not in text
    assert google.project not in text.replace("project", "")


def test_a_project_that_lets_nobody_in_ends_it_before_anything_is_made(google, bucket, monkeypatch, capsys) -> None:
    for name, value in ((PROJECT, google.project), (BUCKET, "no-such-bucket"), (LOCATION, "EU")):
        monkeypatch.setenv(name, value)
    assert command.main([]) == 2
    assert "make cloud: Google refuses:" in capsys.readouterr().err


PASS = held("one", asked="a", expected="b | c", came="b\n| c", well=True)
OTHER = held(
    "two",
    asked="a",
    expected="b",
    came="table my-project.d.t of me@example.com, gs://my-bucket/x, project 12345678",
    well=False,
)


def told(*findings: Finding) -> Report:
    place = Place(project="my-project", bucket="my-bucket", location="EU", bill=Bill(jobs={"a": 2**40 // 5, "b": 0}))
    return Report(
        place=place, began=datetime(2026, 11, 28, 10, tzinfo=UTC), postgres="PostgreSQL 18.4", findings=findings
    )


def test_the_report_names_no_project_no_bucket_and_no_account() -> None:
    text = told(PASS, OTHER).markdown()
    assert "table PROJECT.d.t of ACCOUNT, gs://BUCKET/x, project NUMBER" in text
    assert "my-" not in text
    long = replace(OTHER, came="x" * 295 + " my-project")
    assert "my-" not in told(long).markdown()
    assert "| one | a | b \\| c | b \\| c | pass |" in text
    assert "by 2 queries: 1.2500 US dollars" in text
    assert text.index("## What differs") < text.index("- **two**")


def test_only_answers_make_it_well() -> None:
    unasked = next(answers("three", lambda: _raises(NotAskable("no")), here=""))
    assert unasked.verdict is Verdict.NOT_ASKABLE
    assert told(PASS, unasked).well
    assert not told(PASS, OTHER).well
    assert not told(unasked).well


def test_an_error_is_a_difference_unless_the_server_is_known_for_it() -> None:
    [found] = answers("four", lambda: _raises(BadRequest("so\nnot")))
    assert (found.verdict, found.came) == (Verdict.DIFFERS, "BadRequest: so")
    [found] = answers("four", lambda: _raises(BadRequest("so")), here="it is looser")
    assert found.verdict is Verdict.NOT_ASKABLE
    assert "it is looser" in found.came


def test_what_is_left_out_is_named(place, postgres, tmp_path) -> None:
    limited = replace(place, bill=Bill(seconds=0.0))
    findings = ask(limited, postgres, tmp_path, kinds=[ORDERS], checks=CHECKS[:1])
    assert [(one.about, one.verdict) for one in findings] == [
        (ORDERS.name, Verdict.NOT_ASKABLE), (CHECKS[0].name, Verdict.NOT_ASKABLE)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("bill", "said"),
    [
        (Bill(most=10, jobs={"a": 4, "b": 6}), "10 bytes were billed before it, and at most 10 may be"),
        (Bill(seconds=0.0), "at most 0 may"),
        (Bill(stopped=True), "stopped before it"),
    ],
)
def test_beyond_its_limits_nothing_more_is_begun(bill, said) -> None:
    with pytest.raises(NotAskable, match=said):
        bill.allow()


def test_what_is_billed_is_counted_once_a_job_and_dry_runs_not_at_all() -> None:
    bill = Bill()
    for job, billed, dry in (("a", "0", False), ("a", "7", False), ("b", "5", False), ("c", "9", True)):
        statistics = {"query": {"totalBytesBilled": billed}}
        bill.note({"jobReference": {"jobId": job}, "configuration": {"dryRun": dry}, "statistics": statistics})
    bill.note({"kind": "bigquery#table"})
    assert bill.billed == 12


def _raises(error: Exception) -> Iterator[Finding]:
    raise error
    yield
