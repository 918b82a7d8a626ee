"""Every module here has a tuple ``CASES``, by the subject of its rules."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from tests.silence.case import Case

CASES: tuple[Case, ...] = tuple(
    case
    for path in sorted(Path(__file__).parent.glob("[a-z]*.py"))
    for case in import_module(f"{__name__}.{path.stem}").CASES
)
