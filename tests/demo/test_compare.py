"""The comparison finds every row that is wrong, and says nothing of those that are right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import psycopg2
import pytest

from floodmark.demo.compare import Comparison, canonical, compare
from floodmark.demo.pair import Pair

LOW, MARK = datetime(2026, 11, 1, 10, tzinfo=UTC), datetime(2026, 11, 1, 11, tzinfo=UTC)

SOURCE = """
CREATE TABLE people (
    id int PRIMARY KEY, name text, amount numeric(12, 2), data jsonb, at timestamptz, gone timestamptz
);
INSERT INTO people
SELECT n, CASE n % 3 WHEN 0 THEN NULL WHEN 1 THEN '' ELSE 'Zoë' END, n / 4.0, '{"b": 1,  "a": [1.0]}',
    '2026-11-01 10:00:00.000001+00'::timestamptz + n * interval '1 minute', NULL
FROM generate_series(0, 19) AS n;
"""
CURRENT = """
CREATE TABLE `{current}` AS
SELECT n AS id, CASE MOD(n, 3) WHEN 0 THEN CAST(NULL AS STRING) WHEN 1 THEN '' ELSE 'Zoë' END AS name,
    CAST(CAST(n * 25 AS NUMERIC) / 100 AS NUMERIC) AS amount, '{{"a": [1.0], "b": 1}}' AS data,
    TIMESTAMP_ADD(TIMESTAMP '2026-11-01 10:00:00.000001+00', INTERVAL n MINUTE) AS `at`,
    CAST(NULL AS TIMESTAMP) AS gone,
    TIMESTAMP_ADD(TIMESTAMP '2026-11-01 10:00:00.000001+00', INTERVAL n MINUTE) AS _floodmark_cursor
