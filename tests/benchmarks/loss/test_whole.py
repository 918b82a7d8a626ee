"""The two commands as a user runs them; minutes, and dlt from the package index."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from floodmark.demo.loss.show import show
from floodmark.demo.loss.workload import Parameters

ROOT = Path(__file__).parents[3]


@pytest.mark.long
@pytest.mark.timeout(400)
def test_the_quick_benchmark_finds_floodmark_alone_without_loss(tmp_path):
    words = [sys.executable, ROOT / "benchmarks/loss/run.py", "--quick", "--json", tmp_path / "result.json"]
    done = subprocess.run(words, check=False, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    found = {one["name"]: one["difference"] for one in json.loads((tmp_path / "result.json").read_text())["results"]}
    assert {name for name, difference in found.items() if not any(difference.values())} == {"Floodmark"}
    assert len(found) == 6


@pytest.mark.long
def test_the_demo_ends_well_and_tells_of_a_slice_that_was_held_back(capsys):
    assert show(like=Parameters(slices=5, rate=60.0, long=0.03, long_to=1.0)) == 0
    out = capsys.readouterr().out
    assert "One slice in the ledger" in out
    assert "proves all before" in out
