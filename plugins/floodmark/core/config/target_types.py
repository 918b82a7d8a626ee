"""Which type of BigQuery a column is to have, where it isn't the one that the source's type has by itself. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from floodmark.core.config import masks, names
from floodmark.core.config.masks import Masks
from floodmark.core.refused import Refused
from floodmark.core.schema import Column

PLAIN = ("STRING", "BYTES", "BOOL", "INT64", "FLOAT64", "JSON", "DATE", "DATETIME", "TIME", "TIMESTAMP")
DECIMALS = {"NUMERIC": (29, 9), "BIGNUMERIC": (38, 38)}
"""Digits before and after the point that each holds in any case (BigQuery's page "Decimal types")."""
BY_ITSELF = "default"
"""In a table whose ``defaults`` would choose another: as the source's type travels by itself."""
ROUND = "round"
_DECIMAL = re.compile(r"(NUMERIC|BIGNUMERIC)(?:\((\d{1,2})(?:,(\d{1,2}))?\))?")
_ARRAY = re.compile(r"ARRAY<(\w+)>")
_REMEDY = (
    f"write one of {', '.join((*PLAIN, *DECIMALS))}, NUMERIC(p, s), BIGNUMERIC(p, s), ARRAY<...>, "
    f"{{JSON: {ROUND}}}, or {BY_ITSELF}"
)
_DIGITS = re.compile(r"\([^()]*\)")


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """A type of BigQuery's, as it is written there; empty: by itself. ``rounds``: JSON whose numbers may be rounded."""

    target: str = ""
    rounds: bool = False

    @property
    def bare(self) -> str:
        """Without its digits."""
        return self.target.partition("(")[0]

    @property
    def digits(self) -> tuple[int, int]:
        """Of a decimal: how many digits it holds before its point and after it."""
        match = _DECIMAL.fullmatch(self.target.replace(" ", ""))
        if match is None:
            raise ValueError(f"{self.target} is no decimal")
        if match[2] is None:
            return DECIMALS[match[1]]
        scale = int(match[3] or 0)
        return int(match[2]) - scale, scale

    @property
    def element(self) -> str:
        """Of an array: the type of its elements; empty otherwise."""
        match = _ARRAY.fullmatch(self.target)
        return match[1] if match else ""

    @property
    def written(self) -> object:
        """As one writes it in YAML."""
        return {self.target: ROUND} if self.rounds else self.target or BY_ITSELF

    def __str__(self) -> str:
        return f"{self.target} ({ROUND})" if self.rounds else self.target


@dataclass(frozen=True, kw_only=True)
class Types:
    """Chosen types by the globs of their columns, or by the source's types; a table's own before those of defaults."""

    by_glob: tuple[tuple[str, Chosen], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.by_glob)

    def of(self, column: Column) -> Chosen | None:
        """A column's: by its name, else by the first glob that fits, else by its type; None where there is none."""
        chosen = masks.of_column(self.by_glob, column.name)
        if chosen is None:
            by_type = {glob.casefold(): one for glob, one in self.by_glob}
            chosen = next((by_type[name] for name in type_names(column) if name in by_type), None)
        return chosen if chosen and chosen.target else None


_UNMASKED = Masks()


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What is chosen for a table's columns; a masked one travels as text. ``timezone``: of moments without one.

    ``soft`` is the column that says which rows are deleted, for sources whose truths are numbers.
    """

    types: Types = Types()
    masks: Masks = _UNMASKED
    timezone: str = "UTC"
    soft: str = ""

    def of(self, column: Column) -> Chosen | None:
        """A column's; None where its type travels by itself."""
        return None if self.masks.of(column.name) else self.types.of(column)

    def words(self, chosen: Chosen) -> str:
        """All that decides what becomes of a value, as the fingerprint has it."""
        return f"{chosen} ({self.timezone})" if chosen.target == "TIMESTAMP" else str(chosen)


NOTHING_CHOSEN = Choices()


def type_names(column: Column) -> tuple[str, ...]:
    """What the source calls a column's type, without its digits: as it is declared, then the one under a domain."""
    declared = _DIGITS.sub("", column.type)
    base = f"{column.base_type}[]" if column.array else column.base_type
    return tuple(dict.fromkeys(name.casefold() for name in (declared, base)))


def fits(glob: str, columns: Sequence[Column]) -> bool:
    """Whether a column is meant, by its name or its type."""
    return any(masks.fits(glob, one.name) or glob.casefold() in type_names(one) for one in columns)


def parse(value: object) -> Types:
    """Globs of columns or the source's types, each with a type of BigQuery's. Raises ``Refused``."""
    if not isinstance(value, dict):
        raise Refused("is not a mapping", "write a column, a glob or a type: BigQuery's type, as in {price: NUMERIC}")
    return Types(by_glob=tuple((names.text(glob), _chosen(str(glob), written)) for glob, written in value.items()))


def _chosen(glob: str, written: object) -> Chosen:
    if isinstance(written, dict) and [*written] == ["JSON"] and written["JSON"] == ROUND:
        return Chosen(target="JSON", rounds=True)
    if written == BY_ITSELF:
        return Chosen()
    if isinstance(written, str) and (target := _type(written)):
        return Chosen(target=target)
    raise Refused(f'gives "{glob}" what is no type of BigQuery\'s', _REMEDY)


def _type(written: str) -> str:
    """The type in BigQuery's own spelling; empty where it is none."""
    text = "".join(written.split()).upper()
    if text in PLAIN or (_element(text) in (*PLAIN, *DECIMALS) and _element(text) != "JSON"):
        return text
    match = _DECIMAL.fullmatch(text)
    if match is None:
        return ""
    if match[2] is None:
        return text
    whole, scale = Chosen(target=text).digits
    most, most_scale = DECIMALS[match[1]]
    if scale > most_scale or whole > most or whole < 0 or whole + scale < 1:
        return ""
    return f"{match[1]}({whole + scale}, {scale})"


def _element(text: str) -> str:
    match = _ARRAY.fullmatch(text)
    return match[1] if match else ""
