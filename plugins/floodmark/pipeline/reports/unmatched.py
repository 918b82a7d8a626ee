"""Globs of a source's ``defaults`` that match no column of any table: misspelt, or for what is yet to come."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatchcase
from functools import partial

from floodmark.core.config import masks, target_types
from floodmark.core.config.source import SourceConfig
from floodmark.core.schema import TableSchema
from floodmark.pipeline.reports.check import TableCheck


def unmatched(config: SourceConfig, found: Sequence[TableCheck]) -> list[str]:
    """Each in words. None where some table could not be looked at: it may have such a column.

    One of a table's own is refused, as nobody can be meant by it.
    """
    schemas = [one.schema for one in found if one.schema is not None]
    if len(schemas) < len(config.tables):
        return []
    return [
        f'defaults.{key}: "{glob}" matches no column of any table'
        for key, glob, matches in _globs(config)
        if not any(map(matches, schemas))
    ]


def _globs(config: SourceConfig) -> Iterator[tuple[str, str, Callable[[TableSchema], bool]]]:
    """Each with its key, and whether it matches in a table."""
    given = config.defaults
    for glob in given.columns.exclude:
        yield "columns.exclude", glob, partial(_excludes, glob)
    for key, globs in (("mask", dict(given.mask.by_glob)), ("policy_tags", given.policy_tags)):
        for glob in globs:
            yield key, glob, partial(_names, glob)
    for glob in dict(given.types.by_glob):
        yield "types", glob, partial(_names_or_types, glob)


def _excludes(glob: str, schema: TableSchema) -> bool:
    return any(fnmatchcase(name, glob) for name in schema.names)


def _names(glob: str, schema: TableSchema) -> bool:
    return any(masks.fits(glob, name) for name in schema.names)


def _names_or_types(glob: str, schema: TableSchema) -> bool:
    return target_types.fits(glob, schema.columns)
