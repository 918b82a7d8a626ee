"""Which DAGs of a source Airflow knows, which are paused, and which are gone: asked by a process of its own, read only.

Airflow's models are imported there, so that neither their seconds nor their warnings are the caller's, and a broken
Airflow breaks nothing.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

from floodmark.adapters.local_airflow import home

_TAG = "floodmark"
"""Each DAG of Floodmark's bears it, and its source's name."""


def seen(source: str) -> Mapping[str, bool | None]:
    """Each of its DAGs that Airflow has seen, by its id in order: whether it is paused; None where it is no more there.

    Raises ``RetriableError``.
    """
    told: dict[str, bool | None] = json.loads(
        home.answer("-m", __name__, source, what="Airflow's database").splitlines()[-1]
    )
    return told


def _ask(source: str) -> dict[str, bool | None]:
    from airflow.models.dag import DagModel, DagTag
    from airflow.utils.session import create_session
    from sqlalchemy import select

    def tagged(tag: str) -> Any:
        return DagModel.dag_id.in_(select(DagTag.dag_id).where(DagTag.name == tag))

    there = ~DagModel.is_stale if hasattr(DagModel, "is_stale") else DagModel.is_active  # Airflow 2: is_active
    asked = select(DagModel.dag_id, DagModel.is_paused, there).where(tagged(_TAG), tagged(source))
    with create_session() as session:
        found = session.execute(asked.order_by(DagModel.dag_id))
        return {dag_id: bool(is_paused) if is_there else None for dag_id, is_paused, is_there in found}


if __name__ == "__main__":
    print(json.dumps(_ask(sys.argv[1])))
