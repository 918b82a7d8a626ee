"""Keys that PostgreSQL holds for one are one row in current (R30), and a row lives by the value that says so (R25)."""

from __future__ import annotations

import pytest

from floodmark.core.ledger.portion import Kind
from floodmark.errors import ConfigurationError, SourceRefused
from tests.pipeline.conftest import World, hour
from tests.pipeline.reconciling import compared, counts, healed


@pytest.mark.slow
@pytest.mark.parametrize(
    ("type_", "before", "after", "shown"),
    [("numeric", "1.10", "1.1", "1.1"), ("float8", "0", "'-0'", 0.0), ("bpchar", "'a'", "'a  '", "a")],
)
def test_a_key_written_in_another_way_is_the_same_row(
    world: World, type_: str, before: str, after: str, shown: object
) -> None:
    world.tables = "{t: {recheck: 0}}"
    world.sql(
        f"CREATE TABLE t (k {type_} PRIMARY KEY, v text, updated_at timestamptz NOT NULL)",
        f"INSERT INTO t VALUES ({before}, 'old', '2026-11-01T00:10Z')",
    )
    world.run("t", hour(0))
    world.sql(f"UPDATE t SET k = {after}, v = 'new', updated_at = '2026-11-01T01:10Z'")
    world.run("t", hour(1))
    assert world.current("t", "k, v") == [(shown, "new")]
    assert counts(compared(world, "t")) == (0, 0, 0, 0)
    world.sql("DELETE FROM t")
    assert counts(healed(world, "t")) == (0, 0, 1, 0)
    assert world.current("t", "k") == []


@pytest.mark.slow
@pytest.mark.parametrize("type_", ["interval", "jsonb", "numrange", "numeric[]"])
def test_a_key_that_has_several_texts_is_refused_before_anything_is_read(world: World, type_: str) -> None:
    world.tables = "{t: , whole: {from: t, sync: full}}"
    world.sql(f"CREATE TABLE t (k {type_} PRIMARY KEY, updated_at timestamptz NOT NULL)")
    with pytest.raises(ConfigurationError, match=r"several texts.*R30.*name another key"):
        world.run("t", hour(0))
    world.run("whole", hour(0))


def test_a_null_in_the_key_ends_the_read_before_anything_is_loaded(world: World) -> None:
    world.tables = "{v: {key: [id, note]}, t: {from: orders, key: [id, note]}}"
    world.sql(
        "CREATE VIEW v AS SELECT * FROM orders",
        "INSERT INTO orders VALUES (1, 'n', 1, '2026-11-01T00:10Z'), (2, NULL, 1, '2026-11-01T00:10Z')",
    )
    for kind in (Kind.SLICE, Kind.RELOAD):
        with pytest.raises(SourceRefused, match=r"NULL in note in the row \{'id': '2', 'note': None\}"):
            world.run("v", hour(0), kind)
    assert world.head("v").last is None
    with pytest.raises(ConfigurationError, match='column "note" may be NULL'):
        world.run("t", hour(0))


@pytest.mark.slow
def test_nan_is_no_key_and_is_held_out(world: World) -> None:
    world.tables = "{t: }"
    world.sql(
        "CREATE TABLE t (k float8 PRIMARY KEY, updated_at timestamptz NOT NULL)",
        "INSERT INTO t VALUES ('NaN', '2026-11-01T00:10Z'), (1, '2026-11-01T00:10Z')",
    )
    assert world.run("t", hour(0)).quarantined == 1
    assert world.current("t", "k") == [(1.0,)]
    assert counts(compared(world, "t")) == (0, 0, 0, 0)


@pytest.mark.slow
@pytest.mark.parametrize("live", ["0001-01-01", "infinity"])
def test_a_row_lives_by_the_value_that_says_so(world: World, live: str) -> None:
    world.sql(f"ALTER TABLE orders ADD gone_at timestamptz NOT NULL DEFAULT '{live}'")
    world.tables = "{orders: {deletes: {soft: gone_at}}}"
    with pytest.raises(ConfigurationError, match="never NULL, so every row would count as deleted"):
        world.run("orders", hour(0))
    world.tables = f'{{orders: {{deletes: {{soft: gone_at, live: "{live}"}}}}}}'
    world.sql("INSERT INTO orders SELECT g, 'n', g, '2026-11-01T00:10Z' FROM generate_series(1, 3) g")
    world.run("orders", hour(0))
    assert world.current("orders", "id, gone_at") == [(1, None), (2, None), (3, None)]
    world.sql("UPDATE orders SET gone_at = now(), updated_at = '2026-11-01T01:10Z' WHERE id = 1")
    world.run("orders", hour(1))
    assert world.current("orders", "id") == [(2,), (3,)]
    assert counts(compared(world)) == (0, 0, 0, 0)
    world.sql("UPDATE orders SET gone_at = now() WHERE id = 2", f"UPDATE orders SET gone_at = '{live}' WHERE id = 1")
    assert counts(healed(world)) == (1, 1, 0, 0)
    assert world.current("orders", "id") == [(1,), (3,)]


@pytest.mark.slow
def test_a_row_without_a_key_that_somebody_put_into_current_is_removed(world: World) -> None:
    world.sql("INSERT INTO orders SELECT g, 'n', g, '2026-11-01T00:10Z' FROM generate_series(1, 3) g")
    world.run("orders", hour(0))
    current = f"`{world.datasets.current}.orders`"
    alien = (
        f"INSERT INTO {current} (note, updated_at, _floodmark_read_at, _floodmark_cursor) SELECT 'alien', updated_at,"
    )
    world._rows(f"{alien} _floodmark_read_at, _floodmark_cursor FROM {current} WHERE id = 1")
    assert counts(healed(world)) == (0, 0, 1, 0)
    assert world.current("orders", "id") == [(1,), (2,), (3,)]
    assert counts(compared(world)) == (0, 0, 0, 0)


@pytest.mark.slow
def test_a_reconcile_after_the_key_gained_a_column_works(world: World) -> None:
    world.sql("INSERT INTO orders SELECT g, 'n', g, '2026-11-01T00:10Z' FROM generate_series(1, 3) g")
    world.run("orders", hour(0))
    world.sql(
        "ALTER TABLE orders ADD line int NOT NULL DEFAULT 0",
        "ALTER TABLE orders DROP CONSTRAINT orders_pkey, ADD PRIMARY KEY (id, line)",
        "INSERT INTO orders VALUES (4, 'n', 4, '2026-11-01T01:10Z', 0)",
    )
    world.run("orders", hour(1))
    healed(world)
    assert world.current("orders", "id, line") == [(1, 0), (2, 0), (3, 0), (4, 0)]
    assert counts(compared(world)) == (0, 0, 0, 0)
