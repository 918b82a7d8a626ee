"""One session of the shop: a thread with a connection of its own, and what all of them share."""

from __future__ import annotations

import random
import threading
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from floodmark.core.time.cadence import Every
from floodmark.demo import shop
from floodmark.demo.words import words

RECENT = 400
"""Orders are changed among so many of the newest, mostly."""


@dataclass(kw_only=True)
class Tally:
    """What the writers did, by name; ``late_commits`` are transactions that committed after a boundary before which
    they began."""

    counts: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, name: str, count: int = 1) -> None:
        """Count."""
        with self._lock:
            self.counts[name] += count

    def __getitem__(self, name: str) -> int:
        """How often."""
        return self.counts[name]


@dataclass(frozen=True, kw_only=True)
class Conditions:
    """What all writers of a workload share. Whoever holds ``prices`` keeps them as they are."""

    dsn: str
    seed: int
    rate: float
    boundary: timedelta
    assistants: int
    tally: Tally = field(default_factory=Tally)
    stopping: threading.Event = field(default_factory=threading.Event)
    prices: threading.Lock = field(default_factory=threading.Lock)

    def wait(self, length: timedelta | float) -> bool:
        """Sleep so long (seconds); True at once when the workload stops."""
        seconds = length.total_seconds() if isinstance(length, timedelta) else length
        return self.stopping.wait(max(0.0, seconds))


class Writer(threading.Thread):
    """One session of the shop. Subclasses say in :meth:`work` what one transaction does."""

    def __init__(self, shared: Conditions, name: str) -> None:
        super().__init__(name=f"writer {name}", daemon=True)
        self.shared = shared
        self.chance = random.Random(f"{name} {shared.seed}")
        self.tally = shared.tally
        self.error: BaseException | None = None
        self.words = words(shared.dsn)
        self._connection: Any = None
        self._newest = 1

    def run(self) -> None:
        """Work until the workload stops; an error ends it and is raised by whoever stops it."""
        try:
            self._connection = self.words.connect(self.shared.dsn, self.name)
            while not self.shared.stopping.is_set():
                try:
                    self.work()
                except Exception as error:
                    if not self.words.is_passing(error):
                        raise
                    self._connection.rollback()
                    self.tally.add("given up")
                self.pause()
        except BaseException as error:
            self.error = error
        finally:
            if self._connection is not None:
                self._connection.close()

    def work(self) -> None:
        """One transaction."""
        raise TypeError(f"{type(self).__name__} says nothing of its work")

    def pause(self) -> None:
        """Between two transactions."""
        self.shared.wait(self.chance.expovariate(self.shared.rate / self.shared.assistants))

    def say(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        """Run a statement of ``live.sql``; its rows, if it returns any."""
        return self.words.say(self._connection, statement, values)

    def begin(self) -> datetime:
        """Begin a transaction: its ``now()``, UTC."""
        return self.words.now(self._connection)

    def commit(self, began: datetime) -> None:
        """Commit, and see whether a boundary passed meanwhile."""
        self._connection.commit()
        self.count(began)

    def count(self, began: datetime) -> None:
        """Count a transaction that has committed just now."""
        self.tally.add("transactions")
        if Every(self.shared.boundary).boundary(datetime.now(UTC)) > began:
            self.tally.add("late commits")

    def key(self) -> str:
        """Any uuid: rows are looked for from there on."""
        return str(uuid.UUID(int=self.chance.getrandbits(128), version=4))

    def near(self) -> int:
        """The id of an order, a recent one mostly."""
        span = RECENT if self.chance.random() < 0.8 else self._newest
        return max(1, self._newest - self.chance.randint(0, span))

    def sell(self) -> None:
        """An order with its lines and an event."""
        note, details = self.chance.choice((None, "")), shop.details(self.chance)
        placed = self.say("new_order", near=self.key(), total=shop.price(self.chance), note=note, details=details)
        for order, customer in placed:
            self._newest = order
            for line in range(1, self.chance.randint(1, 3) + 1):
                sku = f"SKU-{self.chance.randrange(shop.PRODUCTS):04}"
                self.say("new_item", order=order, line=line, quantity=self.chance.randint(1, 4), sku=sku)
            self.say("new_event", kind="checkout", customer=customer, properties=shop.details(self.chance))

    def change(self) -> None:
        """A change of something that is there: an order, a line, a customer who leaves or comes back."""
        changes: list[Callable[[], Any]] = [
            lambda: self.say("advance_order", status=self.chance.choice(shop.STATUSES[1:]), near=self.near()),
            lambda: self.say("change_item", quantity=self.chance.randint(1, 9), near=self.near()),
            lambda: self.say("change_customer", nickname=self.chance.choice(shop.NICKNAMES), near=self.key()),
            lambda: self.say("delete_customer", near=self.key()),
            lambda: self.say("return_customer"),
            self.welcome,
        ]
        self.chance.choices(changes, weights=(40, 25, 10, 5, 4, 16))[0]()

    def welcome(self) -> None:
        """A new customer."""
        key = self.key()
        self.say("new_customer", id=key, email=f"{key[:8]}@example.org", name=f"Customer {key[:6]}",
                 nickname=self.chance.choice(shop.NICKNAMES), password_hash=key)  # fmt: skip
