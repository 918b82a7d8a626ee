"""Tables and first steps that the cases share."""

from __future__ import annotations

from dataclasses import dataclass

from tests.silence import case
from tests.silence.case import each, run, sql

NOW = "DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6)"
KEYED = f"id bigint PRIMARY KEY, v varchar(100), updated_at timestamp(6) NOT NULL {NOW}, KEY (updated_at)"
DATETIME = KEYED.replace("timestamp(6) NOT", "datetime(6) NOT")
TWO = each(sql("INSERT INTO t (id, v, updated_at) VALUES (1, 'a', {h0}), (2, 'b', {h0})"), run(0))
"""Two rows, read and sealed."""
PAST = each(TWO, run(1))
"""The same, and a slice after them: no later run looks where they are."""


@dataclass(frozen=True, kw_only=True)
class Case(case.Case):
    """The same, with a table that MySQL can make."""

    columns: str = KEYED
