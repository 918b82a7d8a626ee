"""Whether an export brought what was written: texts as they are, under the settings that it made. All of it pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from floodmark.errors import FloodmarkError, SourceRefused, SourceUnavailable

CANARY = "\"\\,\r\n'é😀"
"""What CSV, an escape character or an encoding would spoil."""
SETTINGS = {
    "timezone": "UTC",
    "datestyle": "ISO, MDY",
    "intervalstyle": "iso_8601",
    "extra_float_digits": "1",
    "bytea_output": "hex",
    "xmloption": "content",
    "quote_all_identifiers": "off",
}
"""They decide what values look like as text. Set by the export's own query, since its session's are unknown."""


def believed_answers(line: str, where: str) -> Mapping[str, Any]:
    """The first line of an export of answers. Raises ``SourceUnavailable``, ``SourceRefused`` where it came altered."""
    told = read(line, where)
    if error := spoiled(told):
        raise type(error)(f"{where}: {error}")
    return told


def read(line: str, where: str) -> Mapping[str, Any]:
    """The first line. Raises ``SourceUnavailable`` where it is none."""
    try:
        told: Mapping[str, Any] = json.loads(line)
    except ValueError:
        raise SourceUnavailable(f"{where}: the export's file does not begin with its evidence") from None
    return told


def require_set(found: Any, where: str) -> None:
    """Raise ``SourceRefused`` where the settings are others than the export made."""
    wrong = [
        f"{key} is {value}"
        for (key, wanted), value in zip(SETTINGS.items(), found or [""] * len(SETTINGS), strict=True)
        if str(value).lower() != wanted.lower()
    ]
    if wrong:
        raise SourceRefused(
            f"{where}: settings of the export's session did not stand: {', '.join(wrong)}; set them for the role that "
            "exports, ALTER ROLE cloudsqlimportexport SET ..."
        )


def spoiled(told: Mapping[str, Any]) -> FloodmarkError | None:
    """Whether the file is not what was written."""
    if told.get("canary") != CANARY or told.get("nothing") != [None, ""]:
        return SourceRefused(
            f"the export spoils texts: {CANARY!r} came as {told.get('canary')!r}; if its encoding is another one, "
            "ALTER ROLE cloudsqlimportexport SET client_encoding = 'UTF8'"
        )
    if told.get("strings") != "on":
        return SourceRefused("standard_conforming_strings is off for the role that exports; set it on")
    try:
        require_set(told.get("set"), "its beginning")
    except SourceRefused as error:
        return error
    return None
