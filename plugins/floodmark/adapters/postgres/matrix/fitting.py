"""Conditions of PostgreSQL's for values that don't fit a chosen type, in the SELECT itself (R31).

Braces of regular expressions are doubled: a carriage's texts are filled by ``str.format``. Every condition is NULL or
false for NULL, and none ends the statement, whatever the value.
"""

from __future__ import annotations

from floodmark.adapters.postgres.quote import literal

_WHOLES = ("-9223372036854775808", "9223372036854775807")


def own_text(column: str) -> str:
    """The value's own text, by its type's output function; that of NULL, where that doesn't fit, is NULL in words."""
    return f"CASE WHEN pg_catalog.num_nulls({column}) = 0 THEN pg_catalog.concat({column}) ELSE 'NULL' END"


def decimal_misfit(text: str, whole: int, scale: int) -> str:
    """Not a number of so many digits before and after its point; zeros at the end don't count. By its text."""
    digits = f"[0-9]{{{{1,{whole}}}}}" if whole else "0"
    fraction = f"([.][0-9]{{{{0,{scale}}}}}0*)?"
    return f"{text} !~ '^-?{digits}{fraction}$'"


def whole_misfit(number: str) -> str:
    """Not a whole number of 64 bits; NaN is greater than any."""
    least, most = _WHOLES
    return f"NOT ({number} BETWEEN {least} AND {most} AND {number} = pg_catalog.trunc({number}))"


def moment_misfit(wall: str, zone: str) -> str:
    """A wall time that isn't one moment in the zone: it was skipped there, or came twice; or is out of range.

    By the server's own rules: the offsets of a day before and of a day after say which moments it may stand for.
    """
    moment = moment_of(wall, zone)

    def other(days: str) -> str:
        day = f"({moment} + INTERVAL '{days} days')"
        offset = f"(({day} AT TIME ZONE {literal(zone)}) - ({day} AT TIME ZONE 'UTC'))"
        candidate = f"(({wall} - {offset}) AT TIME ZONE 'UTC')"
        return f"{candidate} <> {moment} AND ({candidate} AT TIME ZONE {literal(zone)}) = {wall}"

    return (
        f"CASE WHEN NOT pg_catalog.isfinite({wall}) OR {wall} < '0001-01-01' OR {wall} >= '10000-01-01' THEN TRUE "
        f"WHEN {moment} < '0001-01-01 00:00:00+00' OR {moment} >= '10000-01-01 00:00:00+00' THEN TRUE "
        f"ELSE ({moment} AT TIME ZONE {literal(zone)}) <> {wall} OR {other('-1')} OR {other('1')} END"
    )


def moment_of(wall: str, zone: str) -> str:
    """The moment that a wall time is in the zone."""
    return f"({wall} AT TIME ZONE {literal(zone)})"


def array_misfit(array: str, misfit: str) -> str:
    """An array that a REPEATED column can't hold: NULL, of several dimensions, or beginning elsewhere than at 1.

    Or one with an element for which ``misfit``; the element is called ``_floodmark_e``.
    """
    elements = f"EXISTS (SELECT 1 FROM pg_catalog.unnest({array}) AS _floodmark_u (_floodmark_e) WHERE {misfit})"
    return (
        f"CASE WHEN {array} IS NULL THEN TRUE WHEN pg_catalog.array_ndims({array}) > 1 "
        f"OR pg_catalog.array_lower({array}, 1) <> 1 THEN TRUE ELSE {elements} END"
    )
