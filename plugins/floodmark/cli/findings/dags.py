"""A source's DAGs in the Airflow that is installed here."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING

from floodmark.cli.findings.finding import Finding, note, ok, question, warning

if TYPE_CHECKING:
    from floodmark.core.config.source import SourceConfig

_ABOUT = "DAGs"


@question(_ABOUT, "whether they are paused")
def of_dags(config: SourceConfig) -> Iterator[Finding]:
    """Which of them are paused. Nothing is said where no Airflow is set up."""
    from floodmark.adapters.local_airflow import dags, home

    if not home.is_set_up():
        return
    known = dags.seen(config.source)
    if not known:
        yield note(_ABOUT, f"this Airflow has seen none of {config.source} yet")
        return
    for dag_id, is_paused in known.items():
        if is_paused:
            yield warning(_ABOUT, f"{dag_id} is paused, so its runs stay queued", unpause(dag_id))
    running = [dag_id for dag_id, is_paused in known.items() if not is_paused]
    if running:
        yield ok(_ABOUT, f"not paused: {', '.join(running)}")


def unpause(dag_id: str) -> str:
    """The command."""
    return f"airflow dags unpause {shlex.quote(dag_id)}"
