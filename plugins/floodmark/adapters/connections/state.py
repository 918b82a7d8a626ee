"""Where the ledger lies that no source names: one rule for the command line and for Airflow's tasks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import floodmark

VARIABLE = "FLOODMARK_STATE"
FILE = "floodmark.db"


def folder(environ: Mapping[str, str]) -> Path:
    """``FLOODMARK_STATE``, else a checkout's ``state/``, else ``floodmark/`` in Airflow's home.

    Airflow's home is ``AIRFLOW_HOME``, else ``~/airflow``, which is Airflow's own rule. It counts without Airflow too:
    the folder depends neither on where a command is called nor on what is installed there. Nothing is made.
    """
    if chosen := environ.get(VARIABLE):
        return Path(chosen).expanduser().absolute()
    checkout = Path(floodmark.__file__).resolve().parents[2] / "state"
    if (checkout / "migrations").is_dir():
        return checkout
    return Path(environ.get("AIRFLOW_HOME") or "~/airflow").expanduser().absolute() / "floodmark"


def ledger(environ: Mapping[str, str], path: str = "") -> str:
    """The SQLAlchemy URL of a ledger in SQLite, the default one without a ``path``; a relative one lies in the folder.

    Only opening it makes it.
    """
    return f"sqlite:///{folder(environ) / (path or FILE)}"
