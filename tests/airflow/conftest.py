"""A home of its own for the Airflow that these tests import, and sources to make DAGs of."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml

HOME = tempfile.mkdtemp(prefix="floodmark-airflow-")
atexit.register(shutil.rmtree, HOME, ignore_errors=True)
os.environ["AIRFLOW_HOME"] = HOME  # before Airflow is imported: it writes its configuration there
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
os.environ["AIRFLOW__CORE__UNIT_TEST_MODE"] = "False"

DAG_FILE = "from floodmark.airflow import dags\n\nglobals().update(dags(__file__))\n"
SOURCE: dict[str, Any] = {
    "version": 1,
    "source": "shop",
    "connection": "shop_db",
    "stage": "gs://a-bucket/floodmark",
    "bigquery": {"project": "proj-x", "location": "EU", "dataset": "shop"},
    "start": "2026-11-02",
    "tables": {"orders": None, "items": None},
}

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a source beside a DAG file of three lines; the DAG file's path. Keys replace those of an example,
    whose dataset is named as the source."""

    def write(name: str = "shop.yml", text: str = "", **keys: Any) -> Path:
        folder = tmp_path / "dags" / "sources"
        folder.mkdir(parents=True, exist_ok=True)
        own = {"bigquery": SOURCE["bigquery"] | {"dataset": str(keys.get("source", "shop")).replace("-", "_")}}
        (folder / name).write_text(text or yaml.safe_dump(SOURCE | own | keys, sort_keys=False), encoding="utf-8")
        dag_file = folder.parent / "floodmark_dags.py"
        dag_file.write_text(DAG_FILE, encoding="utf-8")
        return dag_file

    return write


@pytest.fixture
def python() -> Callable[..., Any]:
    """Run Python in a process of its own."""
    return _python


def _python(code: str, *arguments: object, **variables: str) -> Any:
    """What ``code`` prints as JSON on a line after ``ANSWER``, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        env={**os.environ, **variables}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    answers = [line.removeprefix("ANSWER ") for line in done.stdout.splitlines() if line.startswith("ANSWER ")]
    assert answers, done.stdout + done.stderr
    return json.loads(answers[-1])


AIRFLOW = tuple(map(int, version("apache-airflow").split(".")[:2]))
AIRFLOW_2 = AIRFLOW < (3,)


@dataclass(frozen=True, kw_only=True)
class Airflow:
    """An Airflow with a metadata database of its own, used by its command line."""

    home: Path

    def __call__(self, *arguments: object, fails: bool = False, **variables: str) -> str:
        """Run ``airflow ...``; what it printed, logs included."""
        done = subprocess.run(
            [sys.executable, "-m", "airflow", *map(str, arguments)],
            env={**os.environ, **self.settings, **variables}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip
        assert done.returncode >= 0, f"ended by signal {-done.returncode}\n{done.stdout}"
        assert (done.returncode != 0) == fails, done.stdout
        return done.stdout

    @property
    def settings(self) -> dict[str, str]:
        """Its environment variables."""
        return {
            "AIRFLOW_HOME": str(self.home),
            "PYTHONFAULTHANDLER": "1",
            "AIRFLOW__CORE__DAGS_FOLDER": str(self.home / "dags"),
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(self.home / "plugins"),
            "AIRFLOW__CORE__EXECUTOR": "SequentialExecutor" if AIRFLOW_2 else "LocalExecutor",
            "FLOODMARK_STATE": str(self.home / "state"),
        }


@pytest.fixture(scope="session")
def airflow() -> Airflow:
    """An Airflow for the session: its database is made once. DAGs are put into ``home / "dags"``."""
    home = Path(HOME) / "cli"
    (home / "dags" / "sources").mkdir(parents=True)
    (home / "plugins").mkdir()
    made = Airflow(home=home)
    made("db", "migrate")
    return made
