"""Which names BigQuery allows for a column, and one that it would allow instead.

Its page "Specify a schema", *Flexible column names*: an allow-list of characters, not a list of barred ones; at most
300 of them; and prefixes that it keeps for itself, in any case.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Collection

_MOST = 300
_BESIDE = len("c_") + len("_10000")
_SIGNS = frozenset("&%=+:'<>#| ")
_KINDS = ("L", "M", "N", "Pc", "Pd")
"""Unicode's general categories: letters, marks, numbers; connectors, of which _ is one; dashes."""
_KEPT = (
    "_table_", "_file_", "_partition", "_row_timestamp", "__root__", "_colidentifier",
    "_change_sequence_number", "_change_type", "_change_timestamp",
)  # fmt: skip


def refusal(name: str) -> str:
    """Why BigQuery takes no column of this name; empty where it does."""
    if barred := sorted({one for one in name if not _allowed(one)}):
        return f"BigQuery allows no {' '.join(map(_shown, barred))} in a column's name"
    if not name.strip() or len(name) > _MOST:
        return f"BigQuery takes no column name that is blank or longer than {_MOST} characters"
    if kept := next((prefix for prefix in _KEPT if name.casefold().startswith(prefix)), ""):
        return f"BigQuery keeps names that begin with {kept.upper()} for itself"
    return ""


def offer(name: str, taken: Collection[str]) -> str:
    """The line of YAML that gives a column a name which BigQuery takes, and no other column of ``taken`` has."""
    return f"rename: {{{json.dumps(name, ensure_ascii=not name.isprintable())}: {_another(name, taken)}}}"


def _another(name: str, taken: Collection[str]) -> str:
    """Plain: lower case, what is not a letter or a number of ASCII as one underscore; numbered where it is taken.

    Short enough for what comes before it and behind.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")[: _MOST - _BESIDE] or "column"
    plain = f"c_{plain}" if plain[0].isdigit() else plain
    folded = {other.casefold() for other in taken} | {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}
    numbered = (f"{plain}_{number}" for number in range(2, len(folded) + 3))
    return plain if plain not in folded else next(one for one in numbered if one not in folded)


def _allowed(character: str) -> bool:
    return character in _SIGNS or unicodedata.category(character).startswith(_KINDS)


def _shown(character: str) -> str:
    return character if character.isprintable() else f"U+{ord(character):04X}"
