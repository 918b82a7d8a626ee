"""Lines of CSV as they come from the server: many at once, in one text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Lines:
    """``text`` is bytes, or a buffer of Arrow's: so many rows, each a line with its newline."""

    rows: int
    text: Any
