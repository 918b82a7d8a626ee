"""``floodmark doctor`` asks Cloud Storage and BigQuery: each question by itself, each fault with what mends it.

What a local server can't answer is answered before it by the documented protocol (``tests/fakes/before_google.py``).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from google.cloud.storage import Bucket

from floodmark.cli import sources
from floodmark.cli.findings.bucket import PERMISSIONS as IN_BUCKET
from floodmark.cli.findings.bucket import Place, of_settings
from floodmark.cli.findings.datasets import PERMISSIONS as ON_TABLES
from floodmark.cli.findings.finding import Finding
from floodmark.cli.findings.google import of_google
from tests.cli.shop import Shop, floodmark, hour
from tests.fakes.before_google import BeforeGoogle, Rule, before, refusing

pytestmark = pytest.mark.slow

HALF = timedelta(minutes=30)
BUCKET = r"/storage/v1/b/[^/]+"
ROLE = "--member=serviceAccount:ACCOUNT --role=roles"


@pytest.fixture
def storage(shop: Shop, google: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[BeforeGoogle]:
    """Before Cloud Storage; the account may do all there."""
    with before(google.storage.url) as between:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", between.url)
        yield between


@pytest.fixture
def bigquery(shop: Shop, google: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[BeforeGoogle]:
    """Before BigQuery."""
    with before(google.bigquery.url) as between:
        monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", between.url)
        yield between


def whole(shop: Shop) -> list[Finding]:
    """All that the command finds."""
    answer = floodmark("doctor", shop.file, "--json")
    found = [Finding(**one) for one in answer.document["findings"]]
    assert answer.code == any(one.level == "failed" for one in found)
    return found


def asked(shop: Shop, *, probe: bool = True) -> list[Finding]:
    """What it finds of Google's services alone."""
    file = sources.read(str(shop.file))
    return of_google(file.config, file.connections(), probe=probe)


def faults(found: list[Finding]) -> list[tuple[str, str]]:
    """What failed, with what mends it."""
    return [(one.said, one.remedy) for one in found if one.level == "failed"]


def has_run(shop: Shop) -> None:
    """Both tables of orders stand, and its next run has something to read."""
    shop.order(1, hour(1) + HALF)
    assert floodmark("run", shop.file, "-t", "orders").code == 0


def test_of_a_whole_shop_all_is_said(shop: Shop, storage: BeforeGoogle, bigquery: BeforeGoogle, bucket: str) -> None:
    has_run(shop)
    storage.holding(*IN_BUCKET)
    storage.changed[BUCKET] = {"iamConfiguration": {"uniformBucketLevelAccess": {"enabled": True}}}
    found = whole(shop)
    assert faults(found) == []
    raw, current = (f"proj.{name}" for name in (shop.datasets.raw, shop.datasets.current))
    said = [one.said for one in found if one.level == "ok"]
    for text in (
        f"gs://{bucket}: {', '.join(IN_BUCKET)}", "jobs can be made in project proj in US",
        f"gs://{bucket} lies in US-CENTRAL1, dataset {raw} in US", f"{current}.orders: {', '.join(ON_TABLES)}",
    ):  # fmt: skip
        assert text in said
    [line] = [text for text in said if text.startswith("orders: ")]
    assert "statements would be taken" in line
    assert line.endswith("bytes in all, as plan says")
    notes = [one.said for one in found if (one.level, one.about) == ("note", "statements")]
    assert any(text.startswith("products: BigQuery can't be asked before there is") for text in notes)
    assert not [one for one in found if one.level == "warning" and one.about in ("stage", "bigquery", "statements")]


def test_each_missing_permission_on_the_bucket_comes_with_its_command(
    shop: Shop, storage: BeforeGoogle, bucket: str
) -> None:
    storage.holding()
    command = f"gcloud storage buckets add-iam-policy-binding gs://{bucket} {ROLE}/storage."
    assert faults(asked(shop)) == [
        (f"{one} on gs://{bucket} is missing", command + ("legacyBucketReader" if "buckets" in one else "objectUser"))
        for one in IN_BUCKET
    ]


def test_a_bucket_that_may_not_be_seen_is_one_fault_and_all_else_is_examined(
    shop: Shop, storage: BeforeGoogle, bucket: str
) -> None:
    storage.rules.append(refusing("GET", BUCKET, "storage.buckets.get"))
    found = asked(shop)
    [(said, remedy)] = faults(found)
    assert said.startswith(f"storage.buckets.get on gs://{bucket} is missing: load jobs need it")
    assert remedy.endswith(f"{ROLE}/storage.legacyBucketReader")
    warned = [one.said for one in found if one.level == "warning"]
    unasked = "whether BigQuery loads from the bucket's location couldn't be asked: Forbidden"
    assert any(text.startswith(unasked) for text in warned)
    assert f"gs://{bucket}/floodmark: a probe object was written and deleted" in {one.said for one in found}


