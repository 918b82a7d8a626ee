"""What a read that holds its table by two locks may run into, whichever the database."""

from __future__ import annotations


class Overtaken(Exception):
    """A stronger lock was asked for between the holder's lock and ours: it waits for the holder, and we for it."""
