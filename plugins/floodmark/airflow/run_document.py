"""All tasks of a run go by the Variable's text that its gate read, whatever became of the Variable since."""

from __future__ import annotations

import logging
from dataclasses import replace

from floodmark.adapters.local_airflow.document import Document
from floodmark.airflow import variables
from floodmark.airflow.work import Context, Work, cleared

log = logging.getLogger(__name__)

KEY = "floodmark_document"


def begin(work: Work, context: Context) -> Work:
    """The gate's: the Variable as it is now, kept for the tasks that follow."""
    if work.document is None:
        return work
    now = variables.document(work.document.variable, fresh=True)
    changed = _by(work, now)
    context["ti"].xcom_push(key=KEY, value=now.packed())
    return changed


def of_run(work: Work, context: Context) -> Work:
    """The other tasks': what the gate kept. A task that was cleared goes by the Variable as it is now."""
    if work.document is None:
        return work
    if cleared(context):
        return _by(work, variables.document(work.document.variable, fresh=True))
    kept = context["ti"].xcom_pull(task_ids=work.gate, key=KEY)
    if not kept:
        log.warning("gate has kept no text of the Variable %s, so it counts as it is now", work.document.variable)
        return work
    if kept["digest"] == work.document.digest:
        return work
    log.info("the Variable %s was changed since this run began, which goes on as it did", work.document.variable)
    return _by(work, Document.unpacked(work.document.variable, kept))


def _by(work: Work, document: Document) -> Work:
    if work.document is None or document.digest == work.document.digest:
        return work
    return replace(work, config=document.config(work.file), document=document)