FROM UNNEST(GENERATE_ARRAY(0, 19)) AS n
"""


@dataclass(frozen=True, kw_only=True)
class Sides:
    """Twenty rows on both sides, alike; each can be changed."""

    dsn: str
    client: Any
    pair: Pair

    def source(self, statement: str) -> None:
        """Run a statement at the source."""
        connection = psycopg2.connect(self.dsn)
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
        connection.close()

    def current(self, statement: str) -> None:
        """Run a statement in BigQuery; ``{current}`` stands for the table."""
        self.client.query(statement.format(current=self.pair.current)).result()

    def compare(self, **changes: Any) -> Comparison:
        """Compare now."""
        return compare(self.dsn, self.client, replace(self.pair, **changes))


@pytest.fixture
def sides(database: Any, google: Any, datasets: Any) -> Iterator[Sides]:
    columns = ("id", "name", "amount", "data", "at", "gone")
    pair = Pair(
        name="people", schema="public", table="people", current=f"{datasets.project}.{datasets.current}.people",
        columns=columns, key=("id",), cursor=("at",), deleted="gone", start=LOW, up_to=MARK,
    )  # fmt: skip
    sides = Sides(dsn=database.dsn, client=google.bigquery_client(), pair=pair)
    sides.source(SOURCE)
    sides.current(CURRENT)
    return sides


def counts(found: Comparison) -> tuple[int, int, int, int]:
    return found.missing, found.extra, found.different, found.doubled


@pytest.mark.parametrize("append", [False, True])
def test_tables_that_hold_the_same_are_equal(sides: Sides, append: bool) -> None:
    found = sides.compare(key=() if append else ("id",))
    assert (found.equal, found.source_rows, found.current_rows) == (True, 20, 20)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("broken", "expected"),
    [
        ("DELETE FROM `{current}` WHERE id = 7", (1, 0, 0, 0)),
        ("UPDATE `{current}` SET amount = amount + CAST('0.01' AS NUMERIC) WHERE id = 7", (0, 0, 1, 0)),
        ("UPDATE `{current}` SET name = '' WHERE id = 6", (0, 0, 1, 0)),
        ("UPDATE `{current}` SET `at` = TIMESTAMP_ADD(`at`, INTERVAL 1 MICROSECOND) WHERE id = 7", (0, 0, 1, 0)),
        ("INSERT INTO `{current}` SELECT * FROM `{current}` WHERE id = 7", (0, 0, 0, 1)),
        ("UPDATE `{current}` SET id = 99 WHERE id = 7", (1, 1, 0, 0)),
    ],
    ids=["deleted", "cent", "null to empty", "microsecond", "doubled", "another key"],
)
def test_one_wrong_row_is_found(sides: Sides, broken: str, expected: tuple[int, int, int, int]) -> None:
    sides.current(broken)
    found = sides.compare()
    assert counts(found) == expected
    assert not found.equal
    assert found.examples


@pytest.mark.parametrize(
    ("broken", "expected"),
    [
        ("DELETE FROM `{current}` WHERE id = 7", (1, 0, 0, 0)),
        ("INSERT INTO `{current}` SELECT * FROM `{current}` WHERE id = 7", (0, 1, 0, 0)),
        ("UPDATE `{current}` SET name = 'x' WHERE id = 7", (1, 1, 0, 0)),
    ],
    ids=["deleted", "doubled", "altered"],
)
def test_append_tables_are_compared_as_multisets(
    sides: Sides, broken: str, expected: tuple[int, int, int, int]
) -> None:
    sides.current(broken)
    assert counts(sides.compare(key=())) == expected


def test_a_row_that_changed_since_the_mark_is_left_out_and_nothing_else(sides: Sides) -> None:
    sides.source("UPDATE people SET name = 'new', at = '2026-11-01 11:00+00' WHERE id = 7")
    sides.source("UPDATE people SET name = 'new', at = '2026-11-01 10:59:59.999999+00' WHERE id = 8")
    found = sides.compare()
    assert (counts(found), found.left_out, found.source_rows) == ((0, 0, 1, 0), 1, 19)


def test_rows_outside_what_is_promised_must_not_be_there(sides: Sides) -> None:
    late = LOW.replace(minute=5)
    assert counts(sides.compare(start=late)) == (0, 5, 0, 0)


def test_a_deleted_row_must_be_gone(sides: Sides) -> None:
    sides.source("UPDATE people SET gone = at WHERE id IN (3, 4)")
    sides.current("DELETE FROM `{current}` WHERE id = 3")
    assert counts(sides.compare()) == (0, 1, 0, 0)


def test_a_table_without_a_cursor_is_compared_whole(sides: Sides) -> None:
    assert sides.compare(cursor=(), up_to=None, start=None).equal
    sides.source("UPDATE people SET at = '2027-01-01+00', name = 'x' WHERE id = 1")
    assert counts(sides.compare(cursor=(), up_to=None, start=None)) == (0, 0, 1, 0)


def test_nothing_sealed_is_nothing_compared(sides: Sides) -> None:
    assert sides.compare(up_to=LOW).source_rows == 0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (None, ""), (1, True), (1, 1.0), (Decimal("1"), 1), (Decimal("1.0000000000000000000000000001"), Decimal(1)),
        (0.0, -0.0), ("1", 1), (b"1", "1"),
        (LOW, LOW.replace(tzinfo=None)), (LOW, LOW.replace(microsecond=1)),
    ],
)  # fmt: skip
def test_nothing_that_differs_becomes_alike(one: Any, other: Any) -> None:
    assert canonical(one) != canonical(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [(Decimal("1.50"), Decimal("1.5")), (float("nan"), float("nan")), (memoryview(b"a"), b"a")],
)
def test_one_value_in_two_forms_is_alike(one: Any, other: Any) -> None:
    assert canonical(one) == canonical(other)


def test_a_row_that_can_not_be_held_is_counted_as_held_out_and_must_not_be_there(sides: Sides) -> None:
    sides.source("ALTER TABLE people ADD since date")
    sides.source("UPDATE people SET since = '-infinity' WHERE id = 7")
    sides.current("ALTER TABLE `{current}` ADD COLUMN since DATE")
    columns = (*sides.pair.columns, "since")
    sides.current("DELETE FROM `{current}` WHERE id = 7")
    found = sides.compare(columns=columns, holds_out=True)
    assert (found.equal, found.balances, found.source_rows, found.current_rows, found.held_out) == (
        True,
        True,
        19,
        19,
        1,
    )
    sides.current("INSERT INTO `{current}` (id, name) VALUES (7, 'still here')")
    stays = sides.compare(columns=columns, holds_out=True)
    assert (stays.equal, stays.balances, stays.extra) == (False, False, 1)
