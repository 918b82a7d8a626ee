"""A column is its identity in the catalog, a table too: what a change of either does to what was read (R32)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from floodmark.core.ledger.head import Head
from floodmark.core.ledger.portion import Kind
from floodmark.core.ledger.read import Read
from floodmark.errors import SourceChanged
from floodmark.pipeline.reconcile import reconcile
from floodmark.pipeline.reports.prove import prove
from tests.pipeline.conftest import World, hour

pytestmark = pytest.mark.slow

COLUMNS = "(id bigint PRIMARY KEY, v bigint, w bigint, updated_at timestamptz NOT NULL)"
ROWS = (
    "INSERT INTO t SELECT g, g, g * 10, timestamptz '2026-11-01T00:10Z' + (g - 1) * interval '1 hour' "
    "FROM generate_series(1, 3) g"
)


@pytest.fixture
def three(world: World) -> World:
    """A table ``t`` with a row in each of three hours, all of them read."""
    world.tables = "{t: }"
    world.sql(f"CREATE TABLE t {COLUMNS}", ROWS)
    for number in range(3):
        world.run("t", hour(number))
    return world


def last(world: World, table: str = "t") -> Read:
    head: Head = world.head(table)
    assert head.last is not None
    return head.last


def one_more(world: World, values: str = "400, 40") -> None:
    world.sql(f"INSERT INTO t (id, v, w, updated_at) VALUES (4, {values}, '2026-11-01T03:10Z')")
    world.run("t", hour(3))


def alone(world: World, statement: str) -> None:
    """Run what can't be part of a transaction."""
    connection = world.connect()
    try:
        connection.cursor().execute(statement)
    finally:
        connection.close()


def read_whole(world: World, words: str) -> None:
    read = last(world)
    assert read.kind is Kind.RELOAD
    assert words in read.reasons[0]
    assert read.late == 0
    assert world.current("t", "id, v, w") == world.source("SELECT id, v, w FROM t ORDER BY 1")


@pytest.mark.parametrize(
    ("statements", "words"),
    [
        (["ALTER TABLE t ALTER v TYPE bigint USING v * 100"], "was written anew"),
        (["ALTER TABLE t DROP v", "ALTER TABLE t ADD v bigint DEFAULT 7"], '"v" is another column of that name'),
        (
            [
                "ALTER TABLE t RENAME v TO x",
                "ALTER TABLE t RENAME w TO v",
                "ALTER TABLE t RENAME x TO w",
            ],
            '"v" is another column of that name',
        ),
        (
            [
                f"CREATE TABLE other {COLUMNS}",
                "INSERT INTO other VALUES (9, 9, 9, '2026-11-01T00:10Z')",
                "ALTER TABLE t RENAME TO t_old",
                "ALTER TABLE other RENAME TO t",
            ],
            "the table behind its name",
        ),
        (["DROP TABLE t", f"CREATE TABLE t {COLUMNS}"], "the table behind its name"),
        (["ALTER TABLE t DROP CONSTRAINT t_pkey", "ALTER TABLE t ADD PRIMARY KEY (id, w)"], "key: id -> id, w"),
    ],
    ids=["alter type", "dropped and added", "swapped columns", "swapped tables", "created anew", "another key"],
)
def test_another_column_table_or_value_is_read_whole(three: World, statements: list[str], words: str) -> None:
    three.sql(*statements)
    one_more(three)
    read_whole(three, words)


def test_a_default_that_older_rows_have_is_missed_until_a_reload(three: World) -> None:
    three.sql("ALTER TABLE t ADD plain int, ADD filled int DEFAULT 5")  # as it does with what is generated
    one_more(three)
    run = three.table_run("t")

    def said() -> list[str]:
        [proof] = prove(run.config, [run.table], run.ports.ledger)
        return [doubt for doubt in proof.doubts if "lack the default" in doubt]

    assert [doubt.partition('"')[2] for doubt in said()] == ['filled": floodmark reload shop t']
    three.run("t", None, Kind.RELOAD)
    assert said() == []
    assert three.current("t", "id, filled") == [(1, 5), (2, 5), (3, 5), (4, 5)]


def test_a_type_that_holds_other_values_without_a_rewrite_reads_the_table_whole(world: World) -> None:
    world.tables = "{t: }"
    world.sql("CREATE TABLE t (id bigint PRIMARY KEY, v int, updated_at timestamptz NOT NULL)")
    world.sql("INSERT INTO t VALUES (1, -1, '2026-11-01T00:10Z')")
    world.run("t", hour(0))
    world.sql("ALTER TABLE t ALTER v TYPE oid")
    world.run("t", hour(1))
    assert world.current("t", "id, v") == [(1, 4294967295)]


@pytest.mark.parametrize("statement", ["VACUUM FULL t", "CLUSTER t USING t_pkey"])
def test_rows_that_only_moved_are_not_read_again(three: World, statement: str) -> None:
    alone(three, statement)
    one_more(three)
    assert last(three).kind is Kind.SLICE
    assert last(three).leftovers == ()


