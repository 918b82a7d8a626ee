"""Command lines as messages print them: whole, so that a person can take them as they stand."""

from __future__ import annotations

import shlex

OF_VARIABLE = "variable:"
"""Begins the name of a source that an Airflow Variable holds."""


def command_line(words: str, *names: str) -> str:
    """``floodmark``, the words, and names quoted as a shell needs it; empty ones are left out."""
    return " ".join(["floodmark", words, *(shlex.quote(name) for name in names if name)])
