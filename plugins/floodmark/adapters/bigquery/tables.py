"""Tables between Floodmark's words and those of BigQuery's REST API (its page "Table")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from floodmark.core.bigquery.fields import field, tagged, type_of
from floodmark.core.bigquery.tables import LEDGER_LABEL, SOURCE_LABEL, TARGET_LABEL
from floodmark.core.ports import TargetTable
from floodmark.errors import TargetMismatch


def resource(table: TargetTable) -> dict[str, Any]:
    """The table as ``tables.insert`` takes it."""
    document: dict[str, Any] = {
        "tableReference": {"projectId": table.project, "datasetId": table.dataset, "tableId": table.table},
        "schema": {"fields": tagged([_field(table, each) for each in table.fields], table.policy_tags)},
        "description": table.description,
        "labels": dict(table.labels),
        "defaultCollation": "",
    }
    if table.partition_unit:
        document["timePartitioning"] = {"type": table.partition_unit.upper(), "field": table.partition_by}
        if table.partition_expiration is not None:
            milliseconds = table.partition_expiration // timedelta(milliseconds=1)
            document["timePartitioning"]["expirationMs"] = str(milliseconds)
    if table.cluster_by:
        document["clustering"] = {"fields": list(table.cluster_by)}
    if table.kms_key:
        document["encryptionConfiguration"] = {"kmsKeyName": table.kms_key}
    return document


def _field(table: TargetTable, each: tuple[str, str, str]) -> dict[str, Any]:
    described = field(*each)
    return {**described, "mode": "REQUIRED"} if each[0] in table.required else described


def relaxed(fields: Sequence[Mapping[str, Any]], required: Sequence[str]) -> list[dict[str, Any]]:
    """The columns, those that are REQUIRED and need not be any more NULLABLE; none the other way, BigQuery can't."""
    rigid = {name.casefold() for name in required}
    return [
        {**each, "mode": "NULLABLE"}
        if each.get("mode") == "REQUIRED" and str(each["name"]).casefold() not in rigid
        else {**each}
        for each in fields
    ]


def dressed(fields: Sequence[Mapping[str, Any]], like: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The columns with what is said of those of the same names and types in ``like``: descriptions and policy tags."""
    said = {(str(one["name"]).casefold(), type_of(one)): one for one in like}
    known = [said.get((str(one["name"]).casefold(), type_of(one)), {}) for one in fields]
    return [
        {**one, **{key: other[key] for key in ("description", "policyTags") if other.get(key)}}
        for one, other in zip(fields, known, strict=True)
    ]


def check_labels(table: TargetTable, found: Mapping[str, str]) -> None:
    """Raise ``TargetMismatch`` where the table that stands is another ledger's, another source's, or nobody's (R19)."""
    for key, what in ((LEDGER_LABEL, "ledger"), (TARGET_LABEL, "target")):
        wanted, there = table.labels.get(key, ""), found.get(key, "")
        if wanted != there:
            raise TargetMismatch(
                f"{table.reference}: its label {key} is {there or 'missing'}, this {what} is {wanted or 'unnamed'}; "
                f"name another dataset, or drop the table; if the ledger was lost, take it over: {table.rebuild}"
            )
    wanted, there = table.labels.get(SOURCE_LABEL, ""), found.get(SOURCE_LABEL, "")
    if there and wanted and there != wanted:
        raise TargetMismatch(
            f"{table.reference} is filled by the source {there}, and this one is {wanted}: each would replace the "
            f"other's rows; give one of them another dataset; or, if {there} was renamed, take its table over: "
            f"{table.rebuild}"
        )
