"""A source in a database of the test's own."""

from __future__ import annotations

import pytest

from floodmark.adapters.postgres.source import PostgresSource
from tests.adapters.postgres.sessions import LEDGER


@pytest.fixture
def source(database):
    return PostgresSource(database.dsn, LEDGER)
