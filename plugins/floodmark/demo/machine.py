"""Everything that the demo runs: three kinds of servers, Airflow, the shop and its writers, wired together."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shlex
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import psycopg2

from floodmark.adapters import yaml_file
from floodmark.core.config.source import SourceConfig
from floodmark.core.time.cadence import Every
from floodmark.demo import shop, shop_mysql
from floodmark.demo.databases import Place
from floodmark.demo.report import Line
from floodmark.demo.servers.airflow import USER, Airflow
from floodmark.demo.servers.airflow_client import AirflowClient
from floodmark.demo.servers.all import PROJECT, Database, PostgresServer, google_servers
from floodmark.demo.servers.cloud_sql.instance import Instance
from floodmark.demo.servers.cloud_sql.server import CloudSqlServer
from floodmark.demo.servers.mariadb import MariaDBServer, MySQLDatabase
from floodmark.demo.servers.mariadb_programs import programs
from floodmark.demo.servers.postgres_copy import copy_of
from floodmark.demo.sources import DagsFolder
from floodmark.demo.workload import Workload

SHOP, METADATA = "shop", "airflow"
SOURCES = (SHOP, METADATA)
BUCKET, READER = "floodmark-demo", "floodmark"
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Options:
    """How much: ``hours`` of history, ``minutes`` of life, and the seed of both; ``mysql``: the shop is MariaDB's;
    ``cloudsql``: it is read by exports of a local double of Cloud SQL's Admin API, with no connection to it."""

    hours: int
    minutes: int
    seed: int
    mysql: bool = False
    cloudsql: bool = False

    @property
    def kept(self) -> str:
        """The command that shows the same shop, and leaves it running."""
        shown = {"--mysql": self.mysql, "--cloudsql": self.cloudsql}
        return _typed(" ".join(["floodmark demo --keep", *(option for option, given in shown.items() if given)]))


