"""The plugin that says where the suite's time goes counts what a test and its processes spend."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.spent import COLUMNS

ROOT = Path(__file__).parents[1]
BUSY = """
import subprocess, sys, time
def spin(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end: pass
def test_itself():
    spin(0.5)
def test_a_process():
    subprocess.run([sys.executable, "-c", "import time\\nwhile time.process_time() < 1: pass"], check=True)
"""


@pytest.mark.slow
def test_what_a_test_and_its_processes_spend_counts_for_its_file(tmp_path: Path) -> None:
    (tmp_path / "test_busy.py").write_text(BUSY)
    words = ["-m", "pytest", "-p", "tests.spent", "-p", "no:cacheprovider", "-n", "1", str(tmp_path)]
    said = subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    [line] = [line for line in said.splitlines() if line.endswith("test_busy.py (2 tests)")]
    seconds = dict(zip(COLUMNS, map(float, line.split()), strict=False))
    assert 0.5 <= seconds["tests"] < 3
    assert 1 <= seconds["other"] < 4
    assert abs(seconds["CPU"] - seconds["tests"] - seconds["other"]) < 0.2
