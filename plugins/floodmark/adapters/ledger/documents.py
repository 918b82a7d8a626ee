"""Heads, reads and their parts as JSON values, and back again exactly.

A document is read by programs of its own layout or newer ones. A field that this program doesn't know is refused
rather than dropped: it would be lost with the next write.
"""

from __future__ import annotations

import json
from functools import cache
from threading import Lock
from typing import Any

from pydantic import TypeAdapter, ValidationError

from floodmark.errors import LedgerUnusable

_BUILDING = Lock()
"""The tables of a batch begin at the same moment: each would build what converts a type."""


def _adapter(kind: Any) -> TypeAdapter[Any]:
    with _BUILDING:
        return _built(kind)


@cache
def _built(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def document(kind: Any, value: Any) -> Any:
    """``value`` as JSON values: moments as ISO text, tuples as lists. ``kind`` is its type."""
    return _adapter(kind).dump_python(value, mode="json")


def restore(kind: Any, found: Any, *, where: str) -> Any:
    """What :func:`document` was given; moments may be ``datetime`` already. ``where`` names it in errors.

    Raises ``LedgerUnusable`` for what doesn't fit, and for a field that this program doesn't know.
    """
    try:
        value = _adapter(kind).validate_python(found)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        path = ".".join(str(part) for part in first["loc"])
        raise LedgerUnusable(
            f"{where}: {path}: {first['msg']}; it was changed by hand or damaged: restore the ledger from a copy"
        ) from None
    known = document(kind, value)
    if found != known and (unknown := _unknown(found, known)):  # mostly equal, which is seen much sooner
        raise LedgerUnusable(
            f"{where}: unknown field {unknown!r}; a newer Floodmark wrote it: upgrade this one, or restore a copy"
        )
    return value


def text(found: Any) -> str:
    """JSON text of JSON values, for storing. Raises ``ValueError`` for what JSON can't hold, such as NaN."""
    return json.dumps(found, allow_nan=False, ensure_ascii=True, separators=(",", ":"))


def plain(found: dict[str, Any], *, where: str) -> dict[str, Any]:
    """A free-form dictionary, such as a job's configuration, if JSON gives it back unchanged; else ``ValueError``."""
    try:
        same = json.loads(text(found)) == found
    except (TypeError, ValueError) as error:
        raise ValueError(f"{where}: not JSON: {error}") from None
    if not same:
        raise ValueError(f"{where}: JSON doesn't give it back unchanged; use dicts with text keys, lists and scalars")
    return found


def _unknown(found: Any, known: Any) -> str:
    """The path of the first key of ``found`` that ``known`` lacks; empty where there is none."""
    if isinstance(found, dict) and isinstance(known, dict):
        for key, value in found.items():
            if key not in known:
                return str(key)
            if deeper := _unknown(value, known[key]):
                return f"{key}.{deeper}"
    elif isinstance(found, list | tuple) and isinstance(known, list):
        for mine, theirs in zip(found, known, strict=True):
            if deeper := _unknown(mine, theirs):
                return deeper
    return ""
