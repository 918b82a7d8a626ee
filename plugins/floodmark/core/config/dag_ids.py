"""Which DAGs a source has, by their ids: known without Airflow, too, so that one that is missing there is seen."""

from __future__ import annotations

from floodmark.core.config.source import SourceConfig
from floodmark.core.time.cadence import Cadence

UPKEEP, OPS = "upkeep", "ops"


def of_tables(config: SourceConfig) -> dict[str, tuple[Cadence | None, tuple[str, ...]]]:
    """Those that read tables, by id: their cadence (None: on demand) and their tables."""
    by_cadence: dict[Cadence, list[str]] = {}
    for name, table in config.tables.items():
        by_cadence.setdefault(table.cadence, []).append(name)
    dags: dict[str, tuple[Cadence | None, tuple[str, ...]]] = {}
    for cadence, tables in by_cadence.items():
        own = cadence == config.cadence
        dags[config.source if own else f"{config.source}__{cadence.name}"] = (cadence, tuple(tables))
    return dags | {f"{config.source}__reload": (None, tuple(config.tables))}


def reconciled(config: SourceConfig) -> tuple[str, ...]:
    """The tables whose keys are compared every day (R25)."""
    return tuple(name for name, table in config.tables.items() if table.deletes.how == "reconcile")


def of_source(config: SourceConfig) -> tuple[str, ...]:
    """All of them, but for that of summaries, which only their files tell of."""
    compared = (f"{config.source}__reconcile",) if reconciled(config) else ()
    return (*of_tables(config), *compared, f"{config.source}__{UPKEEP}", f"{config.source}__{OPS}")
