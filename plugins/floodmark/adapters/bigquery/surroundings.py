"""What a table got from its surroundings rather than from us: set as it was asked for, or refused (R34).

A dataset's default table expiration is given to every table that is made in it, its default partition expiration to
every partitioned one that names none, its default collation to every text column (BigQuery's pages "Update dataset
properties" and "Work with collation"). Somebody may change a table later, too. All of it in the words of the REST API
(its page "REST resource: tables").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from floodmark.adapters.bigquery.tables import relaxed
from floodmark.core.bigquery.fields import described, tagged
from floodmark.core.ports import TargetTable
from floodmark.errors import TargetMismatch


@dataclass(frozen=True, kw_only=True)
class Departures:
    """In what a table as it stands departs from what was asked for, and can be set: True where it does.

    ``expires``: the table, some day. ``partitions_expire``: its partitions, earlier or later than asked. ``clustered``:
    by other columns, while all that were asked for stand: BigQuery clusters by no column that is still to be added.
    ``tagged``: some column has another policy tag than was asked for, or none (R38). ``required``: some column must not
    be NULL, and may be. ``described``: some column has another description than a schema file gives it.
    """

    expires: bool = False
    partitions_expire: bool = False
    clustered: bool = False
    tagged: bool = False
    required: bool = False
    described: bool = False

    def __bool__(self) -> bool:
        """Whether anything is to be set."""
        return self.expires or self.partitions_expire or self.clustered or self.in_columns

    @property
    def in_columns(self) -> bool:
        """Whether some column is to be another."""
        return self.tagged or self.required or self.described

    def __str__(self) -> str:
        """In words."""
        words = {
            "expiration": self.expires, "partitions' expiration": self.partitions_expire, "clustering": self.clustered,
            "policy tags": self.tagged, "columns that were REQUIRED": self.required,
            "descriptions": self.described,
        }  # fmt: skip
        return ", ".join(name for name, departs in words.items() if departs)


def departures(table: TargetTable, there: Mapping[str, Any]) -> Departures:
    """Hold a table's resource against what was asked for.

    Raises:
        TargetMismatch: it is partitioned otherwise, or its texts are compared otherwise than byte by byte.
    """
    _refuse_partitioning(table, there)
    _refuse_collation(table, there)
    wanted = _milliseconds(table.partition_expiration)
    fields = [str(name).casefold() for name in (there.get("clustering") or {}).get("fields") or ()]
    asked = [name.casefold() for name in table.cluster_by]
    found = list(there["schema"].get("fields", ()))
    columns = {str(field["name"]).casefold() for field in found}
    return Departures(
        expires=bool(there.get("expirationTime")),
        partitions_expire=int((there.get("timePartitioning") or {}).get("expirationMs") or 0) != wanted,
        clustered=fields != asked and columns.issuperset(asked),
        tagged=tagged(found, table.policy_tags) != found,
        required=relaxed(found, table.required) != found,
        described=described(found, table.described) != found,
    )


def _milliseconds(length: timedelta | None) -> int:
    return 0 if length is None else length // timedelta(milliseconds=1)


def _refuse_partitioning(table: TargetTable, there: Mapping[str, Any]) -> None:
    given = there.get("timePartitioning") or {}
    found = (str(given.get("field") or "").casefold(), str(given.get("type") or "").lower() if given else "")
    if there.get("rangePartitioning"):
        found = (str(there["rangePartitioning"].get("field")), "range")
    if found != (table.partition_by.casefold(), table.partition_unit):
        raise TargetMismatch(
            f"{table.reference} is partitioned by {_cut(*found)}, and should be by "
            f"{_cut(table.partition_by, table.partition_unit)}, which BigQuery can't change: write partition_by as it "
            f"stands, or have it made anew ({table.lost}): {table.anew}"
        )


def _cut(column: str, unit: str) -> str:
    if not unit:
        return "nothing"
    return f"{unit} of {column}" if column else f"{unit} of arrival"


def _refuse_collation(table: TargetTable, there: Mapping[str, Any]) -> None:
    """Texts that differ by case only would be one: rows of two keys, one row."""
    collated = {"new columns": there.get("defaultCollation")}
    collated |= {field["name"]: field.get("collation") for field in there["schema"].get("fields", ())}
    wrong = [f"{name} ({collation})" for name, collation in collated.items() if collation]
    if wrong:
        raise TargetMismatch(
            f"{table.reference} compares texts otherwise than byte by byte: {', '.join(wrong)}; take the default "
            "collation off its dataset (ALTER SCHEMA ... SET DEFAULT COLLATE ''), then have the table made anew "
            f"({table.lost}): {table.anew}"
        )
