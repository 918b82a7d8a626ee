"""The history of a table, as its runs keep it: every version of each row, from what raw has."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from floodmark.core.bigquery import versions_sql
from floodmark.core.ledger.portion import Kind
from floodmark.errors import ConfigurationError, TargetMismatch
from floodmark.pipeline.history import planned, reach
from floodmark.pipeline.reports.check import offline
from tests.pipeline.conftest import START, World, hour
from tests.pipeline.reconciling import healed

KEYED = "{orders: {history: true%s}}"
INSERT = "INSERT INTO orders VALUES ({0}, '{1}', {0}, '2026-11-01 {2}:10+00')"
UPDATE = "UPDATE orders SET note = '{1}', updated_at = '2026-11-01 {2}:10+00' WHERE id = {0}"


def told(world: World, columns: str = "id, note") -> list[tuple[Any, ...]]:
    """The view's rows: when from and to as hours after the start, and which are current."""
    ends = ", ".join(
        f"TIMESTAMP_DIFF({one}, TIMESTAMP '{START.isoformat()}', SECOND) / 3600" for one in ("valid_from", "valid_to")
    )
    found = world.current("orders__history", f"{columns}, {ends}, is_current", order="id, valid_from")
    return [(*row[:-3], *(None if one is None else round(one, 1) for one in row[-3:-1]), row[-1]) for row in found]


@pytest.mark.slow
def test_every_version_is_told_and_what_is_current_is_the_current_table(world: World) -> None:
    world.tables = KEYED % ", deletes: reconcile"
    world.sql(INSERT.format(1, "a", "00"), INSERT.format(2, "b", "00"))
    world.run("orders", hour(0))
    world.sql("UPDATE orders SET note = 'c', updated_at = clock_timestamp() WHERE id = 1")
    world.run("orders", None, Kind.RELOAD)
    world.run("orders", None, Kind.RELOAD, run_id="once more")  # the same row read twice is one version
    world.sql("DELETE FROM orders WHERE id = 2")
    healed(world)
    rows = told(world)
    [changed], gone = world.source("SELECT updated_at FROM orders WHERE id = 1"), rows[2][3]
    began = round((changed[0] - START) / timedelta(hours=1), 1)
    assert rows == [(1, "a", 0.2, began, False), (1, "c", began, None, True), (2, "b", 0.2, gone, False)]
    assert gone is not None
    assert [row[0] for row in rows if row[-1]] == [row[0] for row in world.current("orders", "id")]


@pytest.mark.slow
def test_a_reload_ends_what_it_did_not_find(world: World) -> None:
    world.tables = KEYED % ""
    world.sql(INSERT.format(1, "a", "00"), INSERT.format(2, "b", "00"))
    world.run("orders", hour(0))
    world.sql("DELETE FROM orders WHERE id = 2")
    world.run("orders", None, Kind.RELOAD)
    assert [(row[0], row[-1], row[-2] is None) for row in told(world)] == [(1, True, True), (2, False, False)]


@pytest.mark.slow
def test_softly_deleted_rows_end(world: World) -> None:
    world.sql("ALTER TABLE orders ADD off boolean", INSERT.format(1, "a", "00").replace("+00')", "+00', false)"))
    world.tables = KEYED % ", deletes: {soft: off}"
    world.run("orders", hour(0))
    world.sql("UPDATE orders SET off = true, updated_at = '2026-11-01 01:10+00'")
    world.run("orders", hour(1))
    [version] = told(world)
    assert version[:3] == (1, "a", 0.2)
    assert version[3] is not None  # when it was seen: the row says that it was changed before its last read


@pytest.mark.slow
def test_a_full_table_with_a_key_has_the_versions_of_its_refreshes(world: World) -> None:
    world.tables = KEYED % ", sync: full, key: id"
    world.sql(INSERT.format(1, "a", "00"), INSERT.format(2, "b", "00"))
    world.run("orders", hour(0))
    world.sql("DELETE FROM orders WHERE id = 2", INSERT.format(3, "c", "01"))
    world.run("orders", hour(1))
    world.run("orders", hour(2))  # nothing new: it is not even loaded
    rows = told(world)
    assert [(row[0], row[1], row[2] is None, row[3] is None, row[4]) for row in rows] == [
        (1, "a", True, True, True), (2, "b", True, False, False), (3, "c", False, True, True),
    ]  # fmt: skip


