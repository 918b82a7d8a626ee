"""Summary tables, end to end: built aside, checked, put in place in one statement."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from floodmark.core.ledger.portion import Kind
from floodmark.core.time.interval import Interval
from floodmark.errors import ConfigurationError, SummaryRefused, TargetMismatch, TargetTouched
from floodmark.pipeline.summaries.touched import check
from tests.pipeline.conftest import World
from tests.pipeline.summaries import DAILY, built, orders, summary_run, write

FIRST = [(date(2026, 11, 1), 2, Decimal(3)), (date(2026, 11, 2), 1, Decimal(5))]


@pytest.fixture
def shop(world: World) -> World:
    """Three orders of two days, in BigQuery, and a summary of each day."""
    orders(world, (1, "1", "2026-11-01T10:00Z"), (2, "2", "2026-11-01T11:00Z"), (3, "5", "2026-11-02T10:00Z"))
    write(world, "daily", DAILY)
    return world


def asides(world: World) -> list[str]:
    client = world.google.bigquery_client()
    found = client.list_tables(f"{world.datasets.project}.{world.datasets.raw}")
    return [one.table_id for one in found if one.table_id.startswith("_floodmark_")]


@pytest.mark.slow
def test_a_summary_is_built_again_when_a_table_that_it_reads_has_changed_and_only_then(shop: World) -> None:
    first = built(shop)
    assert (first.state, first.rows) == ("built", 2)
    assert shop.current("daily") == FIRST
    there = shop.google.bigquery_client().get_table(first.target)
    assert (there.time_partitioning.field, there.clustering_fields) == ("day", None)
    assert there.description == "Orders of each day."
    assert built(shop).state == "unchanged"

    orders(shop, (3, "7", "2026-11-02T12:00Z"))
    assert (built(shop).state, asides(shop)) == ("built", [])
    assert shop.current("daily") == [FIRST[0], (date(2026, 11, 2), 1, Decimal(7))]
    head = summary_run(shop, "daily").ports.ledger.head(first.target)
    [one] = head.last.portion.inputs
    read = shop.head("orders")
    assert (one.read_at, one.sealed_up_to) == (read.last.read_at, datetime(2026, 11, 6, tzinfo=UTC))


def test_a_summary_that_somebody_dropped_is_made_again_though_nothing_else_changed(shop: World) -> None:
    target = built(shop).target
    shop.google.bigquery_client().delete_table(target)
    with pytest.raises(TargetTouched, match="somebody dropped it"):
        check(summary_run(shop, "daily"))
    assert built(shop).state == "built"
    assert shop.current("daily") == FIRST


@pytest.mark.slow
def test_what_heals_a_table_or_reads_it_whole_runs_its_summaries_again(shop: World) -> None:
    built(shop)
    shop.sql("ALTER TABLE orders DISABLE TRIGGER ALL", "UPDATE orders SET amount = 9 WHERE id = 1")
    assert built(shop).state == "unchanged"
    shop.run("orders", None, Kind.RELOAD)
    assert built(shop).state == "built"
    assert shop.current("daily")[0][2] == Decimal(11)


@pytest.mark.slow
def test_whatever_a_file_says_that_it_must_be_is_checked_before_anybody_sees_it(shop: World) -> None:
    built(shop)
    doubled = DAILY.replace("keys: day", "keys: day\nrequire_rows: true").replace("require_rows: true\n", "", 1)
    doubled = doubled.replace("SELECT DATE", "SELECT -1.5 AS cost, NULL AS gap, DATE").replace(
        "GROUP BY day", "GROUP BY day, id"
    )
    doubled = doubled.replace("keys: day", "keys: [day, gap]").replace("amount < 0", "cost < 0")
    write(shop, "daily", doubled)
    with pytest.raises(SummaryRefused) as refused:
        built(shop, asked=True)
    said = str(refused.value)
    assert "summaries/daily.sql: keys: 3 rows have a NULL in day, gap" in said
    assert "summaries/daily.sql: keys: 1 keys (day, gap) stand more than once" in said
    assert "summaries/daily.sql:8: assert.no_day_is_negative: gives 3 rows, and may give none" in said
    assert "floodmark summarize shop daily" in said
    assert shop.current("daily") == FIRST
    head = summary_run(shop, "daily").ports.ledger.head(summary_run(shop, "daily").target)
    assert head.error.startswith("SummaryRefused")
    assert len(asides(shop)) == 1  # for whoever wants to see the rows

    write(shop, "daily", DAILY.replace("updated_at < @end", "updated_at < @start AND @start < @end"))
    with pytest.raises(SummaryRefused, match="require_rows: true, and its query gives no rows"):
        built(shop)
    assert (shop.current("daily"), len(asides(shop))) == (FIRST, 1)
    write(shop, "daily", DAILY)
    assert built(shop).state == "built"  # a failure is nobody's to unblock: the next build is another
    assert asides(shop) == []


@pytest.mark.slow
def test_a_query_that_fails_leaves_the_table_and_is_told_with_its_file_and_line(shop: World) -> None:
    built(shop)
    write(shop, "daily", DAILY.replace("SUM(amount)", "SUM(amonut)"))
    with pytest.raises(SummaryRefused, match=r"summaries/daily.sql: .*amonut.*\[10:"):
        built(shop)
    write(shop, "daily", DAILY.replace("SUM(amount)", "SUM(amount / (id - 1))"))  # BigQuery sees it while it runs
    with pytest.raises(Exception, match="floodmark summarize shop daily"):
        built(shop)
    assert shop.current("daily") == FIRST


@pytest.mark.slow
def test_a_window_is_built_alone_and_nothing_else_is_touched(shop: World) -> None:
    built(shop)
    write(shop, "daily", DAILY.replace("COUNT(*) AS n", "COUNT(*) + 98 AS n"))
    second = Interval(low=datetime(2026, 11, 2, tzinfo=UTC), high=datetime(2026, 11, 3, tzinfo=UTC))
    outcome = built(shop, window=second, asked=True)
    assert (outcome.state, outcome.window) == ("built", str(second))
    assert shop.current("daily", "day, n") == [(date(2026, 11, 1), 2), (date(2026, 11, 2), 99)]
    with pytest.raises(ConfigurationError, match=r"@end 2026-11-02T12:00:00Z is no boundary .* 2026-11-03"):
        built(shop, window=Interval(low=second.low, high=datetime(2026, 11, 2, 12, tzinfo=UTC)), asked=True)

    write(
        shop,
        "daily",
        DAILY.replace("updated_at < @end", "updated_at < TIMESTAMP_ADD(@end, INTERVAL 1 DAY)").replace(
            "updated_at >= @start", "updated_at >= TIMESTAMP_SUB(@start, INTERVAL 1 DAY)"
        ),
    )
    with pytest.raises(SummaryRefused, match=r"1 rows lie outside of .* by day"):
        built(shop, window=second, asked=True)


@pytest.mark.slow
def test_what_somebody_else_did_to_it_is_told_and_no_window_leaves_it_there(shop: World) -> None:
    write(shop, "daily", DAILY.replace("keys: day", "keys: day\nwindow: 1d"))
    target = built(shop).target
    assert check(summary_run(shop, "daily"))
    shop.google.bigquery_client().query(f"UPDATE `{target}` SET n = 99 WHERE day = '2026-11-01'").result()
    with pytest.raises(TargetTouched, match=r"daily: somebody else changed it: .*: floodmark summarize shop daily$"):
        check(summary_run(shop, "daily"))
    error = (run := summary_run(shop, "daily")).ports.ledger.head(run.target).error
    assert error.startswith("TargetTouched: ")
    second = Interval(low=datetime(2026, 11, 2, tzinfo=UTC), high=datetime(2026, 11, 3, tzinfo=UTC))
    with pytest.raises(SummaryRefused, match=r"somebody else changed it.* a window alone would leave that"):
        built(shop, window=second, asked=True)
    outcome = built(shop)  # nothing that it reads has changed
    assert (outcome.state, outcome.window, outcome.why[:21]) == ("built", "", "somebody else changed")
    assert shop.current("daily") == FIRST
    assert check(summary_run(shop, "daily"))

    shop.google.bigquery_client().query(f"DELETE FROM `{target}` WHERE day = '2026-11-01'").result()
    orders(shop, (3, "7", "2026-11-02T12:00Z"))
    assert built(shop).window == "", "whoever comes first sees it, the daily look or a run"
    assert shop.current("daily") == [FIRST[0], (date(2026, 11, 2), 1, Decimal(7))]


@pytest.mark.slow
def test_by_schedule_it_is_built_from_where_something_changed_on_and_whole_after_a_reload(shop: World) -> None:
    write(shop, "daily", DAILY.replace("keys: day", "keys: day\nwindow: 1d"))
    assert built(shop).window == ""
    orders(shop, (3, "7", "2026-11-02T12:00Z"))
    assert built(shop).state == "built"
    run = summary_run(shop, "daily")
    window = run.ports.ledger.head(run.target).last.portion.window
    assert (window.low, window.high.year) == (datetime(2026, 10, 31, tzinfo=UTC), 9999)  # a day before the slices' low
    assert shop.current("daily")[1][2] == Decimal(7)
    shop.run("orders", None, Kind.RELOAD)
    assert built(shop).window == ""


@pytest.mark.slow
def test_one_summary_reads_another(shop: World) -> None:
    write(shop, "total", "SELECT SUM(n) AS n FROM daily")
    with_daily = summary_run(shop, "total")
    assert with_daily.inputs == (f"proj.{shop.datasets.current}.daily",)
    assert built(shop, "total").state == "waiting"
    built(shop)
    assert built(shop, "total").state == "built"
    assert shop.current("total") == [(3,)]
    assert built(shop, "total").state == "unchanged"
    orders(shop, (4, "1", "2026-11-03T10:00Z"))
    assert built(shop, "total").state == "unchanged"  # daily is still as it was
    built(shop)
    assert built(shop, "total").inputs == {with_daily.inputs[0]: "2026-11-06T00:00:00+00:00"}
    assert shop.current("total") == [(4,)]


@pytest.mark.slow
def test_a_table_that_is_not_ours_or_is_cut_otherwise_is_left_alone(shop: World) -> None:
    client = shop.google.bigquery_client()
    client.query(f"CREATE TABLE `{shop.datasets.current}.daily` (x INT64)").result()
    with pytest.raises(TargetMismatch, match="missing"):
        built(shop)
    client.query(f"DROP TABLE `{shop.datasets.current}.daily`").result()
    built(shop)
    write(shop, "daily", DAILY.replace("partition_by: day", "partition_by: {column: day, by: month}\ncluster_by: n"))
    with pytest.raises(TargetMismatch, match="floodmark summarize --anew shop daily"):
        built(shop)
    assert shop.current("daily") == FIRST
    assert built(shop, asked=True, anew=True).state == "built"
    there = client.get_table(f"proj.{shop.datasets.current}.daily")
    assert (there.time_partitioning.type_, there.clustering_fields, shop.current("daily")) == ("MONTH", ["n"], FIRST)


@pytest.mark.slow
def test_what_is_said_of_a_column_stays_when_the_table_is_replaced(shop: World) -> None:
    built(shop)
    client = shop.google.bigquery_client()
    there = client.get_table(f"proj.{shop.datasets.current}.daily")
    tag = {"names": ["projects/p/locations/eu/taxonomies/1/policyTags/2"]}
    fields = [one.to_api_repr() for one in there.schema]
    fields[2] |= {"description": "In euros.", "policyTags": tag}
    there.schema = fields
    client.update_table(there, ["schema"])
    orders(shop, (3, "7", "2026-11-02T12:00Z"))
    assert built(shop).state == "built"
    after = [one.to_api_repr() for one in client.get_table(there.reference).schema]
    assert (after[2].get("description"), after[2].get("policyTags")) == ("In euros.", tag)


@pytest.mark.slow
def test_columns_of_any_name_and_shape_are_carried(shop: World) -> None:
    odd = """/* floodmark
keys: ["order by", "day's # <naïve>"]
cluster_by: "order by"
assert: {one: SELECT `order by` FROM summary WHERE FALSE; -- nothing}
*/
SELECT id AS `order by`, note AS `day's # <naïve>`, [STRUCT(id AS a, note AS `select`)] AS nested
FROM `orders` -- all; of them
;
"""
    write(shop, "from-select", odd)
    assert built(shop, "from-select").rows == 3
    rows = shop.current("from-select", "`order by`, nested[OFFSET(0)].`select`")
    assert rows == [(1, "n"), (2, "n"), (3, "n")]
