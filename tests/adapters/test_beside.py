"""Folders of another user, as the system itself refuses them: to whoever isn't root."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from floodmark.adapters import beside
from floodmark.errors import ConfigurationError
from tests.fakes.processes import exit_code, process

NOBODY = 65534
TOLD = "can't be read: Permission denied; give this user the right to read it"


@pytest.mark.parametrize("mode", [0o000, 0o444, 0o111])
@pytest.mark.parametrize("look", [lambda one: beside.files(one, ".sql"), lambda one: beside.is_there(one / "a.sql")])
def test_a_folder_without_a_right_is_none_that_is_empty(
    tmp_path: Path, mode: int, look: Callable[[Path], object]
) -> None:
    folder = tmp_path / "summaries"
    folder.mkdir()
    (folder / "a.sql").touch()
    for above in (tmp_path, *tmp_path.parents):
        if above.stat().st_uid == os.geteuid():
            above.chmod(above.stat().st_mode | 0o011)
    folder.chmod(mode)

    def looking() -> int:
        if os.geteuid() == 0:
            os.setuid(NOBODY)
        try:
            found = look(folder)
        except ConfigurationError as error:
            return 3 if str(error) == f"{folder}: {TOLD}" else 4
        return 5 if found else 6

    with process(looking) as pid:
        ended = exit_code(pid)
    folder.chmod(0o755)
    assert ended == 3 or (ended == 5 and mode == 0o111), "one may be looked into, not listed: then a file can be read"
