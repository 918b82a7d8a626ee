"""One object per read, whole or not at all, and written once."""

from __future__ import annotations

import gc
import io
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow.parquet as pq
import pytest

from floodmark.adapters.stage.gcs import GcsStage
from floodmark.adapters.stage.upload import Finished, Upload
from floodmark.errors import FatalError, StageUnavailable
from tests.adapters.faulty import Fault, Faulty, faulty
from tests.adapters.rows import Staged, batch, noise

CHUNK = 256 * 1024
MANY = [noise(5000, seed) for seed in range(8)]
"""About 2 MB of Parquet: eight chunks."""


@pytest.fixture
def proxy(google: Any) -> Iterator[Faulty]:
    """A proxy in front of Cloud Storage."""
    with faulty(google.storage.url) as proxy:
        yield proxy


@pytest.fixture
def client(google: Any, proxy: Faulty) -> Any:
    """A client behind the proxy."""
    from google.auth.credentials import AnonymousCredentials
    from google.cloud import storage

    options = {"api_endpoint": proxy.url}
    return storage.Client(project=google.project, credentials=AnonymousCredentials(), client_options=options)


@pytest.fixture
def stage(client: Any, bucket: str) -> GcsStage:
    """A stage that sends small chunks."""
    return GcsStage(client, bucket, "pre/fix", chunk=CHUNK, row_group=CHUNK, patience=3)


@pytest.fixture
def names(google: Any, bucket: str) -> Any:
    """Tells the objects in the bucket."""
    return lambda: sorted(blob.name for blob in google.storage_client().list_blobs(bucket))


def content(google: Any, bucket: str, name: str) -> Any:
    """An object's Parquet, as a table."""
    return pq.read_table(io.BytesIO(google.storage_client().bucket(bucket).blob(name).download_as_bytes()))


@pytest.mark.parametrize("batches", [[batch(1, 2), batch(), batch(3)], MANY], ids=["one request", "in chunks"])
def test_rows_become_one_object_that_the_manifest_names(
    google: Any, bucket: str, stage: GcsStage, batches: list[Any]
) -> None:
    rows = Staged(batches, partitions=("2026-11-01", None))
    manifest = stage.write("orders/x.parquet", rows)
    (staged,) = manifest.objects
    table = content(google, bucket, "pre/fix/orders/x.parquet")
    blob = google.storage_client().bucket(bucket).get_blob("pre/fix/orders/x.parquet")
    assert table.num_rows == manifest.rows == staged.rows == sum(each.num_rows for each in batches)
    assert table["id"].to_pylist() == [number for each in batches for number in each["id"].to_pylist()]
    assert staged.uri == f"gs://{bucket}/pre/fix/orders/x.parquet"
    assert (staged.generation, staged.crc32c, staged.bytes) == (blob.generation, blob.crc32c, blob.size)
    assert manifest.bytes == blob.size
    assert (manifest.digest, manifest.partitions) == (rows.digest, ("2026-11-01", None))
    assert (manifest.uri, manifest.quarantined, manifest.quarantine_uri) == ("", 0, "")


def test_no_rows_make_no_object(stage: GcsStage, names: Any, proxy: Faulty) -> None:
    manifest = stage.write("x.parquet", Staged([batch(), batch()]))
    assert (manifest.objects, manifest.rows) == ((), 0)
    assert names() == []
    assert proxy.requests == []


def test_quarantined_rows_go_into_an_object_of_their_own(google: Any, bucket: str, stage: GcsStage) -> None:
    rows = ({"key": {"id": 7}, "column": "at", "reason": "infinity", "value": "infinity"},)
    manifest = stage.write("x.parquet", Staged([batch(1)], quarantined=rows))
    assert (manifest.rows, manifest.quarantined) == (1, 1)
    assert manifest.quarantine_uri == f"gs://{bucket}/pre/fix/x.quarantine.ndjson"
    text = google.storage_client().bucket(bucket).blob("pre/fix/x.quarantine.ndjson").download_as_text()
    assert [json.loads(line) for line in text.splitlines()] == list(rows)
    alone = stage.write("y.parquet", Staged([], quarantined=rows))
    assert (alone.rows, alone.quarantined, alone.quarantine_uri.rpartition("/")[2]) == (0, 1, "y.quarantine.ndjson")


