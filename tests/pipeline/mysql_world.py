"""A world whose source is MariaDB, or the MySQL of FLOODMARK_TEST_MYSQL; all else is as everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from floodmark.demo.servers.mariadb import MySQLDatabase
from tests.pipeline.conftest import World


@dataclass
class MySQLWorld(World):
    """``sql`` and ``source`` speak to MySQL."""

    def sql(self, *statements: str) -> None:
        """Run statements in the source, each committed."""
        self.place_of_source.sql(*statements)

    def source(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of the source."""
        return self.place_of_source.sql(query)

    @property
    def place_of_source(self) -> MySQLDatabase:
        """The database."""
        assert isinstance(self.database, MySQLDatabase)
        return self.database
