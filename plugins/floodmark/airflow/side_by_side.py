"""Several tables in one task: side by side in threads, each with an outcome of its own."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

from floodmark.errors import PERMANENT, FatalError, FloodmarkError, JobRunning, RetriableError

log = logging.getLogger(__name__)

WIDTH = 4
"""Tables at once in one task: they wait for servers most of the time."""

Result = TypeVar("Result")


def each(tables: Sequence[str], step: Callable[[str], Result]) -> dict[str, Result]:
    """``step`` of every table, whatever becomes of the others; only then does a failed one fail the task.

    Raises:
        FatalError: every table that failed did so for good: a retry would give the same.
        JobRunning: nothing failed, but a job of BigQuery's still runs.
        RetriableError: some may succeed when tried again. What is done is found in the ledger, and not done again.
    """
    if not tables:
        return {}
    if len(tables) == 1:
        return {tables[0]: step(tables[0])}
    _load_arrow()
    threads = ThreadPoolExecutor(max_workers=WIDTH, thread_name_prefix="table")
    try:
        futures = {name: threads.submit(step, name) for name in tables}
        wait(futures.values())
    except BaseException:  # a task that Airflow stops must not wait for its threads
        threads.shutdown(wait=False, cancel_futures=True)
        raise
    threads.shutdown()  # to its end: OpenLineage's listener forks the task, and a fork beside threads may hang
    failures = {name: error for name, future in futures.items() if (error := future.exception()) is not None}
    for name, error in failures.items():
        log.error("%s: %s", name, error, exc_info=None if isinstance(error, FloodmarkError) else error)
    if failures:
        raise _verdict(failures, len(tables))
    return {name: future.result() for name, future in futures.items()}


def _load_arrow() -> None:
    """Load Arrow's library in this thread, which outlives the others.

    pyarrow 25, Composer's, kills the process where the thread that first imported it has ended and another one
    allocates (github.com/apache/arrow/issues/50471, and 50908).
    """
    importlib.import_module("pyarrow")


def _verdict(failures: dict[str, BaseException], count: int) -> BaseException:
    """One error for all that failed."""
    running = [error for error in failures.values() if isinstance(error, JobRunning)]
    if len(running) == len(failures):
        return running[0]
    failed = {name: error for name, error in failures.items() if not isinstance(error, JobRunning)}
    message = f"{len(failed)} of {count} tables failed:\n" + "\n".join(f"{n}: {error}" for n, error in failed.items())
    if all(isinstance(error, PERMANENT) for error in failures.values()):
        return FatalError(message)
    return RetriableError(message)
