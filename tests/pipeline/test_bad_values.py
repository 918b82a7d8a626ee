"""A value that BigQuery can't hold never hides its row (R31)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from floodmark.core.ledger.portion import Kind
from floodmark.errors import BadValue
from tests.pipeline.conftest import World, hour
from tests.pipeline.reconciling import compared, counts, healed

pytestmark = pytest.mark.slow

UNHELD = '{"valid_to": "infinity"}'


@pytest.fixture
def prices(world: World) -> World:
    """A table whose rows say until when they are valid; ``declared`` writes how bad values are dealt with."""
    world.tables = "{orders: }"
    world.sql(
        "ALTER TABLE orders ADD valid_to timestamptz",
        "INSERT INTO orders VALUES (1, 'old', 1, '2026-11-01T00:10Z', '2026-12-31T00:00Z')",
    )
    world.run("orders", hour(0))
    return world


def held_out(world: World) -> list[dict[str, Any]]:
    """What the quarantine objects of all reads say."""
    client = world.google.storage_client()
    found = []
    for blob in client.list_blobs(world.bucket):
        if blob.name.endswith(".quarantine.ndjson"):
            found.extend(json.loads(line) for line in blob.download_as_text().splitlines())
    return found


def columns(world: World) -> set[str]:
    """The current table's."""
    place = world.table_run("orders").config.bigquery
    found = world.table_run("orders").ports.warehouse.fields(place.project, place.dataset, "orders")
    return {name for name, _ in found or ()}


def test_a_row_travels_without_the_value_and_its_text_stands_beside_it(prices: World) -> None:
    assert "_floodmark_unheld" not in columns(prices)
    prices.sql(
        "UPDATE orders SET note = 'new', valid_to = 'infinity', updated_at = '2026-11-01T01:10Z' WHERE id = 1",
        "INSERT INTO orders VALUES (2, 'n', 2, '2026-11-01T01:20Z', 'infinity')",
        "INSERT INTO orders VALUES (3, 'n', 3, '2026-11-01T01:30Z')",
    )
    done = prices.run("orders", hour(1))
    assert (done.quarantined, done.unheld) == (0, {"valid_to": 2})
    shown = prices.current("orders", "id, note, valid_to, _floodmark_unheld")
    assert shown == [(1, "new", None, UNHELD), (2, "n", None, UNHELD), (3, "n", None, None)]
    assert held_out(prices) == []
    prices.sql("UPDATE orders SET valid_to = '2027-01-01', updated_at = '2026-11-01T02:10Z' WHERE id = 1")
    prices.run("orders", hour(2))
    assert prices.current("orders", "id, _floodmark_unheld") == [(1, None), (2, UNHELD), (3, None)]
    assert counts(compared(prices)) == (0, 0, 0, 0)


def test_a_reconcile_knows_what_stands_beside_a_row(prices: World) -> None:
    prices.sql(
        "UPDATE orders SET valid_to = '20000-01-01 12:00:00.5+00', updated_at = '2026-11-01T01:10Z' WHERE id = 1",
        "INSERT INTO orders SELECT g, 'n', g, '2026-11-01T01:20Z'::timestamptz, "
        "'0044-03-15 01:02:03+00 BC'::timestamptz FROM generate_series(2, 4) g",
    )
    prices.run("orders", hour(1))
    assert counts(compared(prices)) == (0, 0, 0, 0)
    prices.sql("UPDATE orders SET valid_to = '-infinity' WHERE id = 2")
    assert counts(healed(prices)) == (0, 1, 0, 0)
    beside = [row[0] for row in prices.current("orders", "_floodmark_unheld", "id")]
    assert [json.loads(text)["valid_to"] for text in beside] == [
        "20000-01-01 12:00:00.5+00", "-infinity", "0044-03-15 01:02:03+00 BC", "0044-03-15 01:02:03+00 BC",
    ]  # fmt: skip
    assert counts(compared(prices)) == (0, 0, 0, 0)


def test_a_row_that_is_held_out_leaves_current(prices: World) -> None:
    prices.tables = "{orders: {bad_values: quarantine}}"
    prices.sql(
        "UPDATE orders SET note = 'new', valid_to = 'infinity', updated_at = '2026-11-01T01:10Z' WHERE id = 1",
        "INSERT INTO orders VALUES (2, 'n', 2, '2026-11-01T01:20Z', 'infinity')",
        "INSERT INTO orders VALUES (3, 'n', 3, '2026-11-01T01:30Z')",
    )
    done = prices.run("orders", hour(1))
    assert (done.quarantined, done.unheld) == (2, {})
    assert prices.current("orders", "id") == [(3,)]
    assert [row["key"] for row in held_out(prices)] == [{"id": "1"}, {"id": "2"}]
    assert counts(compared(prices)) == (0, 0, 0, 0)
    prices.sql("UPDATE orders SET valid_to = NULL, updated_at = '2026-11-01T02:10Z' WHERE id = 1")
    prices.run("orders", hour(2))
    assert prices.current("orders", "id") == [(1,), (3,)]


def test_a_reconcile_removes_what_is_held_out(prices: World) -> None:
    prices.tables = "{orders: {bad_values: quarantine}}"
    prices.run("orders", hour(1))  # read whole: the values are dealt with otherwise (R29)
    prices.sql("UPDATE orders SET valid_to = 'infinity' WHERE id = 1")
    assert counts(healed(prices)) == (0, 1, 0, 0)
    assert prices.current("orders", "id") == []
    assert counts(compared(prices)) == (0, 0, 0, 0)


