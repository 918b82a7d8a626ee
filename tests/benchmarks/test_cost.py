"""The benchmark of bytes (``make cost``), on a small scale: whose hourly run grows with its table, and whose not."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

FILE = Path(__file__).parents[2] / "benchmarks" / "cost.py"


@pytest.fixture(scope="module")
def cost() -> ModuleType:
    """The benchmark's own module."""
    spec = importlib.util.spec_from_file_location("cost_benchmark", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclasses look there
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "grows"),
    [
        ("keyed, partitioned", False),
        ("append, partitioned", False),
        pytest.param("full", True, marks=pytest.mark.long),
    ],
)
def test_an_hourly_run_bills_its_slice_and_not_its_table(
    cost: ModuleType, database: Any, google: Any, bucket: str, kind: str, grows: bool
) -> None:
    """R20: by what every job and query of it processes; what is billed has a least that would hide the growth."""
    small, large = (cost.measured(database.dsn, google, bucket, kind, rows) for rows in (3_000, 9_000))
    assert small.processed["apply"] > 0
    if grows:
        assert large.processed["apply"] > 2 * small.processed["apply"]
    else:
        assert large.processed == small.processed
        assert "late" not in small.processed
