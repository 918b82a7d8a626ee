"""The Airflow pool of a source: that it is there, with room for each task; for Cloud SQL's exports, one slot."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING

from floodmark.cli.findings.finding import Finding, failed, note, ok, question, warning
from floodmark.core.command_line import command_line

if TYPE_CHECKING:
    from floodmark.core.config.source import SourceConfig

_ABOUT = "pool"
_DEFAULT = "default_pool"
"""Airflow's own, where none is named."""


@question(_ABOUT, "Airflow's pools")
def of_pool(config: SourceConfig, named: str = "") -> Iterator[Finding]:
    """Whether it is there, and has the slots that a task takes. Where neither key is written, nothing is asked.

    ``named`` is how a command line names the source, where not by its name.
    """
    named = named or config.source
    one_by_one = config.adapter == "cloudsql"
    widest = max(config.tables.values(), key=lambda table: table.pool_slots)
    if one_by_one and config.pool is None:
        said = (
            "none is named, so tasks wait on their workers for each other's operations: an instance does one at a time"
        )
        make = command_line("pool", named)
        yield warning(_ABOUT, said, f"write pool: cloudsql-{config.source}, then: {make}")
        return
    if config.pool is None and widest.pool_slots == 1:
        return
    pool = config.pool or _DEFAULT
    slots_wanted = 1 if one_by_one else widest.pool_slots
    make = command_line("pool", named) if one_by_one else _set(pool, max(slots_wanted, 8))
    from floodmark.adapters.local_airflow import home
    from floodmark.adapters.local_airflow import pool as pools

    if not home.is_set_up():
        yield note(_ABOUT, f"{pool}: whether Airflow has it can't be asked here", make)
        return
    slots = pools.slots(pool)
    if slots is None:
        yield failed(_ABOUT, f"{pool} is not there, so no task of the source begins", make)
    elif one_by_one and slots != 1:
        yield warning(_ABOUT, f"{pool} has {slots} slots, an instance does one operation", make)
    elif 0 <= slots < slots_wanted:  # -1: without a bound
        said = f"{pool} has {slots} slots, and {widest.name} takes {slots_wanted}: its tasks wait for ever"
        yield failed(_ABOUT, said, f"{_set(pool, slots_wanted)}, or a smaller pool_slots")
    else:
        yield ok(_ABOUT, f"{pool} has {_slots(slots)}")


def _set(pool: str, slots: int) -> str:
    return f"airflow pools set {shlex.quote(pool)} {slots} 'tasks of Floodmark'"


def _slots(slots: int) -> str:
    return "no bound" if slots < 0 else "1 slot" if slots == 1 else f"{slots} slots"
