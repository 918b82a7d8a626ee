"""What somebody changed in a table that is read whole is told by the balance, and mended as the message says (R36)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from floodmark.core.balance import Depth
from floodmark.core.ledger import head as heads
from floodmark.core.ledger.balance import Balance, Content
from floodmark.core.ledger.portion import Kind
from floodmark.errors import TargetMismatch
from floodmark.pipeline.balance import balance
from floodmark.pipeline.reports.prove import Proof, Verdict, prove
from tests.fakes.watched import watching
from tests.pipeline.conftest import World, hour

pytestmark = pytest.mark.slow

UPDATED = "UPDATE {current} SET note = 'theirs' WHERE id = 2"
COSTLY = 100 * 2**20


@pytest.fixture
def shop(world: World) -> World:
    """Three rows of a table that is read whole, once."""
    world.tables = "{orders: {sync: full}}"
    world.sql("INSERT INTO orders SELECT g, 'n' || g, g, '2026-11-01T00:10Z' FROM generate_series(1, 3) g")
    world.run("orders", hour(0))
    return world


def stranger(shop: World, *statements: str) -> None:
    """Somebody else's statements in BigQuery; ``{current}`` and ``{raw}`` are the tables."""
    for text in statements:
        names = {"current": f"`{shop.datasets.current}.orders`", "raw": f"`{shop.datasets.raw}.orders`"}
        names["copy"] = f"`{shop.datasets.current}.copy`"
        shop.google.bigquery_client().query(text.format(**names), location="EU").result()


def balanced(shop: World, **options: bool) -> Balance:
    """What the balance finds."""
    done = balance(shop.table_run("orders"), **options)
    assert not done.left_alone
    return done.balance


def content(shop: World) -> Content:
    """What it finds of the content."""
    found = balanced(shop).content
    assert found is not None
    return found


def proof(shop: World) -> Proof:
    """What ``prove`` says."""
    run = shop.table_run("orders")
    [found] = prove(run.config, [run.table], run.ports.ledger)
    return found


def test_content_that_is_as_it_was_read_is_equal_and_said_to_be_looked_at(shop: World) -> None:
    [unlooked] = proof(shop).unlooked
    assert unlooked.startswith("values that somebody changed in current since the read of 20")
    found = content(shop)
    assert (found.differs, found.total and found.total.rows) == (False, 3)
    told = proof(shop)
    assert (told.says, told.unlooked) == ("proved", ())
    assert [one.split()[0] for one in told.looked] == ["counts", "content"]


@pytest.mark.parametrize(
    ("statements", "rows"),
    [
        ((UPDATED,), 1),
        (("UPDATE {current} SET note = NULL WHERE id > 1",), 2),
        (("UPDATE {current} SET id = 9 WHERE id = 1",), 1),
        (("DELETE FROM {current} WHERE id = 3", "INSERT INTO {current} SELECT * FROM {current} WHERE id = 1"), 1),
        (("UPDATE {current} SET _floodmark_read_at = TIMESTAMP '2026-11-01 00:00:00+00' WHERE id = 1",), 1),
        (("UPDATE {current} SET _floodmark_cursor = TIMESTAMP '2026-11-01 00:00:00+00' WHERE id = 1",), 1),
    ],
)
def test_changed_rows_are_counted_though_the_number_of_rows_is_the_same(
    shop: World, statements: tuple[str, ...], rows: int
) -> None:
    stranger(shop, *statements)
    found = balanced(shop)
    assert (found.missing, found.well) == (0, False)
    assert found.content is not None
    assert found.content.rows == rows
    told = proof(shop)
    assert told.verdict is Verdict.NOT_PROVED
    assert f"{rows} rows of current are not what the read of" in told.says
    assert "brought: floodmark reload shop orders" in told.says


