"""A measurement is of the read alone, of all its processes, and of what the server spent on it."""

import sys
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest

ROWS = 20_000


@pytest.fixture
def server(database):
    """The pid of PostgreSQL's first process: the parent of any session's."""
    with closing(psycopg2.connect(database.dsn)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [(own,)] = cursor.fetchall()
        return int(Path(f"/proc/{own}/stat").read_text().rpartition(")")[2].split()[1])


@pytest.fixture
def measured(module, database, server, tmp_path):
    """``measured("by_psycopg2")``: one read of the narrow table by a reader that this environment has."""
    with closing(psycopg2.connect(database.dsn)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            for statement in module("shapes").SHAPES["narrow"].statements("narrow", ROWS):
                cursor.execute(statement)

    def measure(name, argument="-", table="narrow", *, is_program=False, limit=60.0, settings=None):
        return module("measure").measured(
            [sys.executable, name, argument],
            table=table,
            dsn=database.dsn,
            folder=tmp_path,
            server=server,
            is_program=is_program,
            limit=limit,
            settings=settings,
        )

    return measure


def test_a_read_is_counted_and_its_files_are_gone(measured, tmp_path):
    found = measured("by_floodmark", "1")
    assert found.rows == ROWS
    assert found.bytes > 10_000
    assert found.cpu > 0
    assert found.server_cpu >= 0
    assert found.start > 0
    assert found.peak > 50
    assert list(tmp_path.iterdir()) == []


def test_two_readers_read_a_table_that_is_large_enough_and_a_small_one_is_refused(measured, module, database):
    assert measured("by_floodmark", "2").rows == ROWS
    with closing(psycopg2.connect(database.dsn)) as connection, connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE small AS SELECT * FROM narrow LIMIT 10; ALTER TABLE small ADD PRIMARY KEY (id)")
    with pytest.raises(module("measure").Failed, match="too small to be shared out"):
        measured("by_floodmark", "2", table="small")


def test_a_programs_memory_is_told_without_what_started_it(measured, module):
    argument = f"{module('read_speed').psql()},text"
    alone, both = (measured("by_psql", argument, is_program=is_program).peak for is_program in (True, False))
    assert both > alone + 5  # the Python that started it


def test_a_read_that_fails_says_why_without_names_of_this_machine(measured, module, database):
    with pytest.raises(module("measure").Failed) as failed:
        measured("by_psycopg2", table="nowhere")
    assert 'relation "public.nowhere" does not exist' in str(failed.value)
    assert database.dsn not in str(failed.value)


def test_a_read_has_the_variables_that_are_its_own(measured, module):
    with pytest.raises(module("measure").Failed, match="'nowhere' can't be loaded as ADBC's driver"):
        measured("by_floodmark", "1", settings={"FLOODMARK_ADBC_DRIVER": "nowhere"})


def test_a_read_that_takes_too_long_is_ended(measured, module):
    with pytest.raises(module("measure").Failed, match="not done after 0 s"):
        measured("by_psycopg2", limit=0.0)
