"""One source's configuration -> its DAGs: one for each cadence, one to reload, one to reconcile, one for upkeep."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow.providers.common.compat.sdk import DAG, Param, TaskGroup
from airflow.timetables.interval import CronDataIntervalTimetable

from floodmark.adapters import summary_files
from floodmark.adapters.local_airflow.document import Document
from floodmark.airflow import documents, ledger_place, ops, placement, shown_sql, summaries, upkeep
from floodmark.airflow.compat import assets
from floodmark.airflow.compat.version import AIRFLOW_2
from floodmark.airflow.dag_settings import PLAIN, DagSettings
from floodmark.airflow.operators import (
    ExportOperator,
    ExportSyncOperator,
    ExtractOperator,
    GateOperator,
    LoadOperator,
    SyncOperator,
)
from floodmark.airflow.report import ReportOperator
from floodmark.airflow.work import Work
from floodmark.core.config import dag_ids
from floodmark.core.config.source import SourceConfig
from floodmark.core.ledger.portion import Kind
from floodmark.core.time.cadence import Every
from floodmark.core.time.units import DAY
from floodmark.errors import Problem

if TYPE_CHECKING:
    from floodmark.airflow.stagger import StaggerSensor  # imported only where some table waits

BATCH_ABOVE = 20
"""``batch: auto`` shares tasks above so many tables."""
BATCH_SIZE = 20
"""Tables that share a task, at least: it is retried, timed out and cleared as one."""
BATCH_MOST = 50
"""And at most, where a source has many: most of an idle task is its start."""
BATCHES = 10
"""So many tasks a source has before its batches grow: that many workers can share it."""
RETRY_DELAY = timedelta(minutes=1)
MAX_RETRY_DELAY = timedelta(minutes=30)


def build(
    config: SourceConfig, file: Path, only: str | None = None, document: Document | None = None,
    settings: DagSettings = PLAIN,
) -> Iterator[DAG]:  # fmt: skip
    """The DAGs of a source, or the one with the id ``only``: a task needs no more. ``document``: of a Variable."""
    of_source = partial(Work, config=config, file=file, document=document)
    for dag_id, (cadence, tables) in dag_ids.of_tables(config).items():
        if only not in (None, dag_id):
            continue
        kind = Kind.SLICE if cadence else Kind.RELOAD
        work = of_source(cadence=cadence or config.cadence, kind=kind)
        yield _dag(dag_id, work, tables, settings)
    dag_id, compared = f"{config.source}__reconcile", dag_ids.reconciled(config)
    if compared and only in (None, dag_id):
        yield _dag(dag_id, of_source(cadence=Every(DAY), kind=Kind.RECONCILE), compared, settings)
    if only in (None, upkeep.dag_id(config.source)):
        yield upkeep.build(of_source(cadence=config.cadence), settings)
    if only in (None, ops.dag_id(config.source)):
        yield ops.build(of_source(cadence=config.cadence), settings)
    if only in (None, summaries.dag_id(config.source)):
        built, problems = summary_files.load(file, config)
        if built or problems:
            yield summaries.build(of_source(cadence=config.cadence), built, problems, settings)


def _dag(dag_id: str, work: Work, tables: tuple[str, ...], settings: DagSettings) -> DAG:
    config = work.config
    problem: Problem | None = ledger_place.problem(config, work.file.name)
    sliced, scheduled = work.kind is Kind.SLICE, work.kind is not Kind.RELOAD
    at_once: dict[str, Any] = {} if scheduled else {"is_paused_upon_creation": False}  # a paused run waits unseen
    with DAG(
        dag_id=dag_id,
        schedule=CronDataIntervalTimetable(work.cadence.cron, timezone=work.cadence.timezone) if scheduled else None,
        start_date=min(work.table(name).start for name in tables),
        catchup=sliced and config.catchup is True,
        max_active_runs=1 if work.kind is Kind.RECONCILE else _runs_at_once(config),
        max_active_tasks=config.max_active_tasks,
        default_args={**_defaults(config), **settings.default_args},
        tags=_tags(work, tables),
        doc_md=documents.of_dag(work, tables, problem),
        render_template_as_native_obj=False,
        **{**at_once, **settings.dag, **(settings.of_slices if sliced else {})},
    ) as dag:
        gate = _free("gate", tables)
        work = replace(work, gate=gate)
        groups = {task.task_id: task.tables for task in map(partial(_group, work), *_groups(config, tables))}
        GateOperator(task_id=gate, work=work, groups=groups, retries=3) >> [dag.get_task(task_id) for task_id in groups]
        loads = [task for task in dag.tasks if isinstance(task, LoadOperator | SyncOperator)]
        last = _free("report", tables)
        report = ReportOperator(task_id=last, work=work, alias=assets.alias(dag_id, last), retries=2)
        loads >> report.as_teardown()  # so that a run's state is that of its tables
    dag.params["tables"] = _param(tables, scheduled)  # now: each task would have copied them, several times
    return dag


def _free(task_id: str, tables: tuple[str, ...]) -> str:
    """No table's group may be called as a task is."""
    while task_id in tables:
        task_id += "_"
    return task_id


