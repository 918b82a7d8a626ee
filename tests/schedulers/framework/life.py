"""A life of the twelve tables on a real scheduler, of any Airflow: hours before it, one that ends in it, a kill."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from floodmark.core.time.interval import Interval
from floodmark.demo.pairs import late_commits
from tests.schedulers.framework.application import Application
from tests.schedulers.framework.shop import HOURS, SLICED, TABLES, FrameworkShop
from tests.schedulers.source import until

AHEAD = timedelta(seconds=45)
"""How long the writers are at work at least before an hour ends."""
DEEDS = ("transactions", "rollbacks", "jobs", "prepared", "take_out", "detach", "leave", "configure")


@dataclass(frozen=True, kw_only=True)
class Hands:
    """What is done to an Airflow. ``ended`` waits for so many runs of a DAG and kind to have ended well."""

    command: Callable[..., str]
    trigger: Callable[[str, Interval], object]
    begin: Callable[[str], None]
    kill: Callable[[], None]
    start: Callable[[], None]
    over: Callable[[str], int]
    ended: Callable[[str, str, int], Any]
    evidence: Callable[[str], str]


def live(shop: FrameworkShop, hands: Hands) -> None:
    """Written to all the time, killed in the middle of the run of the hour over whose end a transaction was open."""
    shop = shop.ending_at(_next_minute(datetime.now(UTC) + AHEAD))
    shop.create()
    connection = f"{shop.name}_db"
    hands.command("connections", "add", connection, "--conn-uri", shop.reader.dsn)
    with Application(shop.database.dsn) as application:
        application.begin_late()
        shop.write(connection)
        hands.begin(shop.name)
        until("a read of the last hour", lambda: _reads_last_hour(shop), 900, lambda: hands.evidence(shop.name), 0.01)
        hands.kill()
        assert hands.over(shop.name) < HOURS, "killed in the middle"
        hands.start()
        hands.ended(shop.name, "scheduled", HOURS)
        assert shop.sealed_up_to("payments") < shop.end, "somebody could still write into the hour"
        application.rest()
        application.commit_late()
    for dag in (shop.name, f"{shop.name}__reconcile"):
        hands.trigger(dag, Interval(low=shop.end - timedelta(hours=1), high=shop.end))
    hands.ended(shop.name, "manual", 1)
    hands.ended(f"{shop.name}__reconcile", "manual", 1)
    assert [deed for deed in DEEDS if not application.done[deed]] == []
    _verify(shop, hands)


def _verify(shop: FrameworkShop, hands: Hands) -> None:
    """All that was written into the hours is in current, column by column, and nobody holds anything."""
    until(
        "tables at rest", lambda: not shop.unrest(TABLES), 120, lambda: f"{shop.unrest(TABLES)}\n{hands.evidence('')}"
    )
    compared = list(shop.compared())
    for table, comparison in compared:
        print(table.pair.table, table.slices, comparison)
    assert [table.pair.table for table, _ in compared] == list(TABLES)
    assert list(shop.wrong(shop.end, compared)) == []
    assert [one.name for _, one in compared if one.source_rows < 100] == []
    client = shop.google.bigquery_client()
    late = {table.pair.table: late_commits(client, table) for table, _ in compared if table.pair.table in SLICED}
    assert all(late[table] for table in ("users", "products", "orders", "order_items", "reviews", "payments")), late


def _reads_last_hour(shop: FrameworkShop) -> bool:
    """Whether a read of a table is under way that reaches the hours' end."""
    reads = (shop.head(table).open for table in ("payments", "orders"))
    return any(span.interval.high == shop.end for read in reads if read for span in read.spans)


def _next_minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0) + timedelta(minutes=1)
