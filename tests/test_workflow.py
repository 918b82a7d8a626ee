"""The workflow on GitHub runs what any machine runs, with no right but to read."""

from __future__ import annotations

import os
import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
WORKFLOW = yaml.safe_load(TEXT)
STEPS = [step for job in WORKFLOW["jobs"].values() for step in job["steps"]]


def test_it_calls_the_checkouts_own_script_and_targets() -> None:
    commands = [step["run"] for step in STEPS if "run" in step]
    assert commands == [".ci/run", "make release"]
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    assert "\nrelease:" in (ROOT / "Makefile").read_text(encoding="utf-8")


def test_it_may_only_read_and_ends() -> None:
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert all("timeout-minutes" in job and "permissions" not in job for job in WORKFLOW["jobs"].values())
    assert "secrets." not in TEXT
    assert all(re.fullmatch(r"actions/[\w-]+@v\d+", step["uses"]) for step in STEPS if "uses" in step)


def test_it_has_the_pythons_that_bootstrap_asks_for() -> None:
    wanted = set(re.findall(r'Environment\("[^"]+", "[^"]+", "([\d.]+)"', (ROOT / "bootstrap.py").read_text()))
    brought = [set(step["with"]["python-version"].split()) for step in STEPS if "setup-python" in step.get("uses", "")]
    assert brought
    assert all(wanted <= versions for versions in brought)
