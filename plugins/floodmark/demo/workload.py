"""The shop's life: concurrent writers on real connections, with everything that loses rows to a plain watermark.

Each writer is a thread with a connection and a chance of its own: what it decides follows from the seed; how they
interleave does not.
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self

from floodmark.core.time.cadence import Every
from floodmark.demo import shop
from floodmark.demo.writer import Conditions, Tally, Writer


class Assistant(Writer):
    """A shop assistant: short transactions, some with savepoints, some that end in a rollback."""

    def work(self) -> None:
        """Sell or change something."""
        began = self.begin()
        self.sell() if self.chance.random() < 0.4 else self.change()
        if self.chance.random() < 0.15:
            self._try_something()
        if self.chance.random() < 0.05:
            self._connection.rollback()
            self.tally.add("rollbacks")
        else:
            self.commit(began)

    def _try_something(self) -> None:
        """A part under a savepoint, kept or not."""
        keep = self.chance.random() < 0.5
        with self._connection.cursor() as cursor:
            cursor.execute("SAVEPOINT attempt")
            self.change()
            cursor.execute("RELEASE SAVEPOINT attempt" if keep else "ROLLBACK TO SAVEPOINT attempt")
        self.tally.add("savepoints")


class Dawdler(Writer):
    """A job that begins before a boundary and commits after it: what a plain watermark loses."""

    def work(self) -> None:
        """Begin shortly before the next boundary, write at once, commit a good while after."""
        width = self.shared.boundary
        now = datetime.now(UTC)
        prefetched = Every(width).after(now)
        if self.shared.wait(prefetched - now - width * 0.3 * self.chance.random()):
            return
        began = self.begin()
        for _ in range(self.chance.randint(2, 5)):
            self.sell()
            self.change()
        self.shared.wait(prefetched - datetime.now(UTC) + width * (0.05 + 1.1 * self.chance.random()))
        self.commit(began)

    def pause(self) -> None:
        """None: its work is waiting."""


class Importer(Writer):
    """Several transactions in one message: their ``now()`` is the message's start, which no open transaction shows."""

    def work(self) -> None:
        """One message with two transactions."""
        self.words.commit_each(self._connection, wanted=True)
        began = datetime.now(UTC)
        self.say("several_in_one_message", properties=shop.details(self.chance), note=f"import {self.chance.random()}",
                 near=self.near())  # fmt: skip
        self.count(began)
        self.tally.add("several in one message")

    def pause(self) -> None:
        """A few messages per boundary."""
        self.shared.wait(self.shared.boundary * self.chance.uniform(0.1, 0.4))


class Coordinator(Writer):
    """A distributed transaction now and then: prepared here, committed a moment later by its coordinator."""

    def work(self) -> None:
        """Prepare, wait, commit."""
        gid = f"shop-{uuid.uuid4().hex}"
        self.words.begin_two_phases(self._connection, gid)
        began = self.begin()
        self.sell()
        self.words.prepare(self._connection, gid)
        self.shared.wait(self.shared.boundary * self.chance.uniform(0.01, 0.05))
        self.words.commit_prepared(self._connection, gid)
        self.count(began)
        self.tally.add("prepared")

    def pause(self) -> None:
        """About once per boundary."""
        self.shared.wait(self.shared.boundary * self.chance.uniform(0.6, 1.2))


class Pricer(Writer):
    """Changes prices in the table that has no timestamp, until told to stop."""

    def work(self) -> None:
        """One price."""
        if not self.shared.prices.acquire(blocking=False):
            return
        try:
            began = self.begin()
            sku = f"SKU-{self.chance.randrange(shop.PRODUCTS):04}"
            self.say("change_price", factor=self.chance.choice(("1.03", "0.97", "1.10")), sku=sku)
            self.commit(began)
            self.tally.add("price changes")
        finally:
            self.shared.prices.release()

    def pause(self) -> None:
        """Every second or two."""
        self.shared.wait(self.chance.uniform(0.5, 2.0))


class Workload:
    """The writers of one shop: ``with Workload(dsn=...) as workload: ...`` or ``start`` and ``stop``.

    ``rate`` is that of the short transactions per second, all assistants together. Several transactions are open over
    each multiple of ``boundary`` (UTC), which the slices of whoever reads should end at.
    """

    def __init__(
        self,
        *,
        dsn: str,
        seed: int = 1,
        rate: float = 10.0,
        boundary: timedelta = timedelta(minutes=1),
        assistants: int = 3,
        dawdlers: int = 4,
    ) -> None:
        shared = Conditions(dsn=dsn, seed=seed, rate=rate, boundary=boundary, assistants=assistants)
        self._shared = shared
        self._threads: list[Writer] = [
            *(Assistant(shared, f"assistant {number}") for number in range(assistants)),
            *(Dawdler(shared, f"dawdler {number}") for number in range(dawdlers)),
            Importer(shared, "importer"),
            Coordinator(shared, "coordinator"),
            Pricer(shared, "pricer"),
        ]

    @property
    def tally(self) -> Tally:
        """What they have done so far."""
        return self._shared.tally

    def start(self) -> Self:
        """Let them write."""
        for thread in self._threads:
            thread.start()
        return self

    def hold_prices(self) -> datetime:
        """Change no more prices; a moment (this machine's clock, UTC) after the last change was committed."""
        self._shared.prices.acquire()  # never given back
        return datetime.now(UTC)

    def check(self) -> None:
        """Raise the error of a writer that has ended with one."""
        for thread in self._threads:
            if thread.error is not None:
                raise thread.error

    def stop(self) -> Tally:
        """End them; what is open is committed. Raises what any of them ended with."""
        self._shared.stopping.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(30)
        self.check()
        return self.tally

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._shared.stopping.set()
        if kind is None:
            self.stop()
