"""One statement of ADBC, run after run, by a thread of its own: whoever waits for it can be interrupted at any moment.

ADBC's own layer is used, not its DB-API: that one imports pyarrow.dataset, and with it pandas where there is one, which
takes 55 MB and half a second of every task that reads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, suppress
from typing import Any, TypeVar

import adbc_driver_manager
import adbc_driver_postgresql  # type: ignore[import-untyped]
import pyarrow as pa

from floodmark.adapters.arrow.lean import be_lean
from floodmark.adapters.postgres.learned import used

BATCH_BYTES = 3 * 512 * 1024
"""Of Arrow; ADBC ends a batch at the first row beyond it."""
COLUMN_BYTES = 4 * 1024
"""Of each column at least: what is done for one of a batch costs as much as some hundred of its values."""
ERRORS = (adbc_driver_manager.Error, pa.ArrowException, OSError)
_BATCH = adbc_driver_postgresql.StatementOptions.BATCH_SIZE_HINT_BYTES.value
_WHOLE = 2
"""What was opened, and the statement."""
_SOON = 0.1
Result = TypeVar("Result")


class Statement:
    """A connection of its own, in autocommit, and its one statement. Raises ``ERRORS``."""

    def __init__(self, uri: str) -> None:
        """Connect."""
        be_lean()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="floodmark-read")
        self._running: Future[Any] | None = None
        self._parts: list[Any] = []
        self._stream: Any = None
        try:
            self._done(self._begun(self._connect, uri))
        except BaseException:
            self.close()
            raise

    def run(self, text: str) -> None:
        """Run statements that return nothing, in one request."""
        self._done(self._begun(self._execute_all, text))

    def execute(self, text: str, values: Sequence[Any] = (), *, columns: int = 0) -> None:
        """Run one, with ``values`` bound; what an earlier one still had to give is dropped.

        The more ``columns`` it returns, the larger its batches.
        """
        self._done(self._begun(self._execute, text, values, max(BATCH_BYTES, COLUMN_BYTES * columns)))

    def rows(self) -> list[tuple[Any, ...]]:
        """All that it returned."""
        return [
            row
            for batch in self.batches()
            for row in zip(*(column.to_pylist() for column in batch.columns), strict=True)
        ]

    def batches(self) -> Iterator[pa.RecordBatch]:
        """What it returned, batch by batch; the next one is read while the last one is worked on."""
        following = self._begun(self._next)
        while (batch := self._done(following)) is not None:
            following = self._begun(self._next)
            yield batch

    def cancel(self) -> None:
        """End what runs; from any thread."""
        with suppress(*ERRORS):
            if len(self._parts) == _WHOLE:
                self._parts[-1].cancel()

    def close(self) -> None:
        """End what runs, and close the stream before its statement, that before its connection."""
        self._thread.shutdown(wait=False, cancel_futures=True)
        if self._stream is not None:
            self.cancel()
        while self._running and not self._running.done():
            wait([self._running], _SOON)
            self.cancel()
        self._end_stream()
        while self._parts:
            with suppress(*ERRORS):
                self._parts.pop().close()

    def _begun(self, work: Callable[..., Result], *given: Any) -> Future[Result]:
        self._running = future = self._thread.submit(work, *given)
        return future

    def _done(self, future: Future[Result]) -> Result:
        """Its result. Whoever is interrupted meanwhile ends it first."""
        try:
            return future.result()
        except BaseException:
            if not future.done():
                self.cancel()
            raise

    def _connect(self, uri: str) -> None:
        self._parts.append(opened := ExitStack())
        connection = opened.enter_context(opened.enter_context(used(uri)).connected())
        self._parts.append(adbc_driver_manager.AdbcStatement(connection))

    def _execute_all(self, text: str) -> None:
        self._end_stream()
        self._parts[-1].set_sql_query(text)
        self._parts[-1].execute_update()

    def _execute(self, text: str, values: Sequence[Any], batch_bytes: int) -> None:
        self._end_stream()
        statement = self._parts[-1]
        statement.set_options(**{_BATCH: str(batch_bytes)})
        statement.set_sql_query(text)
        if values:
            statement.prepare()
            statement.bind(pa.record_batch([[value] for value in values], [str(n) for n in range(len(values))]))
        handle, _ = statement.execute_query()
        self._stream = pa.RecordBatchReader.from_stream(handle)

    def _next(self) -> pa.RecordBatch | None:
        try:
            return self._stream.read_next_batch()
        except StopIteration:
            self._end_stream()
            return None

    def _end_stream(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            with suppress(*ERRORS):
                stream.close()


__all__ = ["BATCH_BYTES", "ERRORS", "Statement"]
