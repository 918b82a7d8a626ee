"""The end of a test in which a shop was written to all the time: nothing open, and current is the source."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from tests.schedulers.shop import Shop
from tests.schedulers.source import until

TABLES = ("orders", "items")


def now() -> datetime:
    """This machine's clock, which is the database's too, UTC."""
    return datetime.now(UTC)


def at_rest(shop: Shop, moment: datetime, evidence: Callable[[], str]) -> None:
    """Wait until all that was written before a moment is vouched for, and nobody works any more."""

    def sealed() -> dict[str, str]:
        return {table: str(shop.sealed_up_to(table)) for table in TABLES if shop.sealed_up_to(table) < moment}

    until(f"sealing up to {moment}", lambda: not sealed(), 300, lambda: f"{sealed()}\n{evidence()}", every=1)
    print(f"{now():%H:%M:%S} sealed up to {moment}")
    until(
        "tables at rest",
        lambda: not shop.unrest(TABLES),
        120,
        lambda: f"{shop.unrest(TABLES)}\n{evidence()}",
        every=0.5,
    )


def wrong(shop: Shop, sealed: datetime) -> list[str]:
    """What isn't as it should be, where nothing has been written since ``sealed``: current is all of the source."""
    found = shop.differences(sealed)
    for table in TABLES:
        current, source = shop.current(table), shop.everything(table)
        if current != source:
            found.append(
                f"{table}: current has {len(current)} rows, the source {len(source)}, and they aren't the same"
            )
    return found
