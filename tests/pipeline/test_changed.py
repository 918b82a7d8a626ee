"""What was read counts no more where its configuration is another: read whole, removed, refused, or told (R29)."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta

import pytest

from floodmark.adapters.connections.environment import LocalConnections
from floodmark.core.ledger.portion import Kind
from floodmark.errors import ConfigurationError, SettingChanged
from floodmark.pipeline import wiring
from floodmark.pipeline.extract import extract
from floodmark.pipeline.load import load
from floodmark.pipeline.reports.check import Known, offline, online
from floodmark.pipeline.reports.plan import plan
from floodmark.pipeline.reports.prove import prove
from floodmark.pipeline.table_run import Request, TableRun
from tests.pipeline.conftest import World, hour

pytestmark = pytest.mark.slow

ROWS = "INSERT INTO orders SELECT g, 'n' || g, g, '2026-11-01T00:10Z' FROM generate_series(1, 10) g"


def ids(world: World) -> list[int]:
    return [number for (number,) in world.current("orders", "id")]


@pytest.mark.parametrize(("where", "left"), [("id <= 10", 10), ("id <= 3", 3)])
def test_another_where_reads_the_table_whole(world: World, where: str, left: int) -> None:
    world.tables = "{orders: {where: id <= 8}}"
    world.sql(ROWS)
    world.run("orders", hour(0))
    world.tables = f"{{orders: {{where: '{where}'}}}}"
    world.run("orders", hour(1))
    assert ids(world) == list(range(1, left + 1))
    last = world.head("orders").last
    assert last is not None
    assert last.reasons[0] == f"reloaded: where: id <= 8 -> {where}"
    assert last.portion.anew == f"where: id <= 8 -> {where}"


CHOSEN = "CREATE OR REPLACE FUNCTION chosen(bigint) RETURNS boolean LANGUAGE sql RETURN $1 {}"


def test_a_function_that_where_calls_is_a_part_of_it(world: World) -> None:
    world.tables = "{orders: {where: chosen(id)}}"
    world.sql(ROWS, CHOSEN.format("<= 8"))
    world.run("orders", hour(0))
    world.sql("CREATE FUNCTION other() RETURNS int LANGUAGE sql RETURN 1")
    world.run("orders", hour(1))
    last = world.head("orders").last
    assert last is not None
    assert last.kind is Kind.SLICE
    world.sql(CHOSEN.format("<= 3"))
    world.run("orders", hour(2))
    assert ids(world) == [1, 2, 3]


@pytest.mark.parametrize("body", ["AS $$ SELECT $1 || {} $$", "RETURN $1 || {}"])
def test_a_function_that_a_view_calls_is_a_part_of_it(world: World, body: str) -> None:
    shown = f"CREATE OR REPLACE FUNCTION shown(text) RETURNS text LANGUAGE sql {body}"
    world.tables = "{orders: {from: seen, key: id}}"
    world.sql(ROWS, shown.format("'!'"), "CREATE VIEW seen AS SELECT id, shown(note) AS note, updated_at FROM orders")
    for number in (0, 1):  # what is looked back into would bring it anyway
        world.run("orders", hour(number))
    world.sql(shown.format("'?'"))
    world.run("orders", hour(2))
    assert world.current("orders", "id, note")[0] == (1, "n1?")


def test_a_column_that_only_where_speaks_of_is_known_by_its_number(world: World) -> None:
    world.tables = "{orders: {where: note < 'n3', columns: {exclude: [note]}}}"
    world.sql(ROWS)
    world.run("orders", hour(0))
    assert ids(world) == [1, 2, 10]
    world.sql("ALTER TABLE orders DROP note", "ALTER TABLE orders ADD note text DEFAULT 'n1'")
    world.run("orders", hour(1))
    assert ids(world) == list(range(1, 11))


def test_a_key_that_travels_otherwise_reads_the_table_whole(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after an upgrade that knows a better text for it (R30)."""
    world.tables = "{orders: {key: amount}}"
    world.sql("ALTER TABLE orders ALTER amount TYPE numeric, ALTER amount SET NOT NULL, ADD UNIQUE (amount)", ROWS)
    with monkeypatch.context() as patch:
        patch.setattr("floodmark.adapters.postgres.keys._WITHOUT_ZEROS", "({}::text)")
        world.run("orders", hour(0))
    world.run("orders", hour(1))
    last = world.head("orders").last
    assert last is not None
    assert last.reasons[0].startswith("reloaded: how the key travels")