class Machine:
    """``with Machine(folder, options, say) as machine:`` everything runs inside, and nothing of it afterwards."""

    def __init__(self, folder: Path, options: Options, say: Callable[[str], None]) -> None:
        self.folder, self.options, self.say = folder, options, say
        self.began = datetime.now(UTC)
        self.hour = Every(HOUR).boundary(self.began)
        self.start = self.hour - options.hours * HOUR
        self._running = contextlib.ExitStack()
        self._reader_password = secrets.token_urlsafe(12)

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            self._start(stack)
            self._running = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    def _start(self, stack: contextlib.ExitStack) -> None:
        self.postgres = PostgresServer(folder=self.folder / "postgres", password=secrets.token_urlsafe(12))
        stack.enter_context(self.postgres)
        self.say(f"PostgreSQL serves on port {self.postgres.port}")
        self.shop_db, self.airflow_db = self._shop_database(stack), self.postgres.create_database(METADATA)
        self._create_shop()
        self.google = google_servers(folder=self.folder / "google", say=self.say)
        self.dags = DagsFolder(self.folder / "dags", SOURCES)
        if self.options.cloudsql:
            self._serve_exports(stack)
        self.airflow = Airflow(
            folder=self.folder / "airflow", database=_sqlalchemy(self.airflow_db), dags=self.dags.path,
            variables=self.variables(),
        )  # fmt: skip
        stack.callback(self.airflow.stop)
        self.airflow.begin()
        self._write_history()
        stack.enter_context(self.google)
        self._make_places()
        self.say("Cloud Storage and BigQuery serve")
        stack.enter_context(self.airflow)
        self.client = AirflowClient(self.airflow.url, USER, self.airflow.password)
        self.say(f"Airflow's API server, scheduler and DAG processor serve: {self.airflow.url}")
        self.workload = Workload(dsn=self.shop_db.dsn, seed=self.options.seed)
        stack.enter_context(self.workload)

    def _shop_database(self, stack: contextlib.ExitStack) -> Place:
        if not self.options.mysql:
            return self.postgres.create_database(SHOP)
        mariadb = stack.enter_context(MariaDBServer(folder=self.folder / "mariadb"))
        self.say(f"MariaDB serves on port {mariadb.port}")
        return mariadb.database().create_database(SHOP)

    def _serve_exports(self, stack: contextlib.ExitStack) -> None:
        """The Admin API before the shop's database, and the shop's YAML as one writes it for that."""
        instance = Instance(self.shop_db.dsn, self.google.storage.url, project=PROJECT, name=SHOP)
        instance.conduct.clone = self._copy
        server = stack.enter_context(CloudSqlServer(instance))
        self.dags.read_by_exports(SHOP, instance=SHOP, database=SHOP, endpoint=server.url)
        self.say(f"a double of the Cloud SQL Admin API serves: {server.url}")

    @contextlib.contextmanager
    def _copy(self) -> Iterator[str]:
        """The temporary instance of an offloaded export: a copy of the server, which is gone when that has ended."""
        folder = self.folder / f"copy-{secrets.token_hex(4)}"
        try:
            with copy_of(self.postgres, folder) as copy:
                yield copy.database(SHOP).dsn
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _create_shop(self) -> None:
        """The shop's tables, and who reads each source."""
        if isinstance(self.shop_db, MySQLDatabase):
            shop_mysql.create(self.shop_db)
            shop_mysql.create_reader(self.shop_db, READER, self._reader_password)
        with contextlib.closing(psycopg2.connect(self.postgres.database().dsn)) as connection:
            shop.create_reader(connection, READER, self._reader_password)
        for database in (self.shop_db, self.airflow_db):
            if isinstance(database, Database):
                with contextlib.closing(psycopg2.connect(database.dsn)) as connection:
                    if database is self.shop_db:
                        shop.create(connection)
                    shop.grant(connection, READER)

    def _write_history(self) -> None:
        history = shop.History(start=self.start, end=datetime.now(UTC), seed=self.options.seed)
        if isinstance(self.shop_db, MySQLDatabase):
            rows = shop_mysql.write(history, self.shop_db)
        else:
            with contextlib.closing(psycopg2.connect(self.shop_db.dsn)) as connection:
                rows = history.write(connection)
        self.say(
            f"the shop has a history since {self.start:%H:%M} UTC: {sum(rows.values()):,} rows in {len(rows)} tables"
        )

    def _make_places(self) -> None:
        self.google.storage_client().create_bucket(BUCKET)
        client = self.google.bigquery_client()
        for source in SOURCES:
            config = self.config(source)
            client.create_dataset(config.bigquery.dataset)
            client.create_dataset(config.bigquery.raw)

    def variables(self) -> dict[str, str]:
        """What tasks see: connections, places, and how soon a slice is read here."""
        return {
            **self.google.variables(),
            "AIRFLOW_CONN_SHOP_DB": self._connection(self.shop_db),
            "AIRFLOW_CONN_AIRFLOW_DB": self._connection(self.airflow_db),
            "FLOODMARK_BUCKET": BUCKET,
            "FLOODMARK_PROJECT": PROJECT,
            "FLOODMARK_STATE": str(self.folder / "state"),
            "FLOODMARK_SHOP_START": f"{self.start:%Y-%m-%dT%H:%M:%SZ}",
            "FLOODMARK_SHOP_SETTLE": "1s",
            "FLOODMARK_AIRFLOW_START": f"{Every(MINUTE).boundary(self.began):%Y-%m-%dT%H:%M:%SZ}",
            "FLOODMARK_AIRFLOW_CADENCE": "1m",
            "FLOODMARK_AIRFLOW_CATCHUP": "false",
            "FLOODMARK_AIRFLOW_SETTLE": "1s",
            "FLOODMARK_AIRFLOW_SKEW": "5s",
        }

    def _connection(self, database: Place) -> str:
        kind = "mysql" if isinstance(database, MySQLDatabase) else "postgres"
        parts = {
            "conn_type": kind, "host": database.host, "port": database.port, "schema": database.dbname,
            "login": READER, "password": self._reader_password,
        }  # fmt: skip
        return json.dumps(parts)

    def dsn(self, source: str) -> str:
        """A source's database, as its owner sees it."""
        return {SHOP: self.shop_db, METADATA: self.airflow_db}[source].dsn

    def config(self, source: str) -> SourceConfig:
        """A source as it is configured now."""
        return yaml_file.load(self.dags.source(source), self.variables())

    def check(self) -> None:
        """Raise where a server has ended by itself, or a writer with an error."""
        self.airflow.check()
        self.workload.check()

    def summary(self, lines: Sequence[Line], *, keep: bool) -> list[str]:
        """What it shows, and where to look next."""
        wrong = [line.comparison.name for line in lines if not line.holds]
        verdict = (
            f"[bold red]not equal: {', '.join(wrong)}[/bold red]" if wrong else "[green]Every table is equal.[/green]"
        )
        counts = self.workload.tally.counts
        words = [
            f"{verdict} Compared row by row below each seal; rows changed since the seal are left out, nothing else.",
            f"The shop's writers committed {counts['transactions']:,} transactions, {counts['late commits']} of them "
            "after a minute's end before which they had begun.",
        ]
        around = f"To look around in Airflow and BigQuery: {self.options.kept}"
        return words + (self._addresses() if keep else [around])

    def _addresses(self) -> list[str]:
        file = self.folder / "environment.sh"
        file.touch(mode=0o600)
        exports = {**self.variables(), "AIRFLOW_HOME": str(self.airflow.folder)}
        file.write_text("".join(f"export {name}={shlex.quote(value)}\n" for name, value in exports.items()))
        body = json.dumps({"query": "SELECT status, COUNT(*) FROM shop.orders GROUP BY 1", "useLegacySql": False})
        address = f"{self.google.bigquery.url}/bigquery/v2/projects/{PROJECT}/queries"
        return [
            "",
            f"Airflow   {self.airflow.url}  login {USER}, password {self.airflow.password}",
            f"query     curl -s {address} -H 'Content-Type: application/json' -d '{body}'",
            f"source    {_client(self.shop_db)}",
            f"status    . {file}; {_typed(f'floodmark status {self.dags.source(SHOP)}')}",
            "Ctrl-C stops everything and leaves nothing behind.",
        ]

    def document(self, lines: Sequence[Line], seconds: float) -> dict[str, Any]:
        """The same for scripts."""
        return {
            "ok": all(line.holds for line in lines),
            "seconds": round(seconds, 1),
            "cores": os.cpu_count(),
            "airflow": {"url": self.airflow.url, "user": USER, "password": self.airflow.password},
            "workload": dict(self.workload.tally.counts),
        }


def _client(database: Place) -> str:
    """How to look at a database by its own client."""
    if isinstance(database, MySQLDatabase):
        return f"{_mariadb()} -h {database.host} -P {database.port} -u {database.user} {database.dbname}"
    return f"psql '{database.dsn}'"


def _mariadb() -> str:
    """MariaDB's client as it can be typed here: with its path and libraries, where it was only unpacked."""
    if shutil.which("mariadb"):
        return "mariadb"
    found = programs()
    return shlex.join(
        ["env", *(f"{name}={value}" for name, value in found.variables.items()), str(found.path("mariadb"))]
    )


def _sqlalchemy(database: Database) -> str:
    return database.dsn.replace("postgresql://", "postgresql+psycopg2://", 1)


def _typed(line: str) -> str:
    """A command line of ours as it can be typed here: by its path, where it was begun so and no shell finds it."""
    program = Path(sys.argv[0])
    found = shutil.which("floodmark") or program.name != "floodmark"
    return line if found else line.replace("floodmark", os.path.relpath(program), 1)
