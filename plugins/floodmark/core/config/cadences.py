"""A cadence as one writes it: a length that divides the day, or a cron by the clocks of a zone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from floodmark.core.config import parsers
from floodmark.core.refused import Refused
from floodmark.core.time import duration
from floodmark.core.time.cadence import LENGTHS, Cadence, Cron, Every
from floodmark.core.time.units import DAY

_PRESETS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@quarterly": "0 0 1 */3 *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_NAMES = "SUN MON TUE WED THU FRI SAT JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC"
_FIELD = re.compile(rf"(?:[0-9*/,?#-]|L|{_NAMES.replace(' ', '|')})+")
"""What Airflow takes in a field, but for what fires at random or by a hash."""


def parse(value: object) -> Cadence:
    """A length that divides the day; a cron of five fields, in UTC, or ``{cron: ..., timezone: ...}``.

    Raises:
        Refused: it is neither, never fires, or its zone isn't known.
    """
    if isinstance(value, dict):
        return _in_zone(value)
    if isinstance(value, str) and (" " in value.strip() or value.startswith("@")):
        return _cron(value, "UTC")
    return _even(value)


def _even(value: object) -> Every:
    length = duration.parse(value)
    if length not in LENGTHS:
        remedy = f"take one of {', '.join(map(duration.render, LENGTHS))}"
        if length and length % timedelta(hours=1) == timedelta() and length < DAY:
            remedy += f'; or a cron, whose slices needn\'t be equally long: "0 */{length // timedelta(hours=1)} * * *"'
        raise Refused("does not divide an hour or a day evenly", remedy)
    return Every(length)


def _in_zone(value: dict[Any, Any]) -> Cadence:
    remedy = 'write {cron: "0 */5 * * *", timezone: Europe/Berlin}'
    if "cron" not in value or not set(value) <= {"cron", "timezone"} or not isinstance(value["cron"], str):
        raise Refused("is no cron with its zone", remedy)
    return _cron(value["cron"], parsers.zone(value.get("timezone", "UTC")))


@lru_cache
def _cron(text: str, timezone: str) -> Cadence:
    """One for all tables that have it, since how long its slices are takes a while to find out."""
    from croniter import CroniterBadDateError, CroniterError

    written = _PRESETS.get(text.strip(), " ".join(text.split()).upper().replace("?", "*"))
    fields = written.split()
    example = 'write five fields: minute, hour, day, month, weekday, as in "0 */5 * * *"'
    if len(fields) != 5 or not all(map(_FIELD.fullmatch, fields)):
        raise Refused("is no cron of five fields, nor a preset such as @daily", example)
    cron = Cron(written, timezone)
    try:
        cron.after(datetime(2024, 1, 1, tzinfo=UTC))
    except CroniterBadDateError:
        raise Refused("never fires", "name a day that its month has") from None
    except (CroniterError, ValueError):
        raise Refused("is no cron that can be read", example) from None
    same = [length for length in LENGTHS if timezone == "UTC" and Every(length).cron == written]
    return Every(same[0]) if same else cron
