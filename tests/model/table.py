"""One table of the model, and what can be done to it: runs, their ends, and the check after each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar

from hypothesis.stateful import RuleBasedStateMachine

from floodmark.core.balance import Depth
from floodmark.core.ledger.requested import Requester
from floodmark.core.time.interval import Interval
from floodmark.errors import FatalError
from floodmark.pipeline.balance import balance
from floodmark.pipeline.load import load
from floodmark.pipeline.outcome import Outcome
from floodmark.pipeline.table_run import Request, TableRun
from tests.fakes.fuse import Fuse, guarded
from tests.model.account import Account
from tests.model.place import LEDGERS, TABLES, Place
from tests.model.promise import Broken, Promise
from tests.model.shop import Shop
from tests.model.step import staged
from tests.model.zombie import Zombie

MICROSECOND = timedelta(microseconds=1)


class Table(RuleBasedStateMachine):
    """``place`` is set by who runs it, on the class."""

    place: ClassVar[Place]
    steps: ClassVar[int] = 0
    runs: ClassVar[int] = 0
    compared: ClassVar[int] = 0
    found: ClassVar[list[BaseException]] = []
    ledgers: ClassVar[tuple[str, ...]] = LEDGERS
    kinds: ClassVar[tuple[str, ...]] = ("keyed", *TABLES)

    def _open(self, kind: str, ledger: str) -> None:
        place = type(self).place
        self.shop = Shop(place.database.dsn, f"t{next(place.numbers)}", kind)
        self.sync = place.table_run(self.shop.table, kind, ledger, self.shop.start)
        names = place.datasets
        self.promise = Promise(
            shop=self.shop,
            ledger=self.sync.ports.ledger,
            target=self.sync.target,
            warehouse=place.warehouse,
            current=self.sync.target,
            raw=f"{names.project}.{names.raw}.{self.shop.table}",
        )
        self.account = Account(self.promise, self.sync)
        self.edges = [self.shop.start]
        self.asked: list[Request] = []
        self.staged: list[str] = []
        self.zombies: list[Zombie] = []

    def _is_new(self) -> bool:
        """Whether it is loaded in parts, and nothing of it is."""
        return self.shop.kind == "parted" and self.sync.ports.ledger.head(self.sync.target).last is None

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

    def _newest(self, edge: str, which: int, by: Requester = Requester.PERSON) -> Request:
        """The slice that ends at a new edge; it may cut an old one in two."""
        self._edge(edge, which)
        place = -1 if edge in ("now", "soon") else which % (len(self.edges) - 1) + 1
        made = self.place.ask(Interval(low=self.edges[place - 1], high=self.edges[place]), by=by)
        self.asked.append(made)
        return made

    def _step(self) -> TableRun:
        return self.place.step(self.sync)

    def _own_ports(self, run: TableRun) -> TableRun:
        """With ports of its own, as a process has, of a step that may run beside another."""
        return replace(run, ports=self.place.ports(run.config))

    def _attempt(self, request: Request, fuse: Fuse) -> Outcome:
        with self._noted():
            found = staged(guarded(self._step(), fuse), request)
            return load(guarded(self._step(), fuse), found.read_at) if found.pending else found

    def _order(self, keys: list[int], writer: int | None = None) -> None:
        """Rows that are new, or changed, and committed, so that the next run has something to load."""
        if writer is None:
            writer = next((number for number, one in enumerate(self.shop.writers) if one.idle), None)
        if writer is not None:
            self.shop.transact(writer, [(name, key) for key in keys for name in ("insert", "update")])
            if self.shop.writers[writer].open:
                self.shop.end(writer, "COMMIT")

    def _close(self) -> None:
        self.shop.go_home()
        self._run(self._newest("now", 0))
        self._run(self.place.ask(None))

    def _run(self, request: Request) -> None:
        type(self).runs += 1
        with self._noted():
            found = staged(self._step(), request)
            if found.pending:
                load(self._step(), found.read_at)
        self._check()

    def _balance(self) -> None:
        """The daily upkeep's comparison, of all rows, to its full depth."""
        before = self.sync.ports.ledger.head(self.sync.target).balance
        with self._noted():
            balance(self._step(), Depth.ROWS, everything=True)
            self.account.check_balanced(before)

    @contextmanager
    def _noted(self) -> Iterator[None]:
        """A run that gives up for good is found as a broken promise is: nothing that happens here is a reason to."""
        try:
            yield
        except (FatalError, Broken) as error:
            self.found.append(error)
            raise

    def _broken(self, message: str) -> None:
        self.found.append(broken := Broken(message))
        raise broken

    def _check(self) -> None:
        try:
            self.promise.check()
            self.account.check()
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
            type(self).place.forget(self.shop.table)
