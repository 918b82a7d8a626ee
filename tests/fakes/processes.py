"""Real processes for a test: forked, so that they start in milliseconds, and left by ``os._exit``."""

from __future__ import annotations

import os
import signal
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

RAISED = 99


@contextmanager
def process(work: Callable[[], int | None]) -> Iterator[int]:
    """A process that runs ``work`` and exits with what it returns; its id. It is killed and reaped at the end."""
    with warnings.catch_warnings():
        # Threads of the servers' clients: the child uses none of what they hold.
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid == 0:
        code = RAISED
        try:
            code = work() or 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    try:
        yield pid
    finally:
        try:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        except (ProcessLookupError, ChildProcessError):
            pass


def exit_code(pid: int) -> int:
    """How it ended; minus the signal that killed it."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def wait_until_stopped(pid: int) -> None:
    """Until SIGSTOP has stopped it."""
    _, status = os.waitpid(pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status), status
