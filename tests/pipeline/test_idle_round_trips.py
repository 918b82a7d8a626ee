"""What the run of a slice without rows costs the source: connections, readings of its catalog, statements."""

from __future__ import annotations

from collections import Counter
from typing import Any

import adbc_driver_manager
import adbc_driver_postgresql
import psycopg2
import pytest

from floodmark.adapters.postgres import durable
from floodmark.core import sql
from tests.pipeline.conftest import World, hour


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Connections, rendered templates of PostgreSQL by name, and how often the log had to be hurried on."""
    found: Counter[str] = Counter()

    def counting(owner: Any, name: str, what: Any) -> None:
        real = getattr(owner, name)

        def call(*given: Any, **named: Any) -> Any:
            found[what(given) if callable(what) else what] += 1
            return real(*given, **named)

        monkeypatch.setattr(owner, name, call)

    counting(psycopg2, "connect", "connections")
    counting(adbc_driver_postgresql, "connect", "connections")
    counting(adbc_driver_manager, "AdbcConnection", "connections")
    counting(durable, "connected", "hurried")
    counting(sql, "render", lambda given: given[0])
    return found


def test_a_slice_without_rows_makes_two_connections_and_reads_the_catalog_twice(
    world: World, counted: Counter[str]
) -> None:
    """One looks, describes and holds, one reads. ADBC learns a server by one of its own, once a process.

    The catalog is read to know what to read, and once more when the table is locked (R1).
    """
    world.run("orders", hour(0))
    counted.clear()
    outcome = world.run("orders", hour(1))
    assert (outcome.state, outcome.rows) == ("applied", 0)
    assert counted["connections"] - counted["hurried"] == 2
    rendered = Counter({name: times for name, times in counted.items() if name.startswith("postgres/")})
    assert (rendered["postgres/columns.sql"], rendered["postgres/extract_slice.sql"]) == (2, 1)
    del rendered["postgres/flushed.sql"]  # asked again for as long as a busy server takes (R3)
    assert rendered.total() <= 21, rendered
