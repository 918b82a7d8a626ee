"""The kinds of task: gate, extract, load, and sync. Thin: what they do is imported when they do it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from airflow.providers.common.compat.sdk import AirflowSkipException, AssetAlias, BaseOperator

from floodmark.airflow.compat.assets import emit
from floodmark.airflow.compat.rescheduling import reschedulable
from floodmark.airflow.compat.skipping import end_skipping
from floodmark.airflow.interval import interval_of
from floodmark.airflow.run_began import note
from floodmark.airflow.run_document import begin, of_run
from floodmark.airflow.waiting import settle, until_done, verdicts
from floodmark.airflow.work import Context, Work, chosen
from floodmark.core.ledger.portion import Kind
from floodmark.errors import ConfigurationError, Problem

log = logging.getLogger(__name__)


class GateOperator(BaseOperator):
    """Waits until the run's interval has settled, once for all tables, and skips those that the run leaves out.

    ``groups`` are the tables behind each task downstream, by its id.
    """

    ui_color = "#e8f0fe"

    def __init__(self, *, work: Work, groups: dict[str, tuple[str, ...]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.work = work
        self.groups = groups

    def execute(self, context: Context) -> None:
        """Wait, then let through what is wanted."""
        note(context)
        due = {task_id: chosen(tables, context) for task_id, tables in self.groups.items()}
        with verdicts():
            work = begin(self.work, context)
            if work.kind is Kind.SLICE:
                known = work.config.tables
                tables = [known[name] for names in due.values() for name in names if name in known]
                last = max(tables, key=lambda table: table.settle, default=None)
                length, whose = (last.settle, last.name) if last else (timedelta(0), "")
                settle(interval_of(context["dag_run"], work.cadence), length, whose)
        wanted = {name for names in due.values() for name in names}
        if left_out := [name for names in self.groups.values() for name in names if name not in wanted]:
            log.info("left out, since the param tables doesn't name them: %s", ", ".join(left_out))
        end_skipping(context, [task_id for task_id, tables in due.items() if not tables], None)


class ExtractOperator(BaseOperator):
    """Source to stage, of one table. ``sql`` shows what it is about to ask."""

    template_fields: Sequence[str] = ("sql",)
    template_fields_renderers = {"sql": "postgresql"}  # noqa: RUF012
    ui_color = "#e6f4ea"

    def __init__(self, *, work: Work, tables: tuple[str, ...], sql: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.work = work
        self.tables = tables
        self.sql = sql

    def render_template_fields(self, context: Any, jinja_env: Any = None) -> None:
        """As Airflow does it, with the interval that will be read: a manual run's own is another, or none."""
        if self.work.kind is Kind.SLICE:
            slice_ = interval_of(context["dag_run"], self.work.cadence)
            context = {**context, "data_interval_start": slice_.low, "data_interval_end": slice_.high}
        super().render_template_fields(context, jinja_env)

    def execute(self, context: Context) -> dict[str, Any]:
        """Read what the run wants; ``load`` is skipped where nothing is left to load. An outcome by table."""
        from floodmark.airflow import steps

        tables = chosen(self.tables, context)
        place = self.work.config.bigquery
        with verdicts():
            step = partial(steps.extract, of_run(self.work, context), tables, context)
            outcomes = until_done(self, place.project, place.connection, step)
        told = {name: outcome.document() for name, outcome in outcomes.items()}
        pending = any(outcome.pending for outcome in outcomes.values())
        return end_skipping(context, () if pending else self.downstream_task_ids, told)

    def resume(self, context: Context, event: Any = None) -> dict[str, Any]:
        """After a deferral: the ledger knows how far it came; the trigger's word isn't needed."""
        return self.execute(context)


@reschedulable
class ExportOperator(ExtractOperator):
    """The same from a source that exports: for one that takes long the worker is given back, and asked for again."""


class LoadOperator(BaseOperator):
    """Stage to current, of what ``extract`` left to load. Emits an asset for each table that changed."""

    ui_color = "#fef7e0"
    flows: tuple[Any, ...] = ()
    """What OpenLineage is told, once it is loaded."""

    def __init__(self, *, work: Work, extract: str, alias: AssetAlias, **kwargs: Any) -> None:
        super().__init__(outlets=[alias], **kwargs)
        self.work = work
        self.extract = extract
        self.alias = alias

    def execute(self, context: Context) -> dict[str, Any]:
        """Load and merge; skipped where nothing changed. An outcome by table."""
        from floodmark.airflow import lineage, steps

        told = context["ti"].xcom_pull(task_ids=self.extract)
        place = self.work.config.bigquery
        with verdicts():
            if told is None:
                raise ConfigurationError([_unsaid(self.extract)])
            step = partial(steps.load, of_run(self.work, context), steps.pending(told), context)
            outcomes = until_done(self, place.project, place.connection, step)
        changed = [outcome.target for outcome in outcomes.values() if outcome.changed]
        if not changed:
            raise AirflowSkipException("nothing changed")
        emit(context, self.alias, changed)
        became = {name: outcome.document() for name, outcome in outcomes.items()}
        self.flows = lineage.of_tables(of_run(self.work, context), became)
        return became

    def resume(self, context: Context, event: Any = None) -> dict[str, Any]:
        """After a deferral: the ledger knows how far it came; the trigger's word isn't needed."""
        return self.execute(context)

    def get_openlineage_facets_on_complete(self, task_instance: Any) -> Any:
        """What Airflow's OpenLineage provider asks for, in a fork of the task."""
        from floodmark.airflow import lineage

        return lineage.facets(self.flows)


def _unsaid(extract: str) -> Problem:
    """A person marked it as a success, or its XCom is gone: what it staged isn't known here, and isn't nothing."""
    remedy = "clear it, and it is read; what an earlier try has staged, the table's next run loads"
    return Problem(file="run", path=extract, message="has left no word of what there is to load", remedy=remedy)


class SyncOperator(ExtractOperator):
    """Source to current, of tables that share a task: side by side, each as far as it comes.

    One that fails keeps no other from being finished; the task fails at its end, naming each. Its retry goes on from
    the ledger, with what is left. Emits an asset for each table that changed.
    """

    flows: tuple[Any, ...] = ()
    """What OpenLineage is told, once all are loaded."""

    def __init__(self, *, alias: AssetAlias, **kwargs: Any) -> None:
        super().__init__(outlets=[alias], **kwargs)
        self.alias = alias

    def execute(self, context: Context) -> dict[str, Any]:
        """Read and load what the run wants. An outcome by table."""
        from floodmark.airflow import batch_steps, lineage

        place = self.work.config.bigquery
        with verdicts():
            work = of_run(self.work, context)
            batch = batch_steps.begin(work, chosen(self.tables, context), context)
            outcomes = until_done(self, place.project, place.connection, batch.go_on)
        if changed := [outcome.target for outcome in outcomes.values() if outcome.changed]:
            emit(context, self.alias, changed)
        became = {name: outcome.document() for name, outcome in outcomes.items()}
        self.flows = lineage.of_tables(work, became)
        return became

    def get_openlineage_facets_on_complete(self, task_instance: Any) -> Any:
        """What Airflow's OpenLineage provider asks for, in a fork of the task."""
        from floodmark.airflow import lineage

        return lineage.facets(self.flows)


@reschedulable
class ExportSyncOperator(SyncOperator):
    """The same from a source that exports."""