@pytest.mark.slow
def test_the_view_follows_the_columns_and_values_that_went_beside_them(world: World) -> None:
    world.tables = KEYED % ""
    world.sql(INSERT.format(1, "a", "00"))
    world.run("orders", hour(0))
    world.sql("ALTER TABLE orders ADD more text, ALTER amount TYPE text", UPDATE.format(1, "b", "01"))
    world.run("orders", hour(1))
    names = {one for one, _ in world.table_run("orders").ports.warehouse.fields(*place(world)) or ()}
    assert {"more", "amount", "amount__string", "valid_from", "valid_to", "is_current"} <= names
    assert [row[1] for row in told(world)][-1] == "b"


def killed_here(*_: object) -> str:
    raise KeyboardInterrupt


def place(world: World) -> tuple[str, str, str]:
    return world.datasets.project, world.datasets.current, "orders__history"


@pytest.mark.slow
def test_it_is_made_again_where_a_step_was_killed_before_it_and_not_where_it_stands(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.tables = KEYED % ""
    world.sql(INSERT.format(1, "a", "00"))
    with monkeypatch.context() as killed:
        killed.setattr(versions_sql, "create", killed_here)
        with pytest.raises(KeyboardInterrupt):
            world.run("orders", hour(0))
    run, head = world.table_run("orders"), world.head("orders")
    assert head.last is not None
    assert planned(run, head) == f"makes the view {run.view}: {reach(run.config)}"
    assert f"history: {reach(run.config)}" in offline(run.config, run.file, lambda _: "")[0].warnings[0]
    assert world.table_run("orders").ports.warehouse.labels(*place(world)) is None
    world.run("orders", hour(1))
    assert told(world) == [(1, "a", 0.2, None, True)]
    monkeypatch.setattr(versions_sql, "create", killed_here)
    world.run("orders", hour(2))  # it stands, so nothing makes it


@pytest.mark.slow
def test_it_goes_where_history_is_switched_off_and_nothing_else_is_touched(world: World) -> None:
    world.tables = KEYED % ""
    world.sql(INSERT.format(1, "a", "00"))
    world.run("orders", hour(0))
    assert world.head("orders").versions.view.endswith(".orders__history")
    world.tables = "{orders: }"
    assert planned(world.table_run("orders"), world.head("orders")).startswith("drops the view ")
    world.run("orders", hour(1))
    assert world.table_run("orders").ports.warehouse.labels(*place(world)) is None
    assert world.head("orders").versions.view == ""
    assert world.current("orders", "id") == [(1,)]


@pytest.mark.slow
def test_a_view_of_somebody_s_is_left_alone_and_the_rows_arrive_all_the_same(world: World) -> None:
    world.tables = KEYED % ""
    world.sql(INSERT.format(1, "a", "00"))
    world._rows(f"CREATE VIEW `{world.datasets.current}.orders__history` AS SELECT 1 AS one")
    with pytest.raises(TargetMismatch, match="orders__history stands already, and Floodmark did not make it"):
        world.run("orders", hour(0))
    assert world.current("orders", "id") == [(1,)]
    world.sql(INSERT.format(2, "b", "01"))
    with pytest.raises(TargetMismatch, match="orders__history stands already"):
        world.run("orders", hour(1))
    assert world.current("orders", "id") == [(1,), (2,)]
    assert world.current("orders__history") == [(1,)]


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("sync: append", "rows of an append table never change"),
        ("sync: full", "has no key, so nothing says which rows are versions of one"),
        ("key: id", 'column "valid_to" is called as one that the view adds'),
    ],
)
def test_a_table_without_versions_is_refused(world: World, more: str, says: str) -> None:
    world.sql(
        "ALTER TABLE orders ADD valid_to date" if "key" in more else "ALTER TABLE orders DROP CONSTRAINT orders_pkey"
    )
    world.tables = KEYED % f", {more}"
    with pytest.raises(ConfigurationError, match=says):
        world.run("orders", hour(0))
