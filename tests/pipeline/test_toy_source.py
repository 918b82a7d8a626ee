"""A source that is nothing of PostgreSQL's, under the whole pipeline: the measure of the seam between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from floodmark.core.ledger.portion import Kind
from floodmark.core.ledger.read import Read
from floodmark.core.ledger.watermark import Basis
from floodmark.core.ports import Source
from floodmark.demo.servers.all import Database, GoogleServers
from floodmark.pipeline.outcome import Outcome
from floodmark.pipeline.table_run import Ports
from tests.conftest import Datasets
from tests.fakes import toy
from tests.fakes.toy import ToyDatabase, ToySource
from tests.pipeline.conftest import START, World, hour


@dataclass
class Toyshop:
    """A world whose source is a toy; stage, warehouse and ledger are as everywhere."""

    world: World
    database: ToyDatabase
    ports: Ports

    def at(self, minutes: int) -> None:
        """Let the source's clock stand so many minutes after START."""
        self.database.clock = START + timedelta(minutes=minutes)

    def run(self, number: int, kind: Kind = Kind.SLICE) -> Outcome:
        """The run of one hour, at its end."""
        self.database.clock = max(self.database.clock, hour(number).high)
        return self.world.run("orders", hour(number), kind, ports=self.ports)

    @property
    def last(self) -> Read:
        """The last applied read."""
        last = self.world.head("orders").last
        assert last is not None
        return last

    def current(self) -> list[tuple[Any, ...]]:
        """Keys and notes."""
        return self.world.current("orders", "id, note")


@pytest.fixture(params=[False, True], ids=["hands over rows", "stages by itself"])
def shop(
    request: pytest.FixtureRequest, datasets: Datasets, google: GoogleServers, bucket: str, tmp_path: Path
) -> Iterator[Toyshop]:
    """A toy source that hands over rows, and one that stages by itself."""
    world = World(
        database=cast("Database", None), datasets=datasets, google=google, bucket=bucket, folder=tmp_path,
        reads="host=nowhere",
    )  # fmt: skip
    inner, database = world.table_run("orders").ports, ToyDatabase()
    source: Source = ToySource(database, stages=request.param)
    ports = Ports(
        source=lambda: source,
        stage=lambda: inner.stage,
        warehouse=lambda: inner.warehouse,
        ledger=lambda: inner.ledger,
    )
    yield Toyshop(world=world, database=database, ports=ports)
    world.close()


def test_a_source_is_cut_in_under_150_lines() -> None:
    assert len(Path(toy.__file__).read_text(encoding="utf-8").splitlines()) < 150


def test_slices_a_late_commit_and_a_reload(shop: Toyshop) -> None:
    """What is open when a slice is read holds its seal back, and is found by what has been written since."""
    shop.at(10)
    shop.database.write(1, "a")
    late = shop.database.begin()
    late.writes[2] = ("late", shop.database.clock)
    shop.run(0)
    assert shop.current() == [(1, "a")]
    assert shop.last.watermark == START + timedelta(minutes=10)
    assert [one.pid for one in shop.last.held_by] == [late.number]

    shop.at(70)
    shop.database.write(1, "b")
    late.ended = True
    shop.run(1)
    assert shop.current() == [(1, "b"), (2, "late")]
    assert (shop.last.watermark, shop.last.basis, shop.last.rows) == (hour(1).high, Basis.PROVED, 2)
    sealed, held, new = shop.last.spans
    assert (sealed.base, sealed.recheck, sealed.interval.high) == (late.number, True, START + timedelta(minutes=10))
    assert (held.base, held.recheck, held.interval.high) == (late.number, False, hour(0).high)
    assert (new.base, new.interval) == (None, hour(1))

    shop.database.transactions[0].writes.clear()
    shop.run(1, Kind.RELOAD)
    assert (shop.current(), shop.last.kind) == ([(1, "b"), (2, "late")], Kind.RELOAD)
    assert shop.last.manifest is not None
    assert ("-by-itself" in shop.last.manifest.objects[0].uri) is cast("ToySource", shop.ports.source).stages


def test_what_the_source_says_of_its_history_is_believed(shop: Toyshop) -> None:
    shop.database.write(1, "a")
    shop.database.write(2, "b")
    shop.run(0)
    shop.database.life, shop.database.transactions = "second", shop.database.transactions[:1]
    shop.run(1)
    assert (shop.current(), shop.last.kind) == ([(1, "a")], Kind.RELOAD)
    assert shop.last.reasons == ("reloaded: it was restored from a backup",)
