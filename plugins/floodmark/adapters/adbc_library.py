"""The library of ADBC's PostgreSQL driver: which file it is, and whether its compiler optimised it."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

PACKAGE = "adbc-driver-postgresql"
NAME = "libadbc_driver_postgresql.so"
OWN = "FLOODMARK_ADBC_DRIVER"
"""The environment variable that names one of the user's own; docs/deploy.md says what for."""
_INLINED = b"7_M_headE"
"""Ends the names of functions of the C++ library that only return what they are given: optimised code has none."""


def own() -> str:
    """The user's own by its path; empty: that of the package is used."""
    return os.environ.get(OWN, "")


def optimised() -> bool:
    """Whether the library that is used was compiled so. Raises ``OSError`` where it can't be read.

    On other systems than Linux the package's has another name.
    """
    spec = find_spec("adbc_driver_postgresql")
    packaged = Path(spec.origin).with_name(NAME) if spec and spec.origin else Path(NAME)
    return _INLINED not in Path(own() or packaged).read_bytes()
