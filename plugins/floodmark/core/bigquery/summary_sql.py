"""A summary's tables, and what is asked and done between the one that is built aside and the one that people query."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from floodmark.core.bigquery.googlesql import Moment, statement
from floodmark.core.bigquery.tables import LEDGER_LABEL, SOURCE_LABEL, TARGET_LABEL, require_layout
from floodmark.core.config.summary import END, START, Summary
from floodmark.core.ledger.built import Built
from floodmark.core.ports import TargetTable
from floodmark.core.refused import Refused
from floodmark.core.time.interval import Interval

FIRST, LAST = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
"""The ends of a window that has none: the first and the last TIMESTAMP."""
_LONGEST_NAME = 1_000


def aside(raw_dataset: str, name: str, read_at: datetime) -> str:
    """``project.dataset.table`` without the project: where the build of ``read_at`` is made, for it alone."""
    moment = f"{read_at:%Y%m%d%H%M%S%f}"
    return f"{raw_dataset}._floodmark_{name[: _LONGEST_NAME - len(moment)]}_{moment}"


def table(
    reference: str,
    summary: Summary,
    *,
    ledger: UUID,
    target: UUID,
    source: str,
    labels: Mapping[str, str],
    kms_key: str = "",
    anew: str = "",
) -> TargetTable:
    """A table of the summary's shape, in which only the columns are still to be told. ``anew`` is for messages."""
    project, dataset, name = reference.rsplit(".", 2)
    return TargetTable(
        project=project,
        dataset=dataset,
        table=name,
        fields=(),
        description=summary.description,
        partition_by=summary.partition_by,
        partition_unit=summary.partition_unit,
        cluster_by=summary.cluster_by,
        labels={**labels, LEDGER_LABEL: str(ledger), TARGET_LABEL: str(target), SOURCE_LABEL: source},
        kms_key=kms_key,
        anew=anew,
        lost="it is missing for a moment",
        rebuild=f"ALTER TABLE `{reference}` SET OPTIONS (labels = []), or another name for {summary.file}",
    )


def require_columns(summary: Summary, columns: Sequence[tuple[str, str]]) -> None:
    """Raise ``Refused`` where a column that the header names isn't one of the query's, or can't do what it should."""
    types = dict(columns)
    there = f"the query gives: {', '.join(types)}"
    for key, names in (("keys", summary.keys), ("cluster_by", summary.cluster_by)):
        for name in names:
            if name not in types:
                raise Refused(f'{key}: "{name}" is no column of the query', there)
    if summary.partition_by and summary.partition_by not in types:
        raise Refused(f'partition_by: "{summary.partition_by}" is no column of the query', there)
    require_layout(types, summary.partition_by, summary.partition_unit, summary.cluster_by)


def bound(named: Iterable[str], window: Interval | None) -> dict[str, datetime]:
    """The parameters that a query or an assertion names, with their values (UTC)."""
    values = {START: window.low if window else FIRST, END: window.high if window else LAST}
    return {name: values[name] for name in sorted(named) if name in values}


def counts(built: Built, kind: str = "") -> str:
    """``rows``, ``null_keys``, ``doubled`` and ``outside`` of what was built; ``kind`` is the partitioning column's."""
    values = {"table": built.aside, "key": built.summary.keys, "cut": built.summary.partition_by}
    return statement("summary_counts.sql", {**values, **_ends(built, kind)})


def elsewhere(built: Built, target: str, kind: str) -> str:
    """How many keys of the window stand in other partitions of the summary."""
    values = {"aside": built.aside, "table": target, "key": built.summary.keys, "cut": built.summary.partition_by}
    return statement("summary_elsewhere.sql", {**values, **_ends(built, kind)})


def broken(built: Built, assertion: str) -> str:
    """How many rows an assertion gives; it is one query, without a semicolon at its end."""
    return statement("summary_broken.sql", {"aside": built.aside, "assertion": assertion})


def replace_window(built: Built, target: str, columns: Sequence[str], kind: str) -> str:
    """The statement that puts the window in its place."""
    values = {"aside": built.aside, "table": target, "columns": columns, "cut": built.summary.partition_by}
    return statement("summary_window.sql", {**values, **_ends(built, kind)})


def _ends(built: Built, kind: str) -> dict[str, Any]:
    if built.window is None:
        return {"low": None, "high": None}
    return {"low": Moment(type=kind, at=built.window.low), "high": Moment(type=kind, at=built.window.high)}
