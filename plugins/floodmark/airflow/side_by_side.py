"""Several tables in one task: side by side in threads, each with an outcome of its own."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Generic, TypeVar

from floodmark.errors import PERMANENT, ExportRunning, FatalError, FloodmarkError, JobRunning, RetriableError

log = logging.getLogger(__name__)

WIDTH = 8
"""Tables at once in one task: they wait for servers most of the time."""

Result = TypeVar("Result")


def each(tables: Sequence[str], step: Callable[[str], Result]) -> dict[str, Result]:
    """``step`` of every table, whatever becomes of the others; only then does a failed one fail the task.

    Raises what :meth:`SideBySide.go_on` raises; a single table's error is its own. Where some failed it doesn't wait
    for others' jobs: whoever is called once only is called again by a retry.
    """
    if len(tables) == 1:
        return {tables[0]: step(tables[0])}
    together = SideBySide(tables, step)
    try:
        return together.go_on()
    except JobRunning:
        if together.failed:
            raise RetriableError(_said(together.failed, len(tables))) from None
        raise


class SideBySide(Generic[Result]):
    """``step`` of every table, once: one that only waits for a job is gone on with, the others are left alone."""

    def __init__(self, tables: Sequence[str], step: Callable[[str], Result]) -> None:
        """They begin in the order in which they are given."""
        self.tables, self._step = tuple(tables), step
        self._done: dict[str, Result] = {}
        self.failed: dict[str, BaseException] = {}

    def go_on(self) -> dict[str, Result]:
        """What became of each, in their order, once all are over; to be called again after a ``JobRunning``.

        Raises:
            JobRunning: some only wait for a job of BigQuery's, or an export (``ExportRunning``), whatever became of the
                others.
            FatalError: every table that failed did so for good: a retry would give the same.
            RetriableError: some may succeed when tried again. What is done is found in the ledger, and not done again.
        """
        left = [name for name in self.tables if name not in self._done and name not in self.failed]
        running = self._advance(left) if left else []
        if running:
            raise next((one for one in running if isinstance(one, ExportRunning)), running[0])
        if self.failed:
            for_good = all(isinstance(error, PERMANENT) for error in self.failed.values())
            raise (FatalError if for_good else RetriableError)(_said(self.failed, len(self.tables)))
        return {name: self._done[name] for name in self.tables}

    def _advance(self, tables: Sequence[str]) -> list[JobRunning]:
        """A step of each of these; the jobs that some wait for."""
        _load_arrow()
        threads = ThreadPoolExecutor(max_workers=min(WIDTH, len(tables)), thread_name_prefix="table")
        try:
            futures = {name: threads.submit(self._step, name) for name in tables}
            wait(futures.values())
        except BaseException:  # a task that Airflow stops must not wait for its threads
            threads.shutdown(wait=False, cancel_futures=True)
            raise
        threads.shutdown()  # to its end: OpenLineage's listener forks the task, and a fork beside threads may hang
        running = []
        for name, future in futures.items():
            error = future.exception()
            if error is None:
                self._done[name] = future.result()
            elif isinstance(error, JobRunning):
                running.append(error)
            else:
                self.failed[name] = error
                log.error("%s: %s", name, error, exc_info=None if isinstance(error, FloodmarkError) else error)
        return running


def _load_arrow() -> None:
    """Load Arrow's library in this thread, which outlives the others.

    pyarrow 25, Composer's, kills the process where the thread that first imported it has ended and another one
    allocates (github.com/apache/arrow/issues/50471, and 50908).
    """
    importlib.import_module("pyarrow")


def _said(failed: dict[str, BaseException], count: int) -> str:
    """What failed, by name; what several say alike is said once."""
    said: dict[str, list[str]] = {}
    for name, error in failed.items():
        said.setdefault(str(error), []).append(name)
    lines = [f"{', '.join(names)}: {message}" for message, names in said.items()]
    return f"{len(failed)} of {count} tables failed:\n" + "\n".join(lines)
