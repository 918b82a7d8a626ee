"""The gate before tables and datasets: what they may be, and what a new table takes over from its dataset."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from local_bigquery.catalog import datasets, tables
from local_bigquery.errors import BigQueryError

from floodmark.demo.servers.gate import rules
from floodmark.demo.servers.gate.stored import dataset as stored_dataset


def install() -> None:
    """Put it into the server."""
    tables.create = _create(tables.create)
    tables.update = _update(tables.update)
    datasets.create, datasets.update = _dataset(datasets.create), _dataset(datasets.update)


def _create(create: Callable[..., Any]) -> Callable[..., Any]:
    def run(project: str, dataset: str, body: Any, *rest: Any) -> Any:
        if not body.view:
            body = _inherited(stored_dataset(project, dataset), body)
            _refuse(rules.table(body.dump()))
        return create(project, dataset, body, *rest)

    return run


def _update(update: Callable[..., Any]) -> Callable[..., Any]:
    def run(project: str, dataset: str, table: str, body: Any, *rest: Any) -> Any:
        there = tables.load(project, dataset, table)
        if there.type == "TABLE":
            _refuse(rules.table(there.merged(body).dump()))
        return update(project, dataset, table, body, *rest)

    return run


def _dataset(change: Callable[..., Any]) -> Callable[..., Any]:
    def run(*words: Any, **named: Any) -> Any:
        body = next((word for word in words if hasattr(word, "dump")), None)
        _refuse(rules.labels(body.dump()) if body is not None else "")
        return change(*words, **named)

    return run


def _inherited(dataset: rules.Resource, body: Any) -> Any:
    """A new table with its dataset's defaults: sending null doesn't help, ``""`` as a collation does.

    A default table expiration is taken over by the server itself.
    """
    given = body.dump()
    changes: dict[str, Any] = {}
    length, cut = dataset.get("defaultPartitionExpirationMs"), given.get("timePartitioning")
    if length and cut and not cut.get("expirationMs"):
        changes["timePartitioning"] = {**cut, "expirationMs": length}
    collation = given["defaultCollation"] if "defaultCollation" in given else dataset.get("defaultCollation")
    if collation:
        fields = [_collated(field, collation) for field in (given.get("schema") or {}).get("fields") or ()]
        changes |= {"defaultCollation": collation, "schema": {"fields": fields}}
    return body.replace(**changes) if changes else body


def _collated(field: rules.Resource, collation: str) -> rules.Resource:
    return {**field, "collation": field.get("collation", collation)} if field["type"] == "STRING" else field


def _refuse(refusal: str) -> None:
    if refusal:
        raise BigQueryError("invalid", refusal)
