"""What every shared ledger keeps between processes: one winner, whole swaps, and nothing from one that slept."""

from __future__ import annotations

import os
import random
import signal
import time
from contextlib import ExitStack
from datetime import timedelta

import pytest

from floodmark.core.bigquery.jobs import job_id
from floodmark.core.ledger import giving_up
from floodmark.core.ledger import head as heads
from floodmark.core.ledger.effect import EffectState
from floodmark.core.ledger.head import Head, fresh
from floodmark.core.ledger.read import Read
from floodmark.core.ports import Conflict, Ledger
from tests.fakes.examples import ZERO, effect, manifest, reading
from tests.fakes.processes import exit_code, process, wait_until_stopped

T = "proj.shop.orders"
WON, LOST = 1, 2
KILLED_ROUNDS = 25


def step(head: Head) -> tuple[Head, Read | None]:
    """The next of the five changes that make one read: a pure function of the head, so that a test can replay them."""
    if not head.holder:
        return heads.take(head, holder="worker", now=ZERO), None
    if head.open is None:
        at = ZERO + timedelta(seconds=head.version)
        return heads.begin(head, reading(T, at=at, token=head.token, query="SELECT " + "x" * 5000)), None
    if head.open.manifest is None:
        return heads.stage(head, manifest(), now=ZERO), None
    if not head.open.effects:
        job = effect(job_id=job_id(head, head.open, "load", 1), configuration={"load": ["y" * 5000]})
        return heads.intend(head, job), None
    if head.open.effects[0].state is EffectState.INTENDED:
        return heads.conclude(head, head.open.effects[0].concluded(EffectState.OCCUPIED)), None
    return giving_up.void(head, "enough")


def replay(start: Head, version: int) -> tuple[Head, list[Read]]:
    """The head at ``version``, and what was closed until then."""
    head, closed = start, []
    while head.version < version:
        head, read = step(head)
        closed += [read] if read else []
    return head, closed


def settled(ledger: Ledger) -> tuple[Head, list[Read]]:
    """The head and its newest reads, once the server has done or dropped what a killed process asked of it last."""
    while True:
        found, reads = ledger.head(T), list(ledger.reads(T, newest=12))
        if ledger.head(T).version == found.version:
            return found, reads


def test_of_many_processes_that_take_one_head_exactly_one_wins(shared) -> None:
    shared.open().close()
    for round_ in range(4):
        (go_out, go_in), (ready_out, ready_in) = os.pipe(), os.pipe()

        def race(start: int = go_out, ready: int = ready_in, number: int = round_) -> int:
            ledger = shared.open()
            seen = ledger.head(T)
            assert seen.version == number
            os.write(ready, b"x")
            os.read(start, 1)
            try:
                ledger.swap(seen, heads.take(seen, holder=f"host/{os.getpid()}", now=ZERO))
            except Conflict:
                return LOST
            return WON

        with ExitStack() as stack:
            pids = [stack.enter_context(process(race)) for _ in range(5)]
            for _ in pids:
                os.read(ready_out, 1)
            os.write(go_in, b"x" * len(pids))
            codes = {pid: exit_code(pid) for pid in pids}
        winner = [pid for pid, code in codes.items() if code == WON]
        assert sorted(codes.values()) == [WON, LOST, LOST, LOST, LOST]
        assert shared.open().head(T).holder == f"host/{winner[0]}"
        for end in (go_in, go_out, ready_in, ready_out):
            os.close(end)


def test_processes_that_open_a_new_ledger_at_once_find_the_same_one(shared) -> None:
    names_out, names_in = os.pipe()

    def opening() -> None:
        os.write(names_in, shared.open().uuid.bytes)

    with ExitStack() as stack:
        pids = [stack.enter_context(process(opening)) for _ in range(4)]
        assert [exit_code(pid) for pid in pids] == [0] * 4
    assert os.read(names_out, 1000) == shared.open().uuid.bytes * 4


def test_a_process_killed_at_any_moment_leaves_the_old_head_or_the_new_one_whole(shared) -> None:
    """SIGKILL between and within swaps: heads, closed reads and effects are always those of one version."""
    ledger = shared.open()
    start = fresh(T, ledger.uuid)
    chance = random.Random(7)
    versions = set()

    def work(ready: int) -> None:
        mine = shared.open()
        head = mine.head(T)
        told = False
        while True:
            new, closed = step(head)
            mine.swap(head, new, closed)
            head = new
            if not told:  # after the first, which takes longest: it makes what turns documents into heads
                told = bool(os.write(ready, b"x"))

    for _ in range(KILLED_ROUNDS):
        ready_out, ready_in = os.pipe()
        with process(lambda ready=ready_in: work(ready)) as pid:
            os.read(ready_out, 1)
            time.sleep(chance.uniform(0, 0.03))
            os.kill(pid, signal.SIGKILL)
            assert exit_code(pid) == -signal.SIGKILL
        os.close(ready_in)
        os.close(ready_out)
        found, reads = settled(ledger)
        head, closed = replay(start, found.version)
        assert found == head
        assert reads == closed[-12:]
        versions.add(found.version)
    assert list(ledger.reads(T)) == closed
    assert len(versions) > 3


@pytest.mark.parametrize("asleep_after", ["take", "begin", "stage"])
def test_a_stopped_process_that_wakes_after_its_lease_is_refused(shared, asleep_after: str) -> None:
    """R14: SIGSTOP beyond the lease; another voids or finishes what it left, and the sleeper writes nothing."""

    def sleeper() -> int:
        ledger = shared.open()
        head = ledger.head(T)
        for name in ("take", "begin", "stage"):
            new, closed = step(head)
            ledger.swap(head, new, closed)
            head = new
            if name == asleep_after:
                os.kill(os.getpid(), signal.SIGSTOP)
                break
        new, closed = step(head)
        try:
            ledger.swap(head, new, closed)
        except Conflict:
            return LOST
        return WON

    with process(sleeper) as pid:
        wait_until_stopped(pid)
        ledger = shared.open()
        seen = ledger.head(T)
        taken = heads.take(seen, holder="other", now=ZERO)
        ledger.swap(seen, taken)
        os.kill(pid, signal.SIGCONT)
        assert exit_code(pid) == LOST
        assert ledger.head(T) == taken
        assert list(ledger.reads(T)) == []
