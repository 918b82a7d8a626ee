"""Every module here has a tuple ``CASES``, by the subject of its rules."""

from __future__ import annotations

from pathlib import Path

from tests.silence.case import cases_in

CASES = cases_in(__name__, Path(__file__).parent)
