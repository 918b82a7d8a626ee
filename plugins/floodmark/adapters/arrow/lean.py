"""Arrow as a task needs it that reads: small in memory.

It would import pandas for its first value of Python's, where that is installed: 40 MB and half a second of every task,
and nothing here is a data frame. It asks for pandas once, and again where somebody wants a data frame of it, so other
code of this process may still have one. Its own allocator keeps what is freed; the system's gives more of it back.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import cache
from importlib.abc import MetaPathFinder
from types import ModuleType

import pyarrow as pa


class _NoPandas(MetaPathFinder):
    """Finds that there is no pandas."""

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> None:
        if fullname == "pandas":
            raise ModuleNotFoundError(name=fullname)


@cache
def be_lean() -> None:
    """Once in a process, before the first value."""
    pa.set_memory_pool(pa.system_memory_pool())
    if "pandas" not in sys.modules:
        _leave_pandas_out()


def _leave_pandas_out() -> None:
    """Let Arrow look for pandas while there is none to find."""
    none = _NoPandas()
    sys.meta_path.insert(0, none)
    try:
        pa.scalar(0)
    finally:
        sys.meta_path.remove(none)
