"""Runs at the start of every Python that has this folder on its path: hides Floodmark from Airflow's scheduler.

Only from that one process, as where the package is installed for workers alone (Composer 3): neither it nor its
distribution is found. Tasks run in processes forked from it, and find both. Each attempt is written to a file.
"""

import importlib
import importlib.metadata
import importlib.util
import os
import sys
from collections.abc import Iterator
from importlib.abc import MetaPathFinder
from typing import Any

PACKAGE = "floodmark"
OWN = os.getpid()


def note(what: str) -> None:
    """One line: this process, and what was asked."""
    with open(os.environ["FLOODMARK_HIDDEN"], "a", encoding="utf-8") as file:
        file.write(f"{OWN} {what}\n")


class Hidden(MetaPathFinder):
    """Refuses the package."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        """As for a package that isn't there."""
        if name.partition(".")[0] == PACKAGE and os.getpid() == OWN:
            note(name)
            raise ModuleNotFoundError(f"No module named {name!r}: hidden from the scheduler", name=name)


def hide_distribution(metadata: Any) -> None:
    """Without it no entry point is found."""
    every = metadata.MetadataPathFinder.find_distributions

    def find(_: type, *arguments: Any, **keys: Any) -> Iterator[importlib.metadata.Distribution]:
        found = every(*arguments, **keys)
        return (one for one in found if os.getpid() != OWN or one.metadata["Name"] != PACKAGE)

    metadata.MetadataPathFinder.find_distributions = classmethod(find)


if sys.orig_argv[1:4] == ["-m", "airflow", "scheduler"]:
    sys.meta_path.insert(0, Hidden())
    hide_distribution(importlib.metadata)
    if importlib.util.find_spec("importlib_metadata"):  # which Airflow asks instead on Python 3.11
        hide_distribution(importlib.import_module("importlib_metadata"))
    note("hidden")
