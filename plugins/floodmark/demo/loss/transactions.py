"""The kinds of transaction that the loss benchmark's workload is made of.

Each is a function of a session that carries out one transaction (the message: two) and returns the rows it committed.
Rows are locked with SKIP LOCKED, so that nobody ever waits for a long transaction, or deadlocks with one.
"""

from __future__ import annotations

import itertools
import math
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg2

from floodmark.core import sql

INSERT = sql.source("demo/loss_insert.sql")
UPDATE = sql.source("demo/loss_update.sql")


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


class Session:
    """One connection of the shop, with dice of its own."""

    def __init__(self, dsn: str, number: int, seed: int) -> None:
        self._connection = psycopg2.connect(dsn)
        self._connection.autocommit = True  # BEGIN and COMMIT are said in words
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
        except psycopg2.Error as error:
            self.run("ROLLBACK")
            raise Spoiled(str(error)) from error
        return rows, clock.number(time.time()) > clock.number(began)

    def run(self, statement: str, *values: Any) -> int:
        """Run one message; the rows that its last statement touched."""
        with self._connection.cursor() as cursor:
            cursor.execute(statement, values or None)
            return max(0, int(cursor.rowcount))

    def begin(self, name: str) -> None:
        """Begin, as an application of this name."""
        self.run("SELECT set_config('application_name', %s, false)", name)
        self.run("BEGIN")

    def insert(self, rows: int) -> int:
        """New rows."""
        return self.run(INSERT, self._note(), rows)

    def update(self, rows: int) -> int:
        """New versions of so many rows at random, fewer where some are missing or locked."""
        return self.run(UPDATE, self._note(), rows)

    def spell(self) -> float:
        """How long a long transaction stays open, seconds."""
        low, high = math.log(self.like["long_from"]), math.log(self.like["long_to"])
        return math.exp(self.chance.uniform(low, high)) * self.clock.width

    def name(self) -> str:
        """A name for a prepared transaction, unlike any other."""
        return next(self._names)

    def _note(self) -> str:
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
    rows = session.insert(3)
    time.sleep(session.spell())
    session.run("SAVEPOINT later")
    rows += session.insert(2) + session.update(5)
    session.run("RELEASE later")
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
        session.run("ROLLBACK TO part")
        second = 0
    session.run("COMMIT")
    return rows + second


def message(session: Session) -> int:
    """Two transactions in one message: in both, now() is the moment at which the message came."""
    note = "of one message"
    script = f"BEGIN; {INSERT}; COMMIT; SELECT pg_sleep(%s); BEGIN; {INSERT}; COMMIT"
    session.run("SELECT set_config('application_name', %s, false)", "shop: script")
    session.run(script, note, 2, session.spell() / 2, note, 2)
    return 4


def prepared(session: Session) -> int:
    """A transaction of two phases, open before and after its PREPARE."""
    spell, name = session.spell() / 2, session.name()
    session.begin("shop: payment")
    rows = session.insert(2)
    time.sleep(spell / 2)
    session.run("PREPARE TRANSACTION %s", name)
    time.sleep(spell / 2)
    session.run("COMMIT PREPARED %s", name)
    return rows


kinds: dict[str, Kind] = {
    "short": short,
    "long": long,
    "boundary": boundary,
    "rollback": rollback,
    "savepoint": savepoint,
    "message": message,
    "prepared": prepared,
}
