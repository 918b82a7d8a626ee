"""``floodmark doctor``: what is there is said, what is missing comes with its remedy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from floodmark.cli.findings.driver import of_driver
from floodmark.cli.findings.environment import environment
from floodmark.cli.findings.finding import Level
from tests.cli.shop import Shop, floodmark, written


def _findings(answer: Any, level: str) -> list[tuple[str, str, str]]:
    found = answer.document["findings"]
    return [(one["about"], one["said"], one["remedy"]) for one in found if one["level"] == level]


def test_a_whole_shop_is_well_and_nothing_is_left_in_the_bucket(shop: Shop, google: Any, bucket: str) -> None:
    answer = floodmark("doctor", shop.file, "--json")
    assert _findings(answer, "failed") == []
    assert answer.code == 0
    said = {said for _, said, _ in _findings(answer, "ok")}
    assert f"gs://{bucket}/floodmark: a probe object was written and deleted" in said
    assert "public.orders can be read" in said
    assert f"dataset proj.{shop.datasets.current} in US" in said
    assert list(google.storage_client().list_blobs(bucket)) == []


def test_each_fault_has_its_remedy(shop: Shop, google: Any) -> None:
    shop.execute("DROP TABLE orders")
    google.bigquery_client().delete_dataset(shop.datasets.raw)
    answer = floodmark("doctor", shop.file, "--no-write", "--json")
    assert answer.code == 1
    failed = _findings(answer, "failed")
    gone = "public.orders: no such table or view in the source; names are exact, upper and lower case too"
    assert ("source", gone, "or mend tables.orders.from") in failed
    remedies = [remedy for _, _, remedy in failed]
    assert f"bq mk --location=US --dataset proj:{shop.datasets.raw}" in remedies


def test_a_table_that_may_not_be_read_is_told_with_the_grant_it_takes(shop: Shop) -> None:
    shop.execute("DROP ROLE IF EXISTS outside")
    shop.execute("CREATE ROLE outside LOGIN")
    outside = shop.database.dsn.replace("postgres@", "outside@")
    answer = floodmark("doctor", shop.file, "--no-write", "--json", "--dsn", outside)
    shop.execute("DROP ROLE outside")
    said = 'public.orders: the role may not read it; GRANT SELECT ON "public"."orders" TO "outside"'
    assert ("source", said, "or mend tables.orders.from") in _findings(answer, "failed")


def test_a_location_that_does_not_fit_is_named(shop: Shop) -> None:
    shop.file.write_text(shop.file.read_text().replace("location: US", "location: EU"))
    answer = floodmark("doctor", shop.file, "--no-write", "--json")
    assert answer.code == 1
    assert {remedy for _, _, remedy in _findings(answer, "failed")} == {"write location: US, or name another dataset"}


def test_nothing_in_reach_ends_in_findings_not_in_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("STORAGE_EMULATOR_HOST", "BIGQUERY_EMULATOR_HOST", "AIRFLOW_CONN_GOOGLE_CLOUD_DEFAULT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "nowhere.json"))
    answer = floodmark("doctor", written(tmp_path), "--dsn", "postgresql://u:s3cret@127.0.0.1:1/none")
    assert answer.code == 1
    assert "s3cret" not in answer.out + answer.err
    for about in ("source", "stage", "bigquery"):
        assert f"failed   {about}: " in answer.out


def test_a_driver_that_was_compiled_without_optimisation_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """By its code: what returns only its argument is no function of its own in optimised code."""
    slow, fast = tmp_path / "slow.so", tmp_path / "fast.so"
    slow.write_bytes(b"_ZNSt11_Tuple_implILm0EJPN6adbcpq23PostgresCopyFieldReaderEEE7_M_headERS4_")
    fast.write_bytes(b"PostgresCopyFieldReader")

    def said(own: Path) -> list[tuple[Level, str]]:
        monkeypatch.setenv("FLOODMARK_ADBC_DRIVER", str(own))
        return [(one.level, one.said) for one in of_driver()]

    assert said(slow) == [(Level.NOTE, "was compiled without optimisation, so a read takes half as much CPU again")]
    assert said(fast) == [(Level.OK, str(fast))]
    missing = tmp_path / "missing.so"
    assert said(missing) == [(Level.FAILED, f"{str(missing)!r}: No such file or directory")]


def test_an_airflow_that_is_too_old_is_a_fault_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "floodmark.cli.findings.environment.version", lambda name: "2.10.5" if name == "apache-airflow" else "9.9"
    )
    [(level, about, remedy)] = [
        (found.level, found.about, found.remedy) for found in environment() if found.level not in (Level.OK, Level.NOTE)
    ]
    assert (level, about) == (Level.FAILED, "apache-airflow")
    assert remedy.startswith("upgrade Airflow")
