"""Both ends of a MySQL source held against each other: every type, what differs, what is proved (R25, R36)."""

from __future__ import annotations

from typing import Any

import pytest

from floodmark.adapters.mysql.matrix.row import Row
from floodmark.core.balance import Depth
from floodmark.core.ledger.portion import Kind
from floodmark.pipeline.balance import balance
from floodmark.pipeline.check_keys import check_keys
from floodmark.pipeline.reports.prove import Verdict, prove
from tests.adapters.mysql.test_matrix import LOOSE, of_this_server
from tests.pipeline.conftest import hour
from tests.pipeline.mysql_world import MySQLWorld
from tests.pipeline.reconciling import compared, counts, healed
from tests.pipeline.test_mysql import notes, put, shop

__all__ = ["shop"]

REMOTE = ("decimal(65,30)", "decimal(30,15)")
"""The local BigQuery server holds fewer digits than the real one."""
AT = "'2026-11-01 00:10:00'"


def fill(world: MySQLWorld, table: str, rows: list[Row]) -> None:
    """A table as wide as the table of types is long, each row with one edge of each."""
    named = {f"c{place:02}": row for place, row in enumerate(rows)}
    declared = ", ".join(f"{name} {row.type}{'' if 'null' in row.type else ' NULL'}" for name, row in named.items())
    statements = [LOOSE, f"CREATE TABLE {table} (id int PRIMARY KEY, at timestamp(6) NOT NULL, KEY (at), {declared})"]
    statements.append(f"INSERT INTO {table} (id, at) VALUES (0, {AT})")
    for number in range(max(len(row.edges) for row in rows)):
        having = {name: row.edges[number].written for name, row in named.items() if number < len(row.edges)}
        names, values = ", ".join(having), ", ".join(having.values())
        statements.append(f"INSERT INTO {table} (id, at, {names}) VALUES ({number + 1}, {AT}, {values})")
    world.sql(*statements)


@pytest.mark.slow
@pytest.mark.parametrize("bad_values", ["encode", "quarantine"])
def test_every_type_comes_to_the_same_at_both_ends(shop: MySQLWorld, bad_values: str) -> None:
    shop.tables = f"{{things: {{cursor: at, verify: full, bad_values: {bad_values}, deletes: reconcile}}}}"
    rows = [row for row in of_this_server(shop.place_of_source) if row.type not in REMOTE]
    fill(shop, "things", rows)
    shop.run("things", hour(0))
    last = shop.head("things").last
    assert last is not None
    assert last.verified == "full"
    assert counts(compared(shop, "things")) == (0, 0, 0, 0)


@pytest.mark.slow
def test_what_differs_is_found_told_and_healed(shop: MySQLWorld) -> None:
    shop.tables = "{orders: {deletes: reconcile}}"
    shop.sql(*(put(key, f"n{key}", 10) for key in range(1, 6)))
    shop.run("orders", hour(0))
    shop.sql(
        "DELETE FROM orders WHERE id = 1",
        "UPDATE orders SET id = 30 WHERE id = 3",
        "UPDATE orders SET note = 'silent', ratio = 0.30000000000000004 WHERE id = 4",
    )
    told = healed(shop)
    assert counts(told) == (1, 1, 2, 0)
    assert (told.examples["missing"], told.examples["changed"]) == (("30",), ("4",))
    assert sorted(told.examples["deleted"]) == ["1", "3"]
    assert notes(shop) == [(2, "n2"), (4, "silent"), (5, "n5"), (30, "n3")]
    assert counts(compared(shop)) == (0, 0, 0, 0)


@pytest.mark.slow
def test_a_key_whose_case_changes_in_place_is_another_key(shop: MySQLWorld) -> None:
    """The collation holds both for equal, BigQuery doesn't (M25): the old one is healed away."""
    shop.tables = "{codes: {deletes: reconcile}}"
    shop.sql(
        "CREATE TABLE codes (code varchar(9) PRIMARY KEY, updated_at timestamp(6) NOT NULL, KEY (updated_at))",
        f"INSERT INTO codes VALUES ('a', {AT}), ('b', {AT})",
    )
    shop.run("codes", hour(0))
    shop.sql("UPDATE codes SET code = 'A', updated_at = '2026-11-01 01:10' WHERE code = 'a'")
    shop.run("codes", hour(1))
    assert shop.current("codes", "code") == [("A",), ("a",), ("b",)]
    told = check_keys(shop.table_run("codes"))
    assert told.alike.startswith("1 keys (code) differ from another in case or trailing spaces alone")
    assert counts(healed(shop, "codes")) == (0, 0, 1, 0)
    assert shop.current("codes", "code") == [("A",), ("b",)]
    assert check_keys(shop.table_run("codes")).alike == ""


@pytest.mark.slow
def test_a_table_that_balances_is_proved(shop: MySQLWorld) -> None:
    shop.sql(*(put(key, f"n{key}", 10) for key in range(1, 6)))
    shop.run("orders", hour(0))
    run = shop.table_run("orders")
    found = balance(run, Depth.ROWS, everything=True).balance
    assert found.counts is not None
    assert (found.counts.source.settled, found.counts.current, found.missing, found.surplus) == (5, 5, 0, 0)
    assert found.differing == 0
    [proof] = prove(run.config, [run.table], run.ports.ledger)
    assert (proof.verdict, proof.doubts) == (Verdict.PROVED, ())


def census(world: MySQLWorld) -> Any:
    """What a count of both ends says of the source."""
    found = balance(world.table_run("orders"), Depth.COUNTS, everything=True).balance
    assert found.counts is not None
    return found.counts.source


def test_every_row_of_the_source_is_in_one_class(shop: MySQLWorld) -> None:
    shop.tables = "{orders: {null_cursor: ignore, deletes: {soft: deleted_at}}}"
    shop.sql(
        "ALTER TABLE orders MODIFY updated_at timestamp(6) NULL, ADD deleted_at datetime",
        "INSERT INTO orders (id, updated_at, deleted_at) VALUES (1, '2026-11-01 00:10', NULL), "
        "(2, '2026-11-01 00:10', '2026-11-01'), (3, '2026-10-01', NULL), (4, NULL, NULL), (5, '2037-01-01', NULL)",
    )
    shop.run("orders", hour(0))
    told = census(shop)
    assert (told.settled, told.deleted, told.early, told.timeless, told.future) == (1, 1, 1, 1, 1)


@pytest.mark.slow
def test_a_whole_table_holds_what_was_read(shop: MySQLWorld) -> None:
    shop.tables = "{orders: {sync: full, verify: full}}"
    shop.sql(put(1, "a", 10))
    shop.run("orders", None, Kind.REFRESH)
    last = shop.head("orders").last
    assert last is not None
    assert last.verified == "full"
