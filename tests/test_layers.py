"""Imports run one way, as the contract in pyproject.toml draws it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
LINT = """
import sys
from importlinter.cli import lint_imports
sys.exit(lint_imports(config_filename=sys.argv[1], no_cache=True))
"""


def lint(config: Path) -> subprocess.CompletedProcess[str]:
    """import-linter's verdict, in a process of its own: it must see the package as it lies on disk."""
    return subprocess.run(
        [sys.executable, "-c", LINT, str(config)], cwd=ROOT / "plugins", capture_output=True, text=True, check=False
    )


def test_no_layer_imports_one_above_it() -> None:
    verdict = lint(ROOT / "pyproject.toml")
    assert verdict.returncode == 0, verdict.stdout + verdict.stderr


def test_the_contract_is_about_this_package(tmp_path: Path) -> None:
    upside_down = tmp_path / "importlinter.toml"
    upside_down.write_text(
        '[tool.importlinter]\nroot_package = "floodmark"\n[[tool.importlinter.contracts]]\nname = "upside down"\n'
        'type = "layers"\nlayers = ["floodmark.errors", "floodmark.demo"]\n'
    )
    verdict = lint(upside_down)
    assert verdict.returncode == 1, verdict.stdout + verdict.stderr
    assert "floodmark.demo" in verdict.stdout
