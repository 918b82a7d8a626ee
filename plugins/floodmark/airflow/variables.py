"""A source that an Airflow Variable holds: read, kept beside the ledger for a while, and the same for all of a run.

DAG files are parsed every few seconds, by every process that has DAGs; a Variable is a query each time. So its text is
kept as a file of this machine, and read anew once that is older than REFRESH. A run goes by the text that its gate
read: whoever changes the Variable meanwhile changes the next run, and never half of this one.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from floodmark.adapters.connections import state
from floodmark.adapters.local_airflow.document import Document
from floodmark.adapters.local_airflow.variable import missing, of_database
from floodmark.airflow.compat.version import AIRFLOW_2

log = logging.getLogger(__name__)

REFRESH = 300.0
"""Seconds for which a copy serves."""
FOLDER = "variables"


def document(variable: str, read: Callable[[str], str] | None = None, *, fresh: bool = False) -> Document:
    """A Variable's text: the copy that this machine keeps, or, ``fresh`` or where that is old, by ``read``.

    Raises ``ConfigurationError`` where there is no such Variable.
    """
    copy = state.folder(os.environ) / FOLDER / f"{quote(variable, safe='')}.json"
    if not fresh and (text := _young(copy)) is not None:
        return Document(variable=variable, text=text)
    text = (read or of_airflow)(variable)
    _keep(copy, text)
    return Document(variable=variable, text=text)


def _young(copy: Path) -> str | None:
    """What is kept, if it isn't too old; a clock that was set back makes it so."""
    try:
        age = time.time() - copy.stat().st_mtime
        return copy.read_text(encoding="utf-8") if 0 <= age < REFRESH else None
    except (OSError, UnicodeDecodeError):
        return None


def _keep(copy: Path, text: str) -> None:
    """Whole or not at all: others read it meanwhile. Where it can't be kept, each parse reads the Variable."""
    part = copy.with_name(f"{copy.name}.{os.getpid()}")
    try:
        copy.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(text, encoding="utf-8")
        os.replace(part, copy)
    except OSError as error:
        remedy = f"set {state.VARIABLE} to a folder that may be written"
        log.warning("%s can't be kept, so each parse reads the Variable: %s; %s", copy, error.strerror, remedy)


def of_airflow(variable: str) -> str:
    """By Airflow, from its secrets backends. Raises ``ConfigurationError`` where none has it.

    On Airflow 3 a process with a supervisor (a DAG file's, a task's) asks that, through the Task SDK.
    """
    supervised = hasattr(sys.modules.get("airflow.sdk.execution_time.task_runner"), "SUPERVISOR_COMMS")
    if not (AIRFLOW_2 or supervised):
        return of_database(variable)
    from airflow.providers.common.compat.sdk import Variable

    try:
        return str(Variable.get(variable))
    except Exception as error:
        if isinstance(error, KeyError) or "not found" in str(error).lower():  # Airflow 2; Airflow 3
            raise missing(variable) from None
        raise
