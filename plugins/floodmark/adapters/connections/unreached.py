"""A server that isn't reached, with what to look at."""

from __future__ import annotations

from floodmark.errors import FloodmarkError, SourceUnavailable


def hinted(error: FloodmarkError, connection: str, *, by: str = "host and port") -> FloodmarkError:
    """The error of connecting, with a remedy where another try may be let in. ``connection`` is its id, or empty.

    ``by``: what the connection reaches the server by.
    """
    if not isinstance(error, SourceUnavailable):
        return error
    named = f"connection {connection}".rstrip()
    return SourceUnavailable(f"{error}; see that it runs and can be reached from here, and that {named} names its {by}")
