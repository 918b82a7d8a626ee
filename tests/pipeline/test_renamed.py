"""``renamed``: a column that the source calls otherwise is followed, and nothing is read anew (R32)."""

from __future__ import annotations

import pytest

from floodmark.core.balance import Depth
from floodmark.core.ledger.portion import Kind
from floodmark.core.ledger.read import Read
from floodmark.errors import ConfigurationError
from floodmark.pipeline.balance import balance
from floodmark.pipeline.extract import extract
from floodmark.pipeline.reports.plan import plan
from floodmark.pipeline.table_run import Request
from tests.fakes.fuse import Fuse, Killed
from tests.pipeline.conftest import World, hour
from tests.pipeline.reconciling import counts, healed
from tests.pipeline.test_crash_points import attempt
from tests.pipeline.test_schema_policy import warnings

pytestmark = pytest.mark.slow

ROWS = "INSERT INTO orders SELECT g, 'n' || g, g, '2026-11-01T00:10Z' FROM generate_series(1, 3) g"
FOLLOWED = "{orders: {renamed: {note: remark}}}"


@pytest.fixture
def shop(world: World) -> World:
    """Three orders that were read, and whose note is called remark since."""
    world.sql(ROWS)
    world.run("orders", hour(0))
    world.sql("ALTER TABLE orders RENAME note TO remark")
    return world


def last(world: World) -> Read:
    read = world.head("orders").last
    assert read is not None
    return read


def fields(world: World) -> list[list[str]]:
    client = world.google.bigquery_client()
    tables = (world.datasets.raw, world.datasets.current)
    return [[field.name for field in client.get_table(f"{one}.orders").schema] for one in tables]


def test_without_a_word_it_is_told_and_read_whole(shop: World) -> None:
    shop.run("orders", hour(1))
    assert last(shop).kind is Kind.RELOAD
    assert 'column "note" is called "remark"' in last(shop).reasons[0]
    assert shop.current("orders", "id, note, remark")[0] == (1, None, "n1")


@pytest.mark.parametrize("rows", [0, 1])
def test_a_renamed_column_is_followed_in_both_tables_and_nothing_is_read_anew(shop: World, rows: int) -> None:
    shop.tables = FOLLOWED
    shop.sql(*["UPDATE orders SET remark = 'new', updated_at = '2026-11-01T01:10Z' WHERE id = 2"][:rows])
    said = 'column "note" is called "remark" by now, and followed (renamed): "note" of the target becomes "remark"'
    found = plan(shop.table_run("orders"), Request(kind=Kind.SLICE, run_id="r", interval=hour(1)), lambda _: 0)
    assert (found.kind, said in found.notes) == (Kind.SLICE, True)
    for number in (1, 2):
        shop.run("orders", hour(number))
        assert last(shop).kind is Kind.SLICE
        assert last(shop).partial == ()
        assert last(shop).retired == ()
    expected = shop.source("SELECT id, remark FROM orders ORDER BY 1")
    assert shop.current("orders", "id, remark") == expected
    assert all("remark" in one and "note" not in one for one in fields(shop))
    assert counts(healed(shop, "orders")) == (0, 0, 0, 0)
    found_by = balance(shop.table_run("orders"), Depth.ROWS, everything=True).balance
    assert (found_by.missing, found_by.surplus, found_by.differing) == (0, 0, 0)


def test_it_stays_followed_when_it_is_taken_out_of_the_file(shop: World) -> None:
    shop.tables = FOLLOWED
    shop.run("orders", hour(1))
    shop.tables = "{orders: }"
    shop.run("orders", hour(2))
    assert last(shop).kind is Kind.SLICE


def test_a_new_target_has_no_need_of_it(world: World) -> None:
    world.sql(ROWS, "ALTER TABLE orders RENAME note TO remark")
    world.tables = FOLLOWED
    world.run("orders", hour(0))
    assert world.current("orders", "id, remark")[0] == (1, "n1")


def test_cursor_and_key_are_followed_and_what_clusters_keeps_its_name(world: World) -> None:
    world.sql(ROWS)
    world.run("orders", hour(0))
    world.sql("ALTER TABLE orders RENAME id TO nr", "ALTER TABLE orders RENAME updated_at TO moved_at")
    world.tables = "{orders: {cursor: moved_at, renamed: {id: nr, updated_at: moved_at}}}"
    with pytest.raises(ConfigurationError, match=r'renamed: "id": .* write rename: \{"nr": "id"\}'):
        world.run("orders", hour(1))
    world.tables = "{orders: {cursor: moved_at, renamed: {id: nr, updated_at: moved_at}, rename: {nr: id}}}"
    world.sql("UPDATE orders SET note = 'new', moved_at = '2026-11-01T01:10Z' WHERE nr = 2")
    world.run("orders", hour(1))
    assert last(world).kind is Kind.SLICE
    assert world.current("orders", "id, note") == [(1, "n1"), (2, "new"), (3, "n3")]


def test_what_is_not_as_it_was_written_stages_nothing(world: World) -> None:
    world.sql(ROWS)
    world.run("orders", hour(0))
    world.sql("ALTER TABLE orders DROP note", "ALTER TABLE orders ADD remark text")
    world.tables = FOLLOWED
    with pytest.raises(ConfigurationError, match='"remark" is another column than the one that was read'):
        extract(world.table_run("orders"), Request(kind=Kind.SLICE, run_id="r", interval=hour(1)))
    assert world.head("orders").open is None
    assert warnings(world) == ()  # it is a problem instead


def test_values_that_stand_beside_by_the_old_name_are_read_anew(world: World) -> None:
    world.sql(ROWS, "UPDATE orders SET amount = 'NaN' WHERE id = 2")
    world.run("orders", hour(0))
    world.sql("ALTER TABLE orders RENAME amount TO total")
    world.tables = "{orders: {renamed: {amount: total}}}"
    world.run("orders", hour(1))
    assert last(world).kind is Kind.RELOAD
    [(unheld,)] = [row for row in world.current("orders", "_floodmark_unheld") if row[0]]
    assert unheld == '{"total": "NaN"}'


@pytest.mark.parametrize("fatal", range(5, 15, 3))
def test_a_kill_between_the_two_tables_is_gone_on_from(shop: World, fatal: int) -> None:
    shop.tables = FOLLOWED
    shop.sql("UPDATE orders SET remark = 'new', updated_at = '2026-11-01T01:10Z' WHERE id = 2")
    request = Request(kind=Kind.SLICE, run_id="r", interval=hour(1))
    with pytest.raises(Killed):
        attempt(shop, Fuse(fatal, after=True), request)
    shop.run("orders", hour(1), run_id="again")
    assert shop.current("orders", "id, remark") == [(1, "n1"), (2, "new"), (3, "n3")]
    assert all("remark" in one and "note" not in one for one in fields(shop))
