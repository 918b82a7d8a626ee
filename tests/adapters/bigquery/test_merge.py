"""What the statements do to BigQuery's tables (R13, R18, R20, R21, R23, R25)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from floodmark.adapters.bigquery.warehouse import BigQueryWarehouse
from floodmark.adapters.stage.gcs import GcsStage
from floodmark.core.bigquery.merge import SoftDelete, SoftMode, keys_doubled, late, read_keys_doubled
from floodmark.core.bigquery.partitions import Partitioning
from floodmark.core.schema import Carried
from floodmark.core.time.interval import Interval
from tests.adapters.target import Target, at

ID = Carried(name="id", landing="INT64", target="INT64")
NAME = Carried(name="name", landing="STRING", target="STRING")
GONE_AT = Carried(name="gone at", landing="TIMESTAMP", target="TIMESTAMP")
TOMBSTONE = Carried(name="gone", landing="BOOL", target="BOOL")
DAY = Carried(name="day", landing="DATE", target="DATE")
BY_DAY = Partitioning(column="day", type="DATE", unit="day")
HOUR = Interval(low=at(9), high=at(10))

Make = Callable[..., Target]


@pytest.fixture
def make(google: Any, bucket: str, datasets: Any) -> Make:
    """Makes a target table out of columns."""

    def made(*columns: Carried, **changes: Any) -> Target:
        return Target(
            warehouse=BigQueryWarehouse(google.bigquery_client(), "EU"),
            stage=GcsStage(google.storage_client(), bucket, "stage"),
            project=datasets.project,
            current_dataset=datasets.current,
            raw_dataset=datasets.raw,
            columns=columns or (ID, NAME),
            **changes,
        )

    return made


@pytest.mark.slow
def test_rows_are_inserted_updated_and_left_alone(make: Make) -> None:
    target = make()
    (first,) = target.table_run(at(10), (1, "a"), (2, "b"), cursor=at(9))
    (second,) = target.table_run(at(11), (2, "B"), (3, "c"), cursor=at(9, 30))
    assert target.current() == [(1, "a"), (2, "B"), (3, "c")]
    assert (first.statistics["inserted"], first.statistics["updated"]) == (2, 0)
    assert (second.statistics["inserted"], second.statistics["updated"]) == (1, 1)
    assert target.current("id", "_floodmark_cursor", "_floodmark_read_at") == [
        (1, at(9), at(10)),
        (2, at(9, 30), at(11)),
        (3, at(9, 30), at(11)),
    ]


@pytest.mark.slow
def test_an_older_read_applied_later_changes_nothing(make: Make) -> None:
    target = make()
    older = target.loaded(at(10), (1, "old"), cursor=at(9))
    target.table_run(at(11), (1, "new"), cursor=at(8))
    target.apply(older)
    assert target.current() == [(1, "new")]


def test_a_read_applied_twice_changes_nothing_the_second_time(make: Make) -> None:
    target = make()
    read = target.loaded(at(10), (1, "a"), cursor=at(9))
    target.apply(read)
    (again,) = target.apply(read)
    assert (again.statistics["inserted"], again.statistics["updated"], again.statistics["deleted"]) == (0, 0, 0)


def test_composite_keys_and_odd_names(make: Make) -> None:
    columns = (
        Carried(name="order no", landing="INT64", target="INT64"),
        Carried(name="größe", landing="STRING", target="STRING"),
        Carried(name="select", landing="STRING", target="STRING"),
    )
    target = make(*columns, key=("order no", "größe"), table="Order-Items")
    target.table_run(at(10), (1, "S", "a"), (1, "M", "b"), cursor=at(9))
    target.table_run(at(11), (1, "M", "B"), (2, "M", "c"), cursor=at(9))
    assert target.current() == [(1, "M", "B"), (1, "S", "a"), (2, "M", "c")]


def test_values_are_converted_on_their_way_to_current(make: Make) -> None:
    local = Carried(name="local", landing="TIMESTAMP", target="DATETIME", convert="DATETIME({col}, 'UTC')")
    target = make(ID, local)
    target.table_run(at(10), (1, at(9, 15)), (2, None), cursor=at(9))
    assert target.current() == [(1, datetime(2026, 11, 1, 9, 15)), (2, None)]  # noqa: DTZ001 - a DATETIME has no zone


@pytest.mark.slow
@pytest.mark.parametrize(
    ("column", "deleted", "back"), [(GONE_AT, at(9, 5), None), (TOMBSTONE, True, False), (TOMBSTONE, True, None)]
)
def test_a_soft_deleted_row_is_removed_and_one_that_comes_back_is_back(
    make: Make, column: Carried, deleted: Any, back: Any
) -> None:
    target = make(ID, column, soft_delete=SoftDelete(column=column.name))
    target.table_run(at(10), (1, back), (2, back), (3, deleted), cursor=at(9))
    assert target.current("id") == [(1,), (2,)]
    target.table_run(at(11), (1, deleted), cursor=at(9))
    assert target.current("id") == [(2,)]
    target.table_run(at(12), (1, back), cursor=at(9))
    assert target.current("id") == [(1,), (2,)]


def test_a_soft_deleted_row_can_be_flagged_instead(make: Make) -> None:
    target = make(ID, GONE_AT, soft_delete=SoftDelete(column=GONE_AT.name, mode=SoftMode.FLAG))
    target.table_run(at(10), (1, None), (2, at(9)), cursor=at(9))
    assert target.current("id", "_floodmark_deleted") == [(1, False), (2, True)]
    target.table_run(at(11), (1, at(9)), (2, None), cursor=at(9))
    assert target.current("id", "_floodmark_deleted") == [(1, True), (2, False)]


@pytest.mark.slow
def test_only_the_named_partitions_are_looked_into(make: Make) -> None:
    target = make(ID, DAY, NAME, partitioning=BY_DAY)
    first, second = date(2026, 11, 1), date(2026, 11, 2)
    target.table_run(
        at(10), (1, first, "a"), (2, second, "b"), (3, None, "c"), cursor=at(9), partitions=_days(1, 2, None)
    )
    target.table_run(at(11), (1, first, "A"), (3, None, "C"), cursor=at(9), partitions=_days(1, None))
    assert target.current() == [(1, first, "A"), (2, second, "b"), (3, None, "C")]
    # A partition that isn't named isn't seen: the row is doubled, and the check of the keys over it says so.
    target.table_run(at(12), (2, second, "B"), cursor=at(9), partitions=_days(1))
    assert len(target.current()) == 4
    touched = target.merge(at(12), partitions=_days(1))
    assert target.warehouse.query(keys_doubled(touched)) == [{"doubled": 0}]
    assert target.warehouse.query(keys_doubled(replace(touched, partitions=_days(2)))) == [{"doubled": 1}]
    assert target.warehouse.query(keys_doubled(touched, whole=True)) == [{"doubled": 1}]


def test_keys_doubled_within_a_read_are_counted(make: Make) -> None:
    target = make()
    target.loaded(at(10), (1, "a"), (1, "b"), (2, "c"), cursor=at(9))
    target.loaded(at(11), (2, "d"), cursor=at(9))
    assert target.warehouse.query(read_keys_doubled(target.merge(at(10)))) == [{"doubled": 1}]
    assert target.warehouse.query(read_keys_doubled(target.merge(at(11)))) == [{"doubled": 0}]


@pytest.mark.slow
def test_a_read_of_too_many_partitions_is_applied_in_parts(make: Make) -> None:
    target = make(ID, DAY, NAME, partitioning=BY_DAY)
    days = [date(2026, 11, day) for day in (1, 3, 5, 7, 9)]
    touched = _days(1, 3, 5, 7, 9, None)
    rows = [(number, day, "a") for number, day in enumerate(days)]
    read = target.loaded(at(10), *rows, (9, None, "a"), cursor=at(9))
    results = target.apply(read, partitions=touched, most=2)
    assert [result.statistics["inserted"] for result in results] == [3, 2, 1]
    results = target.apply(read, partitions=touched, most=2)
    assert [result.statistics["inserted"] for result in results] == [0, 0, 0]
    assert len(target.current()) == 6


def test_a_whole_table_is_replaced_at_once(make: Make) -> None:
    target = make()
    target.table_run(at(10), (1, "a"), (2, "b"), cursor=at(9), replace=True)
    (result,) = target.table_run(at(11), (2, "B"), (3, "c"), cursor=at(9), replace=True)
    assert target.current() == [(2, "B"), (3, "c")]
    assert (result.statistics["inserted"], result.statistics["deleted"]) == (2, 2)


@pytest.mark.slow
def test_a_whole_table_is_replaced_in_parts_and_loses_what_the_read_does_not_hold(make: Make) -> None:
    target = make(ID, DAY, NAME, partitioning=BY_DAY)
    old = [(1, date(1999, 1, 1), "a"), (2, date(2026, 11, 4), "b"), (3, None, "c"), (4, date(2030, 1, 1), "d")]
    target.table_run(at(10), *old, cursor=at(9), replace=True)
    new = [(5, date(2026, 11, 1), "e"), (6, date(2026, 11, 3), "f"), (7, date(2026, 11, 5), "g")]
    results = target.table_run(at(11), *new, cursor=at(9), replace=True, partitions=_days(1, 3, 5), most=1)
    assert len(results) == 3
    assert [row[0] for row in target.current()] == [5, 6, 7]


def test_an_empty_read_empties_what_it_replaces(make: Make) -> None:
    target = make()
    target.table_run(at(10), (1, "a"), cursor=at(9), replace=True)
    target.table_run(at(11), replace=True)
    assert target.current() == []


def test_replacing_by_an_older_read_or_again_changes_nothing(make: Make) -> None:
    target = make()
    older = target.loaded(at(10), (1, "old"), cursor=at(9))
    newer = target.loaded(at(11), (2, "new"), cursor=at(9))
    target.apply(newer, replace=True)
    target.apply(older, replace=True)
    target.apply(newer, replace=True)
    assert target.current() == [(2, "new")]


def test_an_append_tables_read_replaces_its_intervals_and_no_others(make: Make) -> None:
    target = make(ID, NAME, key=())
    later = Interval(low=at(11), high=at(12))
    target.table_run(at(13), (1, "a", at(8, 59)), (2, "b", at(9)), (3, "c", at(10)), (4, "d", at(11, 30)), replace=True)
    target.table_run(at(14), (2, "B", at(9)), (5, "e", at(9, 59)), replace=True, scope=(HOUR, later))
    assert target.current() == [(1, "a"), (2, "B"), (3, "c"), (5, "e")]


@pytest.mark.slow
def test_an_append_tables_older_read_goes_only_where_no_newer_one_was(make: Make) -> None:
    target = make(ID, NAME, key=())
    later = Interval(low=at(11), high=at(12))
    older = target.loaded(at(13), (1, "old", at(9)), (2, "old", at(11)))
    target.table_run(at(14), (1, "new", at(9, 1)), replace=True, scope=(HOUR,))
    target.apply(older, replace=True, scope=(HOUR, later))
    target.apply(older, replace=True, scope=(HOUR, later))
    assert target.current() == [(1, "new"), (2, "old")]


def test_a_soft_deleted_row_is_not_there_after_a_reload(make: Make) -> None:
    target = make(ID, TOMBSTONE, soft_delete=SoftDelete(column="gone"))
    target.table_run(at(10), (1, False), (2, True), cursor=at(9), replace=True)
    assert target.current("id") == [(1,)]


def test_rows_that_are_new_or_differ_in_a_sealed_slice_are_late(make: Make) -> None:
    score = Carried(name="score", landing="FLOAT64", target="FLOAT64")
    target = make(ID, NAME, score)
    nan = float("nan")
    target.table_run(at(10), (1, "same", nan), (2, "differs", 1.0), (3, None, None), cursor=at(9, 1))
    target.loaded(
        at(11),
        (1, "same", nan, at(9, 1)),
        (2, "differs", 2.0, at(9, 1)),
        (3, "", None, at(9, 1)),
        (4, "new", None, at(9, 59)),
        (5, "elsewhere", None, at(10)),
    )
    assert target.warehouse.query(late(target.merge(at(11)), (HOUR,))) == [{"late": 3}]


def test_a_row_that_was_removed_before_is_not_late_and_one_that_goes_now_is(make: Make) -> None:
    target = make(ID, TOMBSTONE, soft_delete=SoftDelete(column="gone"))
    target.table_run(at(10), (1, True), (2, False), cursor=at(9))
    target.loaded(at(11), (1, True), (2, True), cursor=at(9))
    assert target.warehouse.query(late(target.merge(at(11)), (HOUR,))) == [{"late": 1}]


def test_nothing_is_late_that_a_newer_read_has_applied(make: Make) -> None:
    target = make()
    target.loaded(at(10), (1, "old"), cursor=at(9))
    target.table_run(at(11), (1, "new"), cursor=at(9))
    assert target.warehouse.query(late(target.merge(at(10)), (HOUR,))) == [{"late": 0}]


def _days(*days: int | None) -> tuple[str | None, ...]:
    return tuple(None if day is None else f"2026-11-{day:02}" for day in days)
