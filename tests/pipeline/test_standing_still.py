"""A table that can't go on says why, burns nothing, and goes on when the cause is mended (R16, R17, R19)."""

from __future__ import annotations

import pytest

from floodmark.core.ledger.effect import EffectState
from floodmark.core.ledger.portion import Kind
from floodmark.core.ledger.read import State
from floodmark.errors import FatalError, JobFailed, TargetMismatch
from floodmark.pipeline.extract import extract
from floodmark.pipeline.load import load
from floodmark.pipeline.repairs.void import give_up, unblock
from floodmark.pipeline.table_run import Request
from tests.pipeline.conftest import World, hour

ROW = "INSERT INTO orders VALUES (1, 'a', 1, '2026-11-01T00:10Z')"


def staged(world: World) -> str:
    """One slice in the stage; the read's name."""
    world.sql(ROW)
    return extract(world.table_run("orders"), Request(kind=Kind.SLICE, run_id="first", interval=hour(0))).read_at


def lose_the_files(world: World) -> list[tuple[str, bytes]]:
    """Take the staged Parquet away, so that its load fails for good; what was taken."""
    found = [one for one in world.google.storage_client().list_blobs(world.bucket) if one.name.endswith(".parquet")]
    kept = [(one.name, one.download_as_bytes()) for one in found]
    for one in found:
        one.delete()
    return kept


def attempts(world: World) -> list[EffectState]:
    """What became of each attempt to load the open read."""
    read = world.head("orders").open
    assert read is not None
    return [effect.state for effect in read.attempts("load")]


@pytest.mark.slow
def test_a_failure_for_good_blocks_the_table_and_burns_no_job_per_retry(world: World) -> None:
    read_at = staged(world)
    kept = lose_the_files(world)
    for _ in range(3):
        with pytest.raises(JobFailed, match="unblock"):
            load(world.table_run("orders"), read_at)
    assert attempts(world) == [EffectState.FAILED]
    assert world.head("orders").error
    with pytest.raises(JobFailed):
        extract(world.table_run("orders"), Request(kind=Kind.SLICE, run_id="next", interval=hour(1)))
    for name, content in kept:
        world.google.storage_client().bucket(world.bucket).blob(name).upload_from_string(content)
    assert "not found" in unblock(world.table_run("orders")).lower()
    load(world.table_run("orders"), read_at)
    assert world.current("orders", "id") == [(1,)]
    assert world.head("orders").error == ""


@pytest.mark.slow
def test_a_staged_read_can_be_given_up_and_its_slice_read_anew(world: World) -> None:
    read_at = staged(world)
    lose_the_files(world)
    with pytest.raises(JobFailed):
        load(world.table_run("orders"), read_at)
    assert give_up(world.table_run("orders"), "the files are gone").state is State.STAGED
    with pytest.raises(FatalError, match="given up: the files are gone"):
        load(world.table_run("orders"), read_at)
    world.run("orders", hour(0))
    assert world.current("orders", "id") == [(1,)]
    assert len(world.raw("orders")) == 1


def test_a_read_that_is_in_raw_can_not_be_given_up(world: World) -> None:
    staged(world)
    world.run("orders", hour(0), run_id="first")
    with pytest.raises(FatalError, match="no read is open"):
        give_up(world.table_run("orders"), "no reason")


@pytest.mark.slow
def test_a_target_that_was_dropped_is_not_taken_for_loaded(world: World) -> None:
    world.sql(ROW)
    world.run("orders", hour(0))
    world.google.bigquery_client().delete_table(f"{world.datasets.current}.orders")
    world.sql("INSERT INTO orders VALUES (2, 'b', 1, '2026-11-01T01:10Z')")
    with pytest.raises(TargetMismatch, match="is gone"):
        world.run("orders", hour(1))
    give_up(world.table_run("orders"), "the target is gone")
    world.run("orders", None, Kind.RELOAD)
    assert world.current("orders", "id") == [(1,), (2,)]


@pytest.mark.slow
def test_a_target_of_another_ledger_is_left_alone(world: World) -> None:
    world.sql(ROW)
    world.run("orders", hour(0))
    (world.folder / "ledger.db").rename(world.folder / "lost.db")
    with pytest.raises(TargetMismatch):
        world.run("orders", hour(0))
    assert len(world.raw("orders")) == 1
