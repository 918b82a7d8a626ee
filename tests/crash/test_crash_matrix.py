"""SIGKILL before and after, and SIGSTOP beyond the lease, at every write of a run; then only Airflow's own retry.

``make crash`` tries each point with both ledgers, three times; ``make crash SHARE=ci`` each point once, with either
ledger in turn. A stopped process sleeps until another has finished its work, and is woken then.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from floodmark.core.ledger.read import State
from floodmark.demo.servers.all import Database, GoogleServers
from tests.conftest import Datasets
from tests.crash.shop import ROWS, Shop, wait_until_stopped, wake
from tests.crash.step import LOST
from tests.fakes.fuse import WRITES_OF_EXTRACT, WRITES_OF_LOAD

LEDGERS = ("sqlite", "gs")
WAYS = ("before", "after", "stop")
POINTS = [("extract", n + 1) for n in range(WRITES_OF_EXTRACT)] + [("load", n + 1) for n in range(WRITES_OF_LOAD)]
REPEATS = 3

WITHOUT_LEASE = {("extract", 1), ("load", 1)}
"""Before the lease is taken there is none to lose."""


def cases() -> list[tuple[str, str, int, str, int]]:
    """Ledger, step, write, way, repeat."""
    whole = [(step, n, way) for step, n in POINTS for way in WAYS]
    if os.environ.get("CRASH_SHARE") == "ci":
        return [(LEDGERS[place % 2], *one, 1) for place, one in enumerate(whole)]
    return [(ledger, *one, repeat + 1) for repeat in range(REPEATS) for ledger in LEDGERS for one in whole]


@pytest.fixture
def shop(
    request: pytest.FixtureRequest,
    database: Database,
    google: GoogleServers,
    datasets: Datasets,
    bucket: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Shop]:
    """A table with rows in one slice, and an empty ledger."""
    made = Shop(
        database=database,
        google=google,
        datasets=datasets,
        bucket=bucket,
        folder=tmp_path_factory.mktemp("crash"),
        ledger_kind=request.getfixturevalue("ledger"),
    )
    yield made
    made.close()


@pytest.mark.long
@pytest.mark.timeout(240)
@pytest.mark.parametrize(("ledger", "step", "write", "way", "repeat"), cases())
def test_a_plain_retry_ends_where_an_unbroken_run_would(
    shop: Shop, ledger: str, step: str, write: int, way: str, repeat: int
) -> None:
    ends_as_an_unbroken_run(shop, step, write, way)


def ends_as_an_unbroken_run(shop: Shop, step: str, write: int, way: str) -> None:
    """Break a step at a write, and do only what Airflow does then."""
    if step == "load":
        shop.retried("extract")
    if way == "stop":
        stop_and_wake(shop, step, write)
    else:
        assert shop.try_once(shop.broken(step, write, way)) == -signal.SIGKILL
        shop.retried(step)
    if step == "extract":
        shop.retried("load")
    is_as_after_an_unbroken_run(shop)


def stop_and_wake(shop: Shop, step: str, write: int) -> None:
    """The zombie wakes when the retry has done its work, and changes nothing."""
    with shop.process(shop.broken(step, write, "stop")) as zombie:
        assert zombie.pid
        wait_until_stopped(zombie.pid)
        shop.retried(step)
        before = everything(shop)
        wake(zombie.pid)
        code = shop.ended(zombie)
        if (step, write) in WITHOUT_LEASE:
            assert code == 0
        else:
            assert (code, everything(shop)) == (LOST, before)


def everything(shop: Shop) -> tuple[object, ...]:
    """All that a zombie could change."""
    head = shop.head()
    there = head.last is not None
    tables = [shop.rows(name, "id, _floodmark_read_at") for name in (shop.datasets.raw, shop.datasets.current) if there]
    return (head, shop.reads(), tables)


def is_as_after_an_unbroken_run(shop: Shop) -> None:
    """Current is the source, raw has every applied read once, the lease is free and no read is open."""
    head, applied = shop.head(), [read for read in shop.reads() if read.state is State.APPLIED]
    assert (head.open, head.holder, head.error) == (None, "", "")
    assert shop.rows(shop.datasets.current, "id, note, updated_at") == shop.source()
    moments = [moment for _, moment in shop.rows(shop.datasets.raw, "id, _floodmark_read_at")]
    assert {moment: moments.count(moment) for moment in moments} == {read.read_at: ROWS for read in applied}