@pytest.mark.slow
@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_an_error_in_the_middle_of_the_rows_leaves_no_object(
    stage: GcsStage, names: Any, proxy: Faulty, error: type[BaseException]
) -> None:
    def fail(number: int) -> None:
        if number == 7:
            raise error("in the middle")

    with pytest.raises(error, match="in the middle"):
        stage.write("x.parquet", Staged(MANY, between=fail))
    gc.collect()
    assert names() == []
    # It was never an object: its session was cancelled, rather than the object deleted.
    assert ["upload_id" in path for method, path in proxy.requests if method == "DELETE"] == [True]
    # And the name is free.
    assert stage.write("x.parquet", Staged([batch(1)])).rows == 1


def test_an_error_of_the_upload_ends_the_reading_at_once(stage: GcsStage, names: Any, proxy: Faulty) -> None:
    proxy.faults.append(Fault(method="PUT", path="upload_id", skip=2, forward=False, status=403, body=b"no"))
    seen: list[int] = []
    with pytest.raises(FatalError, match=r"gs://.*/pre/fix/x\.parquet: the upload was refused with status 403: no"):
        stage.write("x.parquet", Staged([*MANY, *MANY, *MANY], between=seen.append))
    assert max(seen) < 20
    assert names() == []


def test_quarantined_rows_are_taken_back_with_the_upload(stage: GcsStage, names: Any, proxy: Faulty) -> None:
    proxy.faults.append(Fault(method="PUT", path="upload_id", skip=7, forward=False, status=403, body=b"no"))
    with pytest.raises(FatalError, match="refused with status 403"):
        stage.write("x.parquet", Staged(MANY, quarantined=({"key": 1},)))
    assert names() == []


@pytest.mark.slow
def test_a_process_killed_in_the_middle_leaves_no_object(google: Any, bucket: str, names: Any) -> None:
    command = [sys.executable, "-m", "tests.adapters.stage_slowly", google.storage.url, bucket, "x.parquet"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(["plugins", "."])}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.kill()
    assert process.wait(30) == -9
    assert names() == []


def test_an_object_is_written_once(google: Any, bucket: str, stage: GcsStage) -> None:
    stage.write("x.parquet", Staged([batch(1)]))
    with pytest.raises(StageUnavailable, match=r"x\.parquet: exists already, with other bytes"):
        stage.write("x.parquet", Staged([batch(2)]))
    assert content(google, bucket, "pre/fix/x.parquet")["id"].to_pylist() == [1]


