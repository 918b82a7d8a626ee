"""The DAG of a source's summaries: each is built when a table that it reads has changed, after those that it reads."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from airflow.providers.common.compat.sdk import DAG, AirflowSkipException, AssetAlias, BaseOperator, Param

from floodmark.airflow import placement
from floodmark.airflow.compat import assets
from floodmark.airflow.compat.assets import emit
from floodmark.airflow.dag_settings import PLAIN, DagSettings
from floodmark.airflow.interval import run_type
from floodmark.airflow.waiting import until_done, verdicts
from floodmark.airflow.work import Context, Work, cleared
from floodmark.core.resolve.summaries import ResolvedSummary
from floodmark.errors import Problem

SUFFIX = "summaries"
RETRIES = 3
DOCS = """Summary tables of **{source}** in `{dataset}`: `{folder}/*.sql` beside `{file}`.

{rows}

It runs when one of the tables that they read has changed; each is built only if what it reads has. The params
`summaries`, `start` and `end` choose some of them, and the window that is built anew, of those whose query names
`@start` and `@end`.
"""
BROKEN = "Can't be used, so none of them is built:\n\n"


class SummaryOperator(BaseOperator):
    """Builds one summary. Emits its asset where it is another than before; skipped where nothing has changed."""

    ui_color = "#f3e8fd"
    flows: tuple[Any, ...] = ()
    """What OpenLineage is told, once it is built."""

    def __init__(self, *, work: Work, summary: str, alias: AssetAlias, **kwargs: Any) -> None:
        super().__init__(outlets=[alias], **kwargs)
        self.work = work
        self.summary = summary
        self.alias = alias

    def execute(self, context: Context) -> dict[str, Any]:
        """Aside, checked, in its place; what became of it."""
        from floodmark.airflow import build_steps, lineage

        params = context["params"]
        if self.summary not in params["summaries"]:
            raise AirflowSkipException("the run leaves it out")
        place = self.work.config.bigquery
        with verdicts():
            step = partial(build_steps.build, self.work, self.summary, context, asked=asked(context))
            outcome = until_done(self, place.project, place.connection, step)
        if not outcome.changed:
            raise AirflowSkipException(outcome.why or "nothing that it reads has changed")
        emit(context, self.alias, [outcome.target])
        self.flows = lineage.of_summary(outcome.document())
        return outcome.document()

    def resume(self, context: Context, event: Any = None) -> dict[str, Any]:
        """After a deferral: the ledger knows how far it came; the trigger's word isn't needed."""
        return self.execute(context)

    def get_openlineage_facets_on_complete(self, task_instance: Any) -> Any:
        """What Airflow's OpenLineage provider asks for, in a fork of the task."""
        from floodmark.airflow import lineage

        return lineage.facets(self.flows)


def asked(context: Context) -> bool:
    """Whether a person wants it built though nothing has changed: a manual run, or a cleared task."""
    return not run_type(context["dag_run"]).endswith("_triggered") or cleared(context)


def dag_id(source: str) -> str:
    """``<source>__summaries``."""
    return f"{source}__{SUFFIX}"


def build(
    work: Work, summaries: tuple[ResolvedSummary, ...], problems: list[Problem], settings: DagSettings = PLAIN
) -> DAG:
    """The DAG; one without tasks that says what is wrong, where anything is."""
    if problems:
        return _broken(work, problems)
    config = work.config
    owned = {config.bigquery.summary_table(one.summary.name) for one in summaries}
    read = [target for one in summaries for target in one.inputs if target not in owned]
    names = [one.summary.name for one in summaries]
    with DAG(
        dag_id=dag_id(config.source),
        schedule=assets.any_of(sorted(set(read))),
        start_date=config.start,
        catchup=False,
        max_active_runs=1,
        max_active_tasks=config.max_active_tasks,
        default_args={
            "retries": RETRIES,
            "retry_delay": timedelta(minutes=1),
            **placement.of_source(config),
            **settings.default_args,
        },
        params=_params(names),
        tags=sorted({"floodmark", config.source, SUFFIX, *config.tags}),
        doc_md=_docs(work, summaries),
        render_template_as_native_obj=False,
        **settings.dag,
    ) as dag:
        tasks: dict[str, SummaryOperator] = {}
        for one in summaries:
            name = one.summary.name
            tasks[name] = SummaryOperator(
                task_id=name, work=work, summary=name, alias=assets.alias(dag.dag_id, name),
                trigger_rule="none_failed", doc_md=one.summary.description or None,
                **({"owner": one.summary.owner} if one.summary.owner else {}),
            )  # fmt: skip
            for other in one.after:
                tasks[other] >> tasks[name]
    placement.keep_params_once(dag)
    return dag


def _params(names: list[str]) -> Mapping[str, Param]:
    form: dict[str, Any] = {"type": "array", "items": {"type": "string", "enum": names}, "examples": names}
    moment: dict[str, Any] = {"type": ["null", "string"], "format": "date-time"}
    return {
        "summaries": Param(names, **form, uniqueItems=True, title="Summaries"),
        "start": Param(None, **moment, title="From", description_md="`@start`: a boundary of the partitions."),
        "end": Param(None, **moment, title="To", description_md="`@end`, without it. Default: there is no end."),
    }


def _docs(work: Work, summaries: tuple[ResolvedSummary, ...]) -> str:
    place, rows = work.config.bigquery, ["| summary | reads | keys | partitioned by |", "| --- | --- | --- | --- |"]
    for one in summaries:
        read = ", ".join(f"`{target.rpartition('.')[2]}`" for target in one.inputs)
        summary = one.summary
        rows.append(f"| {summary.name} | {read} | {', '.join(summary.keys)} | {summary.partition_by} |")
    dataset = place.home
    return DOCS.format(
        source=work.config.source, dataset=dataset, folder=SUFFIX, file=work.file.name, rows="\n".join(rows)
    )


def _broken(work: Work, problems: list[Problem]) -> DAG:
    lines = "\n".join(f"- {problem}" for problem in problems)
    return DAG(
        dag_id=dag_id(work.config.source), schedule=None, doc_md=BROKEN + lines, tags=["floodmark", "broken"]
    )  # fmt: skip
