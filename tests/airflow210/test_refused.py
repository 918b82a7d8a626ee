"""A real Airflow 2.10, beside which Floodmark was installed: its DAG files say why they can't be used, others go on.

``make test-airflow210`` runs it in that Airflow's own environment.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]

ROOT = Path(__file__).parents[2]
OTHER = """
from datetime import datetime
from airflow import DAG
with DAG("other", schedule=None, start_date=datetime(2026, 11, 2)):
    pass
"""
Airflow = Callable[..., str]


@pytest.fixture(scope="module")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Airflow:
    """``airflow ...`` with the example's DAG files and one more; what it printed on stdout."""
    home = tmp_path_factory.mktemp("airflow210")
    folder = home / "files"
    folder.mkdir()
    for name in ("floodmark_dags.py", "floodmark_check.py", "sources"):
        (folder / name).symlink_to(ROOT / "dags" / name)
    (folder / "other.py").write_text(OTHER, encoding="utf-8")
    variables = {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(folder),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
    }

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "airflow", *arguments],
            env={**os.environ, **variables}, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode in (0, 1), done.stdout + done.stderr
        return done.stdout

    run("db", "migrate")
    return run


def test_this_airflow_is_one_that_is_refused() -> None:
    assert version("apache-airflow").startswith("2.10.")


def test_each_of_our_files_says_what_is_too_old_why_and_what_to_do_and_no_other_file_fails(airflow: Airflow) -> None:
    found = json.loads(airflow("dags", "list-import-errors", "-o", "json"))
    errors = {Path(one["filepath"]).name: one["error"] for one in found}
    assert sorted(errors) == ["floodmark_check.py", "floodmark_dags.py"]
    for error in errors.values():
        airflows, compat = error.strip().splitlines()[-2:]
        assert airflows.startswith("floodmark.errors.ConfigurationError: apache-airflow: 2.10.5 is installed, and ")
        assert "Floodmark needs 2.11 or later: " in airflows
        assert "; upgrade Airflow (on Composer: " in airflows
        assert compat.startswith("apache-airflow-providers-common-compat: 1.7.4 is installed, and Floodmark needs 1.13")
        assert "ImportError" not in error
        assert "ModuleNotFoundError" not in error


def test_other_dags_are_there(airflow: Airflow) -> None:
    assert [dag["dag_id"] for dag in json.loads(airflow("dags", "list", "-o", "json"))] == ["other"]


def test_the_distribution_disturbs_no_other_command(airflow: Airflow) -> None:
    assert "floodmark" in airflow("providers", "list")
