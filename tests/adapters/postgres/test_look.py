"""The look: who holds a seal back, and what makes it prove nothing (R4, R5), each with the timeline that breaks it."""

import threading
import uuid
from datetime import UTC, datetime, timedelta

import psycopg2
import pytest
from psycopg2 import sql

from floodmark.adapters.postgres import look as postgres_look
from floodmark.adapters.postgres.source import PostgresSource
from floodmark.core.ledger.watermark import watermark_of
from tests.adapters.postgres.sessions import LEDGER, session


def pid(cursor):
    return cursor.connection.info.backend_pid


def test_an_idle_server_holds_nothing_back(source):
    look = source.look()
    assert (look.open_transactions, look.blockers, look.assumptions) == ((), (), ())
    assert look.clock.tzinfo is UTC
    assert abs(look.clock - datetime.now(UTC)) < timedelta(seconds=60)
    assert look.server


def test_a_transaction_that_commits_late_holds_the_mark_before_its_start(source, database):
    with session(database.dsn, "CREATE TABLE t (a timestamptz)", "BEGIN", "SELECT now()") as late:
        [(began,)] = late.fetchall()
        late.execute("INSERT INTO t VALUES (now())")
        look = source.look()
        assert [(transaction.pid, transaction.since) for transaction in look.open_transactions] == [(pid(late), began)]
        assert watermark_of(look, settle=timedelta(0)).at <= began
        late.execute("COMMIT")
        assert source.look().open_transactions == ()


def test_a_transaction_counts_from_its_first_statement_with_or_without_an_xid(source, database):
    with session(database.dsn, "BEGIN", "SELECT now()") as silent:
        [transaction] = source.look().open_transactions
        assert transaction.pid == pid(silent)


def test_a_session_with_only_begin_idle_is_a_holder_that_may_still_write(source, database):
    with session(database.dsn, "BEGIN") as waiting:
        assert pid(waiting) in {transaction.pid for transaction in source.look().open_transactions}


@pytest.mark.slow
def test_several_transactions_in_one_message_count_from_the_message(source, database):
    """Between two of them xact_start is NULL or later, but what follows may write with the message's start."""
    worker = psycopg2.connect(database.dsn)
    worker.autocommit = True
    message = "DO $$ BEGIN PERFORM pg_sleep(0.3); COMMIT; PERFORM pg_sleep(1); END $$"
    thread = threading.Thread(target=lambda: worker.cursor().execute(message))
    thread.start()
    ask = "SELECT xact_start, query_start FROM pg_stat_activity WHERE pid = %s"
    with session(database.dsn) as other:
        xact_start = query_start = None
        while not (xact_start and xact_start > query_start + timedelta(seconds=0.2)):
            other.execute(ask, (worker.info.backend_pid,))
            [(xact_start, query_start)] = other.fetchall()
        [transaction] = source.look().open_transactions
    thread.join()
    worker.close()
    assert transaction.since == query_start


def test_an_active_session_between_two_transactions_is_a_holder():
    """The moment itself is too short to be met by a test: the row is as pg_stat_activity gives it."""
    began = datetime(2026, 11, 1, 10, tzinfo=UTC)
    row = (11, began, None, began + timedelta(minutes=1), "app", "me", False, False, False)
    open_transactions, unclear = postgres_look._open_transactions([row])
    assert ([transaction.since for transaction in open_transactions], unclear) == ([began + timedelta(minutes=1)], ())


def test_a_transaction_of_another_database_is_none_of_ours(source, postgres):
    with session(postgres.database().dsn, "BEGIN", "SELECT pg_current_xact_id()"):
        assert source.look().open_transactions == ()


def test_our_own_open_reads_are_left_out(source, database):
    own = f"SET LOCAL application_name = 'floodmark/{LEDGER}'"
    with session(database.dsn, "BEGIN", own, "SELECT 1"):
        assert source.look().open_transactions == ()


def test_another_ledgers_reads_are_not(source, database):
    other = f"SET LOCAL application_name = 'floodmark/{uuid.UUID(int=8)}'"
    with session(database.dsn, "BEGIN", other, "SELECT 1"):
        assert len(source.look().open_transactions) == 1


