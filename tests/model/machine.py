"""Writers, runs, deaths and pauses in any order; after each run the promise is held against the source.

Time is real, since ``now()`` is: slices are fractions of a second, and their bounds are chosen where it hurts, at the
cursor of a row or the start of an open transaction. What a rule does depends on what was drawn before, never on the
clock, so that an example can be repeated.
"""

from __future__ import annotations

import logging

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from floodmark.core.ledger.portion import Kind
from floodmark.core.ledger.requested import Requester
from floodmark.core.time.interval import Interval
from floodmark.errors import LeaseLost
from floodmark.pipeline.extract import extract
from floodmark.pipeline.load import load
from tests.fakes.fuse import WRITES_OF_EXTRACT, WRITES_OF_LOAD, Fuse, Killed, Pause
from tests.model.shop import KEYS, WRITERS
from tests.model.statements import OPERATIONS, UNSEEN
from tests.model.table import Table
from tests.model.zombie import Zombie

log = logging.getLogger(__name__)


who = st.integers(0, WRITERS - 1)
key = st.integers(1, KEYS + 2)
operation = st.tuples(st.sampled_from(["update", "insert", *OPERATIONS]), key)
point = st.integers(1, WRITES_OF_EXTRACT + WRITES_OF_LOAD)
jobs = st.integers(WRITES_OF_EXTRACT + 4, WRITES_OF_EXTRACT + WRITES_OF_LOAD)
"""Those of a run's writes that lie around its jobs."""
between_parts = st.integers(10, 16)
"""Those around the end of a first load's first part."""
edge = st.sampled_from(["now", "cursor", "after cursor", "soon"])
which = st.integers(0, 30)
kind = st.sampled_from([Kind.SLICE, Kind.SLICE, Kind.RELOAD, Kind.RECONCILE])
by = st.sampled_from(Requester)


class Machine(Table):
    """One table, from its first row on."""

    @initialize(data=st.data())
    def open(self, data: st.DataObject) -> None:
        self._open(data.draw(st.sampled_from(self.kinds)), data.draw(st.sampled_from(self.ledgers)))

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

    @rule(key=key)
    def have_the_last_word(self, key: int) -> None:
        """Who began first changes a row last, and leaves it with the earlier cursor; a run comes in between."""
        self._count()
        idle = [number for number, one in enumerate(self.shop.writers) if one.idle]
        if len(idle) > 1:
            first, second = idle[:2]
            self.shop.transact(first, [("insert", key + 1)])
            self._order([key], second)
            self._run(self._newest("now", 0))
            self.shop.transact(first, [("update", key)])
            if self.shop.writers[first].open:
                self.shop.end(first, "COMMIT")

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

    @rule(edge=edge, which=which, by=by)
    def run_newest(self, edge: str, which: int, by: Requester) -> None:
        self._count()
        self._run(self._newest(edge, which, by))

    @rule(keys=st.lists(key, min_size=1, max_size=4))
    def close_of_day(self, keys: list[int]) -> None:
        """A last order, and everybody goes home; two runs later all that was read in order is sealed."""
        self._count()
        self._order(keys)
        self._close()

    @rule(first=which, width=st.integers(1, 3), by=by)
    def run_old(self, first: int, width: int, by: Requester) -> None:
        """Any slice, or several, in any order, for the first time or not."""
        self._count()
        if len(self.edges) > 1:
            low = first % (len(self.edges) - 1)
            high = min(low + width, len(self.edges) - 1)
            self._run(self.place.ask(Interval(low=self.edges[low], high=self.edges[high]), by=by))

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

    @rule()
    def reconcile(self) -> None:
        """All keys compared, and what differs healed: no hard delete and no changed key before it is left (R25)."""
        self._count()
        self._run(self.place.ask(None, Kind.RECONCILE))

    @rule()
    def balance(self) -> None:
        """Both ends counted and compared: what is said of them is so (R36)."""
        self._count()
        self._balance()
        self._check()

    @precondition(lambda self: self.shop.kind != "append")
    @rule(key=key, how=st.sampled_from(list(UNSEEN)))
    def change_unseen(self, key: int, how: str) -> None:
        """A write that leaves the cursor as it was: the balance tells it, and a reconcile heals it (R36)."""
        self._count()
        self._close()
        if not self.shop.change_unseen(key, how):
            return
        self._balance()
        self._run(self.place.ask(None, Kind.RECONCILE))
        self._balance()
        self._check()

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

    @rule(edge=edge, which=which, fatal=point | jobs, after=st.booleans(), key=key, compares=st.booleans())
    def die(self, edge: str, which: int, fatal: int, after: bool, key: int, compares: bool) -> None:
        """A run that dies at one of its writes; whoever comes next waits for its lease to run out."""
        self._count()
        self._order([key])
        try:
            request = self.place.ask(None, Kind.RECONCILE) if compares else self._newest(edge, which)
            self._attempt(request, Fuse(fatal, after=after))
        except Killed:
            log.debug("died at write %d", fatal)
        self._check()

    @precondition(lambda self: self._is_new())
    @rule(who=who, key=st.integers(1, 3), fatal=between_parts, after=st.booleans())
    def die_between_parts(self, who: int, key: int, fatal: int, after: bool) -> None:
        """A first load that dies about where its first part is applied; somebody holds a row of that part changed."""
        self._count()
        if not self.shop.writers[who].idle:
            return
        self._order(
            list(range(1, KEYS + 1)), (who + 1) % WRITERS if self.shop.writers[(who + 1) % WRITERS].idle else who
        )
        self.shop.transact(who, [("update", key)])
        try:
            self._attempt(self._newest("now", 0), Fuse(fatal, after=after))
        except Killed:
            log.debug("died at write %d", fatal)
        if self.shop.writers[who].open:
            self.shop.end(who, "COMMIT")
        self._check()

    @rule(edge=edge, which=which, fatal=point, after=st.booleans(), kind=kind)
    def pause(self, edge: str, which: int, fatal: int, after: bool, kind: Kind) -> None:
        """A run that stands still at one of its writes, until after its lease ran out and another run came by."""
        self._count()
        if len(self.zombies) < 2:
            request = self._newest(edge, which) if kind is Kind.SLICE else self.place.ask(None, kind)
            zombie = Zombie(self._own_ports(self._step()), request, Pause(fatal, after=after))
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
