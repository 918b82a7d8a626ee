"""Two threads, one stream: the caller's thread reads, another one works on what was read, and both end together."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

DEPTH = 1
"""So many items wait between the two threads, beside the one that each of them has: few, to keep memory flat."""
_END: Any = object()
_TICK = 0.1


class Abandoned(Exception):
    """Raised inside the working thread when the reading one failed: there will be no more items."""


def pump(
    items: Iterable[Item],
    work: Callable[[Iterator[Item]], Result],
    *,
    ready: Callable[[], None],
    undo: Callable[[Result], None],
) -> Result:
    """``work`` over ``items``, which are read here, in the caller's thread.

    ``ready`` is called here after the last item and before ``work`` is told of the end. An error in either thread,
    KeyboardInterrupt and a task's timeout among them, ends both: ``work`` sees :class:`Abandoned`, and ``undo`` takes
    back what it had finished already.
    """
    handed: queue.Queue[Any] = queue.Queue(DEPTH)
    stopped = threading.Event()
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="floodmark-stage") as pool:
        future = pool.submit(work, _received(handed, stopped))
        try:
            for item in items:
                _hand(handed, item, future)
            ready()
            _hand(handed, _END, future)
            return future.result()
        except BaseException:
            stopped.set()
            _wake(handed)
            _take_back(future, undo)
            raise


def _received(handed: queue.Queue[Any], stopped: threading.Event) -> Iterator[Any]:
    while True:
        item = handed.get()
        if stopped.is_set():
            raise Abandoned("the rows ended in an error")
        if item is _END:
            return
        yield item


def _hand(handed: queue.Queue[Any], item: object, future: Future[Any]) -> None:
    """Put an item in the queue. Raises what ``work`` raised, if it has ended."""
    while not future.done():
        try:
            return handed.put(item, timeout=_TICK)
        except queue.Full:
            continue
    future.result()
    raise RuntimeError("the writer ended before the rows did")


def _wake(handed: queue.Queue[Any]) -> None:
    """Let a waiting ``work`` see that it is stopped."""
    while True:
        try:
            return handed.put_nowait(_END)
        except queue.Full:
            handed.get_nowait()


def _take_back(future: Future[Result], undo: Callable[[Result], None]) -> None:
    if future.exception() is None:
        undo(future.result())
