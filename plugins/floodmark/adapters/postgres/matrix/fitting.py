"""Conditions of PostgreSQL's for values that don't fit a chosen type, in the SELECT itself (R31).

Braces of regular expressions are doubled: a carriage's texts are filled by ``str.format``. Every condition is NULL or
false for NULL, and none ends the statement, whatever the value.
"""

from __future__ import annotations

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
