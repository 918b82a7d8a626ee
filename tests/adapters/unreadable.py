"""Folders that are there and can't be looked into, made on the disk."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

Break = Callable[[Path, pytest.MonkeyPatch], None]


def link_to_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a checkout without what it links to, or a volume that isn't mounted."""
    folder.symlink_to(folder.parent / "elsewhere")


def file_in_its_place(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a link that git has checked out as a text."""
    folder.write_text("../elsewhere", encoding="utf-8")


def without_right(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of another user. The answer of the system is put in, since root, who runs tests in CI, may look everywhere."""
    folder.mkdir()
    as_before = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != folder and as_before(path, mode))


WAYS: dict[Break, str] = {
    link_to_nothing: "is a link to nothing; mend it, or take it away",
    file_in_its_place: "is no folder; put a folder in its place, or take it away",
    without_right: "can't be read: Permission denied; give this user the right to read it",
}
"""Each with what is told."""