def test_a_writer_that_bears_our_name_is_not_left_out(source, database):
    """As behind a pooler, which hands a backend on with what was SET on it."""
    own = f"SET LOCAL application_name = 'floodmark/{LEDGER}'"
    with session(database.dsn, "BEGIN", own, "SELECT pg_current_xact_id()") as writer:
        assert [transaction.pid for transaction in source.look().open_transactions] == [pid(writer)]


def test_a_prepared_transaction_blocks_and_is_named(source, database):
    with session(
        database.dsn, "CREATE TABLE t (a int)", "BEGIN", "INSERT INTO t VALUES (1)", "PREPARE TRANSACTION 'p1'"
    ) as it:
        [blocker] = source.look().blockers
        assert all(word in blocker for word in ("'p1'", "postgres", database.dbname, "COMMIT PREPARED"))
        it.execute("ROLLBACK PREPARED 'p1'")
        assert source.look().blockers == ()


def test_prepared_transactions_of_other_databases_do_not_block(source, postgres):
    elsewhere = postgres.create_database("t_" + uuid.uuid4().hex[:12])
    try:
        with session(elsewhere.dsn, "BEGIN", "CREATE TABLE t (a int)", "PREPARE TRANSACTION 'p2'"):
            assert source.look().blockers == ()
    finally:
        postgres.drop_database(elsewhere.dbname)


def test_a_transaction_prepared_while_we_look_is_seen_by_one_of_the_two(database):
    """PREPARE between the second and the third statement: gone from the sessions, so the last statement must see it."""
    asked: list[str] = []
    with session(database.dsn, "CREATE TABLE t (a int)", "BEGIN", "INSERT INTO t VALUES (1)") as writer:

        def prepare(template):
            asked.append(template)
            if len(asked) == 3:
                writer.execute("PREPARE TRANSACTION 'p3'")

        look = postgres_look.look(PostgresSource(database.dsn, LEDGER)._parameters, LEDGER, between=prepare)
    assert look.blockers
    assert look.open_transactions


@pytest.fixture
def plain_role(postgres):
    role = "r_" + uuid.uuid4().hex[:12]
    with session(postgres.database().dsn, sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role))) as cursor:
        yield role
        cursor.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))


def test_a_role_that_sees_no_other_sessions_proves_nothing_and_says_what_to_grant(database, plain_role):
    source = PostgresSource(database.dsn.replace("postgres@", f"{plain_role}@"), LEDGER)
    with session(database.dsn, "BEGIN", "SELECT 1"):
        look = source.look()
    assert f'GRANT pg_read_all_stats TO "{plain_role}"' in look.blockers[0]
    assert watermark_of(look, settle=timedelta(0)).at is None


def test_the_granted_role_sees_enough(database, plain_role):
    with session(database.dsn, sql.SQL("GRANT pg_read_all_stats TO {}").format(sql.Identifier(plain_role))):
        look = PostgresSource(database.dsn.replace("postgres@", f"{plain_role}@"), LEDGER).look()
    assert look.blockers == ()


def test_a_session_that_hides_its_activity_blocks(source, database):
    with session(database.dsn, "SET track_activities = off", "BEGIN", "SELECT 1") as hidden:
        assert any(str(pid(hidden)) in blocker and "track_activities" in blocker for blocker in source.look().blockers)


def test_sql_on_a_replication_connection_blocks_while_it_runs(source, database):
    connection = psycopg2.connect(f"{database.dsn}?replication=database")
    connection.autocommit = True
    cursor = connection.cursor()
    assert source.look().blockers == ()  # idle
    cursor.execute("BEGIN")
    assert any("replication connection" in blocker for blocker in source.look().blockers)
    connection.close()


def test_a_subscriber_writes_another_servers_times(source, database):
    with session(
        database.dsn,
        "CREATE SUBSCRIPTION s CONNECTION 'dbname=none' PUBLICATION p WITH (connect = false)",
        "ALTER SUBSCRIPTION s SET (slot_name = NONE)",
    ) as it:
        assert source.look().assumptions == ()  # not enabled
        it.execute("UPDATE pg_subscription SET subenabled = true WHERE subname = 's'")
        assert any("logical-replication" in one for one in source.look().assumptions)
        it.execute("UPDATE pg_subscription SET subenabled = false WHERE subname = 's'")
        it.execute("DROP SUBSCRIPTION s")
