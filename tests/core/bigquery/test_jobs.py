"""Jobs are whole, and the same ones have the same digest."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from floodmark.core.bigquery.jobs import digest, effect, label, load_job, merge_job, recorded
from floodmark.core.ledger import head as heads
from floodmark.core.ledger.manifest import Manifest, StagedObject
from floodmark.core.ledger.portion import Slices
from floodmark.core.ledger.read import Read, State
from floodmark.core.ports import TargetTable

HEAD = heads.fresh("shop.Orders", UUID(int=7))
STAGED = StagedObject(uri="gs://b/p/x.parquet", generation=1, crc32c="AAAAAA==", rows=3, bytes=9)
READ = Read(
    target=HEAD.target,
    read_at=datetime(2026, 11, 1, 11, 0, 5, 7, tzinfo=UTC),
    token=1,
    run_id="r",
    portion=Slices(spans=()),
    state=State.STAGED,
    watermark=None,
    manifest=Manifest(objects=(STAGED,), rows=3, bytes=9),
)
RAW = TargetTable(project="proj", dataset="shop_raw", table="orders", fields=())


def test_a_load_appends_to_a_table_that_stands() -> None:
    job = load_job(HEAD, READ, raw=RAW, location="EU", labels={"team": "data"})
    load = job.configuration["load"]
    assert load["sourceUris"] == ["gs://b/p/x.parquet"]
    assert load["destinationTable"] == {"projectId": "proj", "datasetId": "shop_raw", "tableId": "orders"}
    assert (load["writeDisposition"], load["createDisposition"]) == ("WRITE_APPEND", "CREATE_NEVER")
    assert job.configuration["labels"]["team"] == "data"
    assert job.configuration["labels"]["floodmark_table"] == "shop-orders"


def test_the_manifest_says_what_is_loaded() -> None:
    assert load_job(HEAD, READ, raw=RAW, location="EU").configuration["load"]["sourceFormat"] == "PARQUET"
    other = replace(READ, manifest=replace(READ.manifest, format="avro"))  # type: ignore[type-var]
    with pytest.raises(ValueError, match="staged as 'avro', which no load job is made of; known: parquet"):
        load_job(HEAD, other, raw=RAW, location="EU")


@pytest.mark.parametrize("format", ["ndjson", "csv"])
def test_a_job_of_texts_has_their_columns_in_the_file_s_order(format: str) -> None:
    marker = "\\Nx" if format == "csv" else ""
    manifest = Manifest(objects=(STAGED,), rows=3, bytes=9, format=format, header=("größe", "id"), null_marker=marker)
    raw = replace(RAW, fields=(("id", "INT64", "The id"), ("gone", "BOOL", ""), ("größe", "NUMERIC(12, 2)", "")))
    load = load_job(HEAD, replace(READ, manifest=manifest), raw=raw, location="EU").configuration["load"]
    assert load["schema"]["fields"] == [
        {"name": "größe", "type": "NUMERIC", "mode": "NULLABLE", "precision": "12", "scale": "2"},
        {"name": "id", "type": "INT64", "mode": "NULLABLE"},
    ]
    assert load.get("nullMarker", "") == marker
    assert ("columnNameCharacterMap" in load, load.get("allowQuotedNewlines", False)) == (format == "csv",) * 2


def test_ids_follow_target_read_step_and_attempt() -> None:
    first = load_job(HEAD, READ, raw=RAW, location="EU")
    assert first.id == load_job(HEAD, READ, raw=RAW, location="EU").id
    others = {
        load_job(HEAD, READ, raw=RAW, location="EU", attempt=2).id,
        merge_job(HEAD, READ, "SELECT 1", location="EU").id,
        load_job(HEAD, replace(READ, read_at=datetime(2026, 11, 1, 12, tzinfo=UTC)), raw=RAW, location="EU").id,
    }
    assert len(others | {first.id}) == 4


def test_the_digest_is_a_label_and_depends_on_all_the_rest() -> None:
    job = merge_job(HEAD, READ, "SELECT 1", location="EU", max_bytes_billed=10**12)
    assert job.configuration["labels"]["floodmark_digest"] == job.digest == digest(job.configuration)
    assert len(job.digest) == 63
    assert job.configuration["query"]["maximumBytesBilled"] == "1000000000000"
    assert merge_job(HEAD, READ, "SELECT 2", location="EU", max_bytes_billed=10**12).digest != job.digest
    assert merge_job(HEAD, READ, "SELECT 1", location="EU").digest != job.digest


def test_the_ledger_gives_back_what_it_was_given() -> None:
    job = load_job(HEAD, READ, raw=RAW, location="EU", attempt=2)
    kept = effect(job, step="load", attempt=2)
    stored = replace(kept, configuration=json.loads(json.dumps(kept.configuration)))
    assert recorded(stored) == job
    assert digest(recorded(stored).configuration) == job.digest


def test_nothing_staged_is_nothing_to_load() -> None:
    with pytest.raises(ValueError, match="staged nothing"):
        load_job(HEAD, replace(READ, manifest=Manifest()), raw=RAW, location="EU")


def test_any_text_becomes_a_label() -> None:
    assert label("Shop.Order Items") == "shop-order-items"
    assert len(label("x" * 100)) == 63
