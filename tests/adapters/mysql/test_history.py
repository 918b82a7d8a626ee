"""Positions by GTIDs, and what an earlier snapshot still proves (R3, R10, R32; M19)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from floodmark.adapters.mysql.history import history
from floodmark.adapters.mysql.positions import holds
from floodmark.core.ledger.snapshot import Snapshot

A, B = "3e11fa47-71ca-11e1-9e33-c80aa9429562", "4e11fa47-71ca-11e1-9e33-c80aa9429562"
BEFORE = Snapshot(
    server="m",
    place={"server": "m", "started": "2026-11-01T00:00:00+00:00", "lsn": "5000", "position": "0-1-270,1-1-5"},
)


def later(**changes: str) -> Snapshot:
    place = {**BEFORE.place, "lsn": "6000", "position": "0-1-300,1-1-5", **changes}
    return Snapshot(server="m", place={name: value for name, value in place.items() if value})


@pytest.mark.parametrize(
    ("position", "other", "expected"),
    [
        ("0-1-270", "0-1-270", True),
        ("0-2-271,1-1-1", "0-1-270", True),  # by another server since
        ("0-1-269,1-1-900", "0-1-270", False),
        ("0-1-270", "0-1-270,1-1-1", False),
        ("", "0-1-270", False),
        ("0-1-270", "", True),
        (f"{A}:1-77", f"{A}:1-70:72", True),
        (f"{A}:1-70:72-80", f"{A}:1-71", False),
        (f"{A}:1-70:71-80", f"{A.upper()}:1-75", True),
        (f"{A}:1-70", f"{A}:1-70,\n{B}:1", False),
        (f"{A}:1-70:tag:1-5", f"{A}:tag:1-5", True),
        (f"{A}:1-70", f"{A}:tag:1-5", False),
        ("", f"{A}:1", False),
    ],
)
def test_a_position_holds_another_if_it_lacks_none_of_its_transactions(position, other, expected) -> None:
    assert holds(position, other) is expected


def test_the_same_server_further_on_proves_all_and_never_has_a_base() -> None:
    found = history(BEFORE, later())
    assert (found.voided, found.bases) == ("", False)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"position": "0-1-269,1-1-5"}, "a backup was restored"),
        ({"position": ""}, "binary log was reset"),
        ({"lsn": "4999"}, "before 5000"),
        ({"server": "n", "position": ""}, "from server m to n"),
        ({"server": "n", "position": "0-1-100,1-1-5"}, "from server m to n"),
    ],
)
def test_what_may_be_gone_is_void(changes: dict[str, str], words: str) -> None:
    assert words in history(BEFORE, later(**changes)).voided


def test_another_server_that_holds_all_that_was_read_goes_on() -> None:
    """A failover to a replica; where its log ends says nothing of the other's."""
    assert history(BEFORE, later(server="n", lsn="3")).voided == ""


@pytest.mark.parametrize(
    ("position", "servers", "lost"),
    [
        ("0-2-275,1-1-5", "0-1-268,0-2-275,1-1-5", True),  # 269 and 270 were its own
        ("0-2-275,1-1-5", "0-1-270,0-2-275,1-1-5", False),
        ("0-2-275,1-1-5", "0-2-275,0-1-268,0-1-271", False),  # the log and what it followed, in any order
        ("0-2-275,1-1-5", "", True),
        ("0-1-275,1-1-5", "", False),
    ],
)
def test_a_new_primary_that_never_got_the_last_transactions_gives_their_numbers_anew(position, servers, lost) -> None:
    """MariaDB counts on in a domain, whichever server writes: by the number alone it would hold what it lacks."""
    voided = history(BEFORE, later(server="n", position=position, servers=servers)).voided
    assert ("from server m to n" in voided) is lost


def test_what_was_not_durable_holds_until_the_server_is_started_anew() -> None:
    shaky = replace(BEFORE, durable=False)
    assert history(shaky, later(started="2026-11-01T00:00:01+00:00")).voided == ""
    assert "started anew" in history(shaky, later(started="2026-11-01T09:00:00+00:00")).voided
    assert "started anew" in history(shaky, later(started="")).voided
    assert history(BEFORE, later(started="2026-11-01T09:00:00+00:00")).voided == ""
