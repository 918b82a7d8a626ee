"""What a query is asked with: its parameters' values, bound, its labels, and the dataset of names without one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from google.cloud.bigquery import QueryJobConfig

_TYPES = ((bool, "BOOL"), (int, "INT64"), (float, "FLOAT64"), (str, "STRING"), (datetime, "TIMESTAMP"))


def configured(
    parameters: Mapping[str, Any] | None, labels: Mapping[str, str] | None, dataset: str = ""
) -> QueryJobConfig:
    """A query's configuration. ``dataset`` is ``project.dataset``. Raises ``TypeError`` for what can't be bound."""
    from google.cloud.bigquery import QueryJobConfig, ScalarQueryParameter

    bound = [ScalarQueryParameter(name, _type(value), value) for name, value in (parameters or {}).items()]
    config = QueryJobConfig(query_parameters=bound, labels=dict(labels or {}))
    if dataset:
        config.default_dataset = dataset
    return config


def _type(value: object) -> str:
    for kind, name in _TYPES:
        if isinstance(value, kind):
            return name
    raise TypeError(f"{type(value).__name__} can't be bound to a query")
