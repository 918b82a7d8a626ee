"""Whether a file of NDJSON or CSV loads into a table as it stands: what the local server lets pass, BigQuery doesn't.

From BigQuery's pages "Job" (JobConfigurationLoad), "Loading CSV data" and "Loading JSON data".
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from floodmark.demo.servers.gate import loads
from floodmark.demo.servers.gate.rules import needs_character_map

Resource = Mapping[str, Any]
TEXTS = ("NEWLINE_DELIMITED_JSON", "CSV")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_GZIP = b"\x1f\x8b"


def refusal(table: str, fields: Sequence[Resource], config: Resource, files: Iterable[bytes]) -> str:
    """What BigQuery would say, empty where it loads the files; ``fields`` are the table's, in order,
    ``files`` what the objects hold."""
    is_csv, given = config["sourceFormat"] == "CSV", (config.get("schema") or {}).get("fields")
    if not is_csv and config.get("columnNameCharacterMap"):
        return "columnNameCharacterMap can't be set for NEWLINE_DELIMITED_JSON"
    columns = [
        loads.Column(name=one["name"], type=one["type"], mode=one.get("mode") or "NULLABLE") for one in given or ()
    ]
    if given and (said := loads.refusal(table, fields, columns, {**config, "columnNameCharacterMap": "V2"})):
        return said
    if is_csv and (repeated := [one["name"] for one in given or fields if one.get("mode") == "REPEATED"]):
        return f"Field {repeated[0]} is REPEATED, which CSV doesn't hold"
    strange = [one["name"] for one in given or () if needs_character_map(one["name"])]
    if is_csv and strange and config.get("columnNameCharacterMap") != "V2":
        return f"Field {strange[0]} is replaced by another name; columnNameCharacterMap is not V2"
    for file in files:
        text = _text(file)
        if said := _of_csv(text, given or fields, config) if is_csv else _of_json(text, given or fields, config):
            return f"Error while reading data, error message: {said}"
    return ""


def _text(data: bytes) -> str:
    return (gzip.decompress(data) if data.startswith(_GZIP) else data).decode()


def _of_csv(text: str, fields: Sequence[Resource], config: Resource) -> str:
    if _CONTROL.search(text) and not config.get("preserveAsciiControlCharacters"):
        return "ASCII control characters are not preserved"
    marker = config.get("nullMarker") or ""
    for row in csv.reader(io.StringIO(text, newline=""), strict=True):
        if len(row) != len(fields) and not config.get("allowJaggedRows"):
            return f"Too {'many' if len(row) > len(fields) else 'few'} values in row: {len(row)} for {len(fields)}"
        for field, value in zip(fields, row, strict=False):
            if ("\n" in value or "\r" in value) and not config.get("allowQuotedNewlines"):
                return 'Missing close quote character (")'
            if marker and not value and field["type"] not in ("STRING", "BYTES"):
                return f"Could not parse '' as {field['type']} for field {field['name']}"
    return ""


def _of_json(text: str, fields: Sequence[Resource], config: Resource) -> str:
    there = {one["name"].casefold(): one for one in fields}
    for line in text.split("\n"):
        row = json.loads(line) if line.strip() else {}
        if not isinstance(row, dict):
            return "JSON parsing error: a row is no object"
        for name, value in row.items():
            field = there.get(name.casefold())
            if field is None and not config.get("ignoreUnknownValues"):
                return f"JSON parsing error: No such field: {name}"
            if isinstance(value, list) and field is not None and field.get("mode") != "REPEATED":
                return f"JSON parsing error: Array specified for non-repeated field: {name}"
    return ""
