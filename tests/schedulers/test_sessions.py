"""What becomes of writers that fail or don't end: whoever relies on them is told."""

from __future__ import annotations

import random
import threading

import psycopg2.errors
import pytest

from floodmark.demo.servers.all import Database
from tests.schedulers import sessions
from tests.schedulers.sessions import Sessions


def _work(session: sessions.Session, _: random.Random) -> None:
    with session.cursor() as cursor:
        cursor.execute("SELECT 1")
    session.commit()


def test_what_one_session_ended_with_is_raised_when_all_have_ended(database: Database):
    began = threading.Event()

    def fail(session: sessions.Session, _: random.Random) -> None:
        began.set()
        with session.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")

    with pytest.raises(psycopg2.errors.DivisionByZero), Sessions("writer", database.dsn, [_work, fail]):
        began.wait()
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("writer")]


def test_a_session_that_does_not_end_is_named(database: Database, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sessions, "WITHIN", 0.01)
    began, may_end = threading.Event(), threading.Event()

    def dawdle(*_: object) -> None:
        began.set()
        may_end.wait()

    writers = Sessions("writer", database.dsn, [_work, dawdle])
    with pytest.raises(TimeoutError, match="writer 1"), writers:
        began.wait()
    monkeypatch.undo()
    may_end.set()
    writers.rest()
