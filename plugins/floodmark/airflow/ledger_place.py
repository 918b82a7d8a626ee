"""Whether the ledger's place fits the executor: a SQLite file serves one machine only."""

from __future__ import annotations

from floodmark.core.config.source import SourceConfig, SqliteLedger
from floodmark.errors import ConfigurationError, Problem

LOCAL = frozenset({"LocalExecutor", "SequentialExecutor", "DebugExecutor"})
"""Executors of Airflow's own that run tasks on the scheduler's machine."""


def elsewhere() -> tuple[str, ...]:
    """The configured executors that may run tasks on other machines: all but Airflow's own local ones.

    ``[core] executor`` may name several, with aliases and teams: ``LocalExecutor,team=my.module.Executor:alias``.
    """
    from airflow.providers.common.compat.sdk import conf

    written = conf.get("core", "executor", fallback="LocalExecutor").replace(";", ",").split(",")
    names = (entry.rpartition("=")[2].strip() for entry in written)
    return tuple(name for name in names if name and _class(name) not in LOCAL)


def _class(name: str) -> str:
    """``LocalExecutor`` of itself and of ``airflow.executors.local_executor.LocalExecutor``; else the whole name."""
    parts = [part.rpartition(".")[2] for part in name.split(":") if part.startswith("airflow.executors.")]
    return parts[0] if parts else name


def problem(config: SourceConfig, file: str) -> Problem | None:
    """Why this source's ledger can't serve the configured executors; None where it can."""
    if not isinstance(config.ledger, SqliteLedger) or not (executors := elsewhere()):
        return None
    place = f"sqlite:///{config.ledger.path}" if config.ledger.path else "the default, SQLite,"
    return Problem(
        file=file,
        path="ledger",
        message=f"{place} is one file on one machine, but {', '.join(executors)} runs tasks on several",
        remedy="write ledger: {connection: an Airflow connection to PostgreSQL}, or ledger: gs://bucket/prefix",
    )


def require(config: SourceConfig, file: str) -> None:
    """Refuse to work with a ledger that other tasks may not see. Raises ``ConfigurationError``."""
    if missing := problem(config, file):
        raise ConfigurationError([missing])
