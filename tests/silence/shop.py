"""One source on real servers, worked on by the command line; what its commands said is remembered."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg2
from google.api_core.exceptions import NotFound

from floodmark.demo.compare import compare
from floodmark.demo.pair import Pair
from floodmark.demo.servers.all import Database, GoogleServers
from tests.cli.shop import Answer, floodmark
from tests.conftest import Datasets

START = datetime(2026, 11, 1, tzinfo=UTC)
_MOMENT = re.compile(r"\{h(\d+)\}")


def hour(number: int) -> datetime:
    """Hour ``number`` after START."""
    return START + timedelta(hours=number)


@dataclass(kw_only=True)
class Shop:
    """A source with one table ``t``. ``said`` are the answers of all commands, in order."""

    folder: Path
    database: Database
    datasets: Datasets
    google: GoogleServers
    bucket: str
    table: str = "{}"
    source: str = ""
    said: list[Answer] = field(default_factory=list)

    @property
    def file(self) -> Path:
        """The source's file."""
        return self.folder / "shop.yml"

    def write(self, *, table: str | None = None, source: str | None = None) -> None:
        """Write the file anew."""
        self.table = self.table if table is None else table
        self.source = self.source if source is None else source
        self.file.write_text(
            f"version: 1\nsource: shop\nconnection: shop_db\nstage: gs://{self.bucket}/stage\n"
            f"ledger: sqlite:///{self.folder}/ledger.db\n"
            f"bigquery: {{project: {self.datasets.project}, location: EU, dataset: {self.datasets.current}}}\n"
            f"start: 2026-11-01\ndefaults: {{settle: 1s, lease_wait: 90s, first_load: slices}}\n"
            f"{self.source}\ntables:\n  t: {self.table}\n"
        )

    def own_select(self, text: str) -> None:
        """Write a SELECT of one's own where the table's name finds it."""
        path = self.folder / "shop" / "t.sql"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)

    def sql(self, *statements: str) -> None:
        """Run statements in the source, each committed."""
        connection = psycopg2.connect(self.database.dsn)
        connection.autocommit = True
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(_MOMENT.sub(lambda place: f"'{hour(int(place[1])) + timedelta(minutes=10)}'", statement))
        connection.close()

    def bigquery(self, *statements: str) -> None:
        """Run statements in BigQuery, as somebody else would."""
        for statement in statements:
            text = statement.format(
                current=f"`{self._name('')}`", raw=f"`{self._name('_raw')}`", copy=f"`{self._name('')}_copy`"
            )
            self.google.bigquery_client().query(text, location="EU").result()

    def _name(self, suffix: str) -> str:
        return f"{self.datasets.project}.{self.datasets.current}{suffix}.t"

    def command(self, *words: object) -> Answer:
        """Run a command with ``--json``; a refusal is remembered like any answer."""
        answer = floodmark(*words, "--json")
        assert answer.code != 4, f"{words}: a defect: {answer.out} {answer.err}"
        self.said.append(answer)
        return answer

    def run(self, number: int) -> Answer:
        """What the schedule does for one hour."""
        moments = [f"{hour(at):%Y-%m-%dT%H:%M:%SZ}" for at in (number, number + 1)]
        return self.command("run", self.file, "--from", moments[0], "--to", moments[1])

    def verdict(self) -> tuple[Answer, Answer, str]:
        """What ``prove`` and ``status`` say, after the daily upkeep has looked; and all of their words.

        A proof with an exception ("proved, all but ...") is none of the table as it is, and counts as told.
        """
        self.command("balance", self.file)
        proof, status = floodmark("prove", self.file, "--json"), floodmark("status", self.file, "--json")
        words = " ".join(answer.out + answer.err for answer in (*self.said[-1:], proof, status))
        return proof, status, words

    def current(self, columns: str) -> list[tuple[Any, ...]]:
        """Some columns of current, ordered by the first; nothing where there is no such table."""
        try:
            rows = self.google.bigquery_client().query(f"SELECT {columns} FROM `{self._name('')}` ORDER BY 1").result()
            return [tuple(row.values()) for row in rows]
        except NotFound:
            return []

    def differences(self, *, key: tuple[str, ...], where: str, deleted: str, left_out: Sequence[str]) -> str:
        """How current differs from the source, row by row; empty where it doesn't."""
        there = {name.casefold() for name in self.current_columns()}
        lacking = [name for name in self._columns() if name.casefold() not in there and name not in left_out]
        if there and (filled := [name for name in lacking if self._has_values(name)]):
            return f"current lacks {', '.join(filled)}"
        columns = tuple(name for name in self._columns() if name not in (*left_out, *lacking))
        pair = Pair(
            name="t", schema="public", table="t", current=self._name(""), columns=columns, key=key, where=where,
            deleted=deleted,
        )  # fmt: skip
        try:
            compared = compare(self.database.dsn, self.google.bigquery_client(), pair)
        except NotFound:
            return "there is no current table"
        return "" if compared.equal else str(compared)

    def current_columns(self) -> list[str]:
        """The columns of current; none where there is no such table."""
        try:
            return [field.name for field in self.google.bigquery_client().get_table(self._name("")).schema]
        except NotFound:
            return []

    def _has_values(self, column: str) -> bool:
        with psycopg2.connect(self.database.dsn) as connection, connection.cursor() as cursor:
            cursor.execute(f'SELECT count("{column}") FROM t')
            return bool(cursor.fetchone()[0])

    def _columns(self) -> list[str]:
        with psycopg2.connect(self.database.dsn) as connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT attname FROM pg_attribute WHERE attrelid = 't'::regclass AND attnum > 0 AND NOT attisdropped"
            )
            return [name for (name,) in cursor.fetchall()]
