"""Airflow's pools, by its own command line, which knows its database whatever the version."""

from __future__ import annotations

import json
import subprocess

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
    try:
        done = subprocess.run(
            home.python("-m", "airflow", *words),
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=TIMEOUT, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise RetriableError(f"airflow {' '.join(words)}: no answer within {TIMEOUT} s") from None
    if done.returncode:
        raise RetriableError(f"airflow {' '.join(words)}: {home.reason(done.stderr or done.stdout)}")
    return done.stdout
