"""One session of an application."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any


@dataclass
class Writer:
    """One session of an application."""

    connection: Any
    open: bool = False
    savepoint: bool = False
    thread: threading.Thread | None = None

    @property
    def idle(self) -> bool:
        """Whether it is in no transaction and in no message."""
        return not self.open and self.thread is None

    def run(self, statement: Any, values: Any = None) -> None:
        """One message."""
        with self.connection.cursor() as cursor:
            cursor.execute(statement, values)
