"""Imports run as the contracts in pyproject.toml draw them; each contract fails where it is broken."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LINT = """
import sys
from importlinter.cli import lint_imports
sys.exit(lint_imports(config_filename=sys.argv[1], no_cache=True))
"""
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]

BREACHES = {
    "imports run one way": ("core/sql.py", "floodmark.adapters.yaml_file"),
    "no room imports one that imports it": ("core/time/interval.py", "floodmark.core.time.slices"),
    "only wiring chooses adapters": ("cli/exits.py", "floodmark.adapters.postgres.source"),
    "of the pipeline, only wiring": ("pipeline/outcome.py", "floodmark.adapters.yaml_file"),
    "pipeline and core import no vendor": ("pipeline/outcome.py", "google.cloud.storage"),
    "nothing of the product knows the demo": ("cli/exits.py", "floodmark.demo.shop"),
}
"""The beginning of each contract's name: a file and what it must not import."""


def broken(plugins: Path) -> list[str]:
    """The names of the contracts that a package in this folder breaks.

    In a process of its own: import-linter must see the package as it lies on disk.
    """
    verdict = subprocess.run(
        [sys.executable, "-c", LINT, str(ROOT / "pyproject.toml")],
        cwd=plugins, env={"COLUMNS": "200", "PYTHONPATH": str(plugins)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    told = {contract["name"]: _verdict(contract["name"], verdict.stdout) for contract in CONTRACTS}
    assert set(told.values()) <= {"KEPT", "BROKEN"}, verdict.stdout + verdict.stderr
    names = [name for name, one in told.items() if one == "BROKEN"]
    assert verdict.returncode == bool(names), verdict.stdout + verdict.stderr
    return names


def _verdict(name: str, said: str) -> str:
    found = re.search(re.escape(name) + r" (KEPT|BROKEN)", " ".join(said.split()))
    return found[1] if found else said


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the package, to be broken."""
    ignored = shutil.ignore_patterns("__pycache__")
    return shutil.copytree(ROOT / "plugins" / "floodmark", tmp_path / "floodmark", ignore=ignored)


def test_every_contract_is_kept() -> None:
    assert broken(ROOT / "plugins") == []


@pytest.mark.parametrize(("contract", "breach"), BREACHES.items(), ids=str)
def test_each_contract_fails_where_it_is_broken(package: Path, contract: str, breach: tuple[str, str]) -> None:
    file, imported = breach
    path = package / file
    path.write_text(
        f"{path.read_text(encoding='utf-8')}\n\ndef lazy() -> None:\n    import {imported}\n", encoding="utf-8"
    )
    assert [name for name in broken(package.parent) if name.startswith(contract)]


def test_every_contract_has_its_breach() -> None:
    for contract in CONTRACTS:
        assert [name for name in BREACHES if contract["name"].startswith(name)], contract["name"]


def test_a_new_room_must_be_given_its_floor(package: Path) -> None:
    (package / "helpers.py").write_text("")
    verdict = subprocess.run(
        [sys.executable, "-c", LINT, str(ROOT / "pyproject.toml")],
        cwd=package.parent, env={"PYTHONPATH": str(package.parent)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert verdict.returncode == 1
    assert "helpers" in verdict.stdout
