"""Sessions beside a source, and the ledger whose reads the source makes."""

from __future__ import annotations

import time
import uuid
from contextlib import contextmanager

import psycopg2

LEDGER = uuid.UUID(int=7)


@contextmanager
def session(dsn, *statements):
    """A connection in autocommit; what it opened is still open inside the block."""
    connection = psycopg2.connect(dsn)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            yield cursor
    finally:
        connection.close()


def alone(cursor):
    """Whether no other session is left; a backend takes a moment to end."""
    for _ in range(100):
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        if cursor.fetchone() == (1,):
            return True
        time.sleep(0.02)
    return False