def _runs_at_once(config: SourceConfig) -> int:
    """``max_active_runs``; one fewer in the process of a backfill on Airflow 2, which then leaves that to the schedule.

    There the runs of both count together, and a backfill begins the next of its own the moment one has ended.
    """
    within_backfill = AIRFLOW_2 and sys.argv[1:3] == ["dags", "backfill"]
    return max(1, config.max_active_runs - within_backfill)


def _groups(config: SourceConfig, tables: tuple[str, ...]) -> tuple[list[str], list[tuple[str, ...]]]:
    """Which tables go through tasks together, all in one room, and what their task group is called."""
    if _batched(config):
        by_room: dict[tuple[str, str], list[str]] = {}
        for name in tables:
            by_room.setdefault(placement.room(config.tables[name]), []).append(name)
        size = batch_size(len(config.tables))
        shared = [tuple(names[at : at + size]) for names in by_room.values() for at in range(0, len(names), size)]
        return [f"tables_{number}" for number, _ in enumerate(shared, start=1)], shared
    return list(tables), [(name,) for name in tables]


def batch_size(tables: int) -> int:
    """How many of a source's ``tables`` share a task."""
    return min(BATCH_MOST, max(BATCH_SIZE, tables // BATCHES))


def _steps(tables: int) -> int:
    """How many tables' time the task of a batch has: two, and one more for each further :data:`BATCH_SIZE`."""
    return 1 + -(-tables // BATCH_SIZE)


def _batched(config: SourceConfig) -> bool:
    return config.batch is True or (config.batch == "auto" and len(config.tables) > BATCH_ABOVE)


def _group(work: Work, group: str, tables: tuple[str, ...]) -> ExtractOperator | StaggerSensor:
    """``extract`` and ``load`` of a table, or ``sync`` of a batch. The first of its tasks.

    A table's failure touches no other group.
    """
    batched = _batched(work.config)
    settings = placement.of_tables([work.table(name) for name in tables], steps=_steps(len(tables)) if batched else 1)
    shown = "" if work.kind is Kind.RECONCILE else shown_sql.template(work, tables)
    doc = documents.of_batch(tables) if batched else documents.of_table(work, group)
    with TaskGroup(group_id=group, tooltip=", ".join(tables[:5])) as made:
        alias = assets.alias(made.dag.dag_id, group)
        given = {"work": work, "tables": tables, "sql": shown, "doc_md": doc, **settings}
        extract: ExtractOperator
        if batched:
            kind = ExportSyncOperator if work.config.adapter else SyncOperator
            extract = kind(task_id="sync", alias=alias, **given)
        else:
            extract = (ExportOperator if work.config.adapter else ExtractOperator)(task_id="extract", **given)
            load = LoadOperator(task_id="load", work=work, extract=extract.task_id, alias=alias, doc_md=doc, **settings)
            extract >> load
        if work.kind is Kind.SLICE and work.config.stagger:
            from floodmark.airflow.stagger import StaggerSensor

            stagger = StaggerSensor(task_id="stagger", work=work, tables=tables)
            stagger >> extract
            return stagger
    return extract


def _defaults(config: SourceConfig) -> dict[str, Any]:
    retrying = {"retry_delay": RETRY_DELAY, "retry_exponential_backoff": True, "max_retry_delay": MAX_RETRY_DELAY}
    return {**retrying, **placement.of_source(config)}


def _param(tables: Sequence[str], scheduled: bool) -> Param:
    """Which tables: all, unless the run says otherwise; a reload has to say."""
    form: dict[str, Any] = {
        "type": "array",
        "items": {"type": "string", "enum": list(tables)},
        "examples": list(tables),
        "uniqueItems": True,
        "title": "Tables",
        "description_md": "Only these tables are worked on; the others are skipped.",
    }
    return Param(list(tables), **form) if scheduled else Param(minItems=1, **form)


def _tags(work: Work, tables: Sequence[str]) -> list[str]:
    words = {"floodmark", work.config.source, *work.config.tags}
    words |= {tag for name in tables for tag in work.table(name).tags}
    return sorted(words | ({work.kind.value} if work.kind is not Kind.SLICE else set()))