def test_prove_tells_of_an_own_select_that_is_another_before_the_next_run_acts_on_it(world: World) -> None:
    world.sql(ROWS)
    world.run("orders", hour(0))
    run = world.table_run("orders")
    for text, told in (("", False), ("SELECT id, updated_at FROM orders", True)):
        [proof] = prove(run.config, [run.table], run.ports.ledger, own_select=lambda _, text=text: text)
        assert any("another SELECT" in doubt for doubt in proof.doubts) is told


def test_prove_tells_of_columns_that_the_file_excludes_or_carries_before_the_next_run_acts_on_it(world: World) -> None:
    world.sql(ROWS)
    world.run("orders", hour(0))

    def said() -> str:
        run = world.table_run("orders")
        [proof] = prove(run.config, [run.table], run.ports.ledger)
        return proof.says

    assert "file" not in said()
    world.tables = "{orders: {columns: {exclude: ['no*']}}}"
    assert "the file excludes or masks note by now" in said()
    world.run("orders", hour(1))
    assert "file" not in said()
    world.tables = "{orders: {columns: {include: [id, amount, updated_at, note]}}}"
    assert 'column "note" is carried from now on' in said()


def test_a_large_table_is_replaced_in_parts_and_the_old_rows_stay_until_the_last(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.tables = "{orders: {where: id <= 8, first_load_rows: 3}}"
    world.sql(ROWS)
    world.run("orders", hour(0))
    world.tables = "{orders: {where: id <> 2, first_load_rows: 3}}"
    seen = []

    def pause(run: TableRun) -> timedelta:
        seen.append((ids(world), world.head("orders").coverage))
        return timedelta(0)

    monkeypatch.setattr("floodmark.pipeline.extract.first_load.pause", pause)
    world.run("orders", hour(1))
    assert seen == [(list(range(1, 9)), ()), (list(range(1, 9)), ()), (list(range(1, 11)), ())]
    assert ids(world) == [1, *range(3, 11)]
    head = world.head("orders")
    assert head.coverage[-1].interval.high >= hour(1).high
    reads = world.table_run("orders").ports.ledger.reads(head.target)
    assert [read.part.number if read.part else 0 for read in reads] == [0, 1, 2, 3, 4]


def test_on_change_fail_refuses_until_a_person_reloads(world: World) -> None:
    world.tables = "{orders: {where: id <= 8}}"
    world.sql(ROWS)
    world.run("orders", hour(0))
    world.tables = "{orders: {where: id <= 3, on_change: fail}}"
    with pytest.raises(SettingChanged, match="floodmark reload shop orders"):
        world.run("orders", hour(1))
    assert len(ids(world)) == 8
    world.run("orders", None, Kind.RELOAD)
    assert ids(world) == [1, 2, 3]
    world.run("orders", hour(1))


def test_a_partition_by_written_later_is_refused_with_the_command(world: World) -> None:
    world.sql("ALTER TABLE orders ADD created_at timestamptz DEFAULT '2026-11-01'", ROWS)
    world.run("orders", hour(0))
    world.tables = "{orders: {partition_by: created_at}}"
    with pytest.raises(SettingChanged, match="floodmark reload --anew shop orders"):
        world.run("orders", hour(1))
    anew = Request(kind=Kind.RELOAD, run_id="anew", anew=True)
    load(world.table_run("orders"), extract(world.table_run("orders"), anew).read_at)
    world.run("orders", hour(1))
    assert ids(world) == list(range(1, 11))


def test_a_column_that_is_excluded_leaves_both_tables_before_anything_is_loaded(world: World) -> None:
    world.sql(ROWS)
    world.run("orders", hour(0))
    world.tables = "{orders: {columns: {exclude: [note]}}}"
    world.run("orders", hour(1))  # which has no rows
    for dataset in (world.datasets.current, world.datasets.raw):
        table = world.google.bigquery_client().get_table(f"{dataset}.orders")
        assert "note" not in [field.name for field in table.schema]
    assert ids(world) == list(range(1, 11))
    world.tables = "{orders: }"
    world.run("orders", hour(2))
    assert world.current("orders", "id, note")[0] == (1, "n1")


def test_a_glob_that_matches_nothing_is_refused_where_the_table_wrote_it(world: World) -> None:
    world.tables = "{orders: {columns: {exclude: [Note]}}}"
    with pytest.raises(ConfigurationError, match=r'columns\.exclude: "Note" matches no column'):
        world.run("orders", hour(0))


def test_a_new_column_is_held_where_that_is_asked_for(world: World) -> None:
    world.tables = "{orders: {new_columns: hold}}"
    world.sql(ROWS)
    world.run("orders", hour(0))
    world.sql("ALTER TABLE orders ADD phone text DEFAULT '1'")
    for number in (1, 2):
        world.run("orders", hour(number))
        last = world.head("orders").last
        assert last is not None
        assert "phone" not in [column.name for column in last.columns]
        assert 'column "phone" is new, and held' in last.reasons[0]
    world.tables = "{orders: {new_columns: carry}}"
    world.run("orders", hour(3))
    assert world.current("orders", "phone")[0] == ("1",)


def test_a_column_that_was_excluded_never_travels_for_being_renamed(world: World) -> None:
    world.sql(ROWS)
    world.tables = "{orders: {columns: {exclude: ['not*', 'amount']}}}"
    world.run("orders", hour(0))
    world.sql("ALTER TABLE orders RENAME note TO remark", "ALTER TABLE orders ADD notes text")
    with pytest.raises(ConfigurationError, match='"remark" is the one that was excluded as "note"'):
        world.run("orders", hour(1))


def test_a_derived_cursor_stays_whatever_comes_later_and_a_lost_one_is_refused(world: World) -> None:
    world.tables = "{things: }"
    world.sql(
        "CREATE TABLE things (id int PRIMARY KEY, modified_at timestamptz NOT NULL)",
        "INSERT INTO things VALUES (1, '2026-11-01T00:10Z')",
    )
    world.run("things", hour(0))
    world.sql(
        "ALTER TABLE things ADD updated_at timestamptz DEFAULT '2020-01-01'",
        "INSERT INTO things VALUES (2, '2026-11-01T01:10Z')",
    )
    world.run("things", hour(1))
    assert world.current("things", "id") == [(1,), (2,)]
    last = world.head("things").last
    assert last is not None
    assert any("updated_at came later; the cursor stays modified_at" in reason for reason in last.reasons)
    world.sql("ALTER TABLE things RENAME modified_at TO changed_at")
    with pytest.raises(ConfigurationError, match='the cursor "modified_at" that was derived is not in'):
        world.run("things", hour(2))


def test_a_catalogs_own_words_are_part_of_it(world: World) -> None:
    world.tables = "{seen: {key: id, cursor: updated_at}}"
    world.sql(ROWS, "CREATE VIEW seen AS SELECT id, note, updated_at FROM orders WHERE id < 3")
    world.run("seen", hour(0))
    world.sql("CREATE OR REPLACE VIEW seen AS SELECT id, upper(note) AS note, updated_at FROM orders WHERE id < 2")
    world.run("seen", hour(1))
    assert world.current("seen", "id, note") == [(1, "N1")]


def test_plan_and_check_and_prove_say_so_beforehand(world: World) -> None:
    world.sql(ROWS)
    world.run("orders", hour(0))
    world.tables = "{orders: {where: id <= 3, columns: {exclude: [note]}}}"
    run = world.table_run("orders")
    found = plan(run, Request(kind=Kind.SLICE, run_id="r", interval=hour(1)), lambda _: 7)
    assert (found.kind, found.rows, found.once) == (Kind.RELOAD, 7, True)
    assert found.notes == ("reloaded: where: none -> id <= 3", 'column "note" leaves raw and current')
    connections = LocalConnections({}, dsns={"shop_db": world.database.dsn})
    with closing(wiring.inspection(connections, "shop_db", has_primary=False)) as source:
        known = Known(source=source, own_select=lambda _: "", heads=lambda _: world.head("orders"))
        [check] = online(run.config, "shop.yml", known)
    assert any("where: none -> id <= 3: the next run reads it whole" in warning for warning in check.warnings)
    assert any("drops note from raw and current" in warning for warning in check.warnings)
    [proof] = prove(run.config, [run.table], run.ports.ledger)
    assert any("where: none -> id <= 3" in doubt for doubt in proof.doubts)


def test_nothing_is_due_before_a_start_in_the_future(world: World) -> None:
    world.tables = "{orders: {start: 2127-01-01}}"
    world.sql(ROWS)
    run = world.table_run("orders")
    [check] = offline(run.config, "shop.yml", lambda _: "")
    assert check.warnings == ("start: 2127-01-01T00:00Z is in the future: nothing is due before it",)
    request = Request(kind=Kind.SLICE, run_id="r", interval=hour(0))
    assert plan(run, request, lambda _: 7).notes == ("nothing is due before its start, 2127-01-01T00:00:00+00:00",)
    world.run("orders", hour(0))
    assert world.head("orders").last is None
