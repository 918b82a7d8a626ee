"""The gate around copy jobs: a table is replaced by one that is cut and clustered alike, and stays cut so.

BigQuery refuses another partitioning or clustering (dbt-labs/dbt-adapters#1077, airbytehq/airbyte#26215); the server
copies rows and columns alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from local_bigquery.catalog import tables
from local_bigquery.errors import BigQueryError
from local_bigquery.jobs import runner
from local_bigquery.models import Table

from floodmark.demo.servers.gate.stored import Stored

_SPEC = ("timePartitioning", "rangePartitioning", "clustering")
_KEPT = (*_SPEC, "description", "labels")


def install(stored: Stored) -> None:
    """Put it into the server."""
    runner.HANDLERS["copy"] = _copies(stored, runner.HANDLERS["copy"])


def _copies(stored: Stored, run_copy: Callable[..., Any]) -> Callable[..., Any]:
    def run(cur: Any, config: Any, upload: str | None) -> Any:
        source = stored.resource(tables.reference((config.sourceTables or [config.sourceTable])[0])) or {}
        destination = tables.reference(config.destinationTable)
        before = stored.resource(destination)
        if before is not None and config.writeDisposition == "WRITE_TRUNCATE" and _spec(before) != _spec(source):
            raise BigQueryError(
                "invalid",
                "Incompatible table partitioning specification. Destination table exists with partitioning "
                f"specification {_said(before)}, but transfer target partitioning specification is {_said(source)}. "
                "Please retry after updating either the destination table or the transfer partitioning specification.",
            )
        result = run_copy(cur, config, upload)
        _keep(destination, {**source, **(before or {})}, source)
        stored.forget(*destination)
        return result

    return run


def _keep(destination: tuple[str, str, str], settings: Mapping[str, Any], source: Mapping[str, Any]) -> None:
    """What stood there, and the columns with what is said of them in the source."""
    kept = {key: settings[key] for key in _KEPT if settings.get(key)}
    tables.annotate(destination, Table.model_validate({**kept, "schema": source.get("schema")}))


def _spec(resource: Mapping[str, Any]) -> tuple[Any, ...]:
    cut = resource.get("timePartitioning") or {}
    return cut.get("field"), cut.get("type"), resource.get("rangePartitioning"), resource.get("clustering")


def _said(resource: Mapping[str, Any]) -> str:
    cut = resource.get("timePartitioning") or {}
    said = f"interval(type:{str(cut.get('type')).lower()},field:{cut.get('field')})" if cut else "none"
    fields = (resource.get("clustering") or {}).get("fields") or ()
    return said + (f" clustering({','.join(fields)})" if fields else "")
