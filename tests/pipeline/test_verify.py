"""``verify``: a checksum of every column at both ends; what differs is found, named, and kept out of current (R28)."""

from __future__ import annotations

import pytest

from floodmark.core.ledger.portion import Kind
from floodmark.core.ledger.read import State
from floodmark.errors import ChecksumMismatch
from floodmark.pipeline.extract import extract
from floodmark.pipeline.load import load
from floodmark.pipeline.repairs.void import give_up
from floodmark.pipeline.table_run import Request
from tests.fakes.watched import watching
from tests.pipeline.conftest import World, hour

pytestmark = pytest.mark.slow

FAMILIES = {
    "a_small": ("smallint", "-7"),
    "a_big": ("bigint", "9223372036854775807"),
    "a_oid": ("oid", "4294967295"),
    "a_real": ("real", "1.1"),
    "a_double": ("float8", "0.30000000000000004"),
    "a_least": ("float8", "5e-324"),
    "a_zero": ("float8", "'-0'"),
    "a_nan": ("float8", "'NaN'"),
    "a_infinity": ("float8", "'-Infinity'"),
    "a_price": ("numeric(12,2)", "-100.10"),
    "a_units": ("numeric(38,9)", "99999999999999999999999999999.999999999"),
    "a_tiny": ("numeric(25,15)", "0.000000000000001"),
    "a_whole": ("numeric(20,0)", "100"),
    "a_wide": ("numeric(40,10)", "1.5"),
    "a_bare": ("numeric", "1.500"),
    "a_sum": ("money", "-12.34"),
    "a_bool": ("bool", "false"),
    "a_text": ("text", "E'\u00e9 \u001f = \U0001f600\\n'"),
    "a_empty": ("text", "''"),
    "a_null": ("text", "NULL"),
    "a_char": ("char(5)", "'x'"),
    "a_bytes": ("bytea", "'\\x00ff'"),
    "a_uuid": ("uuid", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'"),
    "a_json": ("jsonb", """'{"a": [1, 2.50]}'"""),
    "a_list": ("int[]", "'{1,NULL}'"),
    "a_day": ("date", "'0001-01-01'"),
    "a_time": ("time", "'23:59:59.999999'"),
    "a_local": ("timestamp", "'1969-12-31 23:59:59.999999'"),
    "a_moment": ("timestamptz", "'9999-12-31 23:59:59.999999+00'"),
    "a_span": ("interval", "'1 year 2 days'"),
}


def everything(world: World, level: str, rows: int = 3) -> None:
    """A table of every family of types, some rows of them NULL throughout."""
    columns = ", ".join(f"{name} {kind}" for name, (kind, _) in FAMILIES.items())
    values = ", ".join(value for _, value in FAMILIES.values())
    world.tables = f"{{things: {{verify: {level}, cursor: updated_at}}}}"
    world.sql(
        f"CREATE TABLE things (id int PRIMARY KEY, updated_at timestamptz NOT NULL, {columns})",
        f"INSERT INTO things SELECT n, '2026-11-01T00:10Z', {values} FROM generate_series(1, {rows}) n",
        "INSERT INTO things (id, updated_at) VALUES (0, '2026-11-01T00:20Z')",
    )


def orders(world: World, options: str = "verify: full") -> None:
    """Two orders in the first hour."""
    world.tables = f"{{orders: {{{options}}}}}"
    world.sql(
        "INSERT INTO orders VALUES (1, '', 1.10, '2026-11-01T00:10Z'), (2, NULL, 2, '2026-11-01T00:10Z')",
    )


def alter(world: World, table: str, change: str) -> None:
    """Change raw or current by hand."""
    world.google.bigquery_client().query(f"UPDATE `{table}` SET {change}").result()


@pytest.mark.parametrize("level", ["full", "sample"])
def test_every_family_of_types_comes_to_the_same_at_both_ends(world: World, level: str) -> None:
    everything(world, level, rows=3 if level == "full" else 200)
    world.run("things", hour(0))
    head = world.head("things")
    assert head.last is not None
    assert head.last.manifest is not None
    checksum = head.last.manifest.checksum
    assert checksum is not None
    assert (head.last.verified, head.error) == (level, "")
    assert len(checksum.columns) == len(FAMILIES) + 4
    assert checksum.rows == 4 if level == "full" else 0 < checksum.rows < 20


@pytest.mark.parametrize(
    ("change", "columns"),
    [
        ("note = NULL WHERE id = 1", ("note",)),
        ("note = '' WHERE id = 2", ("note",)),
        ("amount = 1.11 WHERE id = 1", ("amount",)),
        ("amount = IF(id = 1, 2, NUMERIC '1.1') WHERE TRUE", ("amount",)),
        ("id = 3, updated_at = updated_at + INTERVAL 1 SECOND WHERE id = 2", None),
    ],
)
def test_a_value_altered_in_raw_is_named_and_never_reaches_current(
    world: World, change: str, columns: tuple[str, ...] | None
) -> None:
    """NULL is not '', and a value in another row's place is another value."""
    orders(world)
    read_at = extract(world.table_run("orders"), Request(kind=Kind.SLICE, run_id="first", interval=hour(0))).read_at
    altered = watching(
        world.table_run("orders"),
        "warehouse",
        after=lambda call, found: (
            alter(world, f"{world.datasets.raw}.orders", change)
            if call == "wait" and "output_rows" in found.statistics
            else None
        ),
    )
    with pytest.raises(ChecksumMismatch) as raised:
        load(altered, read_at)
    assert columns is None or raised.value.columns == columns
    assert world.current("orders") == []
    head = world.head("orders")
    assert "ChecksumMismatch" in head.error
    with pytest.raises(ChecksumMismatch):
        load(world.table_run("orders"), read_at)
    assert give_up(world.table_run("orders"), "raw was altered").state is State.LOADED
    world.run("orders", hour(0), run_id="again")
    assert world.current("orders", "id, note") == [(1, ""), (2, None)]
    assert world.head("orders").error == ""


def test_a_value_altered_in_current_is_named_and_only_a_reload_clears_it(world: World) -> None:
    orders(world)
    altered = watching(
        world.table_run("orders"),
        "warehouse",
        after=lambda call, found: (
            alter(world, f"{world.datasets.current}.orders", "note = 'x' WHERE id = 2")
            if call == "wait" and "inserted" in found.statistics
            else None
        ),
    )
    read_at = extract(world.table_run("orders"), Request(kind=Kind.SLICE, run_id="first", interval=hour(0))).read_at
    with pytest.raises(ChecksumMismatch) as raised:
        load(altered, read_at)
    assert raised.value.columns == ("note",)
    world.sql("INSERT INTO orders VALUES (3, 'c', 1, '2026-11-01T01:10Z')")
    world.run("orders", hour(1))
    head = world.head("orders")
    assert head.last is not None
    assert "ChecksumMismatch" in head.error
    assert head.last.verified == "full"
    world.run("orders", None, Kind.RELOAD)
    assert world.head("orders").error == ""
    assert world.current("orders", "id, note") == [(1, ""), (2, None), (3, "c")]


@pytest.mark.parametrize(
    "options",
    [
        "verify: full, deletes: {soft: gone_at}",
        "verify: full, deletes: {soft: gone_at, mode: flag}",
        "verify: full, partition_by: made",
    ],
)
def test_what_the_merge_removes_converts_or_cuts_is_no_mismatch(world: World, options: str) -> None:
    world.sql("ALTER TABLE orders ADD made timestamp DEFAULT '2026-11-01', ADD gone_at timestamp")
    orders(world, options)
    world.sql("INSERT INTO orders VALUES (3, 'x', 3, '2026-11-01T00:30Z', '2025-01-01', now())")
    world.run("orders", hour(0))
    assert world.head("orders").error == ""
    world.sql("UPDATE orders SET updated_at = '2026-11-01T01:10Z', gone_at = now() WHERE id = 1")
    world.run("orders", hour(1))
    last = world.head("orders").last
    assert last is not None
    assert last.verified == "full"


def test_rows_without_a_key_are_told_by_their_values(world: World) -> None:
    world.tables = "{events: {sync: append, cursor: at, verify: full}}"
    world.sql(
        "CREATE TABLE events (kind text, size int, at timestamptz NOT NULL)",
        "INSERT INTO events VALUES ('a', 1, '2026-11-01T00:10Z'), ('a', 1, '2026-11-01T00:10Z'),"
        " ('b', 2, '2026-11-01T00:10Z')",
    )
    world.run("events", hour(0))
    world.run("events", hour(0), run_id="again")
    assert world.head("events").error == ""


def test_whole_rows_differ_where_two_values_changed_places(world: World) -> None:
    world.tables = "{events: {sync: append, cursor: at, verify: full}}"
    world.sql(
        "CREATE TABLE events (kind text, size int, at timestamptz NOT NULL)",
        "INSERT INTO events VALUES ('a', 1, '2026-11-01T00:10Z'), ('b', 2, '2026-11-01T00:10Z')",
    )
    read_at = extract(world.table_run("events"), Request(kind=Kind.SLICE, run_id="first", interval=hour(0))).read_at
    altered = watching(
        world.table_run("events"),
        "warehouse",
        after=lambda call, found: (
            alter(world, f"{world.datasets.raw}.events", "size = IF(size = 1, 2, 1) WHERE TRUE")
            if call == "wait" and "output_rows" in found.statistics
            else None
        ),
    )
    with pytest.raises(ChecksumMismatch):
        load(altered, read_at)
