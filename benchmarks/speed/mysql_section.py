"""MariaDB's part of the report: what ``mysql_read_speed.py`` measures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mysql_read_speed import benchmark

from floodmark.errors import ServerFailed


def mysql_section(rows: int, tries: int, say: Callable[[str], None]) -> dict[str, Any]:
    """CPU seconds of each try, MariaDB's client and the product; or why MariaDB can't be had here."""
    try:
        [found] = benchmark([rows], tries)
    except ServerFailed as error:
        say(f"MariaDB is left out: {error}")
        return {"missing": str(error).splitlines()[0][:200]}
    say(f"MariaDB, {rows:,} rows: {found['ratio']:.2f} of its client's CPU")
    return {name: found[name] for name in ("rows", "client", "read", "peak", "version")}
