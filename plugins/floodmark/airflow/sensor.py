"""``FloodmarkSealedSensor``: lets a DAG of yours go on once tables are sealed up to a moment."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow.providers.common.compat.sdk import AirflowFailException, BaseSensorOperator

from floodmark.airflow.waiting import verdicts
from floodmark.airflow.work import Context
from floodmark.core.command_line import OF_VARIABLE
from floodmark.errors import ConfigurationError, Problem

if TYPE_CHECKING:
    from floodmark.core.config.source import SourceConfig

log = logging.getLogger(__name__)

POKE_INTERVAL = timedelta(minutes=1)
TIMEOUT = timedelta(hours=6)


class FloodmarkSealedSensor(BaseSensorOperator):
    """Waits until ``tables`` of a source (all of them, where none are named) are sealed up to ``up_to``.

    ``source`` is its YAML file, its name, or ``variable:NAME``. ``up_to`` is a moment with its zone, or a template of
    one; the end of the run's data interval by default. ``proved`` takes no assumption for a seal, ``balanced`` wants
    both ends counted since, and equal. A blocked table is waited for, since somebody may mend it;
    ``fail_when_blocked`` ends that at once.

    It asks the ledger for the tables' heads and nothing else, once a minute, and holds no worker in between.
    """

    template_fields: Sequence[str] = ("up_to",)
    ui_color = "#e6f4ea"

    def __init__(
        self,
        *,
        source: str | os.PathLike[str],
        tables: Sequence[str] = (),
        up_to: str | datetime = "{{ data_interval_end }}",
        proved: bool = False,
        balanced: bool = False,
        fail_when_blocked: bool = False,
        **kwargs: Any,
    ) -> None:
        waiting = {
            "mode": "reschedule",
            "poke_interval": POKE_INTERVAL.total_seconds(),
            "timeout": TIMEOUT.total_seconds(),
        }
        super().__init__(**{**waiting, **kwargs})
        self.source = os.fspath(source)
        self.tables = tuple(tables)
        self.up_to = up_to
        self.proved, self.balanced, self.fail_when_blocked = proved, balanced, fail_when_blocked

    def poke(self, context: Context) -> bool:
        """Whether all of them are; what is missing goes into the log, by table."""
        from floodmark.airflow.connections import AirflowConnections
        from floodmark.pipeline import wiring
        from floodmark.pipeline.reports.unsealed import blocked, unsealed
        from floodmark.pipeline.table_run import closing

        with verdicts():
            up_to, config = moment(self.up_to), source_of(self.source)
            names = self.tables or tuple(config.tables)
            with closing(wiring.ports(config, AirflowConnections(), missing="refused")) as ports:
                waits = unsealed(config, ports.ledger, names, up_to, proved=self.proved, balanced=self.balanced)
                stuck = blocked(config, ports.ledger, tuple(waits)) if self.fail_when_blocked else {}
        for name, why in waits.items():
            log.info("%s: not up to %s yet: %s", name, up_to.isoformat(), why)
        if stuck:
            raise AirflowFailException("\n".join(f"{name} is blocked: {error}" for name, error in stuck.items()))
        return not waits


def moment(written: str | datetime) -> datetime:
    """UTC. Raises ``ConfigurationError`` for what is no moment, or has no zone."""
    try:
        found = written if isinstance(written, datetime) else datetime.fromisoformat(written.strip())
    except ValueError:
        raise _refused(f'"{written}" is no moment') from None
    if found.tzinfo is None:
        raise _refused(f'"{written}" has no zone')
    return found.astimezone(UTC)


def _refused(message: str) -> ConfigurationError:
    remedy = "write one such as 2026-11-01T03:00:00Z, or a template of one"
    return ConfigurationError([Problem(file="FloodmarkSealedSensor", path="up_to", message=message, remedy=remedy)])


def source_of(said: str) -> SourceConfig:
    """The source as its file, its name, or a Variable says now. Raises ``ConfigurationError``."""
    from floodmark.adapters import source_folder, yaml_file

    if said.startswith(OF_VARIABLE):
        from floodmark.airflow import variables

        document = variables.document(said.removeprefix(OF_VARIABLE), fresh=True)
        return document.config(document.path(Path.cwd()))
    path = Path(said) if Path(said).suffix in (".yml", ".yaml") else source_folder.by_name(said, os.environ)
    return yaml_file.load(path, os.environ)
