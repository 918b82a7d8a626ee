"""Values that the target can't hold, as text beside their row (R31). Pure."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum


class BadValues(StrEnum):
    """What becomes of a value that the target can't hold (``bad_values``)."""

    ENCODE = "encode"
    """The column is NULL, and the source's own text of the value stands beside it."""
    QUARANTINE = "quarantine"
    """Its row is held out, and leaves the target."""
    FAIL = "fail"
    """The read ends."""


@dataclass(frozen=True, kw_only=True)
class Tally:
    """What of a read did not travel as it is, by column: ``(column, rows)``, the columns in order (R31).

    ``null_keys``: the key of a row that leaves may hold a NULL, as one has that stood there before its key grew.
    ``unheld`` values are NULL in the target and stand as text beside it; for ``held_out`` ones the whole row was left
    out. ``leaving`` are rows that say only that their key is not in the target any more. ``anywhere``: one of these
    may stand in any partition.
    """

    unheld: tuple[tuple[str, int], ...] = ()
    held_out: tuple[tuple[str, int], ...] = ()
    leaving: int = 0
    anywhere: bool = False
    null_keys: bool = False


def counted(counter: Counter[str]) -> tuple[tuple[str, int], ...]:
    """Counts by column, the columns in order."""
    return tuple(sorted(counter.items()))


def together(parts: Iterable[Tally]) -> Tally:
    """That of several parts of one read."""
    unheld: Counter[str] = Counter()
    held_out: Counter[str] = Counter()
    whole = Tally()
    for one in parts:
        unheld.update(dict(one.unheld))
        held_out.update(dict(one.held_out))
        whole = Tally(
            leaving=whole.leaving + one.leaving,
            anywhere=whole.anywhere or one.anywhere,
            null_keys=whole.null_keys or one.null_keys,
        )
    return replace(whole, unheld=counted(unheld), held_out=counted(held_out))


def unheld_text(values: Mapping[str, str]) -> str:
    """A JSON object by column, to the letter as PostgreSQL writes a ``jsonb``: shorter names first, then by bytes."""

    def place(name: str) -> tuple[int, bytes]:
        return len(name.encode()), name.encode()

    return json.dumps({name: values[name] for name in sorted(values, key=place)}, ensure_ascii=False)
