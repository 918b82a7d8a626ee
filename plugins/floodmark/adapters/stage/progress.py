"""How far a long read is, told now and then: rows, bytes as they are in memory, and their pace."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

log = logging.getLogger("floodmark.progress")

EVERY = 10.0
"""Seconds between two lines. A read that is shorter tells nothing."""


def watched(batches: Iterable[pa.RecordBatch], name: str) -> Iterator[pa.RecordBatch]:
    """The batches that have rows, counted as they pass; ``name`` says of what."""
    began = told = time.monotonic()
    rows = size = 0
    for batch in batches:
        if not batch.num_rows:
            continue
        rows, size = rows + batch.num_rows, size + batch.nbytes
        if (now := time.monotonic()) - told >= EVERY:
            told = now
            pace = size / 1e6 / (now - began)
            log.info("%s: %s rows read so far, %.0f MB in memory (%.1f MB/s)", name, f"{rows:,}", size / 1e6, pace)
        yield batch
