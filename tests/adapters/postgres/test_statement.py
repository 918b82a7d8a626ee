"""ADBC's one statement: interrupted at any moment, and light."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from types import FrameType

import pytest

from floodmark.adapters.postgres.connect import parameters, uri
from floodmark.adapters.postgres.statement import ERRORS, Statement
from floodmark.demo.servers.all import Database
from tests.adapters.postgres.sessions import alone, session

_READS = """
import sys
from floodmark.adapters.postgres.statement import Statement
statement = Statement(sys.argv[1])
statement.execute("SELECT g, g::text, now() FROM generate_series(1, 3) AS g")
assert [row[:2] for row in statement.rows()] == [(1, "1"), (2, "2"), (3, "3")]
statement.close()
print(sorted({"pandas", "pyarrow.dataset"} & set(sys.modules)))
"""


class _Interrupted(BaseException):
    """As Airflow's timeout is one."""


def _asked(statement: Statement, text: str) -> None:
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    statement.execute(text)
    statement.rows()


@pytest.mark.parametrize("interrupted", ["before the first row", "between two rows"])
def test_who_waits_can_be_interrupted_and_the_server_stops(database: Database, interrupted: str) -> None:
    def interrupt(_: int, __: FrameType | None) -> None:
        raise _Interrupted

    seconds = "60" if interrupted == "before the first row" else "CASE WHEN g > 2 THEN 60 ELSE 0 END"
    statement = Statement(uri(parameters(database.dsn)))
    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        with pytest.raises(_Interrupted):
            _asked(statement, f"SELECT g, pg_sleep({seconds})::text FROM generate_series(1, 3) AS g")
    finally:
        signal.signal(signal.SIGALRM, before)
        statement.close()
    with session(database.dsn) as cursor:
        assert alone(cursor)


def test_another_thread_can_end_what_runs(database: Database) -> None:
    statement = Statement(uri(parameters(database.dsn)))
    statement.execute("SELECT g FROM generate_series(1, 10000000) AS g")
    batches = statement.batches()
    assert next(batches).num_rows
    statement.cancel()
    with pytest.raises(ERRORS, match="cancel"):
        list(batches)
    statement.close()


def test_what_is_left_of_one_query_is_dropped_by_the_next(database: Database) -> None:
    statement = Statement(uri(parameters(database.dsn)))
    statement.execute("SELECT 1 AS one")
    statement.execute("SELECT 2 AS two")
    assert statement.rows() == [(2,)]
    statement.run("BEGIN; SET LOCAL lock_timeout = 77")
    statement.execute("SELECT current_setting('lock_timeout'), $1 || 'b'", ("a",))
    assert statement.rows() == [("77ms", "ab")]
    statement.close()


def test_a_read_imports_no_data_frames(database: Database) -> None:
    """They take 55 MB and half a second of every task; a task of Airflow's has no other use for them."""
    done = subprocess.run(
        [sys.executable, "-c", _READS, uri(parameters(database.dsn))],
        env=os.environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("[]\n", "")
