"""The lease of one target table: who may look, read, load and apply (R14).

A :class:`Lease` belongs to one step of one process. A thread renews it while C code blocks. Whoever finds the head
unchanged for the whole time to live, on its own monotonic clock, may take the lease over; the former holder's next
write then fails with :class:`~floodmark.errors.LeaseLost`, and nothing of it is stored.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

from floodmark.core.ledger import head as heads
from floodmark.core.ledger.head import Head
from floodmark.core.ledger.read import Read
from floodmark.core.ledger.spending import spend
from floodmark.core.ports import Conflict, Ledger
from floodmark.errors import LeaseLost, LeaseTaken
from floodmark.pipeline.clock import now
from floodmark.pipeline.meter import Meter

log = logging.getLogger(__name__)
progress = logging.getLogger("floodmark.progress")

TIME_TO_LIVE = timedelta(seconds=60)
PATIENCE = timedelta(minutes=5)
TOLD_EVERY = timedelta(seconds=10)
"""How often one who waits says for whom."""


def look_every(time_to_live: timedelta) -> timedelta:
    """How often one who waits for a lease looks whether it is free."""
    return min(timedelta(seconds=1), time_to_live / 20)


class Lease:
    """The right to change one head, until it is released or lost."""

    def __init__(self, ledger: Ledger, head: Head, time_to_live: timedelta, meter: Meter | None = None) -> None:
        self._ledger, self._meter = ledger, meter or Meter()
        self._head = head
        self._lost: str = ""
        self._run_id: str = ""
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._every = time_to_live.total_seconds() / 4
        self._renewer = threading.Thread(target=self._renew, name=f"lease of {head.target}", daemon=True)
        self._renewer.start()

    @property
    def head(self) -> Head:
        """The head as this holder last wrote it."""
        with self._lock:
            return self._head

    def write(self, change: Callable[[Head], Head | tuple[Head, Read]]) -> Head:
        """Store a lawful change of the head, and with it what was billed since the last one.

        Raises ``LeaseLost`` where somebody else moved it first.
        """
        with self._lock:
            changed = change(self._head)
            new, closed = changed if isinstance(changed, tuple) else (changed, None)
            self._swap(self._with_bills(new), closed)
            return self._head

    def _with_bills(self, new: Head) -> Head:
        """Said once, whatever becomes of the write: a step that loses its lease must not say it again under another."""
        bills, read = self._meter.taken(), new.open or self._head.open
        self._run_id = read.run_id if read else self._run_id  # what is asked once it is closed was asked for it
        run_id = self._meter.run_id or self._run_id
        return replace(new, spending=spend(new.spending, bills, run_id=run_id, now=now())) if bills else new

    def _swap(self, new: Head, closed: Read | None = None) -> None:
        if self._lost:
            raise LeaseLost(self._lost)
        try:
            self._ledger.swap(self._head, new, closed)
        except Conflict as conflict:
            stored = self._ledger.head(self._head.target)
            self._lost = (
                f"{self._head.target}: the lease under token {self._head.token} was taken over by "
                f"{stored.holder or 'another step'} (token {stored.token}); this step stops, a retry goes on from there"
            )
            raise LeaseLost(self._lost) from conflict
        self._head = new

    def _renew(self) -> None:
        while not self._over.wait(self._every):
            try:
                with self._lock:
                    if not self._over.is_set():
                        self._swap(heads.renew(self._head, now=now()))
            except LeaseLost as lost:
                log.warning("%s", lost)
                return
            except Exception as error:
                log.warning("%s: the lease could not be renewed: %s", self._head.target, error)

    def release(self) -> None:
        """Give the lease back. Losing it first is no error here: then there is nothing to give."""
        self._over.set()
        try:
            self.write(heads.release)
        except LeaseLost as lost:
            log.warning("%s", lost)
        self._renewer.join(timeout=5)


@contextmanager
def lease(
    ledger: Ledger,
    target: str,
    *,
    holder: str,
    wait: timedelta = PATIENCE,
    time_to_live: timedelta = TIME_TO_LIVE,
    meter: Meter | None = None,
) -> Iterator[Lease]:
    """Take the lease of ``target``, waiting up to ``wait`` for another holder; release it at the end.

    What ``meter`` shows is written with each change of the head.

    One who shows no sign of life is waited for until its lease is over, however short ``wait`` is: else a step that
    comes again and again with less patience than ``time_to_live`` would never see it dead.

    Raises ``LeaseTaken``, naming the holder.
    """
    held = Lease(ledger, _take(ledger, target, holder, wait, time_to_live), time_to_live, meter)
    try:
        yield held
    finally:
        held.release()


def _take(ledger: Ledger, target: str, holder: str, wait: timedelta, time_to_live: timedelta) -> Head:
    deadline = time.monotonic() + wait.total_seconds()
    seen = ledger.head(target)
    seen_since = time.monotonic()
    moved = False
    told = -TOLD_EVERY.total_seconds()
    while True:
        silent = time.monotonic() - seen_since
        alive = moved and silent < time_to_live.total_seconds() / 2
        if not seen.holder or silent >= time_to_live.total_seconds():
            mine = heads.take(seen, holder=holder, now=now())
            try:
                ledger.swap(seen, mine)
            except Conflict:
                pass
            else:
                if seen.holder:
                    log.warning("%s: lease taken over from %s, silent for %.0f s", target, seen.holder, silent)
                return mine
        if time.monotonic() >= deadline and alive:
            raise LeaseTaken(
                f"{target}: the lease is held by {seen.holder or 'others in turn'} (token {seen.token}); waited "
                f"{wait.total_seconds():.0f} s; it frees itself {time_to_live.total_seconds():.0f} s after its holder "
                "dies; raise lease_wait if its reads take longer"
            )
        if seen.holder and time.monotonic() - told >= TOLD_EVERY.total_seconds():
            told = time.monotonic()
            _tell_waiting(seen, time_to_live.total_seconds() - silent)
        time.sleep(look_every(time_to_live).total_seconds())
        current = ledger.head(target)
        if current.version != seen.version:
            seen, seen_since, moved = current, time.monotonic(), True


def _tell_waiting(seen: Head, left: float) -> None:
    """For whom is waited, and when the lease is taken over if that one stays silent."""
    progress.info(
        "%s: waiting for the lease of %s; taken over in %.0f s unless it shows a sign of life",
        seen.target,
        seen.holder,
        left,
    )
