"""Who may take a lease over, and what the former holder can still do: nothing (R14)."""

from __future__ import annotations

import logging
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from floodmark.core.ledger import head as heads
from floodmark.errors import LeaseLost, LeaseTaken
from floodmark.pipeline.lease import lease
from tests.fakes.ledger import MemoryLedger

T = "p.d.t"
NOW = datetime(2026, 11, 1, tzinfo=UTC)


def dead_holder(ledger: MemoryLedger) -> None:
    """A step that took the lease and was killed."""
    seen = ledger.head(T)
    ledger.swap(seen, heads.take(seen, holder="dead", now=NOW))


def test_a_dead_holders_lease_is_taken_over_after_its_whole_time_to_live_of_silence() -> None:
    ledger = MemoryLedger()
    dead_holder(ledger)
    began = time.monotonic()
    with lease(ledger, T, holder="next", wait=timedelta(seconds=5), time_to_live=timedelta(seconds=0.6)) as held:
        assert time.monotonic() - began >= 0.6
        assert (held.head.holder, held.head.token) == ("next", 2)
    assert ledger.head(T).holder == ""


def test_less_patience_than_the_time_to_live_still_takes_over_from_the_dead() -> None:
    """Seen: 18 minutes of retries, each of which gave up before it could know that the holder was dead."""
    ledger = MemoryLedger()
    dead_holder(ledger)
    live = timedelta(seconds=0.6)
    with lease(ledger, T, holder="hasty", wait=timedelta(seconds=0.1), time_to_live=live) as held:
        assert (held.head.holder, held.head.token) == ("hasty", 2)


def test_who_waits_says_for_whom_and_how_long_at_most(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "floodmark.progress")
    ledger = MemoryLedger()
    dead_holder(ledger)
    with lease(ledger, T, holder="next", time_to_live=timedelta(seconds=0.6)):
        pass
    assert [one.getMessage() for one in caplog.records if one.name == "floodmark.progress"] == [
        "p.d.t: waiting for the lease of dead; taken over in 1 s unless it shows a sign of life"
    ]


@pytest.mark.slow
def test_a_holder_that_renews_keeps_its_lease_and_is_named() -> None:
    """However long its one step takes."""
    ledger = MemoryLedger()
    live = timedelta(seconds=0.4)
    with lease(ledger, T, holder="slow", time_to_live=live):
        with (
            pytest.raises(LeaseTaken, match=r"held by slow \(token 1\)"),
            lease(ledger, T, holder="hasty", wait=timedelta(seconds=1.5), time_to_live=live),
        ):
            pass
        assert ledger.head(T).holder == "slow"


def test_a_holder_whose_lease_was_taken_over_stores_nothing_more() -> None:
    ledger = MemoryLedger()
    with lease(ledger, T, holder="asleep", time_to_live=timedelta(hours=1)) as held:
        seen = ledger.head(T)
        taken = heads.take(seen, holder="awake", now=NOW)
        ledger.swap(seen, taken)
        for _ in range(2):
            with pytest.raises(LeaseLost, match=r"taken over by awake \(token 2\)"):
                held.write(lambda head: heads.block(head, "I thought it mine"))
    assert ledger.head(T) == taken


@pytest.mark.slow
def test_of_many_that_want_it_one_holds_it_at_a_time() -> None:
    ledger = MemoryLedger()
    inside, most, tokens = [0], [0], []

    def want(number: int) -> None:
        with lease(ledger, T, holder=f"step {number}", wait=timedelta(seconds=30)) as held:
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            tokens.append(held.head.token)
            time.sleep(0.02)
            inside[0] -= 1

    threads = [threading.Thread(target=want, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (most[0], sorted(tokens)) == (1, [1, 2, 3, 4])
