"""Ports are shared by what one thread does, and by nothing else."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from floodmark.airflow import thread_ports
from floodmark.airflow.thread_ports import LIFETIME, ThreadPorts


class Opened:
    """Ports that know whether they were closed."""

    def __init__(self) -> None:
        self.closed = 0

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def made() -> list[Opened]:
    return []


@pytest.fixture
def ports(made):
    return ThreadPorts(lambda: (made.append(Opened()), made[-1])[1])


def test_a_thread_has_them_again_and_another_has_its_own(ports, made):
    def twice() -> set[int]:
        seen = set()
        for _ in range(2):
            with ports.borrowed() as one:
                seen.add(id(one))
        return seen

    mine = twice()
    with ThreadPoolExecutor(max_workers=1) as pool:
        theirs = pool.submit(twice).result()
    assert (len(mine), len(theirs), len(made)) == (1, 1, 2)
    assert mine != theirs
    ports.close()
    assert [one.closed for one in made] == [1, 1]


def test_after_an_error_they_are_closed_and_made_anew(ports, made):
    with suppress(ValueError), ports.borrowed():
        raise ValueError("its connection is broken")
    with ports.borrowed() as again:
        assert again is made[1]
    assert made[0].closed == 1


def test_they_are_made_anew_before_a_token_has_ended(ports, made, monkeypatch):
    moment = [0.0]
    monkeypatch.setattr(thread_ports.time, "monotonic", lambda: moment[0])
    with ports.borrowed():
        moment[0] = LIFETIME.total_seconds()
    with ports.borrowed() as still:
        assert still is made[0]
        moment[0] += 1
    with ports.borrowed() as anew:
        assert anew is made[1]
    assert made[0].closed == 1
