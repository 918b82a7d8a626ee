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

Change = Callable[[Head], Head | tuple[Head, Read]]
"""A lawful change of a head, and the read that it closes, if any."""

TIME_TO_LIVE = timedelta(seconds=60)
PATIENCE = timedelta(minutes=5)
TOLD_EVERY = timedelta(seconds=10)
"""How often one who waits says for whom."""


def look_every(time_to_live: timedelta) -> timedelta:
    """How often one who waits for a lease looks whether it is free."""
    return min(timedelta(seconds=1), time_to_live / 20)


class Lease:
    """The right to change one head, until it is released or lost.

    What is :meth:`noted <note>` and not yet stored is stored with the next write, at the latest by the release.
    """

    def __init__(self, ledger: Ledger, head: Head, time_to_live: timedelta, meter: Meter | None = None) -> None:
        self._ledger, self._meter = ledger, meter or Meter()
        self._stored = self._head = head
        self._closed: Read | None = None
        self._lost: str = ""
        self._run_id: str = ""
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._every = time_to_live.total_seconds() / 4
        self._written = time.monotonic()
        self._renewer = threading.Thread(target=self._renew, name=f"lease of {head.target}", daemon=True)
        self._renewer.start()

    @property
    def head(self) -> Head:
        """The head as this holder knows it: what it wrote last, and what it noted since."""
        with self._lock:
            return self._head

    def note(self, change: Change) -> Head:
        """Make a lawful change of the head that is stored with the next one.

        Only what any later holder finds again by itself may wait so: should this one die, it has not happened. So no
        intent does, for its effect begins at once (R17), and no read's beginning (R15).

        Raises ``LeaseLost`` where what was noted before had to be stored first, and somebody else moved the head.
        """
        with self._lock:
            self._head, self._closed = self._changed(change)
            return self._head

    def write(self, change: Change) -> Head:
        """Store a lawful change of the head, with what was noted, and with what was billed since the last one.

        Raises ``LeaseLost`` where somebody else moved it first.
        """
        with self._lock:
            changed = self._changed(change)
            before = self._head, self._closed
            self._head, self._closed = changed
            try:
                self._store()
            except BaseException:
                self._head, self._closed = before
                raise
            return self._head

    def store(self) -> None:
        """Store what was noted: before the ledger is asked for what was closed."""
        with self._lock:
            if self._pending:
                self._store()

    @property
    def _pending(self) -> bool:
        return self._head.version > self._stored.version

    def _store(self) -> None:
        self._head = self._with_bills(self._head)
        self._swap(self._head, self._closed)
        self._closed = None

    def _changed(self, change: Change) -> tuple[Head, Read | None]:
        """The head by this change, and what it and those before it close: one write closes one read."""
        if self._lost:
            raise LeaseLost(self._lost)
        new, closed = _parted(change(self._head))
        if closed and self._closed:
            self._store()
            new, closed = _parted(change(self._head))
        read = new.open or self._head.open
        self._run_id = read.run_id if read else self._run_id  # what is asked once it is closed was asked for it
        return new, closed or self._closed

    def _with_bills(self, head: Head) -> Head:
        """Said once, whatever becomes of the write: a step that loses its lease must not say it again under another.

        Until then the meter has them, where a budget looks for them.
        """
        bills, run_id = self._meter.taken(), self._meter.run_id or self._run_id
        return replace(head, spending=spend(head.spending, bills, run_id=run_id, now=now())) if bills else head

    def _swap(self, new: Head, closed: Read | None = None) -> None:
        if self._lost:
            raise LeaseLost(self._lost)
        try:
            self._ledger.swap(self._stored, new, closed)
        except Conflict as conflict:
            stored = self._ledger.head(self._stored.target)
            self._lost = (
                f"{self._stored.target}: the lease under token {self._stored.token} was taken over by "
                f"{stored.holder or 'another step'} (token {stored.token}); this step stops, a retry goes on from there"
            )
            raise LeaseLost(self._lost) from conflict
        self._stored, self._written = new, time.monotonic()

    def _renew(self) -> None:
        wait = self._every
        while not self._over.wait(wait):
            try:
                with self._lock:
                    wait = self._written + self._every - time.monotonic()
                    if wait <= 0 and not self._over.is_set():  # any write is a sign of life
                        wait = self._every
                        self._sign_of_life()
            except LeaseLost as lost:
                log.warning("%s", lost)
                return
            except Exception as error:
                log.warning("%s: the lease could not be renewed: %s", self._stored.target, error)

    def _sign_of_life(self) -> None:
        """Nothing but that: what is noted waits for a write."""
        pending = self._pending
        self._swap(heads.renew(self._stored, now=now()))
        self._head = heads.renew(self._head, now=now()) if pending else self._stored

    def release(self, *, failed: bool = False) -> None:
        """Give the lease back, and store what was noted.

        Raises ``LeaseLost`` where that could not be stored, unless the step ``failed`` anyhow. To have lost the lease
        alone is no error: then there is nothing to give.
        """
        self._over.set()
        pending = self._pending
        try:
            self.write(heads.release)
        except LeaseLost as lost:
            if pending and not failed:
                raise
            log.warning("%s", lost)
        finally:
            self._renewer.join(timeout=5)


def _parted(changed: Head | tuple[Head, Read]) -> tuple[Head, Read | None]:
    return changed if isinstance(changed, tuple) else (changed, None)


@contextmanager
def lease(
    ledger: Ledger,
    target: str,
    *,
    holder: str,
    wait: timedelta = PATIENCE,
    time_to_live: timedelta = TIME_TO_LIVE,
    meter: Meter | None = None,
    seen: Head | None = None,
) -> Iterator[Lease]:
    """Take the lease of ``target``, waiting up to ``wait`` for another holder; release it at the end.

    What ``meter`` shows is written with each change of the head. ``seen`` is the head as it was not long ago: where it
    was free then, and still is as it was, it need not be asked for.

    One who shows no sign of life is waited for until its lease is over, however short ``wait`` is: else a step that
    comes again and again with less patience than ``time_to_live`` would never see it dead.

    Raises ``LeaseTaken``, naming the holder.
    """
    mine = _taken(ledger, seen, holder) if seen and not seen.holder else None
    held = Lease(ledger, mine or _take(ledger, target, holder, wait, time_to_live), time_to_live, meter)
    try:
        yield held
    except BaseException:
        held.release(failed=True)
        raise
    held.release()


def _taken(ledger: Ledger, seen: Head, holder: str) -> Head | None:
    """The head with the lease taken, by one conditional write; None where it is no longer as it was seen."""
    mine = heads.take(seen, holder=holder, now=now())
    try:
        ledger.swap(seen, mine)
    except Conflict:
        return None
    return mine


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
            mine = _taken(ledger, seen, holder)
            if mine and seen.holder:
                log.warning("%s: lease taken over from %s, silent for %.0f s", target, seen.holder, silent)
            if mine:
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
