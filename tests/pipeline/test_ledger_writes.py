"""How often a run writes to the ledger: as rarely as R14 to R17 allow. Each write is one answer of a server's to wait
for, and a bucket takes one a second of an object."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from floodmark.adapters.ledger.objects import Objects
from floodmark.core.ledger.head import Head
from floodmark.core.ledger.portion import Kind
from floodmark.pipeline.extract import extract
from floodmark.pipeline.load import load
from floodmark.pipeline.table_run import Request, TableRun
from tests.fakes.watched import watching
from tests.pipeline.conftest import World, hour

pytestmark = pytest.mark.parametrize("place", ["", "gs"], ids=["sql", "gcs"])

ROW = "INSERT INTO orders VALUES ({}, 'a', 1, '2026-11-01T0{}:10Z')"


def written(world: World, place: str) -> tuple[TableRun, list[str]]:
    """A step, and what it comes to write in the ledger, in words; never a sign of life, its lease being long."""
    world.ledger = place and f"gs://{world.bucket}/ledger"
    said: list[str] = []

    def before(name: str, *arguments: Any) -> None:
        if name == "swap":
            said.append(_said(*arguments))

    return watching(world.table_run("orders", time_to_live=timedelta(hours=1)), "ledger", before=before), said


def _said(old: Head, new: Head, closed: object = None) -> str:
    """What a write changes."""
    read, effects = (new.open.state.value if new.open else "closed"), new.open.effects if new.open else ()
    words = ["take"] if new.token > old.token else [read]
    words += [f"intend {effects[-1].step}"] if len(effects) > len(old.open.effects if old.open else ()) else []
    words += [] if new.holder else ["release"]
    return ", ".join(words)


def request(number: int) -> Request:
    return Request(kind=Kind.SLICE, run_id=f"run {number}", interval=hour(number))


def test_a_slice_with_rows_takes_seven_in_two_steps(world: World, place: str) -> None:
    world.sql(ROW.format(1, 0))
    reading, read = written(world, place)
    found = extract(reading, request(0))
    assert read == ["take", "reading", "staged, release"]
    loading, loaded = written(world, place)
    assert load(loading, found.read_at).state == "applied"
    assert loaded == ["take", "staged, intend load", "loaded, intend apply", "closed, release"]


def test_a_slice_with_rows_takes_five_in_one_step(world: World, place: str) -> None:
    world.sql(ROW.format(1, 0))
    step, said = written(world, place)
    assert extract(step, request(0), lambda: None).state == "applied"
    assert said == ["take", "reading", "staged, intend load", "loaded, intend apply", "closed, release"]


def test_a_slice_without_rows_takes_three(world: World, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lease before the look (R14), the read's name before its first row (R15), and its evidence."""
    world.sql(ROW.format(1, 0))
    world.ledger = place and f"gs://{world.bucket}/ledger"
    world.run("orders", hour(0))
    objects: list[str] = []
    write = Objects.write

    def noted(self: Objects, name: str, body: bytes, *, generation: int) -> int:
        made = write(self, name, body, generation=generation)
        objects.append(name.partition("/")[0])
        return made

    monkeypatch.setattr(Objects, "write", noted)
    step, said = written(world, place)
    assert extract(step, request(1)).state == "applied"
    assert said == ["take", "reading", "closed, release"]
    assert objects == (["heads", "heads", "heads", "reads"] if place else [])
    assert world.head("orders").coverage[-1].interval.high == hour(1).high
