"""Sessions beside a source, and the ledger whose reads the source makes."""

from __future__ import annotations

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
