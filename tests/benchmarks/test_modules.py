"""A benchmark's program finds its own modules: those beside it, and those that all share."""

from __future__ import annotations

from pathlib import Path

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def test_no_module_that_all_share_hides_one_of_a_folder() -> None:
    """Both lie on the path of a program in that folder, by their short names."""
    shared = {path.stem for path in BENCHMARKS.glob("*.py")}
    within = {path.stem for path in BENCHMARKS.glob("*/*.py")}
    assert not shared & within
