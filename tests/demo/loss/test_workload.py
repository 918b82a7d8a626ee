"""The workload does what it says: every kind of transaction, counted as committed, over slices' ends."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import psycopg2
import pytest

from floodmark.demo.loss.databases import create_table
from floodmark.demo.loss.workload import Parameters, Workload, grid
from floodmark.errors import ServerFailed

LIKE = Parameters(
    slices=3,
    width=timedelta(seconds=1),
    rate=120,
    long=0.05,
    boundary=0.05,
    rollback=0.05,
    savepoint=0.1,
    message=0.03,
    prepared=0.03,
    long_from=0.2,
    long_to=1.0,
)
AUDIT = """
CREATE TABLE audit (version bigint, cursor timestamptz, began timestamptz);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO audit VALUES (new.version, new.updated_at, now());
    RETURN NULL;
END $$;
CREATE TRIGGER note AFTER INSERT OR UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION note();
"""


def ask(dsn, statement):
    connection = psycopg2.connect(dsn)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


@pytest.fixture
def played(database):
    """A small workload that is over, every write noted by a trigger, and what it says that it wrote."""
    create_table(database.dsn)
    ask(database.dsn, AUDIT)
    workload = Workload(database.dsn, LIKE, datetime.now(UTC) + timedelta(seconds=4))
    try:
        workload.ready()
        yield database.dsn, workload.written(timeout=30)
    finally:
        workload.stop()


@pytest.mark.slow
def test_a_workload_counts_what_it_commits_and_leaves_nothing_open(played):
    dsn, written = played
    [(rows, versions, off_clock)] = ask(
        dsn, "SELECT count(*), count(DISTINCT version), count(*) FILTER (WHERE cursor <> began) FROM audit"
    )
    assert written.rows == rows == versions
    assert off_clock == 0
    assert set(written.transactions) == set(LIKE.shares())
    assert written.spanning > 0
    assert ask(dsn, "SELECT gid FROM pg_prepared_xacts WHERE database = current_database()") == []


NOTES = (
    "CREATE TABLE audit (version bigint, cursor_ timestamp(6) NULL, now_ timestamp(6) NULL)",
    "CREATE TRIGGER noted AFTER INSERT ON orders FOR EACH ROW INSERT INTO audit VALUES "
    "(NEW.version, NEW.updated_at, NOW(6))",
    "CREATE TRIGGER noted_again AFTER UPDATE ON orders FOR EACH ROW INSERT INTO audit VALUES "
    "(NEW.version, NEW.updated_at, NOW(6))",
)


@pytest.mark.slow
def test_a_workload_of_mysql_counts_what_it_commits_and_its_cursor_is_the_statements_start(mysql_database):
    create_table(mysql_database.dsn)
    mysql_database.sql(*NOTES)
    workload = Workload(mysql_database.dsn, LIKE, datetime.now(UTC) + timedelta(seconds=4))
    try:
        workload.ready()
        written = workload.written(timeout=30)
    finally:
        workload.stop()
    [(rows, versions, off_clock)] = mysql_database.sql(
        "SELECT COUNT(*), COUNT(DISTINCT version), SUM(cursor_ <> now_) FROM audit"
    )
    assert written.rows == rows == versions
    assert off_clock == 0
    assert set(written.transactions) == set(LIKE.shares())
    assert written.spanning > 0
    assert mysql_database.sql("XA RECOVER") == []


@pytest.mark.slow
def test_a_workload_whose_database_is_missing_says_so(database):
    workload = Workload(database.dsn + "_not_there", LIKE, datetime.now(UTC))
    try:
        with pytest.raises(ServerFailed, match="does not exist"):
            workload.ready()
    finally:
        workload.stop()


def test_slices_follow_each_other_without_a_gap():
    first = datetime(2026, 11, 1, tzinfo=UTC)
    slices = grid(first, LIKE, more=2)
    assert len(slices) == 5
    assert slices[0].low == first
    assert all(one.high == next_.low for one, next_ in pairwise(slices))
    assert {one.width for one in slices} == {LIKE.width}


def test_shares_add_up():
    assert sum(LIKE.shares().values()) == pytest.approx(1.0)
