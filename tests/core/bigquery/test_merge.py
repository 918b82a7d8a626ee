"""The statements, word for word, and what a merge refuses to be. What they do is tested on BigQuery's tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from floodmark.core.bigquery.merge import (
    Merge,
    SoftDelete,
    SoftMode,
    keys_doubled,
    late,
    merges,
    read_keys_doubled,
    rows_after,
)
from floodmark.core.bigquery.partitions import Partitioning
from floodmark.core.schema import Carried
from floodmark.core.time.interval import Interval

GOLDEN = Path(__file__).parents[2] / "sql" / "bigquery"


def at(day: int, hour: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=UTC)


PLAIN = Merge(
    raw="proj.shop_raw.orders",
    current="proj.shop.orders",
    columns=(
        Carried(name="id", landing="INT64", target="INT64"),
        Carried(name="line no", landing="INT64", target="INT64"),
        Carried(name="made", landing="TIMESTAMP", target="DATETIME", convert="DATETIME({col}, 'UTC')"),
        Carried(name="body", landing="STRING", target="JSON", convert="PARSE_JSON({col}, wide_number_mode=>'round')"),
        Carried(name="gone", landing="BOOL", target="BOOL"),
    ),
    read_at=datetime(2026, 11, 1, 11, 0, 5, 7, tzinfo=UTC),
    key=("id", "line no"),
)
CUT = replace(
    PLAIN,
    partitioning=Partitioning(column="made", type="DATETIME", unit="day"),
    partitions=("2026-11-01", "2026-11-02", None, "2026-12-31"),
)
FOLDED = replace(
    PLAIN,
    columns=(*PLAIN.columns, Carried(name="code", landing="STRING", target="STRING", folded=True)),
    key=("id", "code"),
)
HOURS = (Interval(low=at(1, 10), high=at(1, 11)), Interval(low=at(1, 8), high=at(1, 9)))
STATEMENTS = {
    "upsert": merges(PLAIN),
    "upsert_pruned": merges(CUT),
    "upsert_split": merges(CUT, most=2),
    "upsert_soft_removed": merges(replace(PLAIN, soft_delete=SoftDelete(column="made"))),
    "upsert_soft_flagged": merges(replace(PLAIN, soft_delete=SoftDelete(column="gone", mode=SoftMode.FLAG))),
    "replace_whole": merges(replace(CUT, replace=True, soft_delete=SoftDelete(column="gone"))),
    "replace_whole_split": merges(replace(CUT, replace=True), most=2),
    "replace_intervals": merges(replace(CUT, replace=True, scope=HOURS, key=())),
    "replace_intervals_pruned": merges(replace(CUT, replace=True, scope=HOURS, key=(), zone="Europe/Berlin")),
    "late_appended": (late(replace(CUT, replace=True, scope=HOURS, key=(), zone="UTC"), HOURS),),
    "replace_intervals_split": merges(replace(CUT, replace=True, scope=HOURS, key=(), cuts=("2026-12-31",))),
    "late": (late(replace(CUT, soft_delete=SoftDelete(column="gone")), HOURS),),
    "late_flagged": (late(replace(PLAIN, soft_delete=SoftDelete(column="gone", mode=SoftMode.FLAG)), HOURS[:1]),),
    "keys_doubled": (keys_doubled(CUT),),
    "keys_doubled_whole": (keys_doubled(CUT, whole=True),),
    "keys_alike": (keys_doubled(FOLDED, whole=True),),
    "read_keys_doubled": (read_keys_doubled(CUT),),
    "rows_after": (rows_after(replace(PLAIN, soft_delete=SoftDelete(column="made"), deleted=True)),),
    "rows_after_replaced": (rows_after(replace(CUT, replace=True, soft_delete=SoftDelete(column="gone"))),),
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_statement_is_as_it_was(name: str) -> None:
    """On purpose changed? Move ``<name>.actual.sql`` over ``<name>.sql``."""
    expected, actual = GOLDEN / f"{name}.sql", GOLDEN / f"{name}.actual.sql"
    text = "\n;\n".join(STATEMENTS[name]) + "\n"
    if not expected.exists() or expected.read_text(encoding="utf-8") != text:
        actual.write_text(text, encoding="utf-8")
        pytest.fail(f"differs from {expected.name}; see {actual.name}")
    actual.unlink(missing_ok=True)


def test_every_golden_file_has_its_statement() -> None:
    assert {path.stem for path in GOLDEN.glob("*.sql")} == set(STATEMENTS)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"key": ("nr",)}, "not carried: nr"),
        ({"soft_delete": SoftDelete(column="deleted_at")}, "not carried: deleted_at"),
        ({"key": ()}, "without a key"),
        ({"scope": HOURS}, "only what is replaced has a scope"),
        ({"read_at": datetime(2026, 11, 1)}, "no time zone"),  # noqa: DTZ001 - the naive one is the point
    ],
)
def test_parts_that_do_not_fit_are_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(PLAIN, **changes)  # type: ignore[arg-type]


def test_a_name_that_would_end_its_quotes_is_refused() -> None:
    evil = replace(PLAIN, columns=(*PLAIN.columns, Carried(name="a`b", landing="INT64", target="INT64")))
    with pytest.raises(ValueError, match="can't be an identifier"):
        merges(evil)
