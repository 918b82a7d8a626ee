"""Who may take a lease over, and what the former holder can still do: nothing (R14)."""

from __future__ import annotations

import logging
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from floodmark.core.ledger import head as heads
from floodmark.core.ledger.head import Head
from floodmark.errors import LeaseLost, LeaseTaken, LedgerUnavailable
from floodmark.pipeline.lease import lease
from floodmark.pipeline.meter import Meter
from tests.fakes.ledger import MemoryLedger
from tests.fakes.watched import Watched

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


def test_what_is_noted_is_stored_with_the_next_write_and_at_the_latest_by_the_release() -> None:
    ledger = MemoryLedger()
    with lease(ledger, T, holder="step") as held:
        held.note(lambda head: heads.block(head, "noted"))
        assert (held.head.error, ledger.head(T).error) == ("noted", "")
        held.write(lambda head: heads.touched(head, 7))
        assert (ledger.head(T).error, ledger.head(T).target_rows) == ("noted", 7)
        held.note(heads.unblock)
    assert (ledger.head(T).error, ledger.head(T).holder) == ("", "")


def test_a_step_that_lost_its_lease_hears_of_it_where_it_had_something_to_store() -> None:
    """Else it would say that a read is applied which the ledger doesn't know to be."""
    ledger = MemoryLedger()

    def step() -> None:
        with lease(ledger, T, holder="asleep", time_to_live=timedelta(hours=1)) as held:
            held.note(lambda head: heads.block(head, "I thought it mine"))
            seen = ledger.head(T)
            ledger.swap(seen, heads.take(seen, holder="awake", now=NOW))

    with pytest.raises(LeaseLost, match=r"taken over by awake \(token 2\)"):
        step()
    assert (ledger.head(T).holder, ledger.head(T).error) == ("awake", "")


def test_a_change_that_could_not_be_written_is_not_written_by_the_release_either() -> None:
    def refuse(old: Head, new: Head) -> None:
        if new.error == "unwritten" and new.holder:
            raise LedgerUnavailable("away for a moment")

    ledger = MemoryLedger(before=refuse)

    def step() -> None:
        with lease(ledger, T, holder="step") as held:
            held.note(lambda head: heads.touched(head, 7))
            held.write(lambda head: heads.block(head, "unwritten"))

    with pytest.raises(LedgerUnavailable):
        step()
    assert (ledger.head(T).target_rows, ledger.head(T).error, ledger.head(T).holder) == (7, "", "")


def test_what_was_billed_waits_in_the_meter_where_a_budget_sees_it() -> None:
    ledger, meter = MemoryLedger(), Meter(run_id="run")
    with lease(ledger, T, holder="step", meter=meter) as held:
        meter.add("apply", 100)
        held.note(lambda head: heads.touched(head, 7))
        assert meter.pending["apply"].bytes == 100, "neither the ledger has it, nor would a budget count it"
    assert (ledger.head(T).spending.of("run"), meter.pending) == (100, {})


def test_a_sign_of_life_stores_nothing_that_waits() -> None:
    ledger, renewed = MemoryLedger(), threading.Event()
    ledger.after = lambda old, new: renewed.set() if new.renewed_at != old.renewed_at and old.holder else None
    with lease(ledger, T, holder="step", time_to_live=timedelta(seconds=0.4)) as held:
        held.note(lambda head: heads.block(head, "noted"))
        assert renewed.wait(60)
        assert ledger.head(T).error == ""
    assert ledger.head(T).error == "noted"


@pytest.mark.parametrize("moved", [False, True])
def test_a_head_that_was_seen_serves_as_long_as_nobody_moved_it(moved: bool) -> None:
    """It is taken by the same conditional write; the ledger is asked only where that is refused."""
    ledger = MemoryLedger()
    seen = ledger.head(T)
    if moved:
        with lease(ledger, T, holder="other"):
            pass
    asked: list[str] = []
    watched = Watched(ledger, lambda name, *_: asked.append(name), lambda *_: None)
    with lease(watched, T, holder="step", seen=seen) as held:
        assert (held.head.holder, held.head.token) == ("step", 2 if moved else 1)
    assert asked.count("head") == moved


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