def test_where_every_row_is_bad_the_quarantine_is_written(world: World) -> None:
    world.tables = "{orders: {sync: full, bad_values: quarantine}}"
    world.sql(
        "ALTER TABLE orders ADD due date",
        "INSERT INTO orders VALUES (1, 'a', 1, '2026-11-01T00:10Z', 'infinity')",
    )
    assert world.run("orders", None).quarantined == 1
    [row] = held_out(world)
    assert row == {
        "key": {"id": "1"},
        "values": [{"column": "due", "value": "infinity", "reason": "outside the years 1 to 9999"}],
    }
    assert world.current("orders", "id") == []


@pytest.mark.parametrize("mode", ["encode", "quarantine"])
def test_a_soft_delete_with_a_bad_value_in_one_update_goes(prices: World, mode: str) -> None:
    prices.tables = f"{{orders: {{bad_values: {mode}, deletes: {{soft: gone_at}}}}}}"
    prices.sql("ALTER TABLE orders ADD gone_at timestamptz")
    prices.run("orders", hour(0), run_id="again")
    prices.sql(
        "UPDATE orders SET gone_at = now(), valid_to = 'infinity', updated_at = '2026-11-01T01:10Z' WHERE id = 1"
    )
    prices.run("orders", hour(1))
    assert prices.current("orders", "id") == []
    assert counts(compared(prices)) == (0, 0, 0, 0)


@pytest.mark.parametrize("mode", ["encode", "quarantine"])
def test_a_bad_value_in_the_partitioning_column_takes_its_row_out_wherever_it_stood(world: World, mode: str) -> None:
    world.tables = f"{{orders: {{bad_values: {mode}, partition_by: day}}}}"
    world.sql(
        "ALTER TABLE orders ADD day date",
        "INSERT INTO orders SELECT g, 'old', g, '2026-11-01T00:10Z'::timestamptz, '2026-10-01'::date "
        "FROM generate_series(1, 2) g",
    )
    world.run("orders", hour(0))
    world.sql("UPDATE orders SET day = 'infinity', updated_at = '2026-11-01T01:10Z' WHERE id = 1")
    done = world.run("orders", hour(1))
    assert (done.quarantined, world.current("orders", "id")) == (1, [(2,)])


def test_fail_stages_nothing_for_good(prices: World) -> None:
    prices.tables = "{orders: {bad_values: fail}}"
    prices.sql(
        "INSERT INTO orders SELECT g, 'n', g, '2026-11-01T01:20Z'::timestamptz FROM generate_series(5, 3000) g",
        "INSERT INTO orders VALUES (2, 'n', 2, '2026-11-01T01:20Z', 'infinity')",
    )
    before = [blob.name for blob in prices.google.storage_client().list_blobs(prices.bucket)]
    with pytest.raises(BadValue, match="bad_values: encode"):
        prices.run("orders", hour(1))
    assert [blob.name for blob in prices.google.storage_client().list_blobs(prices.bucket)] == before


@pytest.mark.parametrize("level", ["sample", "full"])
def test_a_checksum_and_a_refresh_know_what_stands_beside_a_row(world: World, level: str) -> None:
    world.tables = f"{{orders: {{sync: full, verify: {level}}}}}"
    world.sql(
        "ALTER TABLE orders ADD due date",
        "INSERT INTO orders SELECT g, 'a', g, '2026-11-01T00:10Z'::timestamptz, 'infinity'::date "
        "FROM generate_series(1, 200) g",
    )
    assert world.run("orders", hour(0)).changed
    assert not world.run("orders", hour(1)).changed
    world.sql("UPDATE orders SET due = '-infinity'")
    assert world.run("orders", hour(2)).changed
    assert world.current("orders", "DISTINCT _floodmark_unheld") == [('{"due": "-infinity"}',)]


@pytest.mark.parametrize("mode", ["encode", "quarantine"])
def test_an_append_table_and_a_reload_do_likewise(world: World, mode: str) -> None:
    world.tables = f"{{orders: {{bad_values: {mode}, verify: full}}, log: {{sync: append, bad_values: {mode}}}}}"
    world.sql(
        "CREATE TABLE log (v int, due date, created_at timestamptz NOT NULL)",
        "INSERT INTO log VALUES (1, 'infinity', '2026-11-01T00:10Z'), (2, NULL, '2026-11-01T00:10Z')",
        "ALTER TABLE orders ADD due date",
        "INSERT INTO orders VALUES (1, 'a', 1, '2026-11-01T00:10Z', 'infinity')",
        "INSERT INTO orders VALUES (2, 'b', 1, '2026-11-01T00:10Z', NULL)",
    )
    assert world.run("log", hour(0)).quarantined == (0 if mode == "encode" else 1)
    world.run("orders", None, Kind.RELOAD)
    wanted = [(1, '{"due": "infinity"}'), (2, None)] if mode == "encode" else [(2,)]
    names = ", _floodmark_unheld" if mode == "encode" else ""
    assert world.current("log", "v" + names) == wanted
    assert world.current("orders", "id" + names) == wanted
