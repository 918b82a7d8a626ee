"""One kind of table through the whole product: first load, an hour, reconcile, balance, proof, reload."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import closing as closed
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg2

from floodmark.adapters.connections.environment import LocalConnections
from floodmark.core.balance import Depth
from floodmark.core.config.source_file import parse
from floodmark.core.ledger.portion import Kind as Portion
from floodmark.core.ledger.watermark import Basis
from floodmark.core.time.interval import Interval
from floodmark.demo.compare import Comparison, compare
from floodmark.demo.pair import Pair
from floodmark.pipeline import wiring
from floodmark.pipeline.balance import balance
from floodmark.pipeline.extract import extract
from floodmark.pipeline.load import load
from floodmark.pipeline.outcome import Outcome
from floodmark.pipeline.reconcile import reconcile
from floodmark.pipeline.reports.prove import Verdict, prove
from floodmark.pipeline.table_run import Request, TableRun, closing
from floodmark.pipeline.waiting import until_done
from tests.cloud.bill import MOST_PER_QUERY
from tests.cloud.finding import Finding, held
from tests.cloud.kinds import Kind
from tests.cloud.place import LABELS, MARK, Place, quoted
from tests.cloud.pruning import pruned

_OPENING = threading.Lock()
"""Alembic, which makes a ledger's tables, does so once at a time in a process."""
_CONFIG = """
version: 1
source: cloud_check
connection: source_db
stage: gs://{bucket}/{prefix}/stage
ledger: {ledger}
bigquery:
  {{project: {project}, location: {location}, dataset: {dataset}, max_bytes_billed: {most}, labels: {labels}}}
start: {start}
defaults: {{settle: 0s, verify: full}}
tables: {{{table}: {options}}}
"""


