"""The text of a slice before its catalog is known, as Airflow shows it.

When a DAG file is parsed no connection may be looked up, so the dialect is not chosen by its type, as wiring does: it
is PostgreSQL's. Apart from wiring, since parsing loads nothing else of the pipeline.
"""

from __future__ import annotations

from floodmark.adapters.postgres.query import airflow_template
from floodmark.core.ports import Selection


def shown_sql(selection: Selection, low: str, high: str) -> str:
    """A statement with both bounds as they are written."""
    return airflow_template(selection, low, high)
