"""Whole tables that nobody would write: what arrives is what the source holds, or somebody is told.

A number makes a table, and what befalls it. ``HARD_EXAMPLES=500`` plays so many, ``HARD_FIRST=1000`` from this one on.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

import pytest

from floodmark.demo.servers.all import GoogleServers, PostgresServer
from tests.conftest import new_datasets
from tests.pipeline.conftest import World
from tests.pipeline.hard_play import Arrivals, Played, arrivals
from tests.pipeline.hard_tables import TRAVELLING, Plan, plan, wide

pytestmark = pytest.mark.slow
FIRST, EXAMPLES = (int(os.environ.get(name, "0")) for name in ("HARD_FIRST", "HARD_EXAMPLES"))
SEEDS = range(FIRST, FIRST + EXAMPLES) if EXAMPLES else (14, 33)


@dataclass(repr=False)
class Place:
    """Where the plans are played, one after the other."""

    world: World
    arrivals: Arrivals
    numbers: Iterator[int] = field(default_factory=count)

    def played(self, plan: Plan) -> Played:
        """A plan that was played."""
        played = Played(plan=plan, world=self.world, number=next(self.numbers), arrivals=self.arrivals)
        try:
            played.play()
        finally:
            self.world.close()
            self.world.opened.clear()
        return played


@pytest.fixture(scope="module")
def place(postgres: PostgresServer, google: GoogleServers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    database = postgres.create_database("t_" + uuid.uuid4().hex[:12])
    bucket = "b-" + uuid.uuid4().hex[:12]
    google.storage_client().create_bucket(bucket)
    with new_datasets(google, "d_" + uuid.uuid4().hex[:12]) as datasets:
        folder = tmp_path_factory.mktemp("hard")
        world = World(database=database, datasets=datasets, google=google, bucket=bucket, folder=folder)
        world.sql(*dict.fromkeys(statement for row in TRAVELLING for statement in row.made))
        try:
            yield Place(world=world, arrivals=arrivals(world))
        finally:
            world.close()
    postgres.drop_database(database.dbname)


def check(played: Played) -> None:
    """Equal, or told; and what is told is mended by the command that it names."""
    proof = played.proof()
    differences = list(played.differences())
    if differences:
        assert proof.doubts, differences
    if proof.doubts:
        played.reload()
        proof, differences = played.proof(), list(played.differences())
    assert not proof.doubts, proof.doubts
    assert differences == []


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_a_table_holds_arrives_or_is_told(place: Place, seed: int) -> None:
    check(place.played(plan(seed)))


@pytest.mark.parametrize("width", [1, *(pytest.param(width, marks=pytest.mark.long) for width in (300, 1500))])
def test_a_table_of_any_width_arrives(place: Place, width: int) -> None:
    check(place.played(wide(width)))
