"""Airflow's pools, by its own command line, which knows its database whatever the version."""

from __future__ import annotations

import json

from floodmark.adapters.local_airflow import home
from floodmark.errors import RetriableError

TIMEOUT = 120
"""Seconds. Airflow's command line takes its time to begin."""


def slots(name: str) -> int | None:
    """How many slots a pool has; None where there is none. Raises ``RetriableError``."""
    found = _run("pools", "list", "-o", "json")
    place = found.find("[{")
    try:
        pools = json.JSONDecoder().raw_decode(found[place:])[0] if place >= 0 else []
    except ValueError:
        raise RetriableError(f"airflow pools list: {found[-200:]!r}") from None
    return next((int(one["slots"]) for one in pools if one.get("pool") == name), None)


def make(name: str, description: str) -> None:
    """Make a pool of one slot, or let it have one. Raises ``RetriableError``."""
    _run("pools", "set", name, "1", description)


def _run(*words: str) -> str:
    return home.answer("-m", "airflow", *words, what=f"airflow {' '.join(words)}", timeout=TIMEOUT)
