"""What raw and current look like, and what BigQuery would refuse."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from floodmark.core.bigquery.tables import targets
from floodmark.core.refused import Refused
from floodmark.core.schema import Carried

LEDGER, TARGET = UUID(int=1), UUID(int=2)
COLUMNS = (
    Carried(name="id", landing="INT64", target="INT64", description="the key"),
    Carried(name="score", landing="FLOAT64", target="FLOAT64"),
    Carried(name="made", landing="TIMESTAMP", target="DATETIME", convert="DATETIME({col}, 'UTC')"),
)


def made(**changes: Any) -> Any:
    values: dict[str, Any] = {
        "project": "proj",
        "dataset": "shop",
        "raw_dataset": "shop_raw",
        "table": "orders",
        "columns": COLUMNS,
        "key": ("id",),
        "ledger": LEDGER,
        "target": TARGET,
    }
    return targets(**(values | changes))


def test_raw_keeps_landing_types_and_current_target_types() -> None:
    both = made()
    assert {name: kind for name, kind, _ in both.raw.fields}["made"] == "TIMESTAMP"
    assert {name: kind for name, kind, _ in both.current.fields}["made"] == "DATETIME"
    ours = ["_floodmark_cursor", "_floodmark_read_at"]
    assert [name for name, _, _ in both.raw.fields][-3:] == [*ours, "_floodmark_unheld"]
    assert [name for name, _, _ in both.current.fields][-2:] == ours
    assert both.raw.fields[0] == ("id", "INT64", "the key")


def test_columns_for_what_leaves_and_what_cannot_be_held_come_where_they_are_needed() -> None:
    both = made(leaving=True, unheld=True)
    assert [name for name, _, _ in both.raw.fields][-2:] == ["_floodmark_unheld", "_floodmark_gone"]
    assert [name for name, _, _ in both.current.fields][-1] == "_floodmark_unheld"


def test_raw_is_cut_and_clustered_by_the_read_so_that_a_merge_is_billed_for_one() -> None:
    raw = made(raw_retention=timedelta(days=7)).raw
    assert (raw.partition_by, raw.partition_unit, raw.partition_expiration) == (
        "_floodmark_read_at",
        "day",
        timedelta(days=7),
    )
    assert raw.cluster_by == ("_floodmark_read_at", "id")


def test_current_is_clustered_by_what_of_the_key_can_be() -> None:
    assert made(key=("score", "id")).current.cluster_by == ("id",)
    assert made(cluster_by=("made",)).current.cluster_by == ("made",)


def test_both_bear_the_ledger_and_the_target_as_labels() -> None:
    both = made(labels={"team": "data"})
    expected = {"team": "data", "floodmark_ledger": str(LEDGER), "floodmark_target": str(TARGET)}
    assert both.raw.labels == both.current.labels == expected


def test_only_current_is_flagged() -> None:
    both = made(flag_deleted=True)
    assert both.current.fields[-1][:2] == ("_floodmark_deleted", "BOOL")
    assert "_floodmark_deleted" not in [name for name, _, _ in both.raw.fields]


def test_the_cursor_may_cut_current() -> None:
    assert made(partition_by="_floodmark_cursor", partition_unit="hour").current.partition_by == "_floodmark_cursor"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"partition_by": "id"}, '"id" is INT64'),
        ({"partition_by": "nothing"}, '"nothing" is not carried'),
        ({"partition_by": "made", "partition_unit": "week"}, "can't be cut by week"),
        ({"cluster_by": ("score",)}, '"score" is FLOAT64'),
        ({"cluster_by": ("id", "id", "id", "id", "id")}, "5 columns"),
        ({"columns": (*COLUMNS, Carried(name="Id", landing="INT64", target="INT64"))}, '"id" and "Id"'),
        ({"columns": (*COLUMNS, Carried(name="a.b", landing="INT64", target="INT64"))}, r"allows no \."),
    ],
)
def test_what_bigquery_refuses_is_refused_before(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(Refused, match=message):
        made(**changes)
