"""The daily DAG of a source: old files leave the stage, doubled keys are looked for, and both ends are compared."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.providers.common.compat.sdk import DAG, BaseOperator
from airflow.timetables.interval import CronDataIntervalTimetable

from floodmark.airflow import placement
from floodmark.airflow.dag_settings import PLAIN, DagSettings
from floodmark.airflow.waiting import verdicts
from floodmark.airflow.work import Context, Work
from floodmark.core.config import dag_ids

SUFFIX = dag_ids.UPKEEP
RETRIES = 3
DOCS = """Daily upkeep of **{source}**, for all of its tables.

| task | what |
| --- | --- |
| sweep | deletes files of the stage `{stage}` that are older than its retention; those of open reads stay |
| keys | finds keys that stand twice in a current table, over the whole table (billed: see `floodmark plan`) |
| balance | counts both ends of each table, compares their keys, and a share of the rows (billed); looks whether \
somebody else changed a summary |
"""


class SweepOperator(BaseOperator):
    """Deletes old files of the stage; how many."""

    ui_color = "#f1f3f4"

    def __init__(self, *, work: Work, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.work = work

    def execute(self, context: Context) -> int:
        """Once for the whole source."""
        from floodmark.airflow import upkeep_steps

        with verdicts():
            return upkeep_steps.sweep(self.work)


class KeysOperator(BaseOperator):
    """Looks for keys that stand twice in the current tables; which tables were looked through."""

    ui_color = "#f1f3f4"

    def __init__(self, *, work: Work, tables: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.work = work
        self.tables = tables

    def execute(self, context: Context) -> list[str]:
        """Every table, side by side; a doubled key fails the task once all are done, and blocks its table."""
        from floodmark.airflow import upkeep_steps

        with verdicts():
            return upkeep_steps.check_keys(self.work, self.tables, context)


class BalanceOperator(BaseOperator):
    """Counts and compares both ends of every table (R36), looks at the summaries; which were looked at."""

    ui_color = "#f1f3f4"

    def __init__(self, *, work: Work, tables: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.work = work
        self.tables = tables

    def execute(self, context: Context) -> list[str]:
        """Every table, side by side; one that doesn't balance fails the task once all are done."""
        from floodmark.airflow import upkeep_steps

        with verdicts():
            return upkeep_steps.balance(self.work, self.tables, context)


def dag_id(source: str) -> str:
    """``<source>__upkeep``."""
    return f"{source}__{SUFFIX}"


def build(work: Work, settings: DagSettings = PLAIN) -> DAG:
    """The DAG. A day that was missed isn't caught up with: the next one does the same."""
    config = work.config
    with DAG(
        dag_id=dag_id(config.source),
        schedule=CronDataIntervalTimetable("0 0 * * *", timezone="UTC"),
        start_date=config.start,
        catchup=False,
        max_active_runs=1,
        default_args={
            "retries": RETRIES,
            "retry_delay": timedelta(minutes=5),
            **placement.of_source(config),
            **settings.default_args,
        },
        tags=sorted({"floodmark", config.source, SUFFIX, *config.tags}),
        doc_md=DOCS.format(source=config.source, stage=config.stage),
        **settings.dag,
    ) as dag:
        SweepOperator(task_id="sweep", work=work)
        KeysOperator(task_id="keys", work=work, tables=tuple(config.tables))
        BalanceOperator(task_id="balance", work=work, tables=tuple(config.tables))
    return dag
