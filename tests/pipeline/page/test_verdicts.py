"""One word for each table, and the command that helps."""

from __future__ import annotations

from datetime import timedelta

import pytest

from floodmark.core.ledger.watermark import OpenTransaction
from floodmark.core.time.interval import Interval
from floodmark.pipeline.page.verdicts import NAMED, RECENT, Word, holders, moment, needs, verdict
from floodmark.pipeline.reports.status import TableStatus
from tests.fakes.examples import ZERO
from tests.pipeline.page.many import HOUR, holder

NOW = ZERO + 5 * HOUR
PART = (Interval(low=ZERO, high=ZERO + HOUR),)
READ = {"last_read_at": NOW, "sealed_up_to": ZERO + HOUR}


@pytest.mark.parametrize(
    ("fields", "word", "command"),
    [
        ({"error": "no privilege", "gaps": PART}, Word.BLOCKED, "floodmark unblock shop orders"),
        ({"unbalanced": True, "gaps": PART}, Word.UNBALANCED, ""),
        ({"gaps": PART, "stale": True}, Word.GAP, "floodmark run --gaps shop"),
        ({"stale": True, "behind": PART[0]}, Word.STALE, "floodmark run --gaps shop"),
        ({"stale": True, "held_by": (holder(),)}, Word.STALE, ""),
        ({"late": 3, "late_at": NOW - HOUR}, Word.LATE, "floodmark ledger reads shop orders"),
        ({"late": 3, "late_at": NOW - RECENT - HOUR}, Word.SEALED, ""),
        ({"last_read_at": None}, Word.NEW, ""),
        ({"sealed_up_to": None, "first_load": "first load: part 2 is done"}, Word.NEW, ""),
        ({"provisional": PART}, Word.HELD, ""),
        ({"assumed": PART}, Word.ASSUMED, ""),
        ({"sealed_up_to": None}, Word.WHOLE, ""),
        ({}, Word.SEALED, ""),
    ],
)
def test_the_worst_is_said_with_the_command_that_helps(fields: dict[str, object], word: Word, command: str) -> None:
    found = verdict("shop", TableStatus(**{"table": "orders", "target": "t", **READ, **fields}), NOW)  # type: ignore[arg-type]
    assert (found.word, found.command) == (word, command)


def test_what_does_not_balance_says_why_itself() -> None:
    table = TableStatus(
        table="orders", target="t", unbalanced=True, balance=("20 missing: floodmark reload shop orders",)
    )
    assert verdict("shop", table, NOW).why == "20 missing: floodmark reload shop orders"


def test_tables_of_one_cause_are_one_need_and_the_worst_comes_first() -> None:
    names = [f"t{number}" for number in range(NAMED + 2)]
    blocked = {name: TableStatus(table=name, target=name, error="no privilege") for name in names}
    tables = {
        "gap": TableStatus(table="gap", target="gap", gaps=PART),
        **blocked,
        "well": TableStatus(table="w", target="w", **READ),
    }  # type: ignore[arg-type]
    first, second = needs({name: verdict("shop", table, NOW) for name, table in tables.items()})
    assert (first.word, first.why, first.named, first.more) == (Word.BLOCKED, "no privilege", tuple(names[:NAMED]), 2)
    assert first.commands[:2] == ("floodmark unblock shop t0", "floodmark unblock shop t1")
    assert (second.word, second.tables) == (Word.GAP, ("gap",))


def test_a_transaction_is_told_once_with_all_that_it_holds_the_oldest_first() -> None:
    young, old = holder(8, since=ZERO + HOUR), holder(7)
    prepared = OpenTransaction(pid=0, backend_start=None, since=None, prepared="it's")
    tables = [
        TableStatus(table="a", target="a", held_by=(young, old)),
        TableStatus(table="b", target="b", held_by=(old, prepared)),
    ]
    found = holders(tables, postgres=True)
    assert [(one.transaction.pid, one.tables) for one in found] == [(7, ("a", "b")), (8, ("a",)), (0, ("b",))]
    assert found[0].query == "SELECT * FROM pg_stat_activity WHERE pid = 7"
    assert found[2].query == "SELECT * FROM pg_prepared_xacts WHERE gid = 'it''s'"
    assert {one.query for one in holders(tables, postgres=False)} == {""}


def test_a_table_read_whole_is_trusted_up_to_its_read_and_one_with_a_hole_to_its_seal() -> None:
    whole = TableStatus(table="a", target="a", last_read_at=NOW)
    assert moment(whole) == NOW
    assert moment(TableStatus(table="a", target="a", last_read_at=NOW, provisional=PART)) is None
    assert moment(TableStatus(table="a", target="a", last_read_at=NOW, first_load="first load: part 2 is done")) is None
    sealed = TableStatus(table="a", target="a", last_read_at=NOW + timedelta(1), sealed_up_to=NOW)
    assert moment(sealed) == NOW
