"""What a task's log says of a table that failed: what, in which file under which key, after how long, what next."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

from floodmark.airflow.work import Context, Work
from floodmark.core.command_line import command_line
from floodmark.errors import PERMANENT, ConfigurationError, FloodmarkError, JobRunning, reason

log = logging.getLogger(__name__)


@contextmanager
def told(work: Work, name: str, context: Context) -> Iterator[None]:
    """Log what of a table's step fails. A job that still runs is no failure, and a defect has its whole traceback."""
    began = time.monotonic()
    try:
        yield
    except JobRunning:
        raise
    except FloodmarkError as error:
        log.error("%s", text(work, name, context, error, time.monotonic() - began))
        log.debug("%s: where it was raised", name, exc_info=error)
        raise
    log.info("%s: done after %.1f s", name, time.monotonic() - began)


def text(work: Work, name: str, context: Context, error: FloodmarkError, seconds: float) -> str:
    """A few lines, the first of them by itself enough to know whom to wake."""
    said = [f"{name} failed after {seconds:.1f} s: {reason(error)}", f"  in: {work.file.name}: tables.{name}"]
    if table := work.config.tables.get(name):
        target = work.config.bigquery.current_table(table)
        said.append(f"  from: {table.relation} of the connection {work.config.connection}, into {target}")
    return "\n".join([*said, f"  next: {_next(work, name, context, error)}"])


def _next(work: Work, name: str, context: Context, error: FloodmarkError) -> str:
    if isinstance(error, ConfigurationError):
        return "a retry gives the same: mend it, then clear this task"
    if isinstance(error, PERMANENT):
        named = work.named or work.config.source
        command = command_line("unblock", named, name)
        return f"a retry gives the same: mend it, then clear this task; if the table stays blocked: {command}"
    ti = context["ti"]
    tries, most = ti.try_number, (ti.max_tries or 0) + 1
    if tries < most:
        return f"this was try {tries} of {most}, and Airflow makes the next; it goes on from the ledger"
    return f"this was try {tries} of {most}; the next run goes on from the ledger, and clearing this task does so now"