class Journey:
    """One kind's table with its database, its ledger and its ports."""

    def __init__(self, place: Place, kind: Kind, dsn: str, folder: Path) -> None:
        self.place, self.kind, self._dsn = place, kind, dsn
        today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        ledger = f"gs://{place.bucket}/{place.prefix}/ledger" if kind.in_storage else f"sqlite:///{folder}/ledger.db"
        text = _CONFIG.format(
            bucket=place.bucket, prefix=place.prefix, ledger=ledger, project=quoted(place.project),
            location=quoted(place.location), dataset=place.datasets["current"], most=MOST_PER_QUERY, labels=LABELS,
            start=f"{today - timedelta(days=3):%Y-%m-%d}", table=quoted(kind.table), options=kind.options,
        )  # fmt: skip
        folder.mkdir(parents=True, exist_ok=True)
        self._file = folder / "cloud_check.yml"
        self._config = parse(text, self._file.name, {})
        connections = LocalConnections(os.environ, dsns={"source_db": dsn})
        self.ports = wiring.ports(self._config, connections)
        self._steps, self._since = 0, today - timedelta(days=1)

    def findings(self) -> Iterator[Finding]:
        """All of it, in order."""
        place, kind = self.place, self.kind
        with closing(self.ports):
            with _OPENING:
                self.ports.ledger  # noqa: B018
            self._source(kind.make)
            yield self._first()
            place.bill.allow()
            self._source(kind.hour)
            yield self._hour()
            if kind.again:
                place.bill.allow()
                yield self._again()
            if kind.pruned:
                place.bill.allow()
                yield from pruned(place, self.table_run(), kind.name)
            if kind.behind:
                place.bill.allow()
                self._source(kind.behind)
                yield self._reconciled()
            place.bill.allow()
            yield self._balanced()
            place.bill.allow()
            yield self._reloaded()

    def table_run(self) -> TableRun:
        """As a step of its own is given it."""
        self._steps += 1
        table = self._config.tables[self.kind.table]
        return wiring.table_run(self._config, self._file, table, self.ports, holder=f"{MARK} {self._steps}")

    def _first(self) -> Finding:
        outcome = self._run()
        rows = self._rows()
        return self._told("first load", f"{rows} rows read", f"{outcome.rows} rows read", outcome.rows == rows)

    def _hour(self) -> Finding:
        outcome = self._run()
        well = outcome.rows == self.kind.read and outcome.basis == Basis.PROVED
        said = f"{self.kind.read} rows read, sealed by proof"
        came = f"{outcome.rows} rows read, {outcome.stands}, watermark {outcome.basis}"
        return self._told("an hour later", said, came, well)

    def _again(self) -> Finding:
        """Current's stamp must still be the one that the last refresh left, which nobody touched since (R23)."""
        outcome = self._run()
        came = f"{outcome.rows} rows read, current {'replaced' if outcome.changed else 'left as it was'}"
        expected = f"{self.kind.read} rows read, current left as it was"
        return self._told("once more, nothing new", expected, came, came == expected)

    def _reconciled(self) -> Finding:
        found = until_done(lambda: reconcile(self.table_run(), "reconcile", heal=True), _quiet)
        if found.outcome is not None and found.outcome.pending:
            self._load(found.outcome)
        counts = (found.found.missing, found.found.changed, found.found.deleted)
        words = "{} keys missing, {} changed, {} deleted"
        came = found.skipped or words.format(*counts)
        return self._told("reconcile and heal", words.format(*self.kind.found), came, counts == self.kind.found)

    def _balanced(self) -> Finding:
        run = self.table_run()
        found = balance(run, Depth.ROWS, everything=True)
        [proof] = prove(self._config, [run.table], self.ports.ledger)
        asked = "the balance of all rows, and prove"
        came = f"{found.balance.missing} missing, {found.balance.surplus} too many, {found.balance.differing} ranges "
        came += f"differ; {found.left_alone or proof.says}; looked at: {', '.join(proof.looked)}"
        well = proof.verdict is Verdict.PROVED and not found.left_alone and found.balance.well
        expected = "0 missing, 0 too many, 0 ranges differ; proved"
        return held(f"{self.kind.name}: the account", asked=asked, expected=expected, came=came, well=well)

    def _reloaded(self) -> Finding:
        outcome = self._run(Portion.RELOAD)
        rows = self._rows()
        return self._told("reload", f"{rows} rows read", f"{outcome.rows} rows read", outcome.rows == rows)

    def _told(self, what: str, expected: str, came: str, well: bool) -> Finding:
        found = self._compared()
        asked = "a run with verify: full; then both ends compared row by row"
        differs = f"{found.missing} missing, {found.extra} extra, {found.different} different, {found.doubled} doubled"
        return held(
            f"{self.kind.name}: {what}",
            asked=asked,
            expected=f"{expected}; 0 missing, 0 extra, 0 different, 0 doubled",
            came="; ".join((came, f"{differs} of {found.source_rows}", *found.examples[:2])),
            well=well and found.equal and found.balances,
        )

    def _compared(self) -> Comparison:
        kind, relation = self.kind, self.kind.seen or self.kind.relation or self.kind.table
        columns = self._ask(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s ORDER BY ordinal_position",
            relation,
        )
        pair = Pair(
            name=kind.name, schema="public", table=relation, current=self.table_run().target,
            columns=tuple(name for (name,) in columns), key=kind.key, deleted=kind.deleted,
        )  # fmt: skip
        return compare(self._dsn, self.place.bigquery, pair)

    def _run(self, portion: Portion = Portion.SLICE) -> Outcome:
        """Extract and load, as one run of Airflow's does: of what has come since the last, or of all."""
        [(now,)] = self._ask("SELECT clock_timestamp()")
        interval = Interval(low=self._since, high=now) if portion is Portion.SLICE else None
        self._since = now
        request = Request(kind=portion, run_id=f"{portion} {self._steps}", interval=interval)
        staged = until_done(lambda: extract(self.table_run(), request), _quiet)
        return self._load(staged) if staged.pending else staged

    def _load(self, staged: Outcome) -> Outcome:
        return until_done(lambda: load(self.table_run(), staged.read_at), _quiet)

    def _rows(self) -> int:
        [(count,)] = self._ask(f'SELECT count(*) FROM "{self.kind.relation or self.kind.table}"')
        return int(count)

    def _source(self, statements: str) -> None:
        with closed(psycopg2.connect(self._dsn)) as connection, connection, connection.cursor() as cursor:
            cursor.execute(statements)

    def _ask(self, query: str, *values: str) -> list[tuple[Any, ...]]:
        with closed(psycopg2.connect(self._dsn)) as connection, connection, connection.cursor() as cursor:
            cursor.execute(query, values or None)
            return cursor.fetchall()


def _quiet(_: Exception) -> None:
    """A job that still runs is waited for by the next step."""
