"""The ledgers that one contract holds for."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from floodmark.adapters.ledger import open_ledger, pace
from floodmark.core.ports import Ledger
from tests.fakes.ledger import MemoryLedger


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where one ledger is. ``open`` opens it once more, and makes it; ``look`` makes nothing.

    ``address`` is what another process needs, if one can.
    """

    open: Callable[[], Ledger]
    look: Callable[[], Ledger] | None = None
    address: str = ""


def _place(kind: str, request: pytest.FixtureRequest) -> Place:
    if kind == "memory":
        ledger = MemoryLedger()
        return Place(open=lambda: ledger)
    storage: Any = None
    if kind == "sqlite":
        address = f"sqlite:///{request.getfixturevalue('tmp_path')}/state/ledger.db"
    elif kind == "postgres":
        address = request.getfixturevalue("database").dsn
    else:
        address = f"gs://{request.getfixturevalue('bucket')}/some/ledger"
        # Each opening has a client of its own: two processes can't share its connections.
        storage = request.getfixturevalue("google").storage_client
    return Place(
        open=lambda: open_ledger(address, storage=storage and storage()),
        look=lambda: open_ledger(address, storage=storage and storage(), create=False),
        address=address,
    )


@pytest.fixture(autouse=True)
def at_any_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    """These write a head more often than a run does, and a bucket on this machine takes it."""
    monkeypatch.setattr(pace, "PER_SECOND", math.inf)


@pytest.fixture(params=["memory", "sqlite", "postgres", "gcs"])
def place(request: pytest.FixtureRequest) -> Place:
    """An empty ledger of each kind."""
    return _place(request.param, request)


@pytest.fixture(params=["sqlite", "postgres", "gcs"])
def shared(request: pytest.FixtureRequest) -> Place:
    """An empty ledger that several processes can open."""
    return _place(request.param, request)


@pytest.fixture
def ledger(place: Place) -> Iterator[Ledger]:
    """An empty ledger of each kind, opened."""
    opened = place.open()
    yield opened
    opened.close()