def test_files_and_tables_that_may_not_be_touched_come_with_their_commands(
    shop: Shop, storage: BeforeGoogle, bigquery: BeforeGoogle, bucket: str
) -> None:
    """Also where nobody may ask for permissions."""
    storage.rules += [
        refusing("GET", BUCKET + "/iam/testPermissions", "storage.buckets.getIamPolicy"),
        refusing("POST", r"/upload/storage/v1/b/[^/]+/o", "storage.objects.create"),
        refusing("GET", BUCKET + "/o", "storage.objects.list"),
    ]
    bigquery.rules.append(refusing("GET", r".*/tables/[^/]+", "bigquery.tables.get"))
    object_user = f"gcloud storage buckets add-iam-policy-binding gs://{bucket} {ROLE}/storage.objectUser"
    for probe, what in ((True, "written"), (False, "listed")):
        found = faults(asked(shop, probe=probe))
        [remedy] = [remedy for said, remedy in found if f"can't be {what}: " in said]
        assert remedy == object_user
        names = [f"proj.{name}.orders" for name in (shop.datasets.current, shop.datasets.raw)]
        missing = [said for said, remedy in found if "roles/bigquery.dataEditor" in remedy]
        assert missing == [f"bigquery.tables.get on {name} is missing" for name in names]


SEVEN_DAYS, A_DAY = {"retentionPeriod": "604801"}, {"retentionPeriod": "86400"}
DELETES = {"action": {"type": "Delete"}, "condition": {"age": 3}}


@pytest.mark.parametrize(
    ("settings", "level", "said"),
    [
        ({"retentionPolicy": SEVEN_DAYS}, "failed", "the daily sweep fails at files as old as retention: stage, 7d"),
        ({"retentionPolicy": A_DAY}, "warning", "has a retention policy of 1 days on its files"),
        ({"defaultEventBasedHold": True}, "failed", "has a hold on its files"),
        ({"lifecycle": {"rule": [DELETES]}}, "warning", "after 3 days, retention: stage is 7d"),
        ({"softDeletePolicy": {"retentionDurationSeconds": "604800"}}, "note", "is kept, and billed, for 7 days more"),
        ({"versioning": {"enabled": True}}, "warning", "with the rows in it, is kept, and billed, for ever"),
        ({"billing": {"requesterPays": True}}, "failed", "requests name no project that does"),
        ({}, "note", "has no uniform access"),
        ({"location": "EUROPE-WEST2"}, "ok", "lies in EUROPE-WEST2, dataset"),
    ],
    ids=lambda one: next(iter(one), "plain") if isinstance(one, dict) else None,
)
def test_what_the_bucket_does_to_files_is_said(
    shop: Shop, storage: BeforeGoogle, settings: dict[str, Any], level: str, said: str, google: Any, bucket: str
) -> None:
    storage.holding(*IN_BUCKET)
    storage.changed[BUCKET] = settings
    found = asked(shop)
    [one] = [one for one in found if said in one.said]
    assert one.level == level
    locked = settings.keys() & {"retentionPolicy", "defaultEventBasedHold"}
    assert any("nothing was written" in one.said for one in found) is bool(locked)
    assert level == "ok" or f"gs://{bucket}" in one.remedy
    assert list(google.storage_client().list_blobs(bucket)) == []


def test_a_lifecycle_rule_is_told_where_it_reaches_what_is_staged() -> None:
    stage = Place(about="stage", bucket="b", prefix="floodmark", keeps=timedelta(days=7), suffixes=(".parquet",))
    conditions: list[tuple[dict[str, Any], bool]] = [
        ({"age": 7}, False),
        ({"age": 6}, True),
        ({"age": 3, "isLive": False}, False),
        ({"age": 3, "numNewerVersions": 2}, False),
        ({"age": 3, "daysSinceCustomTime": 2}, False),
        ({"age": 3, "matchesPrefix": ["other/"]}, False),
        ({"age": 3, "matchesPrefix": ["flood"]}, True),
        ({"age": 3, "matchesPrefix": ["floodmark/shop/"]}, True),
        ({"age": 3, "matchesSuffix": [".csv"]}, False),
        ({"age": 3, "matchesStorageClass": ["NEARLINE"]}, False),
        ({"createdBefore": "2026-01-01"}, True),
    ]
    for condition, reaches in conditions:
        bucket = Bucket(None, name="b")
        rule = {"action": {"type": "Delete"}, "condition": condition}
        bucket._set_properties({"lifecycle": {"rule": [rule]}, "storageClass": "STANDARD"})
        told = [one.level for one in of_settings(stage, bucket) if "a lifecycle rule of" in one.said]
        assert told == (["warning"] if reaches else []), condition


def test_a_ledger_in_a_bucket_must_be_replaceable_and_stay(shop: Shop, storage: BeforeGoogle, bucket: str) -> None:
    storage.holding(*IN_BUCKET)
    shop.file.write_text(shop.file.read_text().replace("tables:", f"ledger: gs://{bucket}/ledger\ntables:"))
    storage.changed[BUCKET] = {"retentionPolicy": A_DAY, "lifecycle": {"rule": [DELETES]}}
    unreplaceable, deleted = (said for said, _ in faults(asked(shop, probe=False)))
    assert f"no read can be recorded, since that replaces gs://{bucket}/ledger/heads/..." in unreplaceable
    assert "the ledger goes with it" in deleted