def test_of_two_racing_writers_one_wins(google: Any, bucket: str, stage: GcsStage) -> None:
    won: list[int] = []
    lost: list[str] = []
    start = threading.Barrier(2)

    def write(number: int) -> None:
        rows = Staged([batch(number), batch(number)], between=lambda _: (start.wait(10), None)[1])
        try:
            stage.write("x.parquet", rows)
            won.append(number)
        except StageUnavailable as error:
            lost.append(str(error))

    threads = [threading.Thread(target=write, args=(number,)) for number in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (len(won), len(lost)) == (1, 1)
    assert content(google, bucket, "pre/fix/x.parquet")["id"].to_pylist() == won * 2


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_the_service_refusing_a_second_object_in_chunks_is_said(
    stage: GcsStage, names: Any, proxy: Faulty, method: str
) -> None:
    proxy.faults.append(Fault(method=method, path="upload", skip=method == "PUT", forward=False, status=412))
    with pytest.raises(StageUnavailable, match="exists already"):
        stage.write("x.parquet", Staged(MANY))
    assert names() == []


def test_a_small_object_whose_answer_was_lost_is_ours(stage: GcsStage, names: Any, proxy: Faulty) -> None:
    proxy.faults.append(Fault(method="POST", path="uploadType=multipart"))
    manifest = stage.write("x.parquet", Staged([batch(1)]))
    assert manifest.rows == 1
    assert names() == ["pre/fix/x.parquet"]
    assert len([method for method, _ in proxy.requests if method == "POST"]) == 2


@pytest.mark.slow
def test_a_large_object_whose_last_answer_was_lost_is_ours(
    google: Any, bucket: str, stage: GcsStage, proxy: Faulty
) -> None:
    stage.write("measure.parquet", Staged(MANY))
    chunks = len([method for method, _ in proxy.requests if method == "PUT"])
    proxy.faults.append(Fault(method="PUT", path="upload_id", skip=chunks - 1))
    assert stage.write("x.parquet", Staged(MANY)).rows == 40_000
    assert content(google, bucket, "pre/fix/x.parquet").num_rows == 40_000


@pytest.mark.slow
def test_a_chunk_that_did_not_arrive_is_sent_again(google: Any, bucket: str, stage: GcsStage, proxy: Faulty) -> None:
    busy = Fault(method="PUT", path="upload_id", skip=2, forward=False, status=503)
    # What arrived is asked next. The local server takes that question for the end, so the answer is given here.
    arrived = Fault(method="PUT", path="upload_id", skip=2, forward=False, status=308)
    arrived.headers = {"Range": f"bytes=0-{2 * CHUNK - 1}"}
    proxy.faults += [busy, arrived]
    manifest = stage.write("x.parquet", Staged(MANY))
    assert content(google, bucket, "pre/fix/x.parquet").num_rows == manifest.rows == 40_000


def test_a_chunk_of_which_a_part_arrived_goes_on_from_there(
    google: Any, bucket: str, stage: GcsStage, proxy: Faulty
) -> None:
    proxy.faults.append(Fault(method="PUT", path="upload_id", skip=2, part=100_000))
    manifest = stage.write("x.parquet", Staged(MANY))
    assert content(google, bucket, "pre/fix/x.parquet").num_rows == manifest.rows == 40_000


@pytest.mark.slow
def test_a_service_that_stays_away_is_given_up(stage: GcsStage, names: Any, proxy: Faulty) -> None:
    proxy.faults.append(Fault(method="PUT", path="upload_id", skip=1, times=99, forward=False, status=503))
    with pytest.raises(StageUnavailable, match="no success within 3 s; last status: 503"):
        stage.write("x.parquet", Staged(MANY))
    assert names() == []


def test_bytes_damaged_on_their_way_are_removed(stage: GcsStage, names: Any, proxy: Faulty) -> None:
    def other(answer: bytes) -> bytes:
        resource = json.loads(answer)
        return json.dumps({**resource, "crc32c": "AAAAAA=="}).encode()

    proxy.faults.append(Fault(method="PUT", path="upload_id", skip=7, change=other))
    with pytest.raises(StageUnavailable, match="damaged on its way"):
        stage.write("x.parquet", Staged(MANY))
    assert names() == []


def test_an_upload_that_is_only_closed_or_forgotten_makes_no_object(client: Any, bucket: str, names: Any) -> None:
    upload = Upload(client.bucket(bucket).blob("x"), content_type="a/b", chunk=CHUNK)
    upload.write(b"x" * (CHUNK + 1))
    upload.close()
    del upload
    gc.collect()
    assert names() == []


@pytest.mark.slow
@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 17])
def test_objects_of_every_size_arrive_whole(google: Any, client: Any, bucket: str, size: int) -> None:
    data = os.urandom(size)
    upload = Upload(client.bucket(bucket).blob("x"), content_type="a/b", chunk=CHUNK)
    for start in range(0, size, 100_003):
        upload.write(data[start : start + 100_003])
    finished = upload.finish()
    assert isinstance(finished, Finished)
    assert finished.bytes == size
    assert google.storage_client().bucket(bucket).blob("x").download_as_bytes() == data


def test_a_missing_bucket_is_named_with_its_remedy(client: Any) -> None:
    with pytest.raises(FatalError, match=r"gs://nowhere-to-be/x\.parquet: .*create the bucket nowhere-to-be"):
        GcsStage(client, "nowhere-to-be").write("x.parquet", Staged([batch(1)]))
    with pytest.raises(FatalError, match="create the bucket nowhere-to-be"):
        GcsStage(client, "nowhere-to-be", chunk=CHUNK, row_group=CHUNK).write("x.parquet", Staged(MANY))


def test_the_manifest_is_written_once_as_json(google: Any, bucket: str, stage: GcsStage) -> None:
    uri = stage.write_manifest("x.json", {"rows": 3, "at": datetime(2026, 11, 1, tzinfo=UTC)})
    assert uri == f"gs://{bucket}/pre/fix/x.json"
    text = google.storage_client().bucket(bucket).blob("pre/fix/x.json").download_as_text()
    assert json.loads(text) == {"rows": 3, "at": "2026-11-01T00:00:00+00:00"}
    with pytest.raises(StageUnavailable, match="exists already"):
        stage.write_manifest("x.json", {"rows": 4})


def test_what_is_older_is_deleted_in_its_folder_and_nowhere_else(stage: GcsStage, names: Any) -> None:
    for name in ("orders/a.parquet", "orders/dt=1/b.parquet", "orders_items/c.parquet"):
        stage.write(name, Staged([batch(1)]))
    now = datetime.now(UTC)
    assert stage.delete_before("orders", now - timedelta(hours=1)) == 0
    assert stage.delete_before("orders", now + timedelta(hours=1)) == 2
    assert names() == ["pre/fix/orders_items/c.parquet"]
    with pytest.raises(ValueError, match="no time zone"):
        stage.delete_before("orders", datetime(2026, 11, 1))  # noqa: DTZ001 - the naive one is the point
