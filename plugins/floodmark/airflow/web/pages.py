"""The pages that runs have kept, asked of Airflow's own tables."""

from __future__ import annotations

from typing import Any

from airflow.models.dag import DagModel
from airflow.models.dagrun import DagRun
from airflow.utils.session import create_session
from sqlalchemy import select

from floodmark.airflow.compat import xcoms
from floodmark.airflow.kept_page import KEY
from floodmark.pipeline.page.kept import KeptPage, UnreadablePage, read


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
        return sorted(session.scalars(select(xcom.dag_id).where(xcom.key == KEY).distinct()))


def newest(dag_id: str, run_id: str | None = None) -> KeptPage | None:
    """The newest page that a DAG's runs have kept, or that of one run; None where there is none.

    Raises ``UnreadablePage``, also for a page of a source that isn't this DAG's.
    """
    xcom = xcoms.table()
    asked = select(xcom.value).where(xcom.key == KEY, xcom.dag_id == dag_id).order_by(xcom.timestamp.desc()).limit(1)
    if run_id is not None:
        asked = asked.where(xcom.run_id == run_id)
    with create_session() as session:
        values: list[Any] = list(session.scalars(asked))
    if not values:
        return None
    page = read(xcoms.plain(values[0]))
    if not is_of(dag_id, page.source):
        raise UnreadablePage(f"{dag_id} is no DAG of {page.source}")
    return page


def is_of(dag_id: str, source: str) -> bool:
    """Whether a DAG's name is that of one of the source's."""
    return dag_id == source or dag_id.startswith(f"{source}__")
