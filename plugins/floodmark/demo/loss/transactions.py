"""The kinds of transaction that the loss benchmark's workload is made of.

Each is a function of a session that carries out one transaction (the message: two) and returns the rows it committed.
Rows are locked with SKIP LOCKED, so that nobody ever waits for a long transaction, or deadlocks with one. What the
databases say in different words is in ``postgres_session`` and ``mysql_session``.
"""

from __future__ import annotations

import itertools
import math
import random
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar


class Spoiled(Exception):
    """A transaction that the server ended; nothing of it was committed."""


@dataclass(frozen=True, kw_only=True)
class Clock:
    """Where slices end: at ``first`` (seconds since 1970) and every ``width`` seconds after it."""

    first: float
    width: float

    def number(self, moment: float) -> int:
        """The slice that a moment lies in."""
        return math.floor((moment - self.first) / self.width)

    def next_edge(self, moment: float) -> float:
        """The first end of a slice after a moment."""
        return self.first + (self.number(moment) + 1) * self.width


class Session(ABC):
    """One connection of the shop, with dice of its own. BEGIN and COMMIT are said in words."""

    refusal: ClassVar[type[Exception]]
    """What the driver raises where the server refuses a statement."""

    def __init__(self, number: int, seed: int) -> None:
        self._names = (f"{number}_{serial}" for serial in itertools.count())
        self.chance = random.Random(f"{seed}.{number}")
        self.clock = Clock(first=0.0, width=1.0)
        self.like: dict[str, Any] = {}

    def carry_out(self, kind: Kind, clock: Clock, like: dict[str, Any]) -> tuple[int, bool]:
        """Carry out one transaction: the rows committed, and whether it was open over a slice's end.

        Raises ``Spoiled`` where the server refused it.
        """
        self.clock, self.like = clock, like
        began = time.time()
        try:
            rows = kind(self)
        except self.refusal as error:
            self.run("ROLLBACK")
            raise Spoiled(str(error)) from error
        return rows, clock.number(time.time()) > clock.number(began)

    @abstractmethod
    def run(self, statement: str, *values: Any) -> int:
        """Run one message; the rows that its last statement touched."""

    @abstractmethod
    def begin(self, name: str) -> None:
        """Begin, as an application of this name where the database has such names."""

    @abstractmethod
    def insert(self, rows: int) -> int:
        """New rows."""

    @abstractmethod
    def begin_long(self, rows: int) -> int:
        """The first rows of a long transaction."""

    @abstractmethod
    def update(self, rows: int) -> int:
        """New versions of so many rows at random, fewer where some are missing or locked."""

    @abstractmethod
    def send_two(self) -> int:
        """Two transactions in one message, some time apart; the rows of both."""

    @abstractmethod
    def prepare(self, rows: int) -> int:
        """A transaction of two phases, open before and after it is prepared."""

    def spell(self) -> float:
        """How long a long transaction stays open, seconds."""
        low, high = math.log(self.like["long_from"]), math.log(self.like["long_to"])
        return math.exp(self.chance.uniform(low, high)) * self.clock.width

    def name(self) -> str:
        """A name for a prepared transaction, unlike any other."""
        return next(self._names)

    def note(self) -> str:
        """Some text."""
        return self.chance.randbytes(16).hex()


Kind = Callable[[Session], int]


def short(session: Session) -> int:
    """A customer's order: a few rows, a few milliseconds."""
    session.begin("shop: order")
    rows = session.insert(session.chance.randint(1, 3)) + session.update(session.chance.randint(0, 2))
    session.run("COMMIT")
    return rows


def long(session: Session) -> int:
    """A batch: it writes when it begins and before it ends, there in a subtransaction."""
    session.begin("shop: batch")
    rows = session.begin_long(3)
    time.sleep(session.spell())
    session.run("SAVEPOINT later")
    rows += session.insert(2) + session.update(5)
    session.run("RELEASE SAVEPOINT later")
    session.run("COMMIT")
    return rows


def boundary(session: Session) -> int:
    """Rows with one and the same cursor, begun just before a slice's end and committed after it."""
    reach = float(session.like["reach"]) * session.clock.width
    edge = session.clock.next_edge(time.time() + reach)
    time.sleep(max(0.0, edge - session.chance.uniform(0, reach) - time.time()))
    session.begin("shop: import")
    rows = session.insert(int(session.like["ties"]))
    time.sleep(max(0.0, edge + session.chance.uniform(0, reach) - time.time()))
    session.run("COMMIT")
    return rows


def rollback(session: Session) -> int:
    """A customer who thinks again."""
    session.begin("shop: order")
    session.insert(2)
    session.update(2)
    session.run("ROLLBACK")
    return 0


def savepoint(session: Session) -> int:
    """An order of two parts, of which the second is given up half of the time."""
    session.begin("shop: order")
    rows = session.insert(1)
    session.run("SAVEPOINT part")
    second = session.insert(1) + session.update(1)
    if session.chance.random() < 0.5:
        session.run("ROLLBACK TO SAVEPOINT part")
        second = 0
    session.run("COMMIT")
    return rows + second


def message(session: Session) -> int:
    """Two transactions in one message."""
    return session.send_two()


def prepared(session: Session) -> int:
    """A transaction of two phases."""
    return session.prepare(2)


kinds: dict[str, Kind] = {
    "short": short,
    "long": long,
    "boundary": boundary,
    "rollback": rollback,
    "savepoint": savepoint,
    "message": message,
    "prepared": prepared,
}
