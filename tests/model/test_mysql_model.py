"""Writers of MySQL in any order, and runs among them: what is sealed is in current as the source has it.

``MODEL_STEPS`` says how much of it, as for PostgreSQL's model: a tenth, in examples of STEPS steps.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from typing import Any, ClassVar, cast

import pytest
from google.api_core.exceptions import NotFound
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from floodmark.core.ledger import coverage as coverages
from floodmark.core.ledger.portion import Kind
from floodmark.core.time.interval import Interval
from floodmark.demo.servers.all import Database, GoogleServers, temporary_folder
from floodmark.demo.servers.mariadb import MySQLDatabase
from floodmark.pipeline.extract import extract
from floodmark.pipeline.load import load
from tests.conftest import IN_MEMORY, new_datasets
from tests.model.mysql_shop import AT_LENGTH, KEYS, OPERATIONS, WRITERS, MySQLShop
from tests.model.place import Place

STEPS = 20
SHARE = 400
who = st.integers(0, WRITERS - 1)
key = st.integers(1, KEYS)
operations = st.lists(st.tuples(st.sampled_from(list(OPERATIONS)), key), min_size=1, max_size=3)


class MySQLMachine(RuleBasedStateMachine):
    """One table, from its first row on."""

    place: ClassVar[Place]
    server: ClassVar[MySQLDatabase]
    compared: ClassVar[int] = 0

    @initialize()
    def open(self) -> None:
        self.shop = MySQLShop(self.server, f"t{next(self.place.numbers)}")
        self.edges, self.cascaded = [self.shop.clock()], False
        self.shop.transact(0, [("insert", 1), ("insert", 2)], xa=False)
        self.shop.end(0, "COMMIT")
        self.table = self.place.table_run(self.shop.table, "keyed", "sqlite", self.edges[0])

    @rule(who=who, operations=operations, ends=st.booleans(), xa=st.booleans())
    def transact(self, who: int, operations: list[tuple[str, int]], ends: bool, xa: bool) -> None:
        if self.shop.writers[who].thread is None:
            self.shop.transact(who, operations, xa=xa)
            if ends:
                self.shop.end(who, "COMMIT")

    @rule(who=who, how=st.sampled_from(["COMMIT", "ROLLBACK", "LEAVE", "KILL"]))
    def end(self, who: int, how: str) -> None:
        if self.shop.writers[who].open:
            if how == "KILL":
                self.shop.kill(who)
            else:
                self.shop.end(who, how)

    @precondition(lambda self: self.shop.prepared)
    @rule(how=st.sampled_from(["COMMIT", "COMMIT", "ROLLBACK"]))
    def end_prepared(self, how: str) -> None:
        self.shop.end_prepared(how)

    @rule(who=who, kind=st.sampled_from(list(AT_LENGTH)), key=key)
    def message(self, who: int, kind: str, key: int) -> None:
        """Sent, and under way while the next steps are taken."""
        if self.shop.writers[who].idle:
            self.shop.begin_message(who, kind, key)

    @rule()
    def end_messages(self) -> None:
        self.shop.end_messages()

    @rule()
    def run_newest(self) -> None:
        """The slice that ends now."""
        self.edges.append(self.shop.clock())
        self._run(Interval(low=self.edges[-2], high=self.edges[-1]))

    @rule(place=st.integers(0, 9))
    def run_old(self, place: int) -> None:
        if len(self.edges) > 1:
            place %= len(self.edges) - 1
            self._run(Interval(low=self.edges[place], high=self.edges[place + 1]))

    @rule(key=st.integers(10, 99))
    def cascade(self, key: int) -> None:
        """Unseen by any cursor, late where a slice is looked back into, and healed by a reconcile."""
        self.cascaded = True
        self.shop.cascade(key)
        self._run(None)
        self._run(None, Kind.RECONCILE)

    def _run(self, interval: Interval | None, kind: Kind = Kind.SLICE) -> None:
        found = extract(self.place.step(self.table), self.place.ask(interval, kind))
        if found.pending:
            load(self.place.step(self.table), found.read_at)
        self._check()

    def _check(self) -> None:
        """Current is read first: what is committed afterwards with a cursor that is sealed came too late."""
        head = self.table.ports.ledger.head(self.table.target)
        sealed = coverages.sealed(head.coverage)
        current = {row["id"]: row for row in self._current(head.last is not None)}
        late = [read.late for read in self.table.ports.ledger.reads(self.table.target) if read.late]
        assert not late or self.cascaded, f"{late} late rows: something was sealed too early"
        for key, (version, parent, at, deleted) in self.shop.rows().items():
            if not any(at in interval for interval in sealed):
                continue
            type(self).compared += 1
            found = current.get(key)
            if deleted:
                assert found is None, f"{key} stands in current, deleted in the source at {at}; sealed {sealed}"
                continue
            assert found is not None, f"{key} of {at} is missing in current; sealed {sealed}"
            assert (found["version"], found["parent"]) == (version, parent), f"{key} of {at} is stale: {found}"

    def _current(self, there: bool) -> list[Any]:
        query = f"SELECT id, version, parent FROM `{self.place.datasets.current}.{self.shop.table}`"
        try:
            return list(self.place.warehouse.query(query, location="EU").result()) if there else []
        except NotFound:  # nothing was ever written
            return []

    def teardown(self) -> None:
        if not hasattr(self, "table"):
            return
        try:
            self.shop.go_home()
            self.edges.append(self.shop.clock())
            self._run(Interval(low=self.edges[0], high=self.edges[-1]))
            self._run(None)
        finally:
            self.shop.close()
            self.place.forget(self.shop.table)


@pytest.fixture
def mysql_place(mysql_database: MySQLDatabase, google: GoogleServers) -> Iterator[Place]:
    """A source, a bucket and two datasets; the ledger is a file."""
    name = "model_" + uuid.uuid4().hex[:8]
    google.storage_client().create_bucket(bucket := name.replace("_", "-"))
    database = cast("Database", mysql_database)
    with temporary_folder(IN_MEMORY) as folder, new_datasets(google, name) as datasets:
        made = Place(
            database=database, ledger_database=database, google=google, datasets=datasets, bucket=bucket, folder=folder
        )
        yield made
        made.close()


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_whatever_is_written_to_mysql_current_is_the_source_up_to_the_seal(
    mysql_place: Place, mysql_database: MySQLDatabase
) -> None:
    MySQLMachine.place, MySQLMachine.server, MySQLMachine.compared = mysql_place, mysql_database, 0
    steps = int(os.environ.get("MODEL_STEPS") or SHARE)
    run_state_machine_as_test(
        MySQLMachine,
        settings=settings(
            max_examples=2 + steps // 10 // STEPS, stateful_step_count=STEPS, deadline=None,
            derandomize=steps <= SHARE, database=None, print_blob=True, suppress_health_check=list(HealthCheck),
            phases=(Phase.generate,),
        ),
    )  # fmt: skip
    assert MySQLMachine.compared, "nothing was ever sealed: the model proves nothing"
