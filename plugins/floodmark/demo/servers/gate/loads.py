"""Whether a Parquet file loads into a table as it stands: types are taken from the file, and compared with the table's.

From BigQuery's page "Load Parquet data", "Parquet conversions" and "Decimal logical type".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from floodmark.demo.servers.gate.rules import kind, needs_character_map

Resource = Mapping[str, Any]
_INTEGERS = ("INT_8", "INT_16", "INT_32", "INT_64", "UINT_8", "UINT_16", "UINT_32", "UINT_64")
_CONVERTED = {
    "UTF8": "STRING",
    "JSON": "JSON",
    "DATE": "DATE",
    "TIME_MILLIS": "TIME",
    "TIME_MICROS": "TIME",
    "TIMESTAMP_MILLIS": "TIMESTAMP",
    "TIMESTAMP_MICROS": "TIMESTAMP",
    **dict.fromkeys(_INTEGERS, "INTEGER"),
}
_PHYSICAL = {
    "BOOLEAN": "BOOLEAN",
    "INT32": "INTEGER",
    "INT64": "INTEGER",
    "INT96": "TIMESTAMP",
    "FLOAT": "FLOAT",
    "DOUBLE": "FLOAT",
    "BYTE_ARRAY": "BYTES",
    "FIXED_LEN_BYTE_ARRAY": "BYTES",
}
_DIGITS = {"NUMERIC": (29, 9), "BIGNUMERIC": (38, 38)}
"""Digits before and after the point."""


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a file, as BigQuery would make it: its type in the words of the REST API, and its mode."""

    name: str
    type: str
    mode: str = "NULLABLE"


@dataclass(frozen=True, kw_only=True)
class Node:
    """One line of a file's schema (DuckDB's ``parquet_schema``): a column, a group of them, or the root."""

    name: str
    type: str | None
    repetition: str | None
    children: int
    converted: str | None
    logical: str | None
    precision: int | None
    scale: int | None


def columns(nodes: Sequence[Node], config: Resource) -> list[Column]:
    """The columns that a load job with this configuration takes a file's schema for."""
    found, place = [], 1
    while place < len(nodes):
        column, place = _column(nodes, place, config)
        found.append(column)
    return found


def refusal(table: str, fields: Iterable[Resource], file: Iterable[Column], config: Resource) -> str:
    """What BigQuery would say, empty where it loads the file. ``table`` is written ``project:dataset.table``."""
    there = {field["name"].casefold(): field for field in fields}
    prefix = f"Provided Schema does not match Table {table}. "
    given = set()
    for column in file:
        given.add(column.name.casefold())
        if needs_character_map(column.name) and config.get("columnNameCharacterMap") != "V2":
            return f"{prefix}Field {column.name} is replaced by another name; columnNameCharacterMap is not V2"
        field = there.get(column.name.casefold())
        if field is None:
            continue  # whether columns may be added, the server says
        mode, wanted = field.get("mode") or "NULLABLE", kind(field)
        if _spoken(column.type) != wanted:
            return f"{prefix}Field {field['name']} has changed type from {wanted} to {_spoken(column.type)}"
        if mode != column.mode and not (mode == "NULLABLE" and column.mode == "REQUIRED"):
            return f"{prefix}Field {field['name']} has changed mode from {mode} to {column.mode}"
    missing = [field["name"] for key, field in there.items() if field.get("mode") == "REQUIRED" and key not in given]
    return f"{prefix}Field {missing[0]} is missing in new schema" if missing else ""


def _spoken(name: str) -> str:
    return kind({"type": name})


def _column(nodes: Sequence[Node], place: int, config: Resource) -> tuple[Column, int]:
    node, after = nodes[place], _after(nodes, place)
    mode = {"REQUIRED": "REQUIRED", "REPEATED": "REPEATED"}.get(node.repetition or "", "NULLABLE")
    if not node.children:
        return Column(name=node.name, type=_type(node, config), mode=mode), after
    inferred = (config.get("parquetOptions") or {}).get("enableListInference")
    if inferred and (node.converted == "LIST" or "List" in (node.logical or "")):
        element = nodes[place + 2] if nodes[place + 1].children == 1 else nodes[place + 1]
        return Column(name=node.name, type=_type(element, config), mode="REPEATED"), after
    return Column(name=node.name, type="RECORD", mode=mode), after


def _after(nodes: Sequence[Node], place: int) -> int:
    """Where the schema goes on after this node and all that is in it."""
    end = place + 1
    for _ in range(nodes[place].children):
        end = _after(nodes, end)
    return end


def _type(node: Node, config: Resource) -> str:
    if node.children:
        return "RECORD"
    logical = node.logical or ""
    if node.converted == "DECIMAL" or "Decimal" in logical:
        return _decimal(node, config.get("decimalTargetTypes") or ())
    if node.converted == "ENUM" or "Enum" in logical:
        return "STRING" if (config.get("parquetOptions") or {}).get("enumAsString") else "BYTES"
    if "Timestamp" in logical:
        return "INTEGER" if "NANOS=NanoSeconds" in logical else "TIMESTAMP"  # whether in UTC or not
    if "TimeType" in logical:
        return "TIME"
    return _CONVERTED.get(node.converted or "") or _PHYSICAL[node.type or ""]


def _decimal(node: Node, targets: Sequence[str]) -> str:
    """The first of NUMERIC, BIGNUMERIC and STRING that is a target and holds all digits; else the widest of them."""
    precision, scale = node.precision or 0, node.scale or 0
    chosen = [each for each in ("NUMERIC", "BIGNUMERIC", "STRING") if each in (targets or ("NUMERIC",))]
    for each in chosen:
        whole, most = _DIGITS.get(each, (77, 77))
        if precision - scale <= whole and scale <= most:
            return each
    return f"DECIMAL({precision}, {scale}), which none of decimalTargetTypes ({', '.join(chosen)}) holds"
