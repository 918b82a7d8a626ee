"""Keep the view that shows a table's history as it must be, or take it away.

What stands is held against what must stand, at the end of every step that closed a read: a view that a killed step did
not make, or that somebody dropped, is made by the next one. It may be made twice without harm.
"""

from __future__ import annotations

import logging

from floodmark.core.bigquery import versions_sql
from floodmark.core.bigquery.jobs import DIGEST_LABEL
from floodmark.core.bigquery.merge import SoftDelete, SoftMode
from floodmark.core.bigquery.tables import LEDGER_LABEL, SOURCE_LABEL, TOMBSTONE, UNHELD
from floodmark.core.bigquery.versions_sql import Shown
from floodmark.core.config.source import HISTORY, SourceConfig
from floodmark.core.ledger.head import Head
from floodmark.core.ledger.showing import shown_as
from floodmark.core.ledger.step import Question
from floodmark.core.time import duration
from floodmark.errors import TargetMismatch
from floodmark.pipeline.lease import Lease
from floodmark.pipeline.table_run import TableRun

log = logging.getLogger(__name__)


def keep_history(run: TableRun, lease: Lease) -> None:
    """Have the view stand as the ledger and both tables want it; none where the table is to have no history.

    Nothing is asked of BigQuery for a table that has none and is to have none.
    Raises ``TargetMismatch`` where something of that name stands that is not ours.
    """
    if not run.table.history:
        if lease.head.versions.view:
            _remove(run, lease, lease.head.versions.view)
        return
    wanted = shown(run, lease.head)
    if wanted is None:
        return
    if _labels(run, lease.head).get(DIGEST_LABEL) != versions_sql.digest(wanted):
        run.ask(Question.HISTORY, versions_sql.create(wanted, run.view))
        log.info("%s: %s shows its versions; %s", run.target, run.view, reach(run.config))
    if lease.head.versions.view != run.view:
        lease.note(lambda head: shown_as(head, run.view))


def reach(config: SourceConfig) -> str:
    """How far back a history goes, in words."""
    kept = config.retention.raw
    if kept is None:
        return "raw keeps what was read for ever"
    return f"a version that was last read more than {duration.render(kept)} ago leaves it with raw's partition"


def planned(run: TableRun, head: Head) -> str:
    """What the next run does about it; empty where it stands already, and must."""
    if run.table.history and head.versions.view != run.view:
        return f"makes the view {run.view}: {reach(run.config)}"
    if head.versions.view and not run.table.history:
        return f"drops the view {head.versions.view}, as history is switched off"
    return ""


def shown(run: TableRun, head: Head) -> Shown | None:
    """What the view must show; None before both tables stand with what it needs."""
    last, place = head.last, run.config.bigquery
    if last is None or not last.key:
        return None
    raw = run.ports.warehouse.fields(place.project, place.raw, run.table.to)
    current = run.ports.warehouse.fields(place.project, place.dataset, run.table.to)
    if raw is None or current is None:
        return None
    both = {name.casefold() for name, _ in raw} & {name.casefold() for name, _ in current}
    columns = tuple(one for one in (*last.columns, *last.retired) if one.name.casefold() in both)
    if not {*last.key} <= {one.name for one in columns} or not {TOMBSTONE, UNHELD} <= {name for name, _ in raw}:
        return None
    return Shown(
        raw=place.raw_table(run.table),
        current=run.target,
        columns=columns,
        key=last.key,
        since=head.versions.since,
        renewals=head.versions.renewals,
        soft_delete=_soft_delete(run, {one.name for one in columns}),
        unheld=UNHELD in {name for name, _ in current},
        labels={**place.labels, SOURCE_LABEL: run.config.source, LEDGER_LABEL: str(run.ports.ledger.uuid)},
    )


def _soft_delete(run: TableRun, columns: set[str]) -> SoftDelete | None:
    deletes = run.table.deletes
    if deletes.how != "soft" or deletes.soft is None or (name := run.table.in_target(deletes.soft)) not in columns:
        return None
    return SoftDelete(column=name, mode=SoftMode(deletes.mode))


def _labels(run: TableRun, head: Head) -> dict[str, str]:
    """Those of the view as it stands; none where it doesn't. Raises ``TargetMismatch`` where it is another's."""
    place = run.config.bigquery
    labels = run.ports.warehouse.labels(place.project, place.dataset, f"{run.table.to}{HISTORY}")
    if labels is None:
        return {}
    if labels.get(LEDGER_LABEL) != str(run.ports.ledger.uuid) and labels.get(SOURCE_LABEL) != run.config.source:
        raise TargetMismatch(
            f"{run.file}: tables.{run.table.name}.history: {run.view} stands already, and Floodmark did not make it "
            f"for this source; rename it, or write history: false; {head.target} itself is as it should be"
        )
    return labels


def _remove(run: TableRun, lease: Lease, view: str) -> None:
    if _labels(run, lease.head):
        run.ask(Question.HISTORY, versions_sql.drop(view))
        log.info("%s: %s is gone, as history is switched off", run.target, view)
    lease.note(lambda head: shown_as(head, ""))
