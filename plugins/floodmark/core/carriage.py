"""How a column's values travel: source -> SELECT -> Arrow -> BigQuery (R27). Each source has a table of its own."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Check(StrEnum):
    """What must be checked of each value, since its source type holds more than its target."""

    NONE = ""
    DATE = "date"
    TIME = "time"
    TIMESTAMP = "timestamp"
    DECIMAL = "decimal"
    MARKED = "marked"
    """The source's SELECT says itself which values don't fit a chosen type: their own text comes behind a mark."""
    LETTERS = "letters"
    """Likewise of a text with bytes that are no letter of its character set: these come behind the mark."""
    NAN = "nan"
    """Of a key: NaN equals nothing in BigQuery, and itself in PostgreSQL (R30)."""


@dataclass(frozen=True, kw_only=True)
class Carriage:
    """How one column travels; as it is, as text, where nothing else is said.

    ``expression`` is how the source's SELECT writes it, ``{}`` standing for its quoted name; ``arrow`` names the Arrow
    type of the staged file, ``landing`` is its BigQuery type in raw, ``target`` that in current; ``convert`` makes the
    one from the other in the MERGE, ``{col}`` standing for the quoted name. ``refusal`` says why it can't be carried
    at all; empty where it can. Of a chosen type (``types``): ``bad`` is the source's condition for a value that doesn't
    fit it, where the SELECT marks such values, and ``typed`` the source's expression for the value as the target holds
    it, where that isn't the column itself.
    """

    expression: str = "{}"
    arrow: str = "string"
    landing: str = "STRING"
    target: str = "STRING"
    convert: str = "{col}"
    check: Check = Check.NONE
    refusal: str = ""
    bad: str = ""
    typed: str = ""

    def select(self, quoted: str) -> str:
        """The SELECT's expression for a column whose name is quoted already."""
        return self.expression.format(quoted)


MARK = "\x01"
"""What stands before the text of a value that doesn't fit; no value that does begins so."""
TEXT = Carriage()
"""Text, as it is."""