def test_a_reload_mends_it_though_the_source_did_not_change(shop: World) -> None:
    stranger(shop, UPDATED)
    balanced(shop)
    shop.run("orders", None, Kind.RELOAD)
    assert shop.current("orders", "note") == [("n1",), ("n2",), ("n3",)]
    assert not content(shop).differs
    assert proof(shop).says == "proved"


def test_the_next_refresh_mends_it_though_the_target_looks_untouched(shop: World) -> None:
    """Whoever writes between the merge and the look at the table's time has the time taken for ours (R23)."""
    stranger(shop, UPDATED)
    stamp = watching(shop.table_run("orders"), "warehouse").ports.warehouse
    place = shop.table_run("orders").config.bigquery
    now = stamp.stamp(place.project, place.dataset, "orders")
    balanced(shop)

    def as_ours(name: str, found: object) -> object:
        head = shop.head("orders")
        return head.last.target_stamp if name == "stamp" and head.last and found == now else None

    run = watching(shop.table_run("orders"), "warehouse", after=as_ours)
    shop.run("orders", hour(1), ports=run.ports)
    assert shop.current("orders", "note") == [("n1",), ("n2",), ("n3",)]


def test_what_is_known_of_it_stands_after_a_refresh_that_changes_nothing_and_goes_with_one_that_does(
    shop: World,
) -> None:
    before = content(shop)
    shop.run("orders", hour(1))
    assert shop.head("orders").balance.content == before
    shop.sql("UPDATE orders SET note = 'new' WHERE id = 1")
    shop.run("orders", hour(2))
    after = shop.head("orders").balance.content
    assert after is not None
    assert (after.at, after.before, after.total) == (None, before.at, None)
    assert not content(shop).differs


def test_once_its_sum_is_known_it_is_compared_without_raw(shop: World) -> None:
    content(shop)
    stranger(shop, "DELETE FROM {raw} WHERE TRUE")
    assert not content(shop).differs
    stranger(shop, UPDATED)
    found = content(shop)
    assert (found.other, found.rows) == (True, 0)
    assert "current is not what the read of" in proof(shop).says
    assert "in rows that raw can't name any more: floodmark reload shop orders" in proof(shop).says
    shop.run("orders", None, Kind.RELOAD)
    assert not content(shop).differs


def test_what_raw_lost_before_anybody_looked_is_not_compared_and_said(shop: World) -> None:
    stranger(shop, "DELETE FROM {raw} WHERE id = 3", UPDATED)
    [said] = balanced(shop).skipped
    assert "content was not compared: raw doesn't hold all 3 rows of the read of" in said
    assert "to have it compared: floodmark reload shop orders" in said
    told = proof(shop)
    assert told.says == "proved"
    assert told.unlooked[0].startswith("values that somebody changed in current since the read of")
    assert told.unlooked[1] == said
    shop.run("orders", None, Kind.RELOAD)
    assert not content(shop).differs


def test_a_row_of_a_time_to_come_is_told_with_the_command_that_replaces_it(shop: World) -> None:
    stranger(shop, "UPDATE {current} SET _floodmark_read_at = TIMESTAMP '2999-01-01 00:00:00+00' WHERE id = 2")
    assert content(shop).ahead == 1
    assert "1 rows of current bear a time after the last read" in proof(shop).says
    assert "floodmark reload --anew shop orders" in proof(shop).says


def test_a_column_that_somebody_took_away_differs_in_the_rows_that_had_a_value(shop: World) -> None:
    shop.sql("UPDATE orders SET note = NULL WHERE id = 1")
    shop.run("orders", hour(1))
    stranger(shop, "ALTER TABLE {current} DROP COLUMN note")
    assert content(shop).rows == 2


def test_a_head_from_before_that_said_nothing_of_content_is_compared_all_the_same(shop: World) -> None:
    shop.run("orders", hour(1))
    run = shop.table_run("orders")
    with run.lease() as lease:
        lease.write(lambda head: heads.balanced(head, replace(head.balance, content=None)))
    stranger(shop, UPDATED)
    assert content(shop).rows == 1


