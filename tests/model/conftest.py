"""The model's place, one for the session."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from floodmark.demo.servers.all import GoogleServers, PostgresServer, temporary_folder
from tests.conftest import new_datasets
from tests.model.place import Place

SAID = "the model says"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What each turn did, whichever process did it."""
    for report in terminalreporter.getreports("passed"):
        for name, said in report.user_properties:
            if name == SAID:
                terminalreporter.write_line(str(said))


@pytest.fixture(scope="session")
def place(postgres: PostgresServer, google: GoogleServers) -> Iterator[Place]:
    """A source, a database for a ledger, a bucket and two datasets."""
    name = "model_" + uuid.uuid4().hex[:8]
    bucket = name.replace("_", "-")
    google.storage_client().create_bucket(bucket)
    with temporary_folder() as folder, new_datasets(google, name) as datasets:
        made = Place(
            database=postgres.create_database(name),
            ledger_database=postgres.create_database(f"{name}_ledger"),
            google=google,
            datasets=datasets,
            bucket=bucket,
            folder=folder,
        )
        yield made
        made.close()
        for dbname in (name, f"{name}_ledger"):
            postgres.drop_database(dbname)
