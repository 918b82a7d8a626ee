"""Write into BigQuery where the tables of a source stand, for those who read them there: ``_floodmark_tables``."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from floodmark.core.bigquery import handing_on
from floodmark.core.bigquery.jobs import DIGEST_LABEL, label, marks
from floodmark.core.bigquery.tables import SOURCE_LABEL
from floodmark.core.config.source import SourceConfig
from floodmark.core.ledger.step import Question
from floodmark.errors import JobFailed, TargetMismatch, WarehouseUnavailable
from floodmark.pipeline.report import FOLDER
from floodmark.pipeline.reports.status import TableStatus
from floodmark.pipeline.reports.summaries import SummaryStatus
from floodmark.pipeline.table_run import JOB_PATIENCE, Ports

log = logging.getLogger(__name__)


def hand_on(
    config: SourceConfig,
    ports: Ports,
    tables: Sequence[TableStatus],
    summaries: Sequence[SummaryStatus] = (),
    *,
    now: datetime,
    run_id: str,
    patience: timedelta = JOB_PATIENCE,
) -> None:
    """Replace what the source's table says, and have the view show it. ``now``: when the heads were read, UTC.

    The last of two runs wins: each writes all tables, as it read them. A job that runs longer than ``patience`` ends by
    itself. Raises ``TargetMismatch`` where a table of that name is somebody else's.
    """
    own = handing_on.table(config)
    whose = marks(config.source, handing_on.TABLES, Question.TABLES)
    labels = {**config.bigquery.labels, **whose}
    common = {"source": config.source, "ledger": str(ports.ledger.uuid), "run_id": run_id, "written_at": now}
    rows = [{**common, **_of_table(one)} for one in tables] + [{**common, **_of_summary(one)} for one in summaries]
    lines = "".join(json.dumps(row, default=datetime.isoformat) + "\n" for row in rows)
    name = f"{FOLDER}/{config.source}.tables.ndjson"
    uri = ports.stage.publish(name, lines.encode(), content_type="application/x-ndjson", compressed=False)
    _require_ours(config, ports)
    ports.warehouse.ensure(own)
    job = handing_on.load_job(config, uri, ledger=ports.ledger.uuid, now=now, labels=labels)
    ports.warehouse.submit(job)
    result = ports.warehouse.wait(job, patience)
    if result.error:
        failure = WarehouseUnavailable if result.transient else JobFailed
        raise failure(f"{own.reference}: job {job.id} failed: {result.error}; the next run writes it anew")
    if not result.done:
        log.warning("%s: job %s still runs after %s, and ends by itself", own.reference, job.id, patience)
    _keep_view(config, ports, labels)


def _require_ours(config: SourceConfig, ports: Ports) -> None:
    """Nobody else's table is replaced: what stands under either name bears a source's label, and the table ours."""
    place, own = config.bigquery, handing_on.table_of(config.source)
    there = ports.warehouse.labels(place.project, place.dataset, own)
    if there is not None and there.get(SOURCE_LABEL) != label(config.source):
        raise TargetMismatch(
            f"{place.home}.{own}: its label {SOURCE_LABEL} is {there.get(SOURCE_LABEL) or 'missing'}, and not "
            f"{label(config.source)}: it is somebody else's table; drop or rename it, then this source writes its own"
        )


def _keep_view(config: SourceConfig, ports: Ports, labels: dict[str, str]) -> None:
    """Have the view show this source and every other that it showed, as long as their tables stand."""
    place, view = config.bigquery, handing_on.view(config)
    there = ports.warehouse.labels(place.project, place.dataset, handing_on.TABLES)
    if there is not None and DIGEST_LABEL not in there:
        raise TargetMismatch(
            f"{view.reference} stands already, and Floodmark did not make it; drop or rename it, then it is "
            f"made by the next run; what it would show stands in {place.home}.{handing_on.table_of(config.source)}"
        )
    others = [one for one in handing_on.sources_in(there or {}) if one != config.source]
    stand = [
        one
        for one in others
        if ports.warehouse.labels(place.project, place.dataset, handing_on.table_of(one)) is not None
    ]
    sources = [config.source, *stand]
    if (there or {}).get(DIGEST_LABEL) != handing_on.digest(place.home, sources):
        ports.warehouse.query(handing_on.create(place.home, sources), labels=labels)
        log.info("%s shows where the tables stand of: %s", view.reference, ", ".join(sorted(sources)))
    try:
        ports.warehouse.standing(view)  # its columns as described
    except (TargetMismatch, WarehouseUnavailable) as error:  # another run made it anew just now: all rows are there
        log.info("%s: a later run describes its columns: %s", view.reference, error)


def _of_table(table: TableStatus) -> dict[str, Any]:
    sealed = table.sealed_up_to
    return {
        "kind": "table",
        "table": table.table,
        "target": table.target,
        "sealed_until": sealed,
        "basis": None if sealed is None else "assumed" if table.assumed else "proved",
        "as_of": table.as_of,
        "provisional_since": table.provisional[0].low if table.provisional else None,
        "last_read_at": table.last_read_at,
        "balanced_at": table.balanced_at,
        "rows_read": table.rows,
        "late": table.late,
        "held_out": table.quarantined,
        "held_by": ", ".join(map(str, table.held_by)) or None,
        "well": table.well,
        "error": table.error or None,
        "lag_seconds": None if table.lag is None or table.as_of is None else round(table.lag.total_seconds()),
    }


def _of_summary(summary: SummaryStatus) -> dict[str, Any]:
    return {
        "kind": "summary",
        "table": summary.summary,
        "target": summary.target,
        "last_read_at": summary.built_at,
        "rows_read": summary.rows,
        "well": summary.well,
        "error": summary.error or summary.unusable or None,
    }
