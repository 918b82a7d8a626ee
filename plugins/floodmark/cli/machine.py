"""What this machine refuses a command: room, a right, more open files. Nobody's defect, so said as any other error."""

from __future__ import annotations

import errno
from typing import TypeVar

from floodmark.errors import ConfigurationError, FloodmarkError, Problem, RetriableError

Raised = TypeVar("Raised", bound=BaseException)

_LATER = {
    errno.ENOSPC: "free some of the disk",
    errno.EDQUOT: "free some of this user's quota",
    errno.EMFILE: "let a process open more files: ulimit -n",
    errno.ENFILE: "end what holds so many files open on this machine",
    errno.ENOMEM: "end what takes the memory of this machine",
}
_RIGHTS = {
    errno.EACCES: "give this user the right to it, or name another place",
    errno.EPERM: "give this user the right to it, or name another place",
    errno.EROFS: "name a place that can be written",
}


def told(error: Raised) -> Raised | FloodmarkError:
    """The error to tell of, wherever one is told: one of ours in the place of what a machine refuses, else itself."""
    return (_refusal(error) if isinstance(error, OSError) else None) or error


def _refusal(error: OSError) -> FloodmarkError | None:
    """None where it is none of a machine's, as those whose numbers are another library's."""
    if type(error).__module__ != "builtins":
        return None
    where = "this machine" if error.filename is None else str(error.filename)
    said = error.strerror or str(error)
    if error.errno in _LATER:
        return RetriableError(f"{where}: {said}; {_LATER[error.errno]}")
    if error.errno in _RIGHTS:
        return ConfigurationError([Problem(file=where, path="", message=said, remedy=_RIGHTS[error.errno])])
    return None