def test_missing_rights_in_bigquery_come_with_their_commands(shop: Shop, bigquery: BeforeGoogle) -> None:
    has_run(shop)
    bigquery.holding(*(one for one in ON_TABLES if one != "bigquery.tables.updateData"))
    raw, current = (f"proj.{name}" for name in (shop.datasets.raw, shop.datasets.current))
    grant = "bq query --project_id=proj --use_legacy_sql=false 'GRANT `roles/bigquery.dataEditor` ON SCHEMA"
    assert faults(asked(shop)) == [
        (f"bigquery.tables.updateData on {name}.orders is missing", f'{grant} `{name}` TO "serviceAccount:ACCOUNT"\'')
        for name in (current, raw)
    ]
    bigquery.rules.append(refusing("GET", rf".*/datasets/{shop.datasets.raw}", "bigquery.datasets.get"))
    bigquery.rules.append(refusing("POST", ".*/(jobs|queries)", "bigquery.jobs.create"))
    found = whole(shop)
    command = f"gcloud projects add-iam-policy-binding proj {ROLE}/bigquery.jobUser"
    assert ("bigquery.jobs.create in project proj is missing", command) in faults(found)
    said = [text for text, _ in faults(found)]
    assert f"bigquery.datasets.get on dataset {raw} is missing, or there is no such dataset" in said
    assert any(text.startswith("orders: apply is refused: dry run: ") for text in said)
    warned = [one.said for one in found if one.level == "warning"]
    assert any(text.startswith("the project's default time zone couldn't be asked: Forbidden") for text in warned)


def test_what_a_dataset_gives_to_new_tables_is_noted(shop: Shop, bigquery: BeforeGoogle) -> None:
    bigquery.changed[rf".*/datasets/{shop.datasets.current}"] = {
        "defaultTableExpirationMs": "864000000", "defaultPartitionExpirationMs": "86400000",
        "defaultCollation": "und:ci", "isCaseInsensitive": True,
    }  # fmt: skip
    found = asked(shop)
    current = f"proj.{shop.datasets.current}"
    remedies = {
        "lets new tables expire after 10 days; Floodmark takes": "bq update --default_table_expiration=0",
        "lets new partitions expire after 1 days; Floodmark takes": "bq update --default_partition_expiration=0",
        "compares new texts by und:ci": f"ALTER SCHEMA `{current}` SET DEFAULT COLLATE ''",
        "takes names of tables that differ in case for one": "",
    }
    for text, command in remedies.items():
        [one] = [one for one in found if one.said.startswith(f"dataset {current} {text}")]
        assert one.level == "note"
        assert one.remedy.startswith(command)
    assert faults(found) == []


def test_another_default_time_zone_is_noted(shop: Shop, bigquery: BeforeGoogle) -> None:
    shown = [{"f": [{"v": "2025-12-31 16:00:00"}, {"v": "2026-06-30 17:00:00"}]}]
    bigquery.changed[r".*/queries/[^/?]+\?(?!.*maxResults=0).*"] = {"rows": shown}
    [one] = [one for one in asked(shop) if "default time zone" in one.said]
    said = "the default time zone isn't UTC: midnight of 2026-01-01 UTC is 2025-12-31 16:00:00"
    assert said in one.said
    assert one.level == "note"


@pytest.mark.slow
def test_a_statement_that_is_too_dear_is_named_and_one_that_is_refused_ends_nobody_elses(
    shop: Shop, bigquery: BeforeGoogle
) -> None:
    has_run(shop)
    assert floodmark("run", shop.file, "-t", "products").code == 0
    text = shop.file.read_text()
    shop.file.write_text(text.replace("location: US", "location: US, max_bytes_billed: 10MiB"))

    def reads_of_keys(_query: Any, body: Any) -> Any:
        if "HAVING" in body["configuration"]["query"]["query"]:
            return 400, {"error": {"code": 400, "message": "Not today", "errors": [{"reason": "invalidQuery"}]}}
        return None

    bigquery.rules.append(Rule(method="POST", path=".*/jobs", answer=reads_of_keys))
    found = [(said, remedy) for said, remedy in faults(whole(shop)) if said.startswith("orders: ")]
    refused = [said for said, remedy in found if "Not today" in said and remedy.startswith("see the statement: ")]
    assert refused[0].startswith("orders: keys ")
    dear = "orders: apply would bill 20,971,520 bytes, bigquery.max_bytes_billed is 10,485,760"
    assert dict(found)[dear].startswith("allow more in bigquery: max_bytes_billed")


def test_tables_that_are_altered_first_are_asked_by_their_alterations_alone(shop: Shop) -> None:
    has_run(shop)
    shop.execute("ALTER TABLE orders ADD COLUMN gift text")
    found = whole(shop)
    assert faults(found) == []
    assert any(one.said.startswith("orders: its tables are altered first") for one in found)
