"""Whether what a snapshot saw is on disk (R3).

Whatever the settings, a row may be seen before it is, and be lost by a crash (M17).
"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

from floodmark.adapters.mysql.server import facts

WAIT = timedelta(seconds=3)
"""InnoDB writes its log to disk once a second by itself."""
_STEP = 0.1


def flushed(connection: Any, lsn: str) -> bool:
    """Whether InnoDB's log is on disk up to ``lsn``, waiting a moment for it."""
    until = time.monotonic() + WAIT.total_seconds()
    while True:
        told = facts(connection, "asking whether what was seen is durable").flushed
        if told and int(told) >= int(lsn):
            return True
        if time.monotonic() > until:
            return False
        time.sleep(_STEP)