@pytest.mark.parametrize(
    ("table", "place", "says"),
    [
        ("reconcile_bytes: 1000", "", "would process 104,857,600 bytes, reconcile_bytes is 1,000"),
        ("", ", max_bytes_billed: 10MiB", "would process 104,857,600 bytes, bigquery.max_bytes_billed is 10,485,760"),
        ("", ", budget: {day: 100MiB}", "the budget of a day of source shop is reached"),
    ],
)
def test_what_would_process_more_than_allowed_is_left_out_and_said(
    shop: World, table: str, place: str, says: str
) -> None:
    """The local server tells of no bytes."""
    shop.tables, shop.place = f"{{orders: {{sync: full, {table}}}}}", place
    costly = watching(
        shop.table_run("orders"), "warehouse", after=lambda call, _: COSTLY if call == "dry_run" else None
    )
    found = balance(costly).balance
    assert found.content is not None
    assert found.content.at is None
    assert says in found.skipped[0]
    assert proof(shop).unlooked[-1] == found.skipped[0]


def test_a_dear_comparison_is_weekly(shop: World) -> None:
    content(shop)

    def dear(call: str, _: object) -> int | None:
        return 20 * 2**30 if call == "dry_run" else None

    for _ in range(2):
        done = balance(watching(shop.table_run("orders"), "warehouse", after=dear), daily=True)
        assert done.balance.skipped == ("content is compared every 7 days",)
        shop.sql("UPDATE orders SET note = note || '.'")
        shop.run("orders", hour(1))


def test_a_table_that_somebody_made_anew_is_said_to_be_none_of_ours(shop: World) -> None:
    """As a copy of an older one is: it bears no label."""
    stranger(
        shop,
        "CREATE TABLE {copy} AS SELECT * FROM {current}",
        "DROP TABLE {current}",
        "CREATE TABLE {current} AS SELECT * FROM {copy}",
    )
    with pytest.raises(TargetMismatch, match="label"):
        balanced(shop)
    assert "its label floodmark" in proof(shop).says
    assert "or drop the table" in proof(shop).says
    stranger(shop, "DROP TABLE {current}")
    shop.run("orders", hour(1))
    assert len(shop.current("orders")) == 3
    assert not content(shop).differs
    assert proof(shop).says == "proved"


def test_less_depth_than_rows_leaves_content_out(shop: World) -> None:
    found = balance(shop.table_run("orders"), Depth.KEYS).balance
    assert (found.content and found.content.at, found.skipped) == (None, ())


def test_values_that_bigquery_cannot_hold_are_as_the_merge_has_them(world: World) -> None:
    world.tables = "{orders: {sync: full}}"
    world.sql(
        "ALTER TABLE orders ADD valid_to date, ADD seen timestamp, ADD odd float8, ADD raw bytea, ADD tags text[]",
        "INSERT INTO orders VALUES (1, 'a', 1.50, now(), 'infinity', now(), 'NaN', '\\x00ff', '{a,NULL}'), "
        "(2, NULL, NULL, now(), '2026-01-01', NULL, -0.0, NULL, NULL)",
    )
    world.run("orders", hour(0))
    assert not content(world).differs
    stranger(world, "UPDATE {current} SET _floodmark_unheld = NULL WHERE id = 1")
    assert content(world).rows == 1


def test_a_table_of_no_rows_and_one_without_a_key_are_compared(world: World) -> None:
    world.tables = "{orders: {sync: full}}"
    world.sql("CREATE TABLE plain (v text)", "ALTER TABLE orders RENAME TO other", "ALTER TABLE plain RENAME TO orders")
    world.run("orders", hour(0))
    assert not content(world).differs
    world.sql("INSERT INTO orders VALUES ('a'), ('a'), (NULL)")
    world.run("orders", hour(1))
    assert not content(world).differs
    stranger(world, "UPDATE {current} SET v = 'a' WHERE v IS NULL")
    assert content(world).rows == 1
