"""What hides Floodmark from the scheduler does hide it, and from nobody else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import floodmark

pytestmark = pytest.mark.long

PROGRAM = """
import importlib.metadata, importlib.util, os
ways = [importlib.metadata]
if importlib.util.find_spec("importlib_metadata"):
    ways.append(importlib.import_module("importlib_metadata"))
def found():
    names = {one.metadata["Name"] for way in ways for one in way.distributions()}
    try:
        import floodmark
    except ModuleNotFoundError:
        return ["hidden", "floodmark" in names]
    return ["found", "floodmark" in names]
print(found(), flush=True)
if os.fork() == 0:
    print(found(), flush=True)
else:
    os.wait()
"""


@pytest.mark.parametrize(("command", "own"), [("scheduler", ["hidden", False]), ("api-server", ["found", True])])
def test_only_the_scheduler_itself_is_refused_and_its_tasks_are_not(tmp_path: Path, command: str, own: list[object]):
    (tmp_path / "airflow").mkdir()
    (tmp_path / "airflow" / "__init__.py").touch()
    (tmp_path / "airflow" / "__main__.py").write_text(PROGRAM, encoding="utf-8")
    site, plugins = Path(__file__).parents[1] / "site", Path(floodmark.__file__).parents[1]
    noted = tmp_path / "noted"
    noted.touch()
    variables = {
        "PYTHONPATH": os.pathsep.join(map(str, [tmp_path, site, plugins])), "FLOODMARK_HIDDEN": str(noted),
    }  # fmt: skip
    said = subprocess.check_output([sys.executable, "-m", "airflow", command], env=variables, text=True)
    assert said.splitlines() == [str(own), str(["found", True])]
    assert ("floodmark" in noted.read_text()) == (own == ["hidden", False])
