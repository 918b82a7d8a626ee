"""The pages and outputs that runs have kept, asked of Airflow's own tables."""

from __future__ import annotations

from typing import Any, TypeVar

from airflow.models.dag import DagModel
from airflow.models.dagrun import DagRun
from airflow.utils.session import create_session
from sqlalchemy import select

from floodmark.airflow import kept_output, kept_page
from floodmark.airflow.compat import xcoms
from floodmark.pipeline.page import kept, output
from floodmark.pipeline.page.kept import KeptPage, UnreadablePage
from floodmark.pipeline.page.output import KeptOutput

Kept = TypeVar("Kept", KeptPage, KeptOutput)


def dag_exists(dag_id: str) -> bool:
    """Whether Airflow has such a DAG."""
    with create_session() as session:
        return session.get(DagModel, dag_id) is not None


def run_exists(dag_id: str, run_id: str) -> bool:
    """Whether it has had such a run."""
    asked = select(DagRun.id).where(DagRun.dag_id == dag_id, DagRun.run_id == run_id)
    with create_session() as session:
        return session.scalars(asked).first() is not None


def dags() -> list[str]:
    """The DAGs of which a run has kept a page."""
    xcom = xcoms.table()
    with create_session() as session:
        return sorted(session.scalars(select(xcom.dag_id).where(xcom.key == kept_page.KEY).distinct()))


def newest(dag_id: str, run_id: str | None = None) -> KeptPage | None:
    """The newest page that a DAG's runs have kept, or that of one run; None where there is none.

    Raises ``UnreadablePage``, also for a page of a source that isn't this DAG's.
    """
    values = _newest(kept_page.KEY, dag_id, run_id)
    return _own(dag_id, kept.read(values[0])) if values else None


def said(dag_id: str, run_id: str) -> KeptOutput | None:
    """What the commands of a run said; None where nothing of it is kept. Raises ``UnreadablePage``, as ``newest``."""
    values = _newest(kept_output.KEY, dag_id, run_id)
    return _own(dag_id, output.read(values[0])) if values else None


def _newest(key: str, dag_id: str, run_id: str | None) -> list[Any]:
    """The value that was pushed under ``key`` last, if one was."""
    xcom = xcoms.table()
    asked = select(xcom.value).where(xcom.key == key, xcom.dag_id == dag_id).order_by(xcom.timestamp.desc()).limit(1)
    if run_id is not None:
        asked = asked.where(xcom.run_id == run_id)
    with create_session() as session:
        return [xcoms.plain(value) for value in session.scalars(asked)]


def _own(dag_id: str, found: Kept) -> Kept:
    if not is_of(dag_id, found.source):
        raise UnreadablePage(f"{dag_id} is no DAG of {found.source}")
    return found


def is_of(dag_id: str, source: str) -> bool:
    """Whether a DAG's name is that of one of the source's."""
    return dag_id == source or dag_id.startswith(f"{source}__")
