"""SHOW ENGINE INNODB STATUS, read where the list of transactions is stale (M7)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from floodmark.adapters.mysql.engine_status import log, parse

CLOCK = datetime(2026, 11, 1, 12, 0, 0, 700_000, tzinfo=UTC)
TEXT = """\
------------
TRANSACTIONS
------------
Trx id counter 30
LIST OF TRANSACTIONS FOR EACH SESSION:
---TRANSACTION 421, not started
0 lock struct(s), heap size 1128, 0 row lock(s), undo log entries 5
---TRANSACTION (0x7f652cf35c80), ACTIVE 0 sec
0 lock struct(s), heap size 1128, 0 row lock(s)
MariaDB thread id 13, OS thread handle 140072508569280, query id 43 localhost 127.0.0.1 root
Trx read view will not see trx with id >= 27, sees < 27
---TRANSACTION 28, ACTIVE (PREPARED) 1 sec recovered trx
1 lock struct(s), heap size 1128, 0 row lock(s), undo log entries 1
---TRANSACTION 27, ACTIVE 61 sec inserting
mysql tables in use 1, locked 1
1 lock struct(s), heap size 1128, 0 row lock(s), undo log entries 12
MySQL thread id 10, OS thread handle 140072507954880, query id 32 localhost root executing
INSERT INTO t VALUES ('
--------
FILE I/O
--------
')
---TRANSACTION 26, ACTIVE 2 sec
2 lock struct(s), heap size 1128, 1 row lock(s)
MySQL thread id 9, OS thread handle 140072507954880, query id 32 localhost root executing
SELECT 'undo log entries 7'
--------
FILE I/O
--------
Pending flushes (fsync): 0
"""


def test_who_has_changed_rows_since_when_by_session() -> None:
    found = parse(TEXT, CLOCK)
    assert found.whole
    assert found.sessions == {9, 10, 13}
    assert [(one.id, one.session, CLOCK - one.started) for one in found.changed] == [
        ("28", 0, timedelta(seconds=1.7)),
        ("27", 10, timedelta(seconds=61.7)),
    ]


def test_a_text_that_was_cut_is_not_whole() -> None:
    assert not parse(TEXT.replace("---TRANSACTION 421, not started", "... truncated..."), CLOCK).whole
    assert not parse(TEXT[: TEXT.rindex("FILE I/O")][: TEXT.index("INSERT")], CLOCK).whole
    assert not parse("", CLOCK).whole


def test_a_state_that_is_not_known_counts_from_long_ago() -> None:
    found = parse(TEXT.replace("ACTIVE 61 sec inserting", "COMMITTED IN MEMORY"), CLOCK)
    assert found.changed[1].started < CLOCK - timedelta(days=300)


def test_where_the_log_ends_and_how_far_it_is_on_disk() -> None:
    """MySQL 8 has other lines between the two."""
    between = "Log buffer assigned up to    49815\nLog written up to            49815\n"
    for lines in ("", between):
        told = f"---\nLOG\n---\nLog sequence number          49815\n{lines}Log flushed up to            49770\n"
        assert log(told) == ("49815", "49770")
    assert log("nothing of it") == ("", "")
