"""What the demo prints at its end."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from floodmark.demo import machine

LINE = "floodmark demo --keep"


@pytest.mark.parametrize(
    ("begun_as", "on_the_path", "typed"),
    [
        (".venv/bin/floodmark", False, ".venv/bin/floodmark demo --keep"),
        (".venv/bin/floodmark", True, LINE),
        ("floodmark/__main__.py", False, LINE),
    ],
)
def test_a_command_line_is_printed_as_it_can_be_typed(
    monkeypatch: pytest.MonkeyPatch, begun_as: str, on_the_path: bool, typed: str
) -> None:
    monkeypatch.setattr(sys, "argv", [str(Path(begun_as).absolute()), "demo"])
    monkeypatch.setattr(machine.shutil, "which", lambda _: begun_as if on_the_path else None)
    assert machine._typed(LINE) == typed
