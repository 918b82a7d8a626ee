"""stdout and stderr as they are found: closed, full, or of an encoding that lacks a character."""

from __future__ import annotations

import codecs
import io
import os
import sys

ESCAPED = "floodmark.escaped"
"""Says to Python's codecs what becomes of a character that an encoding doesn't have."""


def prepare() -> None:
    """Let every text be written. What is closed, as by cron or ``>&-``, swallows what is written to it."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors=ESCAPED)


def give_up_stdout() -> None:
    """Drop what stdout still holds: it would fail once more when the process ends.

    By the documentation of Python's ``signal``, "Note on SIGPIPE".
    """
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _escaped(error: UnicodeError) -> tuple[str, int]:
    """What can't be written, as JSON and YAML write it: ``\\u5217``, and two such for what lies above U+FFFF."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    units = error.object[error.start : error.end].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4)), error.end


codecs.register_error(ESCAPED, _escaped)
