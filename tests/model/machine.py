"""Writers, runs, deaths and pauses in any order; after each run the promise is held against the source.

Time is real, since ``now()`` is: slices are fractions of a second, and their bounds are chosen where it hurts, at the
cursor of a row or the start of an open transaction. What a rule does depends on what was drawn before, never on the
clock, so that an example can be repeated.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from floodmark.core.interval import Interval
from floodmark.core.read import Kind
from floodmark.errors import LeaseLost
from floodmark.pipeline.extract import extract
from floodmark.pipeline.finish import load
from floodmark.pipeline.outcome import Outcome
from floodmark.pipeline.sync import Ask, Sync
from tests.fakes.fuse import WRITES_OF_EXTRACT, WRITES_OF_LOAD, Fuse, Killed, Pause, guarded
from tests.model.place import LEDGERS, TABLES, Place
from tests.model.promise import Broken, Promise
from tests.model.shop import KEYS, OPERATIONS, WRITERS, Shop

log = logging.getLogger(__name__)

MICROSECOND = timedelta(microseconds=1)

who = st.integers(0, WRITERS - 1)
key = st.integers(1, KEYS + 2)
operation = st.tuples(st.sampled_from(["update", "insert", *OPERATIONS]), key)
point = st.integers(1, WRITES_OF_EXTRACT + WRITES_OF_LOAD)
jobs = st.integers(WRITES_OF_EXTRACT + 4, WRITES_OF_EXTRACT + WRITES_OF_LOAD - 2)
"""Those of a run's writes that lie around its jobs."""
edge = st.sampled_from(["now", "cursor", "after cursor", "soon"])
which = st.integers(0, 30)


