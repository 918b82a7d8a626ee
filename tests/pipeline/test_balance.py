"""The account must balance: what only one end has, or has otherwise, is told at some depth (R36)."""

from __future__ import annotations

from typing import Any

import pytest

from floodmark.core.balance import Depth
from floodmark.core.ledger.balance import RANGES, Balance
from floodmark.core.ledger.portion import Kind
from floodmark.pipeline.balance import balance
from floodmark.pipeline.extract import extract
from floodmark.pipeline.load import load
from floodmark.pipeline.reports.prove import Proof, Verdict, prove
from floodmark.pipeline.reports.status import of_head
from floodmark.pipeline.reports.unsealed import unsealed
from floodmark.pipeline.table_run import Request
from tests.fakes.watched import watching
from tests.pipeline.conftest import World, hour
from tests.pipeline.reconciling import healed
from tests.pipeline.test_touched import written

pytestmark = pytest.mark.slow


def orders(world: World, rows: int = 5) -> None:
    """Some orders of the first hour, read and sealed."""
    world.sql(
        "INSERT INTO orders SELECT g, 'n' || g, g, timestamptz '2026-11-01T00:10Z' + g * interval '1 ms' "
        f"FROM generate_series(1, {rows}) g"
    )
    world.run("orders", hour(0))


def balanced(world: World, depth: Depth = Depth.ROWS, **changes: Any) -> Balance:
    """What the comparison finds, all rows of it."""
    found = balance(world.table_run("orders", **changes), depth, everything=True)
    assert not found.left_alone
    return found.balance


def proof(world: World) -> Proof:
    """What ``prove`` says."""
    run = world.table_run("orders")
    [found] = prove(run.config, [run.table], run.ports.ledger)
    return found


def alien(world: World, *statements: str) -> None:
    """Somebody else's statements in current, which the head then takes for its own."""
    written(world, *statements)


def test_a_table_that_balances_is_proved_and_says_what_was_looked_at(world: World) -> None:
    orders(world)
    assert proof(world).says.startswith("not proved, because its rows were never counted at both ends")
    found = balanced(world)
    assert found.counts is not None
    assert (found.counts.source.settled, found.counts.current, found.missing, found.surplus) == (5, 5, 0, 0)
    told = proof(world)
    assert (told.verdict, told.says, told.doubts) == (Verdict.PROVED, "proved", ())
    assert [one.split()[0] for one in told.looked] == ["counts", "keys", "rows"]
    assert told.unlooked == ()


@pytest.mark.parametrize("depth", [Depth.COUNTS, Depth.KEYS])
def test_a_row_imported_with_an_old_cursor_is_missing_until_a_reconcile_heals_it(world: World, depth: Depth) -> None:
    orders(world)
    world.sql("ALTER TABLE orders ALTER updated_at DROP NOT NULL")
    world.sql("INSERT INTO orders VALUES (9, 'imported', 1, '2026-11-01T00:30Z')")
    assert balanced(world, depth).missing == 1
    told = proof(world)
    assert told.verdict is Verdict.NOT_PROVED
    assert "1 rows of the source are missing from current: floodmark reconcile --heal shop orders" in told.says
    healed(world)
    assert proof(world).says == "proved"


def test_a_missing_key_is_not_made_up_for_by_one_too_many(world: World) -> None:
    orders(world)
    world.sql("DELETE FROM orders WHERE id = 2", "INSERT INTO orders VALUES (9, 'old', 1, '2026-11-01T00:30Z')")
    assert balanced(world, Depth.COUNTS).missing == 0
    found = balanced(world, Depth.KEYS)
    assert (found.missing, found.surplus) == (1, 1)
    assert proof(world).verdict is Verdict.NOT_PROVED


def test_a_silent_update_is_seen_by_the_rows_alone(world: World) -> None:
    orders(world)
    world.sql("UPDATE orders SET note = 'silent' WHERE id = 4")
    assert balanced(world, Depth.KEYS).well
    assert balanced(world).differing == 1
    assert "1 ranges of rows differ from the source" in proof(world).says


def test_a_small_table_is_compared_whole_each_day(world: World) -> None:
    orders(world)
    world.sql("UPDATE orders SET note = 'silent' WHERE id = 4")
    found = balance(world.table_run("orders"), Depth.ROWS).balance
    assert (found.rows[-1].high, found.differing) == (RANGES, 1)


def test_a_table_of_which_nothing_was_there_to_load_has_no_current_and_balances(world: World) -> None:
    world.run("orders", hour(0))
    found = balanced(world)
    assert found.counts is not None
    assert (found.counts.source.rows, found.counts.current, found.well) == (0, 0, True)
    assert proof(world).says == "proved"


