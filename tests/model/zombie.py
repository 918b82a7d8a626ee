"""A step that stands still at one of its writes, in a thread of its own, until somebody wakes it."""

from __future__ import annotations

import threading
import time

from floodmark.pipeline.load import load
from floodmark.pipeline.table_run import Request, TableRun
from tests.fakes.fuse import Pause, guarded
from tests.model.step import staged


class Zombie:
    """A run in a thread of its own that stands still at one of its writes."""

    def __init__(self, run: TableRun, request: Request, pause: Pause) -> None:
        self.sync, self.request, self.pause = run, request, pause
        self.error: BaseException | None = None
        self.over = threading.Event()
        self.held = False
        threading.Thread(target=self._work, daemon=True).start()

    def _work(self) -> None:
        try:
            step = guarded(self.sync, self.pause)
            found = staged(step, self.request)
            if found.pending:
                load(step, found.read_at)
        except BaseException as error:
            self.error = error
        finally:
            self.sync.ports.close()
            self.over.set()

    def asleep(self) -> bool:
        """Whether it came to the write at which it pauses; if not, it has ended."""
        deadline = time.monotonic() + 60
        while not (self.pause.asleep.is_set() or self.over.is_set()):
            assert time.monotonic() < deadline, "a step neither paused nor ended"
            time.sleep(0.01)
        self.held = self.pause.asleep.is_set() and self.pause.holding
        return self.pause.asleep.is_set()

    def awaken(self) -> None:
        """Let it go on to its end."""
        self.pause.wake.set()
        assert self.over.wait(timeout=60), "a zombie never ended"
