"""A lost ledger: targets are refused until a new one takes them over, and nothing older comes after (R19)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from floodmark.core.ledger.portion import Kind
from floodmark.core.ledger.read import State
from floodmark.errors import TargetMismatch
from floodmark.pipeline.extract import extract
from floodmark.pipeline.load import load
from floodmark.pipeline.repairs.rebuild import rebuild
from floodmark.pipeline.table_run import Request, TableRun
from tests.fakes.watched import watching
from tests.pipeline.conftest import World, hour

pytestmark = pytest.mark.slow

ROWS = "INSERT INTO orders VALUES (1, 'a', 1, '2026-11-01T00:10Z'), (2, 'b', 2, '2026-11-01T01:10Z')"
FUTURE = datetime(2030, 1, 1, tzinfo=UTC)


class Stopped(Exception):
    """The step ends here."""


def lose(world: World, name: str = "lost.db") -> None:
    """Take the ledger away."""
    for wired in world.opened:
        wired.close()
    (world.folder / "ledger.db").rename(world.folder / name)


def stop_after_the_load(world: World) -> None:
    """Hour 2 reaches raw, and nothing more."""

    def stop(call: str, found: Any) -> None:
        if call == "wait" and "output_rows" in found.statistics:
            raise Stopped

    found = extract(world.table_run("orders"), Request(kind=Kind.SLICE, run_id="third", interval=hour(2)))
    with pytest.raises(Stopped):
        load(watching(world.table_run("orders"), "warehouse", after=stop), found.read_at)


def current(world: World) -> list[tuple[Any, ...]]:
    return world.current("orders", "id, note, amount")


def source(world: World) -> list[tuple[Any, ...]]:
    return world.source("SELECT id, note, amount FROM orders ORDER BY 1")


def test_a_ledger_lost_in_the_middle_is_rebuilt_and_its_gaps_are_filled(world: World) -> None:
    world.sql(ROWS)
    world.run("orders", hour(0))
    world.run("orders", hour(1))
    world.sql("INSERT INTO orders VALUES (3, 'c', 3, '2026-11-01T02:10Z')")
    stop_after_the_load(world)
    former = world.head("orders")
    uuid = str(world.table_run("orders").ports.ledger.uuid)
    lose(world)
    world.sql("UPDATE orders SET note = 'A', updated_at = '2026-11-01T02:20Z' WHERE id = 1")
    with pytest.raises(TargetMismatch, match="ledger rebuild"):
        world.run("orders", hour(2))
    blocked = world.head("orders")
    assert blocked.open is not None
    done = rebuild(world.table_run("orders"))
    assert former.last_read_at is not None
    assert done.last_read_at is not None
    assert done.last_read_at >= former.last_read_at
    assert (done.adopted, done.former, done.voided) == (True, uuid, blocked.open.read_at)
    assert done.unapplied == ((former.last_read_at, 1),)
    head = world.head("orders")
    assert (head.error, head.coverage, head.open) == ("", (), None)
    assert not rebuild(world.table_run("orders")).adopted
    world.run("orders", hour(0, 3))
    assert current(world) == source(world)
    assert world.head("orders").error == ""
    moments = [read.read_at for read in world.table_run("orders").ports.ledger.reads(world.table_run("orders").target)
               if read.state is State.APPLIED]  # fmt: skip
    assert min(moments) > done.last_read_at


def test_an_older_read_never_comes_after_what_a_lost_ledger_has_read(world: World) -> None:
    world.sql(ROWS)
    world.run("orders", hour(0))
    table = f"`{world.datasets.current}.orders`"
    update = f"UPDATE {table} SET _floodmark_read_at = TIMESTAMP '2030-01-01 00:00:00+00' WHERE TRUE"
    world.google.bigquery_client().query(update).result()
    lose(world)
    assert rebuild(world.table_run("orders")).last_read_at == FUTURE
    world.sql("UPDATE orders SET note = 'A' WHERE id = 1")
    world.run("orders", hour(0, 2))
    assert current(world) == source(world)
    assert (world.head("orders").last_read_at or FUTURE) > FUTURE


@pytest.mark.parametrize("survived", [0, 1, 2])
def test_a_rebuild_that_was_killed_goes_on(world: World, survived: int) -> None:
    world.sql(ROWS)
    world.run("orders", hour(0))
    lose(world)
    calls: list[str] = []

    def stop(call: str, *_: Any) -> None:
        if call == "relabel":
            assert world.head("orders").last_read_at is not None, "the head comes before any label"
            calls.append(call)
            if len(calls) > survived:
                raise Stopped

    if survived < 2:
        with pytest.raises(Stopped):
            rebuild(watching(world.table_run("orders"), "warehouse", before=stop))
        with pytest.raises(TargetMismatch):
            world.run("orders", hour(0))
        assert rebuild(world.table_run("orders")).adopted
    else:
        assert rebuild(watching(world.table_run("orders"), "warehouse", before=stop)).adopted
    world.run("orders", hour(0, 2), run_id="again")
    assert current(world) == source(world)


def test_hours_without_rows_do_not_stand_in_the_way(world: World) -> None:
    """An empty read asks BigQuery nothing, so a new ledger may have some before anybody notices."""
    world.sql(ROWS)
    world.run("orders", hour(0))
    lose(world)
    world.run("orders", hour(5))
    assert world.head("orders").coverage
    assert rebuild(world.table_run("orders")).adopted
    world.run("orders", hour(0, 5))
    assert current(world) == source(world)


def test_two_ledgers_never_share_a_target(world: World) -> None:
    world.sql(ROWS)
    world.run("orders", hour(0))
    lose(world)
    rebuild(world.table_run("orders"))
    world.run("orders", hour(1))
    lose(world, "second.db")
    Path(world.folder / "lost.db").rename(world.folder / "ledger.db")
    with pytest.raises(TargetMismatch):
        world.run("orders", hour(1))
    with pytest.raises(TargetMismatch, match="two ledgers must not share a target"):
        rebuild(world.table_run("orders"))


def test_a_table_that_is_nobodys_is_left_alone(world: World) -> None:
    world.sql(ROWS)
    world.google.bigquery_client().query(f"CREATE TABLE `{world.datasets.current}.orders` (id INT64)").result()
    with pytest.raises(TargetMismatch, match="was not made by Floodmark"):
        rebuild(world.table_run("orders"))
    assert world.head("orders").last_read_at is None


def test_where_nothing_stands_there_is_nothing_to_do(world: World) -> None:
    done = rebuild(world.table_run("orders"))
    assert (done.stands, done.adopted) == (False, False)


def test_a_target_of_which_only_raw_is_left_is_taken_over(world: World) -> None:
    world.sql(ROWS)
    world.run("orders", hour(0))
    lose(world)
    world.google.bigquery_client().delete_table(f"{world.datasets.current}.orders")
    done = rebuild(world.table_run("orders"))
    assert [rows for _, rows in done.unapplied] == [1]
    world.run("orders", hour(0, 2))
    assert current(world) == source(world)


def named(world: World, source: str) -> TableRun:
    """The table as a source of another name has it, with the same ledger."""
    run = world.table_run("orders")
    return replace(run, config=run.config.model_copy(update={"source": source}))


def test_two_sources_never_fill_one_table_with_one_ledger_either(world: World) -> None:
    world.sql(ROWS)
    world.run("orders", hour(0))
    world.sql("INSERT INTO orders VALUES (7, 'other', 7, '2026-11-01T01:10Z')")
    copied = extract(named(world, "copy"), Request(kind=Kind.RELOAD, run_id="copy"))
    with pytest.raises(
        TargetMismatch, match=r"filled by the source shop, and this one is copy: .*rebuild copy --table"
    ):
        load(named(world, "copy"), copied.read_at)


def test_a_source_that_was_renamed_takes_its_tables_over(world: World) -> None:
    world.sql(ROWS)
    world.run("orders", hour(0))
    done = rebuild(named(world, "store"))
    assert (done.renamed, done.adopted) == ("shop", False)
    for fields in (world.datasets.raw, world.datasets.current):
        table = world.google.bigquery_client().get_table(f"{fields}.orders")
        assert table.labels["floodmark_source"] == "store"
    found = extract(named(world, "store"), Request(kind=Kind.SLICE, run_id="store", interval=hour(0, 2)))
    load(named(world, "store"), found.read_at)
    assert current(world) == source(world)
    assert rebuild(named(world, "store")).renamed == ""
