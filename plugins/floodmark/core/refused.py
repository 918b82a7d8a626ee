"""The one way in which a small parser says no to a written value."""

from __future__ import annotations


class Refused(ValueError):
    """A value that can't be used: what is wrong with it, and the remedy, in two parts.

    The message leaves the value out, because whoever reports it knows what was written in the file
    (a text such as ``${PROJECT}``) and must not show what the environment put there. ``secret`` keeps even the
    written value out of the report.
    """

    def __init__(self, message: str, remedy: str = "", *, secret: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.secret = secret
