"""A column in the words of BigQuery's REST API (its page "Table", ``TableFieldSchema``)."""

from __future__ import annotations

import re
from typing import Any

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
