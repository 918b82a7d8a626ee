"""Writers of every shape against looks: no row appears below a mark that was given before it (M5-M8).

Each look is judged at its own mark, with ``settle`` 0: the tightest boundary there is. Beside it stand rules that leave
out one of its parts, and that must be seen to lose rows here: else the race proves nothing.
"""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pymysql
import pytest

from floodmark.adapters.mysql import judging, look
from floodmark.adapters.mysql.witnesses import Witnesses
from floodmark.core.ledger.watermark import Seen, watermark_of
from floodmark.demo.servers.mariadb import MySQLDatabase
from tests.adapters.mysql.test_look import LEDGER, at

WRITERS, MANY = 6, 100
LONGEST_WAIT = 0.6
PROCEDURE = (
    "CREATE PROCEDURE p() BEGIN START TRANSACTION; INSERT INTO t (w) VALUES (5); DO sleep(0.05); "
    "INSERT INTO t (w) VALUES (5); COMMIT; END"
)


def writes(session: Any, chance: random.Random) -> Iterator[str | float]:
    """What one writer does next: statements, and seconds of waiting between them."""
    shape = chance.choice((0, 1, 2, 2, 2, 3, 4, 5, 6, 7))
    if shape == 0:
        yield "INSERT INTO t (w) VALUES (0)"
    elif shape == 1:
        yield from ("BEGIN", "INSERT INTO t (w) VALUES (1)", chance.random() * 0.3)
        yield from ("INSERT INTO t (w) VALUES (1)", "COMMIT")
    elif shape == 2:  # it waits before its first row, and then its transaction stays open
        yield from ("BEGIN", f"INSERT INTO t (w) VALUES (sleep({chance.random() * LONGEST_WAIT:.3f}))")
        yield from (chance.random() * 0.4, "COMMIT")
    elif shape == 3:
        yield "CALL p()"
    elif shape == 4:
        yield from ("BEGIN", "INSERT INTO t (w) VALUES (4)", chance.random() * 0.5)
        yield chance.choice(("COMMIT", "ROLLBACK"))
    elif shape == 5:
        name = uuid.uuid4().hex
        yield from (f"XA START '{name}'", "INSERT INTO t (w) VALUES (5)", f"XA END '{name}'", f"XA PREPARE '{name}'")
        yield from (chance.random() * 0.2, f"XA COMMIT '{name}'")
    elif shape == 6:
        yield from ("BEGIN", "SELECT COUNT(*) FROM t", chance.random() * 0.3, "INSERT INTO t (w) VALUES (6)", "COMMIT")
    else:
        yield "UPDATE t SET w = w + 10 ORDER BY id DESC LIMIT 1"
    yield chance.random() * 0.03


@contextmanager
def writing(place: MySQLDatabase) -> Iterator[None]:
    """All writers at work inside the block."""
    stop, failed = threading.Event(), []

    def work(number: int) -> None:
        chance = random.Random(number)
        with place.connect() as session, session.cursor() as cursor:
            while not stop.is_set():
                try:
                    for step in writes(session, chance):
                        time.sleep(step) if isinstance(step, float) else cursor.execute(step)
                except pymysql.err.OperationalError as error:
                    if error.args[0] not in (1205, 1213):
                        failed.append(error)
                        return
                    cursor.execute("ROLLBACK")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert not failed


Rule = Callable[[Witnesses, list[Seen]], datetime]


def judged(witnesses: Witnesses, earlier: list[Seen]) -> datetime:
    at_ = watermark_of(judging.judge(witnesses, earlier), settle=timedelta(0)).at
    assert at_ is not None
    return at_


RULES: dict[str, Rule] = {
    "as it is": judged,
    "without earlier looks": lambda witnesses, _: judged(witnesses, []),
    "by the clock alone": lambda witnesses, _: witnesses.clock,
    "by what runs alone": lambda witnesses, _: judged(replace(witnesses, transactions=()), []),
    "by transactions alone": lambda witnesses, _: judged(replace(witnesses, sessions=()), []),
}


@dataclass(kw_only=True)
class Marks:
    """What each look gave by each rule, and how many rows below that its snapshot then saw."""

    given: dict[str, list[tuple[datetime, int]]] = field(default_factory=lambda: {name: [] for name in RULES})

    def take(self, snapshot: Any, witnesses: Witnesses, earlier: list[Seen]) -> None:
        """Judge a look, and count in a snapshot that is taken after it."""
        marks = {name: rule(witnesses, earlier) for name, rule in RULES.items()}
        with snapshot.cursor() as cursor:
            cursor.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
            for name, mark in marks.items():
                cursor.execute(COUNT, (mark.replace(tzinfo=None),))
                self.given[name].append((mark, cursor.fetchone()[0]))
            cursor.execute("COMMIT")

    def losing(self, place: MySQLDatabase) -> dict[str, int]:
        """By rule: looks after which rows appeared below the mark."""
        lost = dict.fromkeys(RULES, 0)
        with place.connect(init_command="SET time_zone = '+00:00'") as session, session.cursor() as cursor:
            for name, marks in self.given.items():
                for mark, seen in marks:
                    cursor.execute(COUNT, (mark.replace(tzinfo=None),))
                    lost[name] += cursor.fetchone()[0] > seen
        return lost


COUNT = "SELECT COUNT(*) FROM t WHERE u < %s"


@pytest.mark.slow
@pytest.mark.parametrize("number", [25, 300])
def test_no_row_appears_below_a_mark_and_each_part_of_the_rule_is_needed(
    table: MySQLDatabase, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr(judging, "WAIT", timedelta(seconds=3))
    seen: list[Witnesses] = []
    monkeypatch.setattr(look, "judge", lambda witnesses, _: seen.append(witnesses))
    table.sql("ALTER TABLE t ADD KEY (u)", PROCEDURE)
    marks, earlier = Marks(), list[Seen]()
    with table.connect(init_command="SET time_zone = '+00:00'") as snapshot, writing(table):
        time.sleep(0.3)
        for _ in range(number):
            look.look(at(table), LEDGER)
            witnesses = seen.pop()
            marks.take(snapshot, witnesses, earlier)
            found = judging.judge(witnesses, earlier).seen
            assert found is not None
            earlier = [*earlier, found][-5:]
    lost = marks.losing(table)
    assert (lost["as it is"], lost["without earlier looks"]) == (0, 0), lost
    assert lost["by the clock alone"] > 0, lost
    if number > MANY:  # few looks may miss what the other two lose
        assert min(lost["by what runs alone"], lost["by transactions alone"]) > 0, lost
