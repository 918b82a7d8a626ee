"""GoogleSQL's identifiers and literals, for the templates under ``bigquery/``.

Only identifiers and moments are ever written into a statement: rows come from raw, and nothing else carries data.
See BigQuery's pages "Lexical structure and syntax" and "Specify a schema" (flexible column names).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from floodmark.core.config import column_names
from floodmark.core.refused import Refused
from floodmark.core.sql import render
from floodmark.core.time.interval import utc


@dataclass(frozen=True, kw_only=True)
class Moment:
    """A point on the axis of a DATE, DATETIME or TIMESTAMP column; ``at`` is UTC, and a bare day for DATE."""

    type: str
    at: datetime


def name(identifier: str) -> str:
    """An identifier, or a whole ``project.dataset.table``, in backticks. Raises ``Refused`` where it would end them."""
    if not identifier or any(character in "`\\" or not character.isprintable() for character in identifier):
        raise Refused(f"can't be an identifier in BigQuery: {identifier!r}", "rename it in the source or leave it out")
    return f"`{identifier}`"


def column(identifier: str) -> str:
    """The same name, if BigQuery allows it for a column. Raises ``Refused`` otherwise."""
    if reason := column_names.refusal(identifier):
        raise Refused(f"can't name a column in BigQuery: {identifier!r}; {reason}", "exclude the column, or rename it")
    return identifier


def literal(value: Any) -> str:
    """A whole number, a truth value or a moment. Raises ``TypeError`` for anything that could be data."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, datetime):
        return literal(Moment(type="TIMESTAMP", at=value))
    if isinstance(value, Moment):
        return _moment(value)
    raise TypeError(f"{type(value).__name__} is never written into a statement; bind it")


def _moment(moment: Moment) -> str:
    at = utc(moment.at)
    match moment.type:
        case "DATE":
            return f"DATE '{at.date().isoformat()}'"
        case "DATETIME":
            return f"DATETIME '{at.replace(tzinfo=None).isoformat(sep=' ')}'"
        case "TIMESTAMP":
            return f"TIMESTAMP '{at.isoformat(sep=' ')}'"
    raise TypeError(f"a column of type {moment.type} has no moments")


def statement(template: str, values: Mapping[str, Any]) -> str:
    """A template under ``bigquery/`` filled in."""
    return render(f"bigquery/{template}", values, quote=name, literal=literal)
