"""A table's schema as a file that people review: BigQuery's own form (``bq mk --schema``), one object a column.

What stands in such a file is deployed: descriptions and policy tags. What differs from what the source brings is told,
and refused where it would be another column: a type, a mode.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from floodmark.core.bigquery import fields
from floodmark.core.config.names import OURS
from floodmark.core.ports import TargetTable
from floodmark.errors import ConfigurationError, Problem

_KEYS = frozenset({"name", "type", "mode", "description", "policyTags", "maxLength", "precision", "scale", "fields"})
REMEDY = "write it anew: floodmark schema SOURCE"


@dataclass(frozen=True, kw_only=True)
class Declared:
    """What a file says, by the columns' names in lower case; nothing where there is no file."""

    columns: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def descriptions(self) -> dict[str, str]:
        """By column, where the file has one."""
        said = {name: str(one.get("description") or "") for name, one in self.columns.items()}
        return {name: text for name, text in said.items() if text}

    @property
    def policy_tags(self) -> dict[str, str]:
        """By column, as the file writes it."""
        found = {str(one["name"]): (one.get("policyTags") or {}).get("names") or () for one in self.columns.values()}
        return {name: str(tags[0]) for name, tags in found.items() if tags}


NOTHING_DECLARED = Declared()


@dataclass(frozen=True, kw_only=True)
class Difference:
    """In what a file and the table that the source brings differ. ``refused``: no run goes on with it."""

    column: str
    said: str
    refused: bool = False


def text(table: TargetTable) -> str:
    """The file of a table as it would be made."""
    return json.dumps(fields.tagged(_fields(table), table.policy_tags), indent=2, ensure_ascii=False) + "\n"


def kept(before: str, now: str, file: str) -> str:
    """The file written anew, with the descriptions and policy tags that it had. Raises ``ConfigurationError``."""
    declared = parse(before, file)
    said = declared.descriptions
    columns = [
        {**one, **({"description": said[name]} if (name := str(one["name"]).casefold()) in said else {})}
        for one in json.loads(now)
    ]
    return json.dumps(fields.tagged(columns, declared.policy_tags), indent=2, ensure_ascii=False) + "\n"


def parse(text: str, file: str) -> Declared:
    """What a file says; an empty text is none. Raises ``ConfigurationError`` with every problem in it."""
    if not text:
        return NOTHING_DECLARED
    try:
        document = json.loads(text)
    except ValueError as error:
        raise _wrong(file, f"is no JSON: {error}") from None
    if not isinstance(document, list) or not all(isinstance(one, dict) for one in document):
        raise _wrong(file, "is no list of columns")
    problems = []
    columns: dict[str, Mapping[str, Any]] = {}
    for place, one in enumerate(document):
        name = one.get("name")
        where = f"[{place}]" if not isinstance(name, str) else name
        if not isinstance(name, str) or not isinstance(one.get("type"), str):
            problems.append(Problem(file=file, path=where, message="has no name, or no type", remedy=REMEDY))
            continue
        if unknown := sorted({*one} - _KEYS):
            problems.append(Problem(file=file, path=where, message=f"has unknown keys: {', '.join(unknown)}"))
        if name.casefold() in columns:
            problems.append(Problem(file=file, path=where, message="stands there twice"))
        columns[name.casefold()] = one
    if problems:
        raise ConfigurationError(problems)
    return Declared(columns=columns)


def differences(declared: Declared, table: TargetTable) -> tuple[Difference, ...]:
    """Of a file that is there, in what it is not the table. Columns of Floodmark's own may be missing."""
    if not declared.columns:
        return ()
    brought = {str(one["name"]).casefold(): one for one in _fields(table)}
    found = []
    for name, one in brought.items():
        said = declared.columns.get(name)
        if said is None:
            if not name.startswith(OURS):
                found.append(Difference(column=str(one["name"]), said="is not in the file, and is brought"))
            continue
        given, wanted = _spoken(said), _spoken(one)
        if given != wanted:
            found.append(Difference(column=name, said=f"is {given} in the file, and would be {wanted}", refused=True))
    gone = (str(one["name"]) for name, one in declared.columns.items() if name not in brought)
    found += (
        Difference(column=name, said="is in the file, and the source brings no such column")
        for name in gone
        if not name.casefold().startswith(OURS)
    )
    return tuple(found)


def _fields(table: TargetTable) -> list[dict[str, Any]]:
    made = [fields.field(*one) for one in table.fields]
    kept = [{key: value for key, value in one.items() if value != ""} for one in made]
    return [{**one, "mode": "REQUIRED"} if one["name"] in table.required else one for one in kept]


def _spoken(one: Mapping[str, Any]) -> str:
    required = " REQUIRED" if one.get("mode") == "REQUIRED" else ""
    return f"{fields.type_of(one)}{required}"


def _wrong(file: str, message: str) -> ConfigurationError:
    return ConfigurationError([Problem(file=file, path="", message=message, remedy=REMEDY)])
