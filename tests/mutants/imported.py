"""A plugin of pytest's: refuses to run where the package under test isn't the copy, but an installed one."""

from __future__ import annotations

import os
from pathlib import Path

import floodmark


def pytest_configure() -> None:
    """Raises ``RuntimeError``, which ends pytest as an internal error and never as a failed test."""
    copy = Path(os.environ["FLOODMARK_MUTANT"]).resolve()
    found = Path(floodmark.__file__).resolve()
    if not found.is_relative_to(copy):
        raise RuntimeError(f"{found} is imported, not the copy in {copy}")
