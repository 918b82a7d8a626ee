"""A source's DAGs in the Airflow that is installed here."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping

from floodmark.cli.findings.finding import Finding, note, ok, question, warning
from floodmark.core.config import dag_ids
from floodmark.core.config.source import SourceConfig

_ABOUT = "DAGs"
NO_FILE = "no DAG file makes it, or that can't be imported"
IMPORT_ERRORS = "airflow dags list-import-errors"


@question(_ABOUT, "whether they are paused")
def of_dags(config: SourceConfig) -> Iterator[Finding]:
    """Which of them are paused, and which are missing. Nothing is said where no Airflow is set up."""
    from floodmark.adapters.local_airflow import dags, home

    if not home.is_set_up():
        return
    known = dags.seen(config.source)
    if not known:
        yield note(_ABOUT, f"this Airflow has seen none of {config.source} yet")
        return
    for dag_id in missing(config, known):
        yield warning(_ABOUT, f"{dag_id} is not there: {NO_FILE}", IMPORT_ERRORS)
    for dag_id, is_paused in known.items():
        if is_paused:
            yield warning(_ABOUT, f"{dag_id} is paused, so its runs stay queued", unpause(dag_id))
    running = [dag_id for dag_id, is_paused in known.items() if is_paused is False]
    if running:
        yield ok(_ABOUT, f"not paused: {', '.join(running)}")


def missing(config: SourceConfig, known: Mapping[str, bool | None]) -> list[str]:
    """Those that it should have, of a source of which Airflow knows any, or has known any."""
    return [dag_id for dag_id in dag_ids.of_source(config) if known and known.get(dag_id) is None]


def unpause(dag_id: str) -> str:
    """The command."""
    return f"airflow dags unpause {shlex.quote(dag_id)}"
