"""Dates and times of PostgreSQL as text again, from the integers that Arrow was given (R27).

ADBC moves PostgreSQL's epoch (2000) to Arrow's (1970) in integers that wrap, so ``infinity`` and years past 294246
arrive as something in the far past. Undone, they are what the server sent.
"""

from __future__ import annotations

_EPOCH_MICROSECONDS = 946_684_800_000_000
_EPOCH_DAYS = 10_957
_DAY = 86_400_000_000


def timestamp_text(raw: int, zone: str = "") -> str:
    """A timestamp from Arrow's microseconds; ``zone`` is appended to it (``+00``)."""
    moment = _signed(raw - _EPOCH_MICROSECONDS, 64)
    if infinite := _infinite(moment, 64):
        return infinite
    days, rest = divmod(moment, _DAY)
    day, era = _day(days)
    return f"{day} {time_text(rest)}{zone}{era}"


def date_text(raw: int) -> str:
    """A date from Arrow's days."""
    days = _signed(raw - _EPOCH_DAYS, 32)
    return _infinite(days, 32) or "".join(_day(days))


def time_text(microseconds: int) -> str:
    """A time of day from microseconds since midnight; 24:00:00 is one."""
    seconds, fraction = divmod(microseconds, 1_000_000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    tail = f".{fraction:06}".rstrip("0") if fraction else ""
    return f"{hour:02}:{minute:02}:{second:02}{tail}"


def _signed(value: int, bits: int) -> int:
    half = 1 << (bits - 1)
    return (value + half) % (1 << bits) - half


def _infinite(value: int, bits: int) -> str:
    half = 1 << (bits - 1)
    return {half - 1: "infinity", -half: "-infinity"}.get(value, "")


def _day(days: int) -> tuple[str, str]:
    """``("0044-03-15", " BC")`` from days since 2000-01-01, in the proleptic Gregorian calendar.

    Counted in years that begin in March, so that the leap day is the last: 146,097 days are 400 years.
    """
    era, day_of_era = divmod(days + 730_425, 146_097)
    year_of_era = (day_of_era - day_of_era // 1_460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * shifted + 2) // 5 + 1
    month = shifted + 3 if shifted < 10 else shifted - 9
    year = year_of_era + 400 * era + (month <= 2)
    return f"{year if year > 0 else 1 - year:04}-{month:02}-{day:02}", "" if year > 0 else " BC"
