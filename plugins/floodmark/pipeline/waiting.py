"""Waiting in place: until a slice has settled, and until a job of BigQuery's has ended."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from floodmark.core.time.interval import Interval
from floodmark.errors import JobRunning
from floodmark.pipeline.clock import now

Result = TypeVar("Result")

NAP = timedelta(seconds=30)


def until_settled(interval: Interval, length: timedelta, tell: Callable[[timedelta], None]) -> None:
    """Wait until ``length`` after the interval's end, so that a look can seal it (R6); ``tell`` hears what is left."""
    while (left := interval.high + length - now()) > timedelta(0):
        tell(left)
        time.sleep(min(left, NAP).total_seconds())


def until_done(step: Callable[[], Result], tell: Callable[[JobRunning], None]) -> Result:
    """``step``, again and again while it ends because a job still runs (R14); its lease is free in between.

    ``tell`` hears of each such job, and may leave.
    """
    while True:
        try:
            return step()
        except JobRunning as running:
            tell(running)
