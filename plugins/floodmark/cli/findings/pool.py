"""The one-slot pool of a source that is read by Cloud SQL's exports."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from floodmark.cli.findings.finding import Finding, failed, note, ok, question, warning
from floodmark.core.command_line import command_line

if TYPE_CHECKING:
    from floodmark.core.config.source import SourceConfig

_ABOUT = "pool"


@question(_ABOUT, "Airflow's pools")
def of_pool(config: SourceConfig, named: str = "") -> Iterator[Finding]:
    """Whether it is named, is there and has one slot. Of other sources nothing is asked.

    ``named`` is how a command line names the source, where not by its name.
    """
    named = named or config.source
    make = command_line("pool", named)
    if config.adapter != "cloudsql":
        return
    if config.pool is None:
        said = (
            "none is named, so tasks wait on their workers for each other's operations: an instance does one at a time"
        )
        yield warning(_ABOUT, said, f"write pool: cloudsql-{config.source}, then: {make}")
        return
    try:
        version("apache-airflow")
    except PackageNotFoundError:
        yield note(_ABOUT, f"{config.pool}: whether Airflow has it can't be asked here", make)
        return
    from floodmark.adapters.local_airflow import pool as pools

    slots = pools.slots(config.pool)
    if slots is None:
        yield failed(_ABOUT, f"{config.pool} is not there, so no task of the source begins", make)
    elif slots != 1:
        yield warning(_ABOUT, f"{config.pool} has {slots} slots, an instance does one operation", make)
    else:
        yield ok(_ABOUT, f"{config.pool} has 1 slot")
