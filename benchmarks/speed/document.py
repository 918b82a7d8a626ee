"""The report's three files: the JSON holds all that was measured, text and chart are made of it alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from chart import svg
from results import Results
from text import markdown

from floodmark.errors import FloodmarkError

JSON, TEXT, CHART = "report.json", "report.md", "report.svg"
LISTS = ("measures", "memory", "failures")
"""What stands in the JSON one a line, so that two reports can be compared."""


def write(folder: Path, document: dict[str, Any]) -> None:
    """All three."""
    (folder / JSON).write_text(_lines(document), encoding="utf-8")
    results = Results(document)
    (folder / TEXT).write_text(markdown(results), encoding="utf-8")
    (folder / CHART).write_text(svg(results), encoding="utf-8")


def read(folder: Path) -> dict[str, Any]:
    """The JSON. Raises ``FloodmarkError`` where there is none, or it isn't whole."""
    file = folder / JSON
    try:
        found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise FloodmarkError(f"{file}: there is no such file; measure first: make bench") from error
    except ValueError as error:
        raise FloodmarkError(f"{file}: it is no JSON ({error}); measure anew: make bench") from error
    return found


def _lines(document: dict[str, Any]) -> str:
    plain = {name: value for name, value in document.items() if name not in LISTS}
    text = json.dumps(plain, indent=1, ensure_ascii=False).removesuffix("\n}")
    for name in LISTS:
        items = ",\n".join("  " + json.dumps(item, ensure_ascii=False) for item in document[name])
        text += f',\n "{name}": [\n{items}\n ]' if items else f',\n "{name}": []'
    return text + "\n}\n"