def test_a_share_of_the_rows_comes_round_within_its_days(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("floodmark.core.balance.BILLED_AT_LEAST", -1)
    orders(world)
    world.tables = "{orders: {balance_share: 40%}}"
    for low, high in ((0, 26215), (26215, 52430), (52430, RANGES), (0, 26215)):
        found = balance(world.table_run("orders"), Depth.ROWS).balance
        assert (found.rows[-1].low, found.rows[-1].high) == (low, high)
    assert found.share(found.rows[-1].at)[0] == 1


def test_rows_too_many_are_told_by_number_and_are_no_fault_where_deletes_are_ignored(world: World) -> None:
    orders(world)
    world.sql("DELETE FROM orders WHERE id = 2")
    assert balanced(world).surplus == 1
    told = proof(world)
    assert (told.verdict, told.told) == (Verdict.PROVED, ("1 rows too many in current (deletes: ignore)",))
    assert told.says == "proved, all but 1 rows too many in current (deletes: ignore)"


def test_rows_too_many_are_a_fault_where_the_source_is_said_to_mark_them(world: World) -> None:
    world.tables = "{orders: {deletes: {soft: deleted_at}}}"
    world.sql("ALTER TABLE orders ADD deleted_at timestamptz")
    orders(world)
    world.sql("DELETE FROM orders WHERE id = 2")
    found = balance(world.table_run("orders"), Depth.COUNTS)
    assert (found.balance.surplus, found.balance.well, found.well) == (1, True, False)
    assert "or marks them unseen: floodmark reconcile --heal shop orders" in proof(world).says
    run = world.table_run("orders")
    told = of_head(run.table, world.head("orders"), hour(1).high, "shop")
    assert (told.unbalanced, told.well) == (True, False)
    held = unsealed(run.config, run.ports.ledger, ["orders"], hour(0).low, proved=False, balanced=True)
    assert held == {"orders": "its rows are not those of the source"}
    healed(world)
    assert proof(world).says == "proved"
    assert balance(world.table_run("orders"), Depth.COUNTS).well


def test_every_class_of_rows_is_counted_and_said(world: World) -> None:
    world.tables = "{orders: {null_cursor: ignore, deletes: {soft: deleted_at}}}"
    world.sql(
        "ALTER TABLE orders ALTER updated_at DROP NOT NULL, ADD deleted_at timestamptz",
        "INSERT INTO orders VALUES (1, 'settled', 1, '2026-11-01T00:10Z'), (2, 'early', 1, '2026-10-01T00:10Z'), "
        "(3, 'timeless', 1, NULL), (4, 'future', 1, '2999-01-01'), (5, 'loose', 1, '2026-11-01T05:10Z')",
        "INSERT INTO orders VALUES (6, 'deleted', 1, '2026-11-01T00:10Z', now())",
    )
    world.run("orders", hour(0))
    found = balanced(world)
    assert found.counts is not None
    assert vars(found.counts.source) == {
        "settled": 1, "deleted": 1, "early": 1, "timeless": 1, "future": 1, "loose": 1, "bad": 0,
    }  # fmt: skip
    assert found.well
    assert proof(world).told == (
        "1 rows marked as deleted",
        "1 rows from before the start",
        "1 rows without a cursor (null_cursor: ignore)",
        "1 rows with a cursor in the future",
        "1 rows not sealed yet",
    )
    assert proof(world).says == "proved, all but 1 rows with a cursor in the future"


def test_rows_in_flight_do_not_make_up_for_a_missing_one(world: World) -> None:
    """A new row that is not sealed yet stands in current, provisionally; the imported one does not."""
    orders(world)
    world.run("orders", hour(1))
    world.sql(
        "INSERT INTO orders VALUES (9, 'imported', 1, '2026-11-01T00:30Z')",
        "INSERT INTO orders VALUES (10, 'new', 1, '2026-11-01T02:10Z')",
    )
    writer = world.connect()
    cursor = writer.cursor()
    for statement in ("BEGIN", "INSERT INTO orders VALUES (11, 'open', 1, now())", "PREPARE TRANSACTION 'open'"):
        cursor.execute(statement)
    world.run("orders", hour(2))
    assert [key for (key,) in world.current("orders", "id")] == [1, 2, 3, 4, 5, 10]
    assert balanced(world, Depth.COUNTS).missing == 1
    assert balanced(world, Depth.KEYS).missing == 1
    cursor.execute("ROLLBACK PREPARED 'open'")
    writer.close()


def test_a_declared_key_that_two_rows_share_does_not_balance(world: World) -> None:
    """Each slice holds the code once, so no read can see that it isn't one (R2)."""
    world.tables = "{orders: {key: note, cursor: updated_at}}"
    world.sql("ALTER TABLE orders ALTER note SET NOT NULL")
    world.sql("INSERT INTO orders VALUES (1, 'same', 1, '2026-11-01T00:10Z')")
    world.run("orders", hour(0))
    world.sql("INSERT INTO orders VALUES (2, 'same', 1, '2026-11-01T01:10Z')")
    world.run("orders", hour(1))
    assert balanced(world, Depth.COUNTS).missing == 1


def test_an_append_table_is_counted(world: World) -> None:
    world.tables = "{orders: {sync: append, cursor: updated_at}}"
    orders(world)
    assert balanced(world).missing == 0
    world.sql("ALTER TABLE orders ALTER updated_at DROP NOT NULL")
    world.sql("INSERT INTO orders VALUES (9, 'imported', 1, '2026-11-01T00:30Z')")
    assert balanced(world).missing == 1


def test_a_whole_read_counts_both_ends_by_itself(world: World) -> None:
    world.tables = "{orders: {sync: full}}"
    orders(world)
    assert proof(world).says == "proved"
    world.sql("DELETE FROM orders WHERE id = 1")
    assert balanced(world).well
    alien(world, "DELETE FROM {current} WHERE id = 2")
    assert balanced(world).missing == 1


def test_a_reload_balances_what_did_not(world: World) -> None:
    orders(world)
    world.sql("ALTER TABLE orders ALTER updated_at DROP NOT NULL")
    world.sql("INSERT INTO orders VALUES (9, 'imported', 1, '2026-11-01T00:30Z')")
    assert not balanced(world).well
    world.run("orders", None, Kind.RELOAD)
    told = proof(world)
    assert (told.says, told.unlooked) == ("proved", ("keys", "100% of the rows' content"))


def test_what_was_not_looked_at_is_said(world: World) -> None:
    orders(world)
    world.tables = "{orders: {balance: counts}}"
    balance(world.table_run("orders"))
    assert proof(world).unlooked == ("keys", "100% of the rows' content", "balance: counts")


def test_what_would_process_more_than_allowed_is_left_out_and_said(world: World) -> None:
    """The local server tells of no bytes."""
    world.tables = "{orders: {reconcile_bytes: 1000}}"
    orders(world)
    costly = watching(world.table_run("orders"), "warehouse", after=lambda call, _: 2000 if call == "dry_run" else None)
    skipped = balance(costly).balance.skipped
    assert [one.split(" ", 1)[0] for one in skipped] == ["keys", "rows"]
    assert all("2,000 bytes, reconcile_bytes is 1,000" in one for one in skipped)
    assert skipped == proof(world).unlooked[-2:]


APPENDED = "{orders: {sync: append, cursor: updated_at}}"


@pytest.mark.parametrize(
    "statements",
    [
        ("UPDATE {current} SET note = 'theirs' WHERE id = 2",),
        ("UPDATE {current} SET id = 9 WHERE id = 2",),
        ("DELETE FROM {current} WHERE id = 2", "INSERT INTO {current} SELECT * FROM {current} WHERE id = 3"),
    ],
)
def test_a_changed_row_of_an_append_table_is_told_and_reloaded(world: World, statements: tuple[str, ...]) -> None:
    world.tables = APPENDED
    orders(world)
    assert balanced(world).well
    assert (proof(world).says, proof(world).unlooked) == ("proved", ())
    alien(world, *statements)
    found = balanced(world)
    assert (found.missing, found.differing) == (0, 1)
    told = proof(world)
    assert "1 ranges of rows differ from the source: floodmark reload shop orders" in told.says
    world.run("orders", None, Kind.RELOAD)
    assert balanced(world).well
    assert proof(world).says == "proved"


def test_rows_of_an_append_table_that_are_alike_are_told_apart_by_their_number(world: World) -> None:
    world.tables = APPENDED
    twice = "INSERT INTO orders SELECT 1, 'same', 1, '2026-11-01T00:10Z' FROM generate_series(1, {})"
    world.sql("ALTER TABLE orders DROP CONSTRAINT orders_pkey", twice.format(3))
    world.run("orders", hour(0))
    assert balanced(world).well
    world.sql(twice.format(1), "INSERT INTO orders VALUES (2, 'other', 1, '2026-11-01T00:10Z')")
    alien(world, "INSERT INTO {current} SELECT * FROM {current} WHERE id = 1 LIMIT 1")
    found = balanced(world)
    assert (found.missing, found.differing) == (1, 1)


def test_rows_that_an_append_tables_source_has_no_more_are_told_by_number_alone(world: World) -> None:
    world.tables = APPENDED
    orders(world)
    world.sql("DELETE FROM orders WHERE id < 4")
    found = balanced(world)
    assert (found.surplus, found.well) == (3, True)
    assert proof(world).says == "proved, all but 3 rows too many in current (deletes: ignore)"
    alien(world, "UPDATE {current} SET note = 'theirs' WHERE id = 5")
    assert balanced(world).differing == 1
    assert "floodmark reload shop orders, which leaves out the 3 rows that the source has no more" in proof(world).says


def test_rows_of_an_append_table_that_are_not_sealed_yet_are_left_out(world: World) -> None:
    world.tables = APPENDED
    orders(world)
    world.sql("ALTER TABLE orders ALTER updated_at DROP NOT NULL")
    world.sql("INSERT INTO orders VALUES (9, 'new', 1, now()), (10, 'old', 1, '2026-10-01')")
    assert balanced(world).well


@pytest.mark.parametrize("time", ["NULL", "TIMESTAMP '2999-01-01 00:00:00+00'"])
def test_a_row_that_no_merge_changes_any_more_is_told_with_the_command_that_replaces_it(
    world: World, time: str
) -> None:
    orders(world)
    alien(world, f"UPDATE {{current}} SET _floodmark_read_at = {time} WHERE id = 2")
    found = balanced(world, Depth.COUNTS)
    assert (found.counts and found.counts.untimely, found.well) == (1, False)
    assert "1 rows of current bear no read's time, or one to come" in proof(world).says
    assert "floodmark reload --anew shop orders" in proof(world).says
    anew = Request(kind=Kind.RELOAD, run_id="anew", anew=True)
    staged = extract(world.table_run("orders"), anew)
    load(world.table_run("orders"), staged.read_at)
    assert balanced(world, Depth.COUNTS).well


@pytest.mark.parametrize(
    ("kind", "gone"), [("timestamptz", "now()"), pytest.param("boolean", "TRUE", marks=pytest.mark.slow)]
)
def test_a_flag_that_somebody_turned_is_told_and_reloaded(world: World, kind: str, gone: str) -> None:
    world.tables = "{orders: {deletes: {soft: deleted, mode: flag}}}"
    world.sql(f"ALTER TABLE orders ADD deleted {kind}")
    orders(world)
    world.sql(f"UPDATE orders SET deleted = {gone}, updated_at = '2026-11-01T01:10Z' WHERE id = 1")
    world.run("orders", hour(1))
    assert balanced(world).well
    alien(world, "UPDATE {current} SET _floodmark_deleted = NOT _floodmark_deleted WHERE id < 3")
    found = balanced(world)
    assert (found.counts and found.counts.misflagged, found.differing) == (2, 0)
    assert "_floodmark_deleted says of 2 rows something else" in proof(world).says
    world.run("orders", None, Kind.RELOAD)
    assert balanced(world).well


@pytest.mark.parametrize("bad_values", ["quarantine", "encode"])
def test_a_row_without_a_time_that_is_held_out_is_counted_so(world: World, bad_values: str) -> None:
    """Rows without a cursor are to be read here; one whose cursor is infinite may not be held, and is told then."""
    world.tables = f"{{orders: {{null_cursor: include, bad_values: {bad_values}}}}}"
    world.sql("ALTER TABLE orders ALTER updated_at DROP NOT NULL")
    world.sql("INSERT INTO orders VALUES (9, 'endless', 1, 'infinity'), (10, 'none', 1, NULL)")
    orders(world, rows=2)
    held_out = 4 - len(world.current("orders"))
    found = balanced(world)
    assert found.counts is not None
    assert (found.counts.source.bad, found.counts.source.timeless) == (held_out, 2 - held_out)
    assert (found.missing, found.surplus) == (0, 0)
    assert ("held out" in proof(world).says) == (held_out > 0)


@pytest.mark.parametrize("mode", ["flag", "remove"])
def test_a_table_whose_next_run_reads_it_anew_is_left_alone_until_then(world: World, mode: str) -> None:
    """Its file says since the last read that rows are marked: current was never told."""
    world.sql("ALTER TABLE orders ADD gone boolean")
    orders(world)
    world.sql("UPDATE orders SET gone = true WHERE id < 3")
    world.tables = f"{{orders: {{deletes: {{soft: gone, mode: {mode}}}}}}}"
    done = balance(world.table_run("orders"))
    assert done.well
    assert done.left_alone.startswith("it is to be reloaded first, as its next run does: deletes.soft")
    world.run("orders", hour(1))
    assert balanced(world).well
