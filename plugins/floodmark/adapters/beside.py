"""Files and folders that may lie beside a source's file, or not: told apart from those that are there, unread."""

from __future__ import annotations

import os
from pathlib import Path

from floodmark.errors import ConfigurationError, Problem


def files(folder: Path, *endings: str) -> list[Path]:
    """The files of a folder whose names end so, in order of name; none where there is no folder.

    Raises ``ConfigurationError`` where there is one that can't be looked into, which isn't the same as an empty one: it
    may not be read, is no folder but a file, or a link to nothing.
    """
    try:
        names = os.listdir(folder)
        if not os.access(folder, os.R_OK | os.X_OK):
            raise PermissionError
    except OSError as error:
        _refuse_unread(folder, error)
        return []
    return sorted(folder / name for name in names if name.endswith(endings))


def otherwise(folder: Path, *endings: str) -> list[Path]:
    """The files whose names end so but for upper and lower case: nobody reads them. Raises as :func:`files` does."""
    return [one for one in files(folder, "") if one.name.lower().endswith(endings) and not one.name.endswith(endings)]


def is_there(file: Path) -> bool:
    """Whether there is a file of this name, be it a link to nothing.

    Raises ``ConfigurationError`` where its folder can't be looked into.
    """
    try:
        file.lstat()
    except OSError as error:
        _refuse_unread(file.parent, error)
        return False
    return True


def _refuse_unread(folder: Path, error: OSError) -> None:
    """Raise ``ConfigurationError`` unless there simply is no such folder."""
    remedy = ""
    if isinstance(error, FileNotFoundError):
        broken = next((one for one in (folder, *folder.parents) if one.is_symlink() and not os.path.exists(one)), None)
        if broken is None:
            return
        folder, message, remedy = broken, "is a link to nothing", "mend it, or take it away"
    elif isinstance(error, PermissionError):
        message, remedy = "can't be read: Permission denied", "give this user the right to read it"
    elif isinstance(error, NotADirectoryError):
        message, remedy = "is no folder", "put a folder in its place, or take it away"
    else:
        message = f"can't be read: {error.strerror}"
    raise ConfigurationError([Problem(file=str(folder), path="", message=message, remedy=remedy)])
