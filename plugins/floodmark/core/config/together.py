"""What only shows where several sources are seen together: each has its name and its tables for itself (R19)."""

from __future__ import annotations

from collections.abc import Iterator

from floodmark.core.config.source import SourceConfig
from floodmark.errors import Problem


class Together:
    """Sources that stand beside each other: of no two one name, and no table of BigQuery's that two of them fill."""

    def __init__(self) -> None:
        self._files: dict[str, str] = {}
        self._filled: dict[str, str] = {}

    def add(self, file: str, source: SourceConfig) -> list[Problem]:
        """Why a source can't stand beside those before it; it is taken in only where nothing is wrong."""
        problems = list(self._clashes(file, source))
        if not problems:
            self._files[source.source] = file
            self._filled |= {place.casefold(): f"tables.{table} of {file}" for place, table in _places(source)}
        return problems

    def _clashes(self, file: str, source: SourceConfig) -> Iterator[Problem]:
        if other := self._files.get(source.source):
            message, remedy = f'"{source.source}" is the source of {other} too', "give one of them another name"
            yield Problem(file=file, path="source", message=message, remedy=remedy)
        for place, table in _places(source):
            # BigQuery tells Orders from orders, unless a dataset says otherwise (is_case_insensitive).
            if other := self._filled.get(place.casefold()):
                message = f"{place} is filled by {other} too, and each run would replace the other's rows"
                remedy = "give one of the two sources another dataset, or one of the tables another to:"
                yield Problem(file=file, path=f"tables.{table}", message=message, remedy=remedy)


def _places(source: SourceConfig) -> Iterator[tuple[str, str]]:
    """Every table that a source writes to, current and raw, and every view, with its own name for it."""
    place = source.bigquery
    for table in source.tables.values():
        yield place.current_table(table), table.name
        yield place.raw_table(table), table.name
        if table.history:
            yield place.history_view(table), table.name
