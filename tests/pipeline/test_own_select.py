"""A SELECT of one's own: all of its columns travel, it describes itself, and it stays within its parentheses (R29)."""

from __future__ import annotations

import pytest

from floodmark.errors import ConfigurationError
from tests.pipeline.conftest import World, hour

ROWS = "INSERT INTO orders VALUES (1, 'a', 1.50, '2026-11-01T00:10Z'), (2, 'b', 3, '2026-11-01T00:20Z')"


def test_computed_and_renamed_columns_travel(world: World) -> None:
    world.sql(ROWS)
    own = "SELECT id, upper(note) AS note_upper, amount * 2 AS twice, updated_at AS at FROM orders; -- mine"
    world.tables = "{orders: {cursor: at}}"
    world.run("orders", hour(0), own_select=lambda: own)
    assert [(*row[:2], float(row[2])) for row in world.current("orders", "id, note_upper, twice")] == [
        (1, "A", 3.0),
        (2, "B", 6.0),
    ]


def test_a_join_needs_no_table_of_its_name(world: World) -> None:
    world.sql(ROWS, "CREATE TABLE lines (orders_id bigint, n int)", "INSERT INTO lines VALUES (1, 7), (2, 8)")
    own = "SELECT o.id, l.n, o.updated_at FROM orders AS o JOIN lines AS l ON l.orders_id = o.id"
    world.tables = "{joined: {key: id, where: n > 7}}"
    world.run("joined", hour(0), own_select=lambda: own)
    assert world.current("joined", "id, n") == [(2, 8)]


def test_key_and_cursor_must_be_among_its_columns(world: World) -> None:
    world.tables = "{orders: {key: id, cursor: updated_at}}"
    with pytest.raises(ConfigurationError) as caught:
        world.run("orders", hour(0), own_select=lambda: "SELECT note FROM orders")
    assert [problem.path for problem in caught.value.problems] == ["tables.orders.cursor", "tables.orders.key"]


@pytest.mark.parametrize("where", ["true) OR (true", "id = 1 LIMIT 1"])
def test_a_where_that_leaves_its_parentheses_is_refused_before_anything_is_read(world: World, where: str) -> None:
    world.sql(ROWS)
    world.tables = f"{{orders: {{where: '{where}'}}}}"
    with pytest.raises(ConfigurationError, match=r"tables\.orders\.where"):
        world.run("orders", hour(0))
    assert world.head("orders").last is None
