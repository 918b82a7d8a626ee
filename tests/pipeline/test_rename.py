"""A column whose name BigQuery refuses travels under another one (R27, R29), whatever it is needed for."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from floodmark.core.balance import Depth
from floodmark.core.ledger.portion import Kind
from floodmark.errors import ConfigurationError, SettingChanged
from floodmark.pipeline.balance import balance
from floodmark.pipeline.extract import extract
from floodmark.pipeline.load import load
from floodmark.pipeline.table_run import Request
from tests.pipeline.conftest import World, hour
from tests.pipeline.reconciling import counts, healed

pytestmark = pytest.mark.slow

TABLE = """
CREATE TABLE readings (
    "nr." bigint PRIMARY KEY, "temp_°C" double precision, "tag/1" text NOT NULL, "tag/2" date NOT NULL,
    "gone?" timestamptz, "price€" numeric(4, 1), "moved!" timestamptz NOT NULL, t text, live boolean)
"""
ROWS = """
INSERT INTO readings
SELECT g, g / 2.0, 'x' || g % 2, '2026-10-01'::date + g::int, NULL, g, '2026-11-01T00:10Z', 't', true
FROM generate_series(1, 6) g
"""
RENAME = (
    '{"nr.": nr, "temp_°C": temp_c, "tag/1": tag_1, "tag/2": tag_2, "gone?": gone, "price€": price, "moved!": moved}'
)
ALL = (
    '{readings: {rename: %s, cursor: "moved!", partition_by: "tag/2", cluster_by: "tag/1", verify: full, where: live, '
    'deletes: {soft: "gone?"}}}'
)


@pytest.fixture
def readings(world: World) -> World:
    world.sql(TABLE, 'CREATE INDEX ON readings ("moved!")', ROWS)
    world.tables = ALL % RENAME
    return world


def seen(world: World) -> list[tuple[object, ...]]:
    return world.current("readings", "nr, temp_c, tag_1, tag_2, price, t, moved")


def row(number: int, temp: float, at: str = "00:10") -> tuple[object, ...]:
    moved = datetime.fromisoformat(f"2026-11-01T{at}").replace(tzinfo=UTC)
    return (number, temp, f"x{number % 2}", date(2026, 10, 1 + number), number, "t", moved)


def test_key_cursor_partition_cluster_soft_delete_and_where_work_with_names_of_ones_own(readings: World) -> None:
    readings.run("readings", hour(0))
    assert seen(readings) == [row(number, number / 2) for number in range(1, 7)]
    readings.sql(
        'UPDATE readings SET "temp_°C" = 30, "moved!" = \'2026-11-01T01:10Z\' WHERE "nr." = 1',
        'UPDATE readings SET "gone?" = now(), "moved!" = \'2026-11-01T01:10Z\' WHERE "nr." = 2',
        'UPDATE readings SET live = false, "moved!" = \'2026-11-01T01:10Z\' WHERE "nr." = 3',
    )
    outcome = readings.run("readings", hour(1))
    assert outcome.rows == 3
    assert seen(readings) == [row(1, 30, "01:10"), row(4, 2), row(5, 2.5), row(6, 3)]
    last = readings.head("readings").last
    assert last is not None
    assert (last.key, last.verified) == (("nr",), "full")
    table = readings.google.bigquery_client().get_table(f"{readings.datasets.current}.readings")
    assert table.time_partitioning.field == "tag_2"
    assert table.clustering_fields == ["tag_1"]


@pytest.mark.slow
def test_what_differs_is_found_and_healed_and_both_ends_balance(readings: World) -> None:
    readings.run("readings", hour(0))
    readings.run("readings", hour(1))
    readings.sql('DELETE FROM readings WHERE "nr." = 6', 'UPDATE readings SET "price€" = 9.5 WHERE "nr." = 5')
    assert counts(healed(readings, "readings")) == (0, 1, 1, 0)
    assert [(nr, price) for nr, _, _, _, price, *_ in seen(readings)] == [(1, 1), (2, 2), (3, 3), (4, 4), (5, 9.5)]
    found = balance(readings.table_run("readings"), Depth.ROWS, everything=True).balance
    assert (found.missing, found.surplus, found.differing) == (0, 0, 0)
    assert found.keys is not None
    assert found.rows


def test_a_value_that_cannot_be_held_stands_beside_its_row_by_the_new_name(world: World) -> None:
    world.sql(
        TABLE.replace('"temp_°C" double precision', '"temp_°C" date'),
        "INSERT INTO readings VALUES (1, 'infinity', 'x', '2026-10-01', NULL, 'NaN', '2026-11-01T00:10Z', 't', true)",
    )
    world.tables = f'{{readings: {{rename: {RENAME}, cursor: "moved!"}}}}'
    world.run("readings", hour(0))
    [(temp, price, unheld)] = world.current("readings", "temp_c, price, _floodmark_unheld")
    assert (temp, price) == (None, None)
    assert '"price": "NaN"' in unheld
    assert '"temp_c": "infinity"' in unheld
    world.run("readings", hour(1))
    assert counts(healed(world, "readings")) == (0, 0, 0, 0)


def test_a_name_that_bigquery_refuses_stages_nothing_and_offers_another(world: World) -> None:
    world.sql(TABLE, ROWS)
    world.tables = '{readings: {cursor: "moved!"}}'
    with pytest.raises(ConfigurationError) as caught:
        world.run("readings", hour(0))
    assert 'rename: {"temp_°C": temp_c}' in str(caught.value)
    assert len(caught.value.problems) == 7
    head = world.head("readings")
    assert (head.open, head.last) == (None, None)
    assert list(world.google.storage_client().bucket(world.bucket).list_blobs()) == []


def test_another_name_for_a_column_that_stands_is_refused_and_reload_anew_makes_it(world: World) -> None:
    world.sql("INSERT INTO orders VALUES (1, 'a', 1, '2026-11-01T00:10Z')")
    world.run("orders", hour(0))
    world.tables = "{orders: {rename: {id: nr}}}"
    with pytest.raises(SettingChanged, match=r'rename: "id" was called "id", and is to be "nr".*reload --anew'):
        world.run("orders", hour(1))
    with pytest.raises(SettingChanged):
        world.run("orders", None, Kind.RELOAD)
    staged = extract(world.table_run("orders"), Request(kind=Kind.RELOAD, run_id="anew", anew=True))
    load(world.table_run("orders"), staged.read_at)
    assert world.current("orders", "nr, note") == [(1, "a")]


def test_a_column_that_came_later_with_a_bad_name_is_named_and_travels_on(world: World) -> None:
    world.sql("INSERT INTO orders VALUES (1, 'a', 1, '2026-11-01T00:10Z')")
    world.run("orders", hour(0))
    world.sql(
        'ALTER TABLE orders ADD "temp_°C" text', "INSERT INTO orders VALUES (2, 'b', 1, '2026-11-01T01:10Z', 'warm')"
    )
    with pytest.raises(ConfigurationError, match=r'rename: \{"temp_°C": temp_c\}'):
        world.run("orders", hour(1))
    world.tables = '{orders: {rename: {"temp_°C": temp_c}}}'
    world.run("orders", hour(1))
    assert world.current("orders", "id, temp_c") == [(1, None), (2, "warm")]
    world.tables = '{orders: {columns: {exclude: ["temp_°C"]}, rename: {"temp_°C": temp_c}}}'
    world.sql("INSERT INTO orders (id, updated_at) VALUES (3, '2026-11-01T02:10Z')")
    world.run("orders", hour(2))
    fields = [one.name for one in world.google.bigquery_client().get_table(f"{world.datasets.current}.orders").schema]
    assert "temp_c" not in fields
