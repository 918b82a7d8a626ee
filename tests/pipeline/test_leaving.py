"""A row that leaves ``where`` leaves current (R37)."""

from __future__ import annotations

import pytest

from tests.pipeline.conftest import World, hour

OPEN = "where: note <> 'done'"


@pytest.fixture
def filtered(world: World) -> World:
    """Orders that are not done; of four rows the last is done from the start."""
    world.tables = f"{{orders: {{{OPEN}}}}}"
    world.sql(
        "INSERT INTO orders VALUES (1, 'new', 1, '2026-11-01T00:10Z'), (2, 'new', 2, '2026-11-01T00:20Z'), "
        "(3, 'new', 3, '2026-11-01T00:30Z'), (4, 'done', 4, '2026-11-01T00:40Z')"
    )
    world.run("orders", hour(0))
    return world


@pytest.mark.slow
def test_a_row_that_leaves_where_leaves_current_and_comes_back_with_it(filtered: World) -> None:
    assert filtered.current("orders", "id, note") == [(1, "new"), (2, "new"), (3, "new")]
    filtered.sql("UPDATE orders SET note = 'done', updated_at = '2026-11-01T01:10Z' WHERE id = 1")
    filtered.sql("UPDATE orders SET note = NULL, updated_at = '2026-11-01T01:20Z' WHERE id = 2")
    outcome = filtered.run("orders", hour(1))
    assert (outcome.rows, outcome.changed, outcome.late) == (2, True, 0)
    assert filtered.current("orders", "id, note") == [(3, "new")]
    filtered.sql("UPDATE orders SET note = 'again', updated_at = '2026-11-01T02:10Z' WHERE id IN (1, 4)")
    filtered.run("orders", hour(2))
    assert filtered.current("orders", "id, note") == [(1, "again"), (3, "new"), (4, "again")]


def test_of_a_row_that_where_does_not_select_only_the_key_travels(filtered: World) -> None:
    seen = "id, note, amount, updated_at IS NULL, _floodmark_cursor IS NULL, _floodmark_gone IS TRUE"
    assert filtered.raw("orders", seen) == [
        (1, "new", 1, False, False, False), (2, "new", 2, False, False, False), (3, "new", 3, False, False, False),
        (4, None, None, True, False, True),
    ]  # fmt: skip
    last = filtered.head("orders").last
    assert last is not None
    assert last.manifest is not None
    assert (last.manifest.rows, last.manifest.tally.leaving) == (4, 1)


@pytest.mark.slow
def test_a_row_that_leaves_a_sealed_slice_is_late_and_one_that_was_never_there_is_not(filtered: World) -> None:
    filtered.sql("UPDATE orders SET note = 'done' WHERE id IN (1, 4)")
    assert filtered.run("orders", hour(1)).late == 1
    assert filtered.current("orders", "id") == [(2,), (3,)]


@pytest.mark.slow
def test_leaving_ignore_reads_selected_rows_only(filtered: World) -> None:
    filtered.tables = f"{{orders: {{{OPEN}, leaving: ignore}}}}"
    filtered.sql("UPDATE orders SET note = 'done', updated_at = '2026-11-01T01:10Z' WHERE id = 1")
    assert filtered.run("orders", hour(1)).rows == 0
    assert filtered.current("orders", "id") == [(1,), (2,), (3,)]


@pytest.mark.slow
@pytest.mark.parametrize("verify", ["none", "full"])
def test_it_leaves_the_partition_in_which_it_stands(world: World, verify: str) -> None:
    """The partition travels with the key, so no other is looked into; checksums leave it out at both ends."""
    world.tables = f"{{orders: {{{OPEN}, partition_by: made, verify: {verify}}}}}"
    world.sql(
        "ALTER TABLE orders ADD made date",
        "INSERT INTO orders VALUES (1, 'new', 1, '2026-11-01T00:10Z', '2026-10-01'), "
        "(2, 'new', 2, '2026-11-01T00:20Z', '2026-10-02'), (3, 'new', 3, '2026-11-01T00:30Z', NULL)",
    )
    world.run("orders", hour(0))
    world.sql("UPDATE orders SET note = 'done', updated_at = '2026-11-01T01:10Z' WHERE id IN (1, 3)")
    world.sql("UPDATE orders SET amount = 7, updated_at = '2026-11-01T01:10Z' WHERE id = 2")
    world.run("orders", hour(1))
    last = world.head("orders").last
    assert last is not None
    assert last.manifest is not None
    assert last.manifest.partitions == ("2026-10-01", "2026-10-02", None)
    assert world.current("orders", "id, amount") == [(2, 7)]


@pytest.mark.slow
def test_a_row_without_a_cursor_leaves_too(world: World) -> None:
    world.tables = f"{{orders: {{{OPEN}, null_cursor: include}}}}"
    world.sql(
        "ALTER TABLE orders ALTER updated_at DROP NOT NULL", "INSERT INTO orders VALUES (1, 'new', 1, NULL), "
        "(2, 'new', 1, '2026-11-01T00:10Z')",
    )  # fmt: skip
    world.run("orders", hour(0))
    assert world.current("orders", "id") == [(1,), (2,)]
    world.sql("UPDATE orders SET note = 'done' WHERE id = 1")
    world.run("orders", hour(1))
    assert world.current("orders", "id") == [(2,)]
