"""Whether what a snapshot saw is on disk (R3).

Whatever the settings, a row may be seen before it is, and be lost by a crash (M17).
"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

from floodmark.adapters.mysql import engine_status
from floodmark.adapters.mysql.connect import rows
from floodmark.adapters.mysql.server import Facts, facts
from floodmark.errors import SourceRefused

WAIT = timedelta(seconds=3)
"""InnoDB writes its log to disk once a second by itself."""
_STEP = 0.1
_ASKING = "asking whether what was seen is durable"


def flushed(connection: Any, lsn: str) -> bool:
    """Whether InnoDB's log is on disk up to ``lsn``, waiting a moment for it."""
    until = time.monotonic() + WAIT.total_seconds()
    while True:
        told = _flushed(connection)
        if told and int(told) >= int(lsn):
            return True
        if time.monotonic() > until:
            return False
        time.sleep(_STEP)


def log_end(connection: Any, known: Facts) -> str:
    """Where InnoDB's log ends, in bytes; before MySQL 8.0.30 only the engine's status has it. Empty: nobody tells."""
    return known.written or _by_status(connection)[0]


def _flushed(connection: Any) -> str:
    return facts(connection, _ASKING).flushed or _by_status(connection)[1]


def _by_status(connection: Any) -> tuple[str, str]:
    try:
        [(*_, text)] = rows(connection, "SHOW ENGINE INNODB STATUS", _ASKING)
    except SourceRefused:
        return "", ""
    return engine_status.log(text if isinstance(text, str) else text.decode("utf-8", "replace"))