def test_an_emptied_table_is_told_until_a_reconcile_removes_its_rows(three: World) -> None:
    three.sql("TRUNCATE t")
    one_more(three)
    one_more_hour = three.table_run("t")
    assert "public.t was emptied" in last(three).leftovers[0]
    assert last(three).late == 0
    [proof] = prove(one_more_hour.config, [one_more_hour.table], one_more_hour.ports.ledger)
    assert any("public.t was emptied" in doubt for doubt in proof.doubts)
    three.run("t", hour(4))
    assert last(three).leftovers
    three.run("t", None, Kind.RELOAD)
    assert last(three).leftovers == ()
    assert three.current("t", "id") == [(4,)]


def test_a_partition_that_is_gone_is_told(world: World) -> None:
    world.tables = "{t: }"
    world.sql(
        "CREATE TABLE t (id bigint PRIMARY KEY, v bigint, updated_at timestamptz NOT NULL) PARTITION BY RANGE (id)",
        "CREATE TABLE low PARTITION OF t FOR VALUES FROM (0) TO (10)",
        "CREATE TABLE high PARTITION OF t FOR VALUES FROM (10) TO (20)",
        "INSERT INTO t VALUES (1, 1, '2026-11-01T00:10Z'), (11, 1, '2026-11-01T00:10Z')",
    )
    world.run("t", hour(0))
    world.sql("ALTER TABLE t DETACH PARTITION high")
    world.run("t", hour(1))
    assert [note.split(" is gone")[0] for note in last(world).leftovers] == ["public.high"]
    assert reconcile(world.table_run("t"), "r", heal=False).found.deleted == 1


def test_the_last_partition_that_is_gone_is_told_until_its_rows_are_removed(world: World) -> None:
    world.tables = "{t: }"
    world.sql(
        "CREATE TABLE t (id bigint PRIMARY KEY, v bigint, updated_at timestamptz NOT NULL) PARTITION BY RANGE (id)",
        "CREATE TABLE low PARTITION OF t FOR VALUES FROM (0) TO (10)",
        "INSERT INTO t VALUES (1, 1, '2026-11-01T00:10Z')",
    )
    world.run("t", hour(0))
    world.sql("DROP TABLE low")
    world.run("t", hour(1))
    assert [note.split(" is gone")[0] for note in last(world).leftovers] == ["public.low"]
    world.run("t", None, Kind.RELOAD)
    world.run("t", hour(2))
    assert last(world).leftovers == ()


def test_what_left_an_append_table_is_removed_by_a_reload_as_it_is_said(world: World) -> None:
    world.tables = "{t: {sync: append, cursor: updated_at}}"
    world.sql(
        "CREATE TABLE t (id bigint, updated_at timestamptz NOT NULL)", "INSERT INTO t VALUES (1, '2026-11-01T00:10Z')"
    )
    world.run("t", hour(0))
    world.sql("TRUNCATE t")
    world.run("t", hour(1))
    run = world.table_run("t")
    [told] = prove(run.config, [run.table], run.ports.ledger)
    assert "its rows are in current still; they are removed by: floodmark reload shop t" in told.says
    world.run("t", None, Kind.RELOAD)
    assert (world.current("t", "id"), last(world).leftovers) == ([], ())


@pytest.mark.parametrize(
    ("before", "now", "value"),
    [("bigint", "numeric(20, 4)", "1.2345"), ("numeric(20, 10)", "numeric(24, 14)", "1.12345678901234")],
)
def test_a_wider_decimal_is_widened_in_both_tables_and_its_rows_come_exactly(
    world: World, before: str, now: str, value: str
) -> None:
    world.tables = "{t: }"
    world.sql(
        f"CREATE TABLE t (id bigint PRIMARY KEY, n {before}, updated_at timestamptz NOT NULL)",
        "INSERT INTO t VALUES (1, 1, '2026-11-01T00:10Z')",
    )
    world.run("t", hour(0))
    world.sql(f"ALTER TABLE t ALTER n TYPE {now}", f"UPDATE t SET n = {value}, updated_at = '2026-11-01T01:10Z'")
    world.run("t", hour(1))
    assert world.current("t", "n") == [(Decimal(value),)]


def test_what_one_table_cant_take_changes_neither(three: World) -> None:
    current = f"{three.datasets.current}.t"  # where somebody else made a text of w
    for change in ("DROP COLUMN w", "ADD COLUMN w STRING"):
        three.google.bigquery_client().query(f"ALTER TABLE `{current}` {change}", location="EU").result()
    three.sql("ALTER TABLE t ADD extra text")
    with pytest.raises(SourceChanged, match="floodmark reload --anew"):
        one_more(three, "1, 1")
    for dataset in (three.datasets.current, three.datasets.raw):
        table = three.google.bigquery_client().get_table(f"{dataset}.t")
        assert "extra" not in [field.name for field in table.schema]


def test_another_database_of_the_cluster_is_read_whole(three: World) -> None:
    alone(three, f"CREATE DATABASE {three.database.dbname}_copy TEMPLATE template0")
    three.database = replace(three.database, dbname=f"{three.database.dbname}_copy")
    three.sql(f"CREATE TABLE t {COLUMNS}", "INSERT INTO t VALUES (8, 8, 8, '2026-11-01T00:10Z')")
    three.run("t", hour(3))
    assert any("another database of the cluster" in reason for reason in last(three).reasons)
    assert three.current("t", "id") == [(8,)]
