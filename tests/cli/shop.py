"""A small shop, its file, and the command line to work on it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg2
from typer.testing import CliRunner

from floodmark.cli import app

TABLES = """
CREATE TABLE orders (
    id bigint PRIMARY KEY, status text, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON orders (updated_at);
CREATE TABLE products (id int PRIMARY KEY, name text);
INSERT INTO products VALUES (1, 'cup'), (2, 'pot');
"""

HALF = timedelta(minutes=30)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a command left: its exit code, stdout and stderr."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Its stdout as JSON."""
        return json.loads(self.out)


def floodmark(*words: object) -> Answer:
    """Run a command in this process."""
    result = CliRunner().invoke(app, [str(word) for word in words])
    return Answer(code=result.exit_code, out=result.stdout, err=result.stderr)


def hour(back: int = 0) -> datetime:
    """The beginning of the hour so many hours ago, UTC."""
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=back)


@dataclass(frozen=True, kw_only=True)
class Shop:
    """A source with its file. ``database`` has a ``dsn``."""

    file: Path
    database: Any
    datasets: Any

    def execute(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Run a statement in the source and commit."""
        connection = psycopg2.connect(self.database.dsn)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement, values or None)
                return list(cursor.fetchall()) if cursor.description else []
        finally:
            connection.close()

    def order(self, number: int, moment: datetime, status: str = "new") -> None:
        """An order whose last change was at a moment."""
        self.execute("INSERT INTO orders VALUES (%s, %s, %s, %s)", number, status, moment, moment)


def written(
    folder: Path,
    *,
    bucket: str = "bucket",
    project: str = "proj",
    dataset: str = "shop",
    tables: str = "",
    more: str = "",
) -> Path:
    """A source's file in ``folder``; it settles at once."""
    path = folder / "shop.yml"
    path.write_text(
        f"version: 1\nsource: shop\nconnection: shop_db\nstage: gs://{bucket}/floodmark\n"
        f"bigquery: {{project: {project}, location: US, dataset: {dataset}}}\n"
        f"start: {hour(24):%Y-%m-%dT%H:%M:%SZ}\ndefaults: {{settle: 1s, lease_wait: 1s, first_load: slices}}\n"
        f"{more}tables:\n" + (tables or "  orders: {partition_by: created_at}\n  products: {}\n")
    )
    return path
