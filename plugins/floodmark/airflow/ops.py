"""The DAG by which a person without a shell does what the command line does, from a form; and its one task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from airflow.providers.common.compat.sdk import DAG, AirflowFailException, BaseOperator, Param

from floodmark.airflow import kept_output, placement
from floodmark.airflow.dag_settings import PLAIN, DagSettings
from floodmark.airflow.ops_form import ACTIONS, Form
from floodmark.airflow.waiting import verdicts
from floodmark.airflow.work import Context, Work
from floodmark.core.config import dag_ids

SUFFIX = dag_ids.OPS
DOCS = """What the command line does for **{source}**, for those who have no shell. Trigger it with:

| param | |
| --- | --- |
| `action` | {actions} |
| `tables` | which tables; none: all of them, where the action lets you leave them out |
| `start`, `end` | for `run` and `plan`: from when to when; none: the last full slice |
| `confirm` | for {confirmed}: the source's name, `{source}` |

The output is in the task's log, on the run's tab *Floodmark*, and with a JSON document in its XCom
`{kept}`, however the run ends. A finding fails the task.
"""


class OpsOperator(BaseOperator):
    """Does one action, once. Fails where it finds something, as the command's exit code would say."""

    ui_color = "#fce8e6"

    def __init__(self, *, work: Work, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.work = work

    def execute(self, context: Context) -> None:
        """What it says goes to the log, and is kept for the run's page."""
        from floodmark.airflow import commanding

        params = context["params"]
        form = Form(
            action=params["action"], tables=tuple(params["tables"]), start=params["start"], end=params["end"],
            confirm=params["confirm"],
        )  # fmt: skip
        with verdicts(), commanding.kept(self.work.config.source, context) as said:
            for command in form.commands(self.work.config.source, self.work.named):
                commanding.call(self.work, command, context, said)
        if said.exit:
            told = "; ".join(said.commands)
            raise AirflowFailException(f"{told}: exit code {said.exit:d}; what it found stands above")


def dag_id(source: str) -> str:
    """``<source>__ops``."""
    return f"{source}__{SUFFIX}"


def build(work: Work, settings: DagSettings = PLAIN) -> DAG:
    """The DAG: one task, never scheduled, never retried, not paused when it is made."""
    config = work.config
    own: Mapping[str, Any] = {"is_paused_upon_creation": False, **settings.dag}
    with DAG(
        dag_id=dag_id(config.source),
        schedule=None,
        start_date=config.start,
        catchup=False,
        max_active_runs=1,
        default_args={**placement.of_source(config), "retries": 0, **settings.default_args},
        params=_params(tuple(config.tables)),
        tags=sorted({"floodmark", config.source, SUFFIX, *config.tags}),
        doc_md=DOCS.format(
            source=config.source, kept=kept_output.KEY,
            actions=", ".join(f"`{name}`" for name in ACTIONS),
            confirmed=", ".join(f"`{name}`" for name, action in ACTIONS.items() if action.confirmed),
        ),
        render_template_as_native_obj=False,
        **own,
    ) as dag:  # fmt: skip
        OpsOperator(task_id="do", work=work)
    return dag


def _params(tables: Sequence[str]) -> dict[str, Param]:
    listed: dict[str, Any] = {"type": "array", "items": {"type": "string", "enum": list(tables)}, "uniqueItems": True}
    moment: dict[str, Any] = {"type": ["null", "string"], "format": "date-time"}
    said = "The source's name, for what can't be taken back."
    return {
        "action": Param("status", type="string", enum=list(ACTIONS), title="Action"),
        "tables": Param([], **listed, examples=list(tables), title="Tables", description_md="None: all of them."),
        "start": Param(None, **moment, title="From"),
        "end": Param(None, **moment, title="To"),
        "confirm": Param("", type="string", title="Confirm", description_md=said),
    }
