"""Both datasets of a source, looked at once for all of its tables: one that is missing is told once."""

from __future__ import annotations

import threading

from floodmark.core.config.source import SourceConfig
from floodmark.core.ports import Warehouse
from floodmark.errors import ConfigurationError, Problem


class Datasets:
    """Whether they stand, as whoever asked first found it. ``file`` is the configuration's, for messages."""

    def __init__(self, config: SourceConfig, file: str) -> None:
        self._config, self._file = config, file
        self._lock = threading.Lock()
        self._missing: tuple[Problem, ...] | None = None

    def require(self, warehouse: Warehouse) -> None:
        """Raise ``ConfigurationError`` where one doesn't stand, the same to each who asks."""
        with self._lock:
            if self._missing is None:
                self._missing = self._look(warehouse)
            if self._missing:
                raise ConfigurationError(list(self._missing))

    def _look(self, warehouse: Warehouse) -> tuple[Problem, ...]:
        place = self._config.bigquery
        named = {"raw": place.raw, "dataset": place.dataset}
        return tuple(
            Problem(
                file=self._file,
                path=f"bigquery.{key}",
                message=f"there is no dataset {place.project}.{name}",
                remedy=f"bq mk --location={place.location} --dataset {place.project}:{name}",
            )
            for key, name in named.items()
            if not warehouse.has_dataset(place.project, name)
        )
