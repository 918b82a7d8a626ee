"""Lengths of time as people write them: ``90s``, ``15m``, ``1h30m``, ``7d``."""

from __future__ import annotations

import re
from datetime import timedelta

from floodmark.core.refused import Refused
from floodmark.core.time.units import DAY

# Largest first, the order in which they are written.
_UNITS = {
    "d": DAY,
    "h": timedelta(hours=1),
    "m": timedelta(minutes=1),
    "s": timedelta(seconds=1),
    "ms": timedelta(milliseconds=1),
}
PATTERN = r"^(0|([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?)$"
_WHOLE = re.compile(PATTERN, re.ASCII)
_PART = re.compile(r"([0-9]+)(d|h|ms|m|s)", re.ASCII)
_LONGEST = timedelta(days=36_500)


def parse(value: object) -> timedelta:
    """A duration of zero or more from its text: units d, h, m, s, ms, largest first; zero may be a bare ``0``.

    Raises:
        Refused: another shape, a number without a unit, or more than a hundred years.
    """
    if isinstance(value, int | float) and not isinstance(value, bool) and value != 0:
        example = f"{value}s for seconds" if isinstance(value, int) and 0 < value < 10**9 else "90s for seconds"
        raise Refused("has no unit", f"write {example}, or another of d, h, m, s, ms")
    text = "0" if value == 0 and not isinstance(value, bool) else value
    if not isinstance(text, str) or not text or not _WHOLE.fullmatch(text):
        raise Refused("is not a duration", "write one such as 90s, 15m, 1h30m or 7d")
    try:
        total = sum((int(count) * _UNITS[unit] for count, unit in _PART.findall(text)), timedelta())
    except (OverflowError, ValueError):  # ValueError: more digits than Python converts
        total = timedelta.max
    if total > _LONGEST:
        raise Refused("is longer than a hundred years")
    return total


def render(duration: timedelta) -> str:
    """The shortest text that :func:`parse` reads as this duration: ``1h30m``; ``0s`` for none.

    Raises:
        Refused: negative, or finer than a millisecond.
    """
    if duration < timedelta() or duration % _UNITS["ms"]:
        raise Refused("is negative or finer than a millisecond")
    parts = []
    for unit, size in _UNITS.items():
        count, duration = divmod(duration, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"
