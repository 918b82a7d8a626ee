"""A column in the words of BigQuery's REST API (its page "Table", ``TableFieldSchema``)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

_STANDARD = {"INTEGER": "INT64", "FLOAT": "FLOAT64", "BOOLEAN": "BOOL", "RECORD": "STRUCT"}
_TYPE = re.compile(r"(?P<array>ARRAY<)?(?P<name>\w+)(?:\((?P<first>\d+)(?:,\s*(?P<second>\d+))?\))?>?")


def field(name: str, type: str, description: str = "") -> dict[str, Any]:
    """A column: ``NUMERIC(12, 2)`` with its precision, ``ARRAY<STRING>`` as REPEATED, anything else NULLABLE."""
    parts = _TYPE.fullmatch(type)
    if parts is None:
        raise ValueError(f"{name}: not a type of BigQuery's: {type}")
    described = {"name": name, "type": parts["name"], "mode": "REPEATED" if parts["array"] else "NULLABLE"}
    if description:
        described["description"] = description[:1024]
    if parts["first"] and parts["name"] in ("STRING", "BYTES"):
        described["maxLength"] = parts["first"]
    elif parts["first"]:
        described["precision"] = parts["first"]
        described["scale"] = parts["second"] or "0"
    return described


def tagged(fields: Sequence[Mapping[str, Any]], tags: Mapping[str, str]) -> list[dict[str, Any]]:
    """The columns with the policy tags of ``tags``, by name; the others as they are (BigQuery's page "Table")."""
    by_name = {name.casefold(): tag for name, tag in tags.items()}
    return [
        {**each, **({"policyTags": {"names": [tag]}} if (tag := by_name.get(str(each["name"]).casefold())) else {})}
        for each in fields
    ]


def type_of(field: Mapping[str, Any]) -> str:
    """The type of a column that BigQuery describes, in the words of :func:`field`."""
    name = _STANDARD.get(str(field["type"]), str(field["type"]))
    if field.get("maxLength"):
        name += f"({field['maxLength']})"
    elif field.get("precision"):
        name += f"({field['precision']}, {field.get('scale') or 0})"
    return f"ARRAY<{name}>" if field.get("mode") == "REPEATED" else name


def described(fields: Sequence[Mapping[str, Any]], said: Mapping[str, str]) -> list[dict[str, Any]]:
    """The columns with these descriptions, by name; the others as they are."""
    by_name = {name.casefold(): text for name, text in said.items()}
    return [
        {**each, **({"description": text} if (text := by_name.get(str(each["name"]).casefold())) else {})}
        for each in fields
    ]
