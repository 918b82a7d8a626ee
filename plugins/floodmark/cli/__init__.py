"""Floodmark on the command line. Nothing of Google, pyarrow or SQLAlchemy is imported before a command needs it."""

from floodmark.cli.main import app

__all__ = ["app"]
