"""``bigquery://project/dataset/table``: the assets that a load which changed something emits.

Making an ``Asset`` with any address imports every provider's handler of addresses, Google's clients among them (about
a second), so a DAG file declares aliases only, and the asset is made when there is something to tell.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from airflow.providers.common.compat.sdk import AssetAlias

from floodmark.airflow.compat.version import AIRFLOW_2
from floodmark.airflow.work import Context


def alias(dag_id: str, group: str) -> AssetAlias:
    """The outlet of one ``load`` task."""
    return AssetAlias(name=f"floodmark:{dag_id}:{group}")


def uri(target: str) -> str:
    """The address of a target, ``project.dataset.table``; a project may bear a domain with dots of its own."""
    project, dataset, table = target.rsplit(".", 2)
    return f"bigquery://{project}/{dataset}/{table}"


def any_of(targets: Sequence[str]) -> Any:
    """A schedule: whenever one of these targets has changed.

    By addresses, since an alias is known to the scheduler only once it was emitted: that costs the import that the
    module tells of, and only where a source has summaries.
    """
    from airflow.providers.common.compat.sdk import Asset

    changes = [Asset(uri(target)) for target in targets]
    if AIRFLOW_2:
        from airflow.datasets import DatasetAny  # type: ignore[import-not-found]

        return DatasetAny(*changes)
    from airflow.sdk import AssetAny

    return AssetAny(*changes)


def emit(context: Context, outlet: AssetAlias, targets: Sequence[str]) -> None:
    """Say that these targets changed; those that depend on them run once the task has succeeded."""
    from airflow.providers.common.compat.sdk import Asset

    if AIRFLOW_2:
        _declare(outlet)
    for target in targets:
        context["outlet_events"][outlet].add(Asset(uri(target)))


def progressed(context: Context, outlet: AssetAlias, source: str, extra: Mapping[str, Any]) -> None:
    """Say how far a source is, on an asset of its own, each time: the others tell only of what changed.

    Airflow 2 stores of an event that comes through an alias plain values only: there a mapping is its text in JSON.
    """
    from airflow.providers.common.compat.sdk import Asset

    if AIRFLOW_2:
        _declare(outlet)
        extra = {name: json.dumps(value) if isinstance(value, Mapping) else value for name, value in extra.items()}
    context["outlet_events"][outlet].add(Asset(f"floodmark://{source}"), extra=dict(extra))


def _declare(outlet: AssetAlias) -> None:
    """Airflow 2 fails to store an event whose alias no DAG processor has stored yet, as under ``dags test``."""
    from airflow.models.dataset import DatasetAliasModel  # type: ignore[import-not-found]
    from airflow.utils.session import create_session

    with create_session() as session:
        if not session.query(DatasetAliasModel.id).filter_by(name=outlet.name).first():
            session.add(DatasetAliasModel(name=outlet.name))
