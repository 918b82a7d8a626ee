"""A small race: Floodmark loses nothing where a plain slice does, and loses rows itself once its seal is taken away."""

import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg2
import pytest

from floodmark.core.ledger.watermark import Look, Seen
from floodmark.core.ports import Source
from floodmark.demo.loss.compare import Difference, compare
from floodmark.demo.loss.contestants import Contestant, FixedSlice, Floodmark
from floodmark.demo.loss.databases import create_table, versions
from floodmark.demo.loss.race import race, results
from floodmark.demo.loss.workload import Parameters, Workload, grid

LIKE = Parameters(slices=4, width=timedelta(seconds=1.5), rate=60, long=0.06, boundary=0.08, long_from=0.5)
CLOSING = 4


class Blind:
    """A source whose look sees the clock and nobody: the seal without its proof."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def __getattr__(self, name: str) -> object:
        return getattr(self._source, name)

    def look(self, before: Seen | None = None) -> Look:
        return replace(self._source.look(before), open_transactions=(), blockers=())


def blinded(contestant: Floodmark) -> Floodmark:
    """Floodmark with a watermark that is the clock, and without the tripwire that would notice (R12)."""
    run = contestant.table_run
    run.ports.__dict__["source"] = Blind(run.ports.source)
    contestant.table_run = replace(run, table=run.table.model_copy(update={"settle": timedelta(0), "recheck": 0}))
    return contestant


class Shop:
    """The workload's table, and a Floodmark that reads it in slices of a second."""

    def __init__(self, source, google, folder: Path, *, blind: bool) -> None:
        self.source = source
        create_table(source.dsn)
        width, now = timedelta(seconds=1), datetime.now(UTC)
        made = Floodmark(source=source, google=google, folder=folder, first=now, width=width, place=source.dbname)
        first = datetime.now(UTC)  # making it takes a while
        made.table_run = replace(made.table_run, table=made.table_run.table.model_copy(update={"start": first}))
        self.slices = grid(first, Parameters(slices=5, width=width))
        self.floodmark = blinded(made) if blind else made

    def run(self, number: int) -> None:
        """Run a slice once it has ended."""
        time.sleep(max(0.0, (self.slices[number].high - datetime.now(UTC)).total_seconds()))
        self.floodmark.run(self.slices[number])

    def difference(self) -> Difference:
        """The target against the source."""
        return compare(versions(self.source), self.floodmark.rows())


@pytest.mark.slow
@pytest.mark.parametrize(("blind", "lost"), [(False, 0), (True, 2)])
def test_a_row_committed_after_its_slice_was_read_is_lost_only_without_the_seal(
    database, google, tmp_path, *, blind, lost
):
    """begin, write two | slices 0 to 2 read | commit | slices 3 and 4 read: past settle, and past the tripwire."""
    shop = Shop(database, google, tmp_path, blind=blind)
    late, other = psycopg2.connect(database.dsn), psycopg2.connect(database.dsn)
    try:
        late.cursor().execute("INSERT INTO orders (note) VALUES ('late'), ('late')")
        with other, other.cursor() as cursor:
            cursor.execute("INSERT INTO orders (note) VALUES ('in time')")
        for number in range(5):
            if number == 3:
                late.commit()
            shop.run(number)
        assert shop.difference() == Difference(lost=lost)
        assert shop.floodmark.sealed_up_to() >= shop.slices[0].high
        assert shop.floodmark.late() == 0
    finally:
        late.close()
        other.close()
        shop.floodmark.close()


@contextmanager
def raced(source, postgres, google, folder: Path):
    """A small race: how each differs, up to when Floodmark says sealed and how often too early, when all ended."""
    create_table(source.dsn)
    target = postgres.create_database(f"{source.dbname}_plain")
    first = datetime.now(UTC) + timedelta(seconds=4)
    workload = Workload(source.dsn, LIKE, first)
    contestants: list[Contestant] = [FixedSlice("plain slice", source=source, target=target)]
    try:
        own = Floodmark(
            source=source, google=google, folder=folder, first=first, width=LIKE.width, place=source.dbname
        )  # fmt: skip
        contestants.append(own)
        workload.ready()
        slices = grid(first, LIKE, more=CLOSING)
        lanes = race(contestants, slices)
        workload.written(timeout=30)
        found = {one.name: one.difference for one in results(lanes, source)}
        yield found, (own.sealed_up_to(), own.late()), slices[LIKE.slices - 1].high
    finally:
        workload.stop()
        for one in contestants:
            one.close()
        postgres.drop_database(target.dbname)


def check(race) -> None:
    found, (sealed, late), end = race
    assert found["Floodmark"] == Difference()
    assert sealed >= end
    assert late == 0
    assert found["plain slice"].lost > 0


@pytest.mark.slow
def test_floodmark_loses_nothing_beside_a_workload_of_which_a_plain_slice_loses_rows(
    database, postgres, google, tmp_path
):
    with raced(database, postgres, google, tmp_path) as race:
        check(race)


@pytest.mark.slow
def test_floodmark_loses_nothing_of_mysql_either(mysql_database, postgres, google, tmp_path):
    with raced(mysql_database, postgres, google, tmp_path) as race:
        check(race)