class Machine(RuleBasedStateMachine):
    """One table, from its first row on. ``place`` is set by who runs it."""

    place: ClassVar[Place]
    steps: ClassVar[int] = 0
    runs: ClassVar[int] = 0
    compared: ClassVar[int] = 0
    found: ClassVar[list[BaseException]] = []
    ledgers: ClassVar[tuple[str, ...]] = LEDGERS
    kinds: ClassVar[tuple[str, ...]] = ("keyed", *TABLES)

    @initialize(data=st.data())
    def open(self, data: st.DataObject) -> None:
        kind, ledger = data.draw(st.sampled_from(self.kinds)), data.draw(st.sampled_from(self.ledgers))
        place = type(self).place
        self.shop = Shop(place.database.dsn, f"t{next(place.numbers)}", kind)
        self.sync = place.sync(self.shop.table, kind, ledger, self.shop.start)
        names = place.datasets
        self.promise = Promise(
            shop=self.shop,
            ledger=self.sync.ports.ledger,
            target=self.sync.target,
            warehouse=place.warehouse,
            current=self.sync.target,
            raw=f"{names.project}.{names.raw}.{self.shop.table}",
        )
        self.edges = [self.shop.start]
        self.asked: list[Ask] = []
        self.staged: list[str] = []
        self.zombies: list[Zombie] = []

    # The application

    @rule(who=who, operations=st.lists(operation, min_size=1, max_size=5), ends=st.booleans())
    def transact(self, who: int, operations: list[tuple[str, int]], ends: bool) -> None:
        """Begin or go on; every other time commit at once."""
        self._count()
        if self.shop.writers[who].thread is None:
            self.shop.transact(who, operations)
            if ends and self.shop.writers[who].open:
                self.shop.end(who, "COMMIT")

    @rule(who=who, operations=st.lists(operation, min_size=1, max_size=3))
    def prepare(self, who: int, operations: list[tuple[str, int]]) -> None:
        """The first of two phases, at once."""
        self._count()
        if self.shop.writers[who].thread is None:
            self.shop.transact(who, operations)
            if self.shop.writers[who].open:
                self.shop.end(who, "PREPARE")

    @rule(who=who, how=st.sampled_from(["COMMIT", "PREPARE", "ROLLBACK"]))
    def end(self, who: int, how: str) -> None:
        self._count()
        if self.shop.writers[who].open:
            self.shop.end(who, how)

    @precondition(lambda self: self.shop.prepared)
    @rule(how=st.sampled_from(["COMMIT", "COMMIT", "ROLLBACK"]))
    def end_prepared(self, how: str) -> None:
        self._count()
        self.shop.end_prepared(how)

    @rule(who=who, key=key)
    def message(self, who: int, key: int) -> None:
        """Send two transactions in one message, or let those that wait at the gate end."""
        self._count()
        if self.shop.in_message:
            self.shop.end_message()
        elif self.shop.writers[who].idle:
            self.shop.begin_message(who, key)

    @rule(how=st.sampled_from(["add", "rewrite"]))
    def alter(self, how: str) -> None:
        self._count()
        self.shop.alter(how)

    @precondition(lambda self: self.shop.kind == "partitioned")
    @rule()
    def attach(self) -> None:
        """Rows as old as one likes, at once; they are promised from the next run on (R11)."""
        self._count()
        if self.shop.attach():
            self._run(self.place.ask(None))

    # Airflow

    @rule(edge=edge, which=which)
    def boundary(self, edge: str, which: int) -> None:
        """A slice ends, and its run doesn't come, or later."""
        self._count()
        self._edge(edge, which)

    @rule(edge=edge, which=which)
    def run_newest(self, edge: str, which: int) -> None:
        self._count()
        self._run(self._newest(edge, which))

    @rule(keys=st.lists(key, min_size=1, max_size=4))
    def close_of_day(self, keys: list[int]) -> None:
        """A last order, and everybody goes home; two runs later all that was read in order is sealed."""
        self._count()
        self._order(keys)
        self._close()

    @rule(first=which, width=st.integers(1, 3))
    def run_old(self, first: int, width: int) -> None:
        """Any slice, or several, in any order, for the first time or not."""
        self._count()
        if len(self.edges) > 1:
            low = first % (len(self.edges) - 1)
            high = min(low + width, len(self.edges) - 1)
            self._run(self.place.ask(Interval(low=self.edges[low], high=self.edges[high])))

    @rule()
    def run_with_nothing_asked(self) -> None:
        self._count()
        self._run(self.place.ask(None))

    @rule(which=which)
    def retry(self, which: int) -> None:
        """A run once more, by its old name: Airflow's retry, or a cleared task."""
        self._count()
        if self.asked:
            self._run(self.asked[which % len(self.asked)])

    @rule()
    def reload(self) -> None:
        self._count()
        self._run(self.place.ask(None, Kind.RELOAD))

    @rule(edge=edge, which=which)
    def extract_only(self, edge: str, which: int) -> None:
        """The second task is long in coming."""
        self._count()
        found = extract(self._step(), self._newest(edge, which))
        if found.pending:
            self.staged.append(found.read_at)
        self._check()

    @precondition(lambda self: self.staged)
    @rule(which=which)
    def load_later(self, which: int) -> None:
        self._count()
        load(self._step(), self.staged.pop(which % len(self.staged)))
        self._check()

    @rule(edge=edge, which=which, fatal=point | jobs, after=st.booleans(), key=key)
    def die(self, edge: str, which: int, fatal: int, after: bool, key: int) -> None:
        """A run that dies at one of its writes; whoever comes next waits for its lease to run out."""
        self._count()
        self._order([key])
        try:
            self._attempt(self._newest(edge, which), Fuse(fatal, after=after))
        except Killed:
            log.debug("died at write %d", fatal)
        self._check()

    @rule(edge=edge, which=which, fatal=point, after=st.booleans(), reload=st.booleans())
    def pause(self, edge: str, which: int, fatal: int, after: bool, reload: bool) -> None:
        """A run that stands still at one of its writes, until after its lease ran out and another run came by."""
        self._count()
        if len(self.zombies) < 2:
            ask = self.place.ask(None, Kind.RELOAD) if reload else self._newest(edge, which)
            zombie = Zombie(self._own_ports(self._step()), ask, Pause(fatal, after=after))
            self.zombies.append(zombie)
            if zombie.asleep():
                self._run(self.place.ask(None))

    @precondition(lambda self: self.zombies)
    @rule()
    def wake(self) -> None:
        """It must find that it lost its lease, and change nothing."""
        self._count()
        zombie = self.zombies.pop(0)
        before = self._state()
        zombie.awaken()
        if zombie.held and not isinstance(zombie.error, LeaseLost | None):
            self._broken(f"a zombie of write {zombie.pause.fatal} ended with {zombie.error!r}")
        if zombie.held and self._state() != before:
            self._broken(f"a zombie of write {zombie.pause.fatal} changed something")
        if zombie.error is not None and not isinstance(zombie.error, LeaseLost):
            raise zombie.error
        self._check()

    @rule()
    def look(self) -> None:
        """The promise holds at any moment, not only after a run."""
        self._count()
        self._check()

    # Below the rules

    def _count(self) -> None:
        type(self).steps += 1

    def _edge(self, edge: str, which: int) -> None:
        """The end of a slice, later than all before."""
        moments = self.shop.moments() if "cursor" in edge else []
        moment = moments[which % len(moments)] if moments else self.shop.clock()
        if edge == "after cursor":
            moment += MICROSECOND
        if edge == "soon":
            moment += timedelta(milliseconds=60)
        self.edges = sorted({*self.edges, max(moment, self.shop.start + MICROSECOND)})

    def _newest(self, edge: str, which: int) -> Ask:
        """The slice that ends at a new edge; it may cut an old one in two."""
        self._edge(edge, which)
        place = -1 if edge in ("now", "soon") else which % (len(self.edges) - 1) + 1
        made = self.place.ask(Interval(low=self.edges[place - 1], high=self.edges[place]))
        self.asked.append(made)
        return made

    def _step(self) -> Sync:
        return self.place.step(self.sync)

    def _own_ports(self, sync: Sync) -> Sync:
        """With ports of its own, as a process has, of a step that may run beside another."""
        return replace(sync, ports=self.place.ports(sync.config))

    def _attempt(self, ask: Ask, fuse: Fuse) -> Outcome:
        found = extract(guarded(self._step(), fuse), ask)
        return load(guarded(self._step(), fuse), found.read_at) if found.pending else found

    def _order(self, keys: list[int]) -> None:
        """Rows that are new, or changed, and committed, so that the next run has something to load."""
        writer = next((number for number, one in enumerate(self.shop.writers) if one.idle), None)
        if writer is not None:
            self.shop.transact(writer, [(name, key) for key in keys for name in ("insert", "update")])
            if self.shop.writers[writer].open:
                self.shop.end(writer, "COMMIT")

    def _close(self) -> None:
        self.shop.go_home()
        self._run(self._newest("now", 0))
        self._run(self.place.ask(None))

    def _run(self, ask: Ask) -> None:
        type(self).runs += 1
        found = extract(self._step(), ask)
        if found.pending:
            load(self._step(), found.read_at)
        self._check()

    def _broken(self, message: str) -> None:
        self.found.append(broken := Broken(message))
        raise broken

    def _check(self) -> None:
        try:
            self.promise.check()
        except Broken as broken:
            self.found.append(broken)
            raise
        finally:
            type(self).compared += self.promise.compared
            self.promise.compared = 0

    def _state(self) -> tuple[Any, ...]:
        """All that a zombie could change. Not the lease: once its step is lost, its next one may take it in order."""
        head = self.sync.ports.ledger.head(self.sync.target)
        return (head.open, head.last, head.last_read_at, head.coverage, head.error, *self.promise.contents())

    def teardown(self) -> None:
        if not hasattr(self, "shop"):
            return
        try:
            for zombie in getattr(self, "zombies", []):
                zombie.awaken()
            if hasattr(self, "zombies") and not self.found:
                self._close()
        finally:
            self.shop.close()


class Zombie:
    """A run in a thread of its own that stands still at one of its writes."""

    def __init__(self, sync: Sync, ask: Ask, pause: Pause) -> None:
        self.sync, self.ask, self.pause = sync, ask, pause
        self.error: BaseException | None = None
        self.over = threading.Event()
        self.held = False
        threading.Thread(target=self._work, daemon=True).start()

    def _work(self) -> None:
        try:
            step = guarded(self.sync, self.pause)
            found = extract(step, self.ask)
            if found.pending:
                load(step, found.read_at)
        except BaseException as error:
            self.error = error
        finally:
            self.sync.ports.close()
            self.over.set()

    def asleep(self) -> bool:
        """Whether it came to the write at which it pauses; if not, it has ended."""
        deadline = time.monotonic() + 60
        while not (self.pause.asleep.is_set() or self.over.is_set()):
            assert time.monotonic() < deadline, "a step neither paused nor ended"
            time.sleep(0.01)
        self.held = self.pause.asleep.is_set() and self.pause.holding
        return self.pause.asleep.is_set()

    def awaken(self) -> None:
        """Let it go on to its end."""
        self.pause.wake.set()
        assert self.over.wait(timeout=60), "a zombie never ended"
