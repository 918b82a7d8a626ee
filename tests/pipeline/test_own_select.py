"""A SELECT of one's own: all of its columns travel, it describes itself, and it stays within its parentheses (R29)."""

from __future__ import annotations

import pytest

from floodmark.errors import ConfigurationError
from tests.pipeline.conftest import World, hour

pytestmark = pytest.mark.slow

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


@pytest.mark.parametrize(
    ("statements", "notes"),
    [
        (("RENAME note TO x", "RENAME other TO note"), ["c", "d"]),
        (("DROP note", "ADD note text DEFAULT 'new'"), ["new", "new"]),
        (("ALTER note TYPE bigint USING 7",), ["7", "7"]),
    ],
)
def test_a_column_beneath_is_known_by_its_number_and_type(
    world: World, statements: tuple[str, ...], notes: list[str]
) -> None:
    own = "SELECT id, note::text AS note, updated_at FROM orders"
    world.sql("ALTER TABLE orders ADD other text", ROWS, "UPDATE orders SET other = chr(98 + id::int)")
    world.tables = "{orders: {key: id}}"
    for number in (0, 1):  # what is altered lies before what is looked back into
        world.run("orders", hour(number), own_select=lambda: own)
    world.sql(*(f"ALTER TABLE orders {one}" for one in statements))
    world.run("orders", hour(2), own_select=lambda: own)
    assert [note for _, note in world.current("orders", "id, note")] == notes


def test_a_key_of_a_collation_that_holds_texts_for_equal_is_refused_through_a_select_too(world: World) -> None:
    world.sql(
        "CREATE COLLATION blind (provider = libc, locale = 'C')",
        "CREATE TABLE codes (code text COLLATE blind PRIMARY KEY, plain text, at timestamptz NOT NULL)",
        "SET allow_system_table_mods = on",  # as ICU would make it, which this server may have been built without
        "UPDATE pg_collation SET collisdeterministic = false WHERE collname = 'blind'",
    )
    own = "SELECT code, plain, at FROM codes"
    world.tables = "{codes: {key: code, cursor: at}}"
    with pytest.raises(ConfigurationError, match="collation holds different texts for equal"):
        world.run("codes", hour(0), own_select=lambda: own)
    world.tables = "{codes: {key: plain, cursor: at}}"
    world.run("codes", hour(0), own_select=lambda: own)


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
