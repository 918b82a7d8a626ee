"""The text of a source's file → :class:`SourceConfig`, or every problem in it at once."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from floodmark.core.config import rules, yaml_tree
from floodmark.core.config import table as table_config
from floodmark.core.config.readable import shortened
from floodmark.core.config.source import (
    BigQuery,
    Budget,
    CloudSql,
    Deletes,
    Globs,
    Partition,
    Retention,
    SchemaPolicy,
    SourceConfig,
    SourceEntry,
    TableConfig,
    TableEntry,
    TableKeys,
)
from floodmark.core.config.yaml_tree import Path, Tree
from floodmark.core.refused import Refused
from floodmark.errors import ConfigurationError, Problem

_MOST = 50
"""Problems that are told of one file; who mends these finds the others."""
_LONGEST = 100
"""Characters of a value that are told."""
_KINDS = {
    "model_type": ("is not a mapping", "write key: value"),
    "dict_type": ("is not a mapping", "write name: {...}, one for each"),
    "missing": ("missing", ""),
    "too_short": ("is empty", "name at least one"),
}
_MAPPINGS: dict[str, type[BaseModel]] = {
    "bigquery": BigQuery, "budget": Budget, "cloudsql": CloudSql, "retention": Retention,
    "columns": Globs, "partition_by": Partition, "deletes": Deletes, "schema": SchemaPolicy,
}  # fmt: skip


def parse(text: str, file: str, environ: Mapping[str, str], sql_files: Collection[str] | None = None) -> SourceConfig:
    """Read one source.

    Args:
        text: the YAML.
        file: its name, for messages.
        environ: what ``${NAME}`` stands for.
        sql_files: paths of the ``.sql`` files beside it, relative to it, with ``/``. A table without ``sql`` takes
            ``<source>/<table>.sql``; one that names another path is refused. None: don't look.

    Raises:
        ConfigurationError: with every problem that could be found.
    """
    tree = yaml_tree.read(text, file, environ)
    problems = list(tree.problems)
    if tree.value is None and problems:
        raise ConfigurationError(problems)
    if not isinstance(tree.value, dict):
        raise ConfigurationError([*problems, tree.problem((), "is not a mapping", "write version: 1, source: ...")])
    try:
        SourceEntry.model_validate(_without_nulls(tree.value))
    except ValidationError as error:
        problems += _problems(tree, error)
    if not problems:
        config = _filled(tree, sql_files, problems)
        if config and not problems:
            return config
    else:
        problems += _table_findings(tree)
    raise ConfigurationError(_in_order(problems))


def _filled(tree: Tree, sql_files: Collection[str] | None, problems: list[Problem]) -> SourceConfig | None:
    """The whole source, once every value by itself is right."""
    source = _without_nulls(tree.value)
    tables = {name: _table(tree, name, source) for name in source["tables"]}
    config = SourceConfig.model_validate(
        {key: value for key, value in source.items() if key != "tables"} | {"tables": {}}
    )
    problems += _findings(tree, tables)
    if sql_files is not None:
        tables = {name: _with_sql(tree, config.source, table, sql_files, problems) for name, table in tables.items()}
    config = config.model_copy(update={"tables": tables})
    for path, message, remedy in rules.of_source(config):
        problems.append(tree.problem(path, message, remedy))
    return config


def _table_findings(tree: Tree) -> list[Problem]:
    """The rules of each table that can be judged although something else in the file is wrong."""
    source = _without_nulls(tree.value)
    tables: dict[str, TableConfig] = {}
    for name in source["tables"] if isinstance(source.get("tables"), dict) else ():
        with suppress(ValidationError, KeyError, TypeError, AttributeError):  # reported already
            tables[name] = _table(tree, name, source)
    return _findings(tree, tables)


def _table(tree: Tree, name: str, source: Mapping[str, Any]) -> TableConfig:
    written = tree.value["tables"][name] or {}
    written = {key: value if key == "mask" else _without_nulls(value) for key, value in written.items()}
    return table_config.fill(name, written, source.get("defaults", {}), dict(source))


def _findings(tree: Tree, tables: Mapping[str, TableConfig]) -> list[Problem]:
    """What the rules find in tables, where it is written; something in ``defaults`` once, for the first that has it."""
    found: dict[tuple[Path, str], Problem] = {}
    for name, table in tables.items():
        for below, message, remedy in rules.of_table(table):
            own: Path = ("tables", name, *below)
            place = next((path for path in (own, ("defaults", *below), below) if path in tree.lines), own)
            said = message if place is own else f"{message} (as tables.{name} has it)"
            found.setdefault((place, message), tree.problem(place, said, remedy))
    return list(found.values())


def _with_sql(
    tree: Tree, source: str, table: TableConfig, sql_files: Collection[str], problems: list[Problem]
) -> TableConfig:
    if table.sql is None:
        own = f"{source}/{table.name}.sql"
        return table.model_copy(update={"sql": own}) if own in sql_files else table
    if table.sql not in sql_files:
        there = ", ".join(sorted(sql_files)) or "none"
        path = ("tables", table.name, "sql")
        problems.append(tree.problem(path, f"{_shown(tree, path)}is not a file beside this one", f"there are: {there}"))
    return table


def _problems(tree: Tree, error: ValidationError) -> list[Problem]:
    """pydantic's first errors in Floodmark's words, but for those under a path that has its problem already."""
    details = [detail for detail in error.errors(include_url=False) if not tree.judged(detail["loc"])]
    details.sort(key=lambda detail: tree.line(detail["loc"]))
    return [_problem(tree, tuple(detail["loc"]), detail) for detail in details[: _MOST + 1]]


def _problem(tree: Tree, path: Path, detail: ErrorDetails) -> Problem:
    kind, shown = detail["type"], _shown(tree, path)
    if path[-1] == "[key]":
        path, shown = path[:-1], f'"{path[-2]}" '
    if kind == "extra_forbidden":
        return tree.problem(path, "unknown key", _nearest_key(path))
    refused = detail.get("ctx", {}).get("error")
    if isinstance(refused, Refused):
        return tree.problem(path, ("" if refused.secret else shown) + refused.message, refused.remedy)
    if kind == "literal_error":
        allowed = detail["ctx"]["expected"].replace("'", "").replace("True", "true").replace("False", "false")
        return tree.problem(path, f"{shown}is not known", f"write {allowed}")
    message, remedy = _KINDS.get(kind, (detail["msg"], ""))
    return tree.problem(path, message if kind == "missing" else shown + message, remedy)


def _shown(tree: Tree, path: Path) -> str:
    """The value as it was written, never as the environment filled it; nothing for a list, a mapping, or a password."""
    text = tree.written.get(path)
    return "" if text is None or re.search(r"://[^/]*@", text) else f'"{shortened(text, _LONGEST)}" '


def _nearest_key(path: Path) -> str:
    """The remedy for an unknown key: the valid one that looks most like it, or where it belongs."""
    above, key = path[:-1], str(path[-1])
    valid = keys(_model(above))
    if above in ((), ("defaults",)) and key in keys(TableEntry):
        everywhere = not above and key in keys(TableKeys)
        return "it belongs to a table" + (" or to `defaults`" if everywhere else "")
    if above and key in keys(SourceEntry):
        return "it belongs to the source, at the left margin"
    if near := difflib.get_close_matches(key, valid, n=1):
        return f'did you mean "{near[0]}"?'
    return f"known here: {', '.join(sorted(valid))}"


def _model(path: Path) -> type[BaseModel]:
    if not path:
        return SourceEntry
    if path == ("defaults",):
        return TableKeys
    if path[0] == "tables" and len(path) == 2:
        return TableEntry
    return _MAPPINGS[str(path[-1])]


def keys(model: type[BaseModel]) -> list[str]:
    """The keys of a mapping as they are written in YAML."""
    return [field.alias or name for name, field in model.model_fields.items() if (model, name) != (Deletes, "how")]


def _without_nulls(value: Any, below: str = "") -> Any:
    """A copy in which a key without a value isn't there; a table without one is just its name.

    In a ``mask`` null is a mask: to leave it out would let the column's values travel.
    """
    if not isinstance(value, dict):
        return value
    masks = {key: item for key, item in value.items() if key == "mask" and below != "tables" and item is not None}
    copy = {key: _without_nulls(item, key) for key, item in value.items() if item is not None} | masks
    if isinstance(copy.get("tables"), dict):
        copy["tables"] = {name: copy["tables"].get(name, {}) for name in value["tables"]}
    return copy


def _in_order(problems: list[Problem]) -> list[Problem]:
    """By line, each once; of very many the first."""

    def line(problem: Problem) -> int:
        number = problem.file.rpartition(":")[2]
        return int(number) if number.isdigit() else 0

    first = sorted(dict.fromkeys(problems), key=line)
    if len(first) <= _MOST:
        return first
    file = first[0].file.rpartition(":")[0] or first[0].file
    return [*first[:_MOST], Problem(file=file, path="", message="there are more problems", remedy="mend these first")]
