"""What a DAG file calls."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from airflow.providers.common.compat.sdk import DAG, get_parsing_context

from floodmark.adapters import pods, summary_files
from floodmark.adapters.local_airflow.document import Document
from floodmark.airflow import dag_settings, sources, variables
from floodmark.airflow.dag_factory import build
from floodmark.airflow.dag_settings import DagSettings
from floodmark.errors import ConfigurationError

BROKEN = "broken"


def dags(dag_file: str, variable: str = "", **given: Any) -> dict[str, DAG]:
    """The DAGs of every source beside a DAG file (``__file__``), by id, for ``globals().update``.

    With ``variable``, those of the one source that the Airflow Variable of that name holds, as JSON. What else is
    ``given`` are arguments of each DAG (``on_failure_callback``, ``access_control``, ``default_args``, ...), but for
    those that YAML decides.

    A source that can't be used takes no other down: Airflow stops every DAG of a file that has an import error, so
    the problem is shown by a DAG ``<file>__broken`` without tasks; and :func:`check`, in a file of its own, makes the
    import error. A task parses the file again for its own DAG only, and only that one is made.

    Raises:
        ConfigurationError: there is no source, or none can be used; or what is given YAML decides. With every problem.
        TypeError: what is given no DAG has.
    """
    settings = dag_settings.of_call(dag_file, given)
    if variable:
        return _of_variable(dag_file, variable, settings)
    files = sources.beside(dag_file)
    if not files.good and (error := files.error()):
        raise error
    only = get_parsing_context().dag_id
    built = {
        dag.dag_id: dag for path, config in files.good.items() for dag in build(config, path, only, settings=settings)
    }
    return built | {dag.dag_id: dag for dag in (_broken(path, error) for path, error in files.broken.items())}


def check(dag_file: str) -> None:
    """Raise ``ConfigurationError`` with every problem of every source beside a DAG file; nothing where all are right.

    Called in a DAG file of its own, which makes no DAGs, it becomes Airflow's import error and takes nothing down.
    """
    files = sources.beside(dag_file)
    error = files.error()
    problems = [*(error.problems if error else ())]
    problems += [one for path, config in files.good.items() for one in summary_files.load(path, config)[1]]
    if problems:
        raise ConfigurationError([*dict.fromkeys(problems)])


def _of_variable(dag_file: str, variable: str, settings: DagSettings) -> dict[str, DAG]:
    """From the copy that is kept; where that is no source, or has not the task that is to run, from the Variable."""
    context = get_parsing_context()
    document = variables.document(variable)
    try:
        made = _made(dag_file, document, context.dag_id, settings)
    except ConfigurationError:
        made = {}
    dag = made.get(context.dag_id) if context.dag_id else next(iter(made.values()), None)
    if dag is None or (context.task_id and context.task_id not in dag.task_ids):
        return _made(dag_file, variables.document(variable, fresh=True), context.dag_id, settings)
    return made


def _made(dag_file: str, document: Document, only: str | None, settings: DagSettings) -> dict[str, DAG]:
    path = document.path(Path(dag_file).resolve().parent)
    config = document.config(path)
    pods.require(config, path.name)
    return {dag.dag_id: dag for dag in build(config, path, only, document, settings)}


def _broken(path: Path, error: ConfigurationError) -> DAG:
    """A DAG that runs nothing and says what is wrong."""
    lines = "\n".join(f"- {problem}" for problem in error.problems)
    return DAG(
        dag_id=f"{path.stem}__{BROKEN}",
        schedule=None,
        doc_md=f"`{path.name}` can't be used, so its DAGs are missing:\n\n{lines}",
        tags=["floodmark", BROKEN],
    )
