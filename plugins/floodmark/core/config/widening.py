"""Whether a column of a target holds what now travels, and to which type it can be widened (R32).

BigQuery's page "ALTER TABLE ALTER COLUMN SET DATA TYPE": INT64 may become NUMERIC or BIGNUMERIC, NUMERIC may become
BIGNUMERIC, and a decimal's digits may grow on either side of its point, never shrink.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from floodmark.core.config.target_types import DECIMALS

_TYPE = re.compile(r"(?P<name>\w+)(?:\((?P<precision>\d+)(?:, ?(?P<scale>\d+))?\))?")
_INT64_DIGITS = 19


class Unfit(ValueError):
    """No type that the column may become holds both what is there and what now travels."""


@dataclass(frozen=True, kw_only=True)
class Decimal:
    """So many digits before the point, and after it."""

    name: str
    whole: int
    scale: int


def widened(found: str, wanted: str) -> str:
    """The type that a column of type ``found`` must become to hold ``wanted`` too; empty where it does already.

    It has no precision then, so that it need not be widened twice.

    Raises:
        Unfit: there is none.
    """
    before, now = _decimal(found), _decimal(wanted)
    if found == wanted or ((before is None or now is None) and _bare(found) == _bare(wanted)):
        return ""  # a text's greatest length is the target's own affair
    if before is None or now is None or now.name == "INT64":
        raise Unfit(f"{found} can't become {wanted}")
    whole, scale = max(before.whole, now.whole), max(before.scale, now.scale)
    name = "BIGNUMERIC" if "BIGNUMERIC" in (before.name, now.name) else "NUMERIC"
    if (before.name, before.whole, before.scale) == (name, whole, scale):
        return ""
    most, finest = DECIMALS[name]
    if whole > most or scale > finest:
        raise Unfit(f"{found} can't become {wanted}")
    return name


def becomes(found: str, wanted: str) -> bool:
    """Whether a column of type ``found`` can become one of type ``wanted``, or is one already; digits may grow."""
    try:
        wider = widened(found, wanted)
    except Unfit:
        return False
    return found == wanted or _bare(wider) == _bare(wanted)


def _bare(kind: str) -> str:
    return kind.partition("(")[0].strip()


def _decimal(kind: str) -> Decimal | None:
    parts = _TYPE.fullmatch(kind)
    if parts is None or parts["name"] not in ("INT64", *DECIMALS):
        return None
    name = parts["name"]
    if name == "INT64":
        return Decimal(name=name, whole=_INT64_DIGITS, scale=0)
    if parts["precision"] is None:
        most, finest = DECIMALS[name]
        return Decimal(name=name, whole=most, scale=finest)
    scale = int(parts["scale"] or 0)
    return Decimal(name=name, whole=int(parts["precision"]) - scale, scale=scale)
