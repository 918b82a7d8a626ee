"""The two BigQuery tables of a target: raw, what every read saw, and current, one row per key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from floodmark.core.bigquery.googlesql import column
from floodmark.core.ports import TargetTable
from floodmark.core.refused import Refused
from floodmark.core.schema import Carried

CURSOR, READ_AT, DELETED = "_floodmark_cursor", "_floodmark_read_at", "_floodmark_deleted"
TOMBSTONE = "_floodmark_gone"
"""In raw, true where the read says that the row's key is not in current any more: gone (R25), or held out (R31)."""
UNHELD = "_floodmark_unheld"
"""The source's text of what the row's columns can't hold, a JSON object by column; NULL where they hold all (R31)."""
LEDGER_LABEL, TARGET_LABEL, SOURCE_LABEL = "floodmark_ledger", "floodmark_target", "floodmark_source"
DEFAULT_RAW_RETENTION = timedelta(days=90)

_CLUSTERED_MOST = 4
# BigQuery's page "Introduction to clustered tables".
_CLUSTERABLE = frozenset({"BIGNUMERIC", "BOOL", "DATE", "DATETIME", "INT64", "NUMERIC", "STRING", "TIMESTAMP"})
_UNITS = {"DATE": ("day", "month", "year"), "DATETIME": ("hour", "day", "month", "year")}
_UNITS["TIMESTAMP"] = _UNITS["DATETIME"]


@dataclass(frozen=True, kw_only=True)
class Targets:
    """Both tables. ``emptied`` are columns of current, with types, that what is read doesn't fill any more (R26)."""

    raw: TargetTable
    current: TargetTable
    emptied: tuple[tuple[str, str], ...] = ()


def targets(
    *,
    project: str,
    dataset: str,
    raw_dataset: str,
    table: str,
    columns: Sequence[Carried],
    key: Sequence[str],
    ledger: UUID,
    target: UUID,
    source: str = "",
    partition_by: str = "",
    partition_unit: str = "day",
    cluster_by: Sequence[str] = (),
    flag_deleted: bool = False,
    leaving: bool = False,
    unheld: bool = False,
    labels: Mapping[str, str] | None = None,
    raw_retention: timedelta | None = DEFAULT_RAW_RETENTION,
    description: str = "",
    kms_key: str = "",
    policy_tags: Mapping[str, str] | None = None,
    required: Sequence[str] = (),
) -> Targets:
    """Raw and current as they should be. Raises ``Refused`` for what BigQuery would refuse.

    Raw is partitioned by the day of ``_floodmark_read_at`` and clustered by it first, so that a merge is billed for its
    own read and not for its day. Current is partitioned by ``partition_by`` (``_floodmark_cursor`` may be named too)
    and clustered by ``cluster_by``, else by the key. ``target`` is the head's uuid, ``ledger`` the ledger's,
    ``source`` the name of the one source that fills it (R17, R19).
    ``leaving``: raw gets a column for rows which say that their key leaves current. ``unheld``: current gets one for
    the texts of what it can't hold; raw has it always, since a file is begun before its rows are known (R31).
    ``required`` columns are never NULL in current.
    """
    _check_names(columns)
    types = {carried.name: carried.target for carried in columns} | {CURSOR: "TIMESTAMP"}
    _check_partitioning(partition_by, partition_unit, types)
    marks = {**(labels or {}), LEDGER_LABEL: str(ledger), TARGET_LABEL: str(target)}
    marks |= {SOURCE_LABEL: source} if source else {}
    ours = (
        (CURSOR, "TIMESTAMP", "The row's cursor, by which slices are cut (UTC)"),
        (READ_AT, "TIMESTAMP", "The read that saw this version (UTC); it grows with every read"),
    )
    said = "Whether the read says that the row's key leaves the current table"
    tombstones = ((TOMBSTONE, "BOOL", said),) if leaving else ()
    beside = ((UNHELD, "STRING", "The source's text of what the columns can't hold, a JSON object by column"),)
    flag = ((DELETED, "BOOL", "Whether the source marks the row as deleted"),) if flag_deleted else ()
    raw = TargetTable(
        project=project,
        dataset=raw_dataset,
        table=table,
        fields=(*((each.name, each.landing, each.description) for each in columns), *ours, *beside, *tombstones),
        description=f"What every read saw, append-only. {description}".strip(),
        partition_by=READ_AT,
        partition_unit="day",
        partition_expiration=raw_retention,
        cluster_by=(READ_AT, *_clusterable(key, {each.name: each.landing for each in columns}))[:_CLUSTERED_MOST],
        policy_tags=policy_tags or {},
        labels=marks,
        kms_key=kms_key,
    )
    current = TargetTable(
        project=project,
        dataset=dataset,
        table=table,
        fields=(
            *((each.name, each.target, each.description) for each in columns),
            *ours,
            *flag,
            *(beside if unheld else ()),
        ),
        required=tuple(required),
        description=description,
        partition_by=partition_by,
        partition_unit=partition_unit if partition_by else "",
        cluster_by=_clustering(cluster_by, key, types),
        policy_tags=policy_tags or {},
        labels=marks,
        kms_key=kms_key,
    )
    return Targets(raw=raw, current=current)


def _check_names(columns: Iterable[Carried]) -> None:
    seen: dict[str, str] = {}
    for carried in columns:
        column(carried.name)
        other = seen.setdefault(carried.name.lower(), carried.name)
        if other != carried.name:
            raise Refused(
                f'has two columns that BigQuery can\'t tell apart: "{other}" and "{carried.name}"',
                "exclude one of them; BigQuery's column names don't differ by case",
            )


def require_layout(types: Mapping[str, str], partition_by: str, unit: str, cluster_by: Sequence[str]) -> None:
    """Raise ``Refused`` where BigQuery can't cut or cluster a table of these columns so."""
    _check_partitioning(partition_by, unit, types)
    _clustering(cluster_by, (), types)


def _check_partitioning(partition_by: str, unit: str, types: Mapping[str, str]) -> None:
    if not partition_by:
        return
    kind = types.get(partition_by, "")
    if kind not in _UNITS:
        raise Refused(
            f'partition_by: "{partition_by}" is {kind or "not carried"} in BigQuery',
            "partition by a DATE, DATETIME or TIMESTAMP column",
        )
    if unit not in _UNITS[kind]:
        raise Refused(f"partition unit: a {kind} column can't be cut by {unit}", f"one of {', '.join(_UNITS[kind])}")


def _clustering(cluster_by: Sequence[str], key: Sequence[str], types: Mapping[str, str]) -> tuple[str, ...]:
    wrong = [name for name in cluster_by if name not in _clusterable(cluster_by, types)]
    if wrong or len(cluster_by) > _CLUSTERED_MOST:
        found = f'"{wrong[0]}" is {types.get(wrong[0], "not carried")}' if wrong else f"{len(cluster_by)} columns"
        raise Refused(f"cluster_by: {found}", f"at most four, of {', '.join(sorted(_CLUSTERABLE))}")
    return tuple(cluster_by) or _clusterable(key, types)[:_CLUSTERED_MOST]


def _clusterable(names: Sequence[str], types: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(name for name in names if types.get(name, "").partition("(")[0] in _CLUSTERABLE)
