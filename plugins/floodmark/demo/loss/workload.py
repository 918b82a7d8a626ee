"""A shop at work for the loss benchmark: one table, many connections, transactions that end later than they look.

It is a process of its own, so that nothing it does waits for those that read. Every row's ``updated_at`` is ``now()``,
which in PostgreSQL is the time at which its transaction began, in MySQL that of its statement. No two writes share a
``version``, so that two tables can be compared row by row and version by version.
"""

from __future__ import annotations

import multiprocessing
import random
import time
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from multiprocessing.connection import Connection
from typing import Any

from floodmark.core.time.interval import Interval
from floodmark.demo.loss.databases import session
from floodmark.demo.loss.transactions import Clock, Session, Spoiled, kinds
from floodmark.errors import ServerFailed

MOST_AT_ONCE = 64
"""Connections, and so transactions under way at once."""


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """What the workload is like. Shares are of its transactions; the rest are short ones of a few rows.

    ``width`` is a slice's width: an hour, compressed. ``long_from`` and ``long_to`` are how long the long transactions
    stay open, in slices, the logarithm evenly spread; those that several statements in one message make, and prepared
    ones, likewise. ``reach`` is how far before a slice's end, in slices, a transaction of ``boundary`` begins, and how
    far after it ends at most; it writes ``ties`` rows with one and the same cursor.
    """

    slices: int = 90
    width: timedelta = timedelta(seconds=4)
    rate: float = 150.0
    long: float = 0.01
    boundary: float = 0.03
    rollback: float = 0.03
    savepoint: float = 0.05
    message: float = 0.002
    prepared: float = 0.0005
    long_from: float = 0.01
    long_to: float = 2.0
    reach: float = 1 / 120
    ties: int = 10
    seed: int = 1

    def shares(self) -> dict[str, float]:
        """How often each kind of transaction is begun; they add up to 1."""
        others = {
            "long": self.long,
            "boundary": self.boundary,
            "rollback": self.rollback,
            "savepoint": self.savepoint,
            "message": self.message,
            "prepared": self.prepared,
        }
        return {"short": 1 - sum(others.values()), **others}

    def document(self) -> dict[str, Any]:
        """As plain values; the width in seconds."""
        return {**asdict(self), "width": self.width.total_seconds()}


def grid(first: datetime, parameters: Parameters, more: int = 0) -> list[Interval]:
    """The slices of the workload from ``first`` (UTC) on, and ``more`` after it has ended."""
    edges = [first + parameters.width * number for number in range(parameters.slices + more + 1)]
    return [Interval(low=low, high=high) for low, high in pairwise(edges)]


@dataclass(frozen=True, kw_only=True)
class Written:
    """What the workload did. ``rows`` were committed; ``spanning`` are transactions open over a slice's end.

    ``skipped`` were not begun, since every connection was in use. ``ended`` is when the last was over, Unix seconds.
    """

    rows: int
    ended: float = 0.0
    transactions: dict[str, int] = field(default_factory=dict)
    spanning: int = 0
    skipped: int = 0


class Workload:
    """The writing process. It begins at ``first`` and ends after the last slice, once every transaction is over."""

    def __init__(self, dsn: str, parameters: Parameters, first: datetime) -> None:
        context = multiprocessing.get_context("spawn")
        self._here, there = context.Pipe(duplex=False)
        arguments = (there, dsn, parameters, first.timestamp())
        self._process = context.Process(target=_serve, args=arguments, name="workload", daemon=True)
        self._process.start()
        there.close()

    def ready(self, timeout: float = 60) -> None:
        """Wait until its connections are open."""
        self._receive("ready", timeout)

    def written(self, timeout: float) -> Written:
        """Wait until it has ended; what it did. Raises ``ServerFailed`` where it didn't end well."""
        found = self._receive("written", timeout)
        self._process.join(timeout=10)
        return Written(**found)

    def stop(self) -> None:
        """End it at once, if it hasn't ended."""
        if self._process.is_alive():
            self._process.terminate()
        self._process.join(timeout=10)

    def _receive(self, expected: str, timeout: float) -> Any:
        try:
            if self._here.poll(timeout):
                word, value = self._here.recv()
                if word == expected:
                    return value
                raise ServerFailed(f"the workload: {value}")
        except EOFError:
            raise ServerFailed("the workload: its process ended without a word; see its messages above") from None
        raise ServerFailed(f"the workload: nothing heard for {timeout:.0f} s; is the machine overloaded?")


def _serve(pipe: Connection, dsn: str, parameters: Parameters, first: float) -> None:
    """The process: begin transactions as a Poisson stream, each in a thread with a connection of its own."""
    try:
        sessions = [session(dsn, number, parameters.seed) for number in range(MOST_AT_ONCE)]
        pipe.send(("ready", None))
        pipe.send(("written", _write(sessions, parameters, first)))
    except Exception as error:  # whatever it is, the reading process must hear of it
        pipe.send(("failed", f"{type(error).__name__}: {error}"))


def _write(sessions: list[Session], parameters: Parameters, first: float) -> dict[str, Any]:
    chance = random.Random(parameters.seed)
    width = parameters.width.total_seconds()
    clock = Clock(first=first, width=width)
    until = first + width * parameters.slices
    names, weights = list(parameters.shares()), list(parameters.shares().values())
    running: list[tuple[str, Future[tuple[int, bool]]]] = []
    free = list(sessions)
    skipped = 0
    with ThreadPoolExecutor(max_workers=len(sessions)) as pool:
        decision = first
        while (decision := decision + chance.expovariate(parameters.rate)) < until:
            time.sleep(max(0.0, decision - time.time()))
            name = chance.choices(names, weights)[0]
            try:
                one = free.pop()
            except IndexError:  # all connections are in the middle of something: this one is not begun
                skipped += 1
                continue
            future = pool.submit(one.carry_out, kinds[name], clock, parameters.document())
            future.add_done_callback(lambda _, one=one: free.append(one))  # type: ignore[misc]
            running.append((name, future))
    ended = time.time()
    transactions: Counter[str] = Counter()
    rows = spanning = 0
    for name, future in running:
        try:
            committed, spanned = future.result()
        except Spoiled:
            transactions["spoiled"] += 1
            continue
        transactions[name] += 1
        rows += committed
        spanning += spanned
    return {"rows": rows, "transactions": dict(transactions), "spanning": spanning, "skipped": skipped, "ended": ended}
