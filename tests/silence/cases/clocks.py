"""Clocks on walls, and the hours that they skip (R35)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.silence.case import Case, Equal, Step, run, sql
from tests.silence.shop import START

NAIVE = "id bigint PRIMARY KEY, v text, updated_at timestamp NOT NULL"


def hours(first: str, many: int) -> Step:
    """The runs of so many hours from a moment on, UTC."""
    number = (datetime.fromisoformat(first).replace(tzinfo=UTC) - START) // timedelta(hours=1)
    return run(*range(number, number + many))


def jump(zone: str, first: str, many: int, *shown: str) -> Case:
    """Rows at these times of the zone's clock, and so many hours from ``first`` on, around a jump."""
    rows = ", ".join(f"({number}, 'a', '{at}')" for number, at in enumerate(shown))
    return Case(
        rule="R35",
        name=f"{zone} skips an hour or a day",
        columns=NAIVE,
        table=f"{{timezone: {zone}, start: {first[:10]}, cursor: updated_at}}",
        steps=(sql(f"INSERT INTO t VALUES {rows}"), hours(first, many)),
        want=Equal(),
    )


def fold(zone: str, first: str, many: int, written: str, changed: str) -> Case:
    """A row is written in an hour that the clock shows twice, and changed when it shows it again."""
    number = (datetime.fromisoformat(first).replace(tzinfo=UTC) - START) // timedelta(hours=1)
    return Case(
        rule="R35",
        name=f"{zone} shows an hour twice",
        columns=NAIVE,
        table=f"{{timezone: {zone}, start: {first[:10]}, cursor: updated_at}}",
        steps=(
            sql(f"INSERT INTO t VALUES (1, 'a', '{written}'), (2, 'b', '{written}')"),
            run(number, number + 1),
            sql(f"UPDATE t SET v = 'again', updated_at = '{changed}' WHERE id = 1"),
            run(*range(number + 1, number + many)),
        ),
        want=Equal(),
    )


CASES = (
    fold("Europe/Berlin", "2026-10-25T00:00", 3, "2026-10-25 02:40", "2026-10-25 02:20"),
    fold("Europe/Lisbon", "2026-10-25T00:00", 3, "2026-10-25 01:40", "2026-10-25 01:20"),
    fold("Australia/Lord_Howe", "2026-04-04T14:00", 3, "2026-04-05 01:50", "2026-04-05 01:40"),
    jump("Europe/Berlin", "2026-03-29T00:00", 3, "2026-03-29 01:30", "2026-03-29 02:30", "2026-03-29 03:30"),
    jump("America/New_York", "2026-03-08T06:00", 3, "2026-03-08 01:30", "2026-03-08 02:30", "2026-03-08 03:30"),
    jump("Europe/Lisbon", "2026-03-29T00:00", 3, "2026-03-29 00:30", "2026-03-29 01:30", "2026-03-29 02:30"),
    jump("Africa/Casablanca", "2026-03-22T01:00", 3, "2026-03-22 01:30", "2026-03-22 02:30", "2026-03-22 03:30"),
    jump("Asia/Beirut", "2026-03-28T21:00", 3, "2026-03-28 23:30", "2026-03-29 00:30", "2026-03-29 01:30"),
    jump("America/Sao_Paulo", "2018-11-04T02:00", 3, "2018-11-03 23:30", "2018-11-04 00:30", "2018-11-04 01:30"),
    jump("Pacific/Apia", "2011-12-30T09:00", 3, "2011-12-29 23:30", "2011-12-30 00:30", "2011-12-31 00:30"),
)
