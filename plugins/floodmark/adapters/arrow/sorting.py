"""What becomes of rows that hold a value which the target can't: encoded, held out, or the end of the read (R31)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from floodmark.adapters.arrow.columns import LandingColumn
from floodmark.core.unheld import BadValues, Tally, counted, unheld_text
from floodmark.errors import BadValue, SourceRefused

MOST_QUARANTINED = 10_000
"""A read that holds more rows out than this fails: then it is the column that is wrong, not some rows."""


@dataclass(frozen=True, kw_only=True)
class Sorted:
    """One batch: raw ``arrays`` with NULL for what can't be held, and the ``unheld`` texts of its rows.

    ``out`` says which rows are held out, None where none is; ``keyed`` which of them have a whole key.
    """

    arrays: list[Any]
    unheld: Any
    out: Any | None = None
    keyed: Any | None = None


class Sorting:
    """Sorts batch after batch, and keeps count.

    ``rigid`` are the columns without which a row can't stand in the target (its key, its cursor, what places it or
    marks it as deleted): it is held out for them under ``encode`` too. ``cursor`` are the source's columns that the
    ``moment`` is made of. ``matched``: a NULL in the key ends the read (R30).
    """

    def __init__(
        self,
        columns: Sequence[LandingColumn],
        mode: BadValues,
        *,
        table: str,
        key: Sequence[str],
        matched: bool,
        rigid: frozenset[str],
        cursor: Sequence[str],
        moment: str,
        place: str = "",
    ) -> None:
        self._columns, self._mode, self._table, self._key = tuple(columns), mode, table, tuple(key)
        self._matched = matched
        self._rigid, self._cursor, self._moment, self._place = rigid, frozenset(cursor), moment, place
        self._indexes = {column.name: index for index, column in enumerate(self._columns)}
        self._unheld: Counter[str] = Counter()
        self._held_out: Counter[str] = Counter()
        self._anywhere = False
        self.quarantined: list[Mapping[str, Any]] = []

    def tally(self, leaving: int) -> Tally:
        """What was counted so far."""
        return Tally(
            unheld=counted(self._unheld), held_out=counted(self._held_out), leaving=leaving, anywhere=self._anywhere
        )

    def of(self, raw: Any) -> Sorted:
        """Sort one batch. Raises ``BadValue``, and ``SourceRefused`` for a NULL in the key."""
        arrays = [raw.column(index) for index in range(len(self._columns))]
        self._refuse_null_keys(arrays)
        masks = {
            index: mask
            for index, (column, array) in enumerate(zip(self._columns, arrays, strict=True))
            if (mask := column.bad(array)) is not None
        }
        nothing = pa.nulls(raw.num_rows, pa.string())
        if not masks:
            return Sorted(arrays=arrays, unheld=nothing)
        bad = _by_row(masks)
        texts: list[str | None] = [None] * raw.num_rows
        out: list[bool] = [False] * raw.num_rows
        for row, places in bad.items():
            values = {self._columns[place].name: self._columns[place].text(arrays[place], row) for place in places}
            if self._mode is BadValues.FAIL:
                self._fail(arrays, row, values)
            out[row] = self._mode is BadValues.QUARANTINE or not self._rigid.isdisjoint(values)
            if out[row]:
                self._hold_out(arrays, row, values)
            else:
                texts[row] = unheld_text(values)
                self._unheld.update(values.keys())
        for index, mask in masks.items():
            arrays[index] = pc.if_else(mask, pa.scalar(None, arrays[index].type), arrays[index])
        return Sorted(
            arrays=arrays,
            unheld=pa.array(texts, pa.string()),
            out=pa.array(out, pa.bool_()) if any(out) else None,
            keyed=self._whole_keys(masks, raw.num_rows),
        )

    def _refuse_null_keys(self, arrays: Sequence[Any]) -> None:
        for name in self._key if self._matched else ():
            array = arrays[self._indexes[name]]
            if array.null_count:
                row = pc.indices_nonzero(array.is_null())[0].as_py()
                raise SourceRefused(
                    f"{self._table}: the key is NULL in {name} in the row {self._key_of(arrays, row)}, and NULL equals "
                    "nothing in BigQuery: each read would add it once more (R30); name a key of NOT NULL columns, "
                    "leave such rows out by where, or write sync: full"
                )

    def _whole_keys(self, masks: Mapping[int, Any], rows: int) -> Any:
        whole = pa.array([True] * rows, pa.bool_())
        for name in self._key:
            if (index := self._indexes.get(name, -1)) in masks:
                whole = pc.and_not(whole, masks[index])
        return whole

    def _hold_out(self, arrays: Sequence[Any], row: int, values: dict[str, str]) -> None:
        if not self._cursor.isdisjoint(values):
            values.pop(self._moment, None)  # it is the same value once more
        key = self._key_of(arrays, row)
        if len(self.quarantined) >= MOST_QUARANTINED:
            raise BadValue(
                f"{self._table}: more than {MOST_QUARANTINED} rows hold values that BigQuery can't and are held out, "
                f"the last one for {self._said(values)}, in the row {key}; exclude the column, or leave such rows out "
                "by where"
            )
        self._held_out.update(values.keys())
        self._anywhere = self._anywhere or self._place in values
        named = [{"column": name, "value": value, "reason": self._reason(name)} for name, value in values.items()]
        self.quarantined.append({"key": key, "values": named})

    def _fail(self, arrays: Sequence[Any], row: int, values: Mapping[str, str]) -> None:
        name, value = next(iter(values.items()))
        raise BadValue(
            f"{self._table}.{name}: {value!r} is {self._reason(name)}, in the row {self._key_of(arrays, row)}; correct "
            "it in the source, exclude the column, or write bad_values: encode (the row travels with NULL in its "
            "place) or quarantine (the row is held out)"
        )

    def _said(self, values: Mapping[str, str]) -> str:
        return ", ".join(f"{name} = {value!r} ({self._reason(name)})" for name, value in values.items())

    def _reason(self, name: str) -> str:
        return self._columns[self._indexes[name]].reason

    def _key_of(self, arrays: Sequence[Any], row: int) -> dict[str, str | None]:
        """The key's values as texts, as far as they are carried."""
        places = {name: self._indexes[name] for name in self._key if name in self._indexes}
        return {
            name: self._columns[place].text(arrays[place], row) if arrays[place][row].is_valid else None
            for name, place in places.items()
        }


def _by_row(masks: Mapping[int, Any]) -> dict[int, list[int]]:
    """The bad columns of each row that has some, rows and columns in order."""
    columns_of: dict[int, list[int]] = {}
    for index, mask in masks.items():
        for row in pc.indices_nonzero(mask).to_pylist():
            columns_of.setdefault(row, []).append(index)
    return dict(sorted(columns_of.items()))
