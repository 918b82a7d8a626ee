"""Airflow loads plugins/ without executing the package's modules under their bare file names."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

LOAD = """
import json, sys, sysconfig
from pathlib import Path
import airflow
from airflow import plugins_manager

if hasattr(plugins_manager, "get_import_errors"):
    errors = plugins_manager.get_import_errors()
else:
    plugins_manager.ensure_plugins_loaded()
    errors = plugins_manager.import_errors
import floodmark
standard = Path(sysconfig.get_path("stdlib")).resolve()
plugins = Path(sys.argv[1]).resolve()
loaded = {name: getattr(module, "__file__", None) for name, module in sys.modules.items()}
inside = {name for name, file in loaded.items() if file and plugins in Path(file).resolve().parents}
print("ANSWER " + json.dumps({
    "errors": dict(errors),
    "bare": sorted(name for name in inside if name.split(".")[0] != "floodmark"),
    "types": Path(loaded["types"]).resolve().parent == standard,
    "floodmark": loaded["floodmark"],
}))
"""


def load(folder: Path, home: Path) -> dict[str, object]:
    """What Airflow says after it has loaded ``folder`` as its plugins, in a process of its own."""
    settings = {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(folder),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(
        [sys.executable, "-c", LOAD, str(folder)],
        env={**os.environ, **settings},
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
    )
    answers = [line for line in done.stdout.splitlines() if line.startswith("ANSWER ")]
    assert answers, done.stdout + done.stderr
    answer: dict[str, object] = json.loads(answers[0].removeprefix("ANSWER "))
    return answer


def test_plugins_load_without_errors_and_shadow_nothing(tmp_path: Path) -> None:
    answer = load(ROOT / "plugins", tmp_path)
    assert answer["errors"] == {}
    assert answer["bare"] == []
    assert answer["types"] is True
    assert answer["floodmark"] == str(ROOT / "plugins" / "floodmark" / "__init__.py")


@pytest.mark.slow
def test_it_is_the_ignore_file_that_keeps_the_modules_from_being_executed(tmp_path: Path) -> None:
    copy = tmp_path / "plugins"
    (copy / "floodmark").mkdir(parents=True)
    (copy / "floodmark" / "__init__.py").write_text("")
    (copy / "floodmark" / "quaint.py").write_text("")
    (copy / ".airflowignore").write_text((ROOT / "plugins" / ".airflowignore").read_text())
    assert load(copy, tmp_path)["bare"] == []
    (copy / ".airflowignore").unlink()
    assert load(copy, tmp_path)["bare"] == ["__init__", "quaint"]
