"""What an earlier snapshot still proves of PostgreSQL (R3, R10)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from floodmark.adapters.postgres.source import PostgresSource
from floodmark.core.ledger.snapshot import History, Snapshot

PLACE = {"timeline": "00000001", "lsn": "0/1", "era": "monday"}
SNAPSHOT = Snapshot(base=7, server="762", place=PLACE)
HISTORY = PostgresSource("", UUID(int=0)).history


def stood(*, without: str = "", durable: bool = True, server: str = "762", **place: str) -> Snapshot:
    """A snapshot elsewhere: with other values, or without one."""
    told = {name: value for name, value in {**PLACE, **place}.items() if name != without}
    return replace(SNAPSHOT, server=server, durable=durable, place=told)


@pytest.mark.parametrize(
    ("before", "this", "voided", "bases"),
    [
        ({}, {}, "", True),
        ({}, {"lsn": "0/9", "era": "tuesday"}, "", True),
        ({}, {"server": "763"}, "from cluster 762 to 763", True),
        ({}, {"timeline": "0000000A"}, "from timeline 1 to 10", True),
        # What the server keeps to itself is neither proof nor a change.
        ({}, {"without": "timeline"}, "", False),
        ({"without": "timeline"}, {"timeline": "0000000A"}, "", False),
        ({}, {"server": ""}, "", False),
        # Seen, but not known to be on disk: it stands as long as the server hasn't crashed.
        ({"durable": False}, {}, "", True),
        ({"durable": False}, {"era": "tuesday"}, "crashed before", True),
        ({"durable": False, "without": "era"}, {"without": "era"}, "crashed before", True),
    ],
)
def test_what_the_last_snapshot_still_proves(
    before: dict[str, Any], this: dict[str, Any], voided: str, bases: bool
) -> None:
    history = HISTORY(stood(**before), stood(**this))
    assert history.bases is bases
    assert voided in history.voided
    assert bool(history.voided) is bool(voided)


def test_of_a_source_that_tells_nothing_all_stands_and_no_base_is_used() -> None:
    assert HISTORY(Snapshot(), Snapshot()) == History(bases=False)


@pytest.mark.parametrize(
    ("now", "words"),
    [
        ({"lsn": "0/FF"}, "log ends at 0/FF, before 0/100"),
        ({"next": "99"}, "next transaction is 99, and was 100"),
        ({"database": "6"}, "another database of the cluster"),
        ({"lsn": "1/0", "next": "101"}, ""),
        ({"without": "next"}, ""),
    ],
)
def test_a_restored_backup_shows_in_the_log_and_in_the_ids(now: dict[str, str], words: str) -> None:
    here = {"lsn": "0/100", "next": "100", "database": "5"}
    voided = HISTORY(stood(**here), stood(**{**here, **now})).voided
    assert words in voided
    assert bool(voided) == bool(words)
