"""What users wrote of a table in SQL, judged before anything is read (R29)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from floodmark.core.config.table import TableConfig
from floodmark.core.refused import Refused
from floodmark.core.resolve.own_sql import judge_select, judge_where
from floodmark.errors import Problem


def problems(table: TableConfig, own_select: str, file: str) -> tuple[Problem, ...]:
    """What is wrong with ``where`` and with the own SELECT, as far as that can be said without the source."""
    return tuple(_problem(table, key, refused, file) for key, refused, _ in _judged(table, own_select) if refused)


def warnings(table: TableConfig, own_select: str) -> tuple[str, ...]:
    """What only the source can tell of them."""
    return tuple(f"{key} {warning}" for key, _, warning in _judged(table, own_select) if warning)


def _judged(table: TableConfig, own_select: str) -> Iterator[tuple[str, Refused | None, str]]:
    written: list[tuple[str, str, Callable[[str], str]]] = []
    if table.where:
        written.append(("where", table.where, judge_where))
    if own_select or table.sql:
        written.append(("sql", own_select, judge_select))
    for key, text, judge in written:
        try:
            yield key, None, judge(text)
        except Refused as refused:
            yield key, refused, ""


def _problem(table: TableConfig, key: str, refused: Refused, file: str) -> Problem:
    path = f"tables.{table.name}.{key}"
    shown = f"{table.sql} " if key == "sql" else ""
    return Problem(file=file, path=path, message=shown + refused.message, remedy=refused.remedy)
