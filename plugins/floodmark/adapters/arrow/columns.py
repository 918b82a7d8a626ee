"""One column of a batch: cast to its landing type, and told which of its values that type can't hold (R27)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from floodmark.adapters.arrow.epoch import date_text, time_text, timestamp_text
from floodmark.core.carriage import MARK, Carriage, Check

_BOUNDS = {
    Check.TIMESTAMP: (-62_135_596_800_000_000, 253_402_300_799_999_999),
    Check.DATE: (-719_162, 2_932_896),
    Check.TIME: (0, 86_399_999_999),
}
"""What BigQuery's DATE, TIME, DATETIME and TIMESTAMP hold: the years 1 to 9999, and a day without its 24:00:00."""
_REASONS = {
    Check.TIMESTAMP: "outside the years 1 to 9999",
    Check.DATE: "outside the years 1 to 9999",
    Check.TIME: "24:00:00 is no time of day in BigQuery",
    Check.NAN: "NaN, which equals nothing in BigQuery, so it is no key",
    Check.DECIMAL: "not a number that the declared precision holds",
    Check.MARKED: "no value that its chosen type, {}, holds",
    Check.LETTERS: "bytes of which some are no letter of the column's character set",
}
_NUMBER = r"^-?[0-9]+(\.[0-9]+)?$"
_CLOCK = r"^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?$"
_DECIMAL = re.compile(r"decimal(\d+)\((\d+), (\d+)\)")


def arrow_type(name: str) -> Any:
    """The ``pyarrow.DataType`` that a carriage names."""
    if match := _DECIMAL.fullmatch(name):
        width, precision, scale = (int(part) for part in match.groups())
        narrow = width == 64 and hasattr(pa, "decimal64")  # pyarrow has it from 19 on
        return (pa.decimal64 if narrow else pa.decimal128)(precision, scale)
    named = {
        "timestamp[us, tz=UTC]": pa.timestamp("us", tz="UTC"),
        "date32[day]": pa.date32(),
        "time64[us]": pa.time64("us"),
    }
    return named.get(name) or pa.type_for_alias(name)


class LandingColumn:
    """Casts one column, batch after batch. ``name`` and ``reason`` are for the quarantine."""

    def __init__(self, name: str, carriage: Carriage) -> None:
        self.name = name
        self.type = arrow_type(carriage.arrow)
        self.reason = _REASONS.get(carriage.check, "").format(carriage.target)
        self._check = carriage.check
        self._parsed: tuple[Any, Any] | None = None

    def bad(self, array: Any) -> Any | None:
        """A boolean array of the values that the landing type can't hold; None where it holds all of them."""
        if self._check is Check.NONE:
            return None
        if self._check is Check.DECIMAL:
            return self._not_decimal(array)
        if self._check in (Check.MARKED, Check.LETTERS):
            marks = pc.fill_null(pc.starts_with(array, pattern=MARK), False)
            return marks if pc.any(marks).as_py() else None
        if self._check is Check.NAN:
            nan = pc.fill_null(pc.is_nan(array), False)
            return nan if pc.any(nan).as_py() else None
        return self._outside(array, *_BOUNDS[self._check])

    def _outside(self, array: Any, low: int, high: int) -> Any | None:
        """Days, moments and times of day that BigQuery has none of; as texts too, where a source writes such."""
        if pa.types.is_string(array.type):
            if (parsed := self._read(array)) is None:
                return pa.array([self._is_bad(value, low, high) for value in array], pa.bool_())
            self._parsed = (array, parsed)
            integers = _integers(parsed)
        else:
            integers = _integers(array)
        ends = pc.min_max(integers)
        least, most = ends["min"].as_py(), ends["max"].as_py()
        if least is None or (least >= low and most <= high):
            return None
        outside = pc.or_(pc.less(integers, low), pc.greater(integers, high))
        return pc.fill_null(outside, False)

    def cast(self, array: Any) -> Any:
        """The array in its landing type. Values that :meth:`bad` names must be gone."""
        if isinstance(array.type, pa.BaseExtensionType):
            array = array.storage
        if array.type == self.type:
            return array
        last, self._parsed = self._parsed, None
        if last and last[0] is array:
            array = last[1]
        elif self._check in _BOUNDS and pa.types.is_string(array.type):
            array = self._read(array)
        if array.type == self.type:
            return array
        if self._check is Check.TIMESTAMP:
            return array.view(self.type)  # naive timestamps land as UTC, and become DATETIME in the MERGE
        return array.cast(self.type)

    def text(self, array: Any, row: int) -> str:
        """One raw value as the source writes it."""
        if pa.types.is_string(array.type):
            return str(array[row].as_py()).removeprefix(MARK)
        if self._check in _TEXTS:
            zone = "+00" if pa.types.is_timestamp(array.type) and array.type.tz else ""
            return _TEXTS[self._check](_integers(array)[row].as_py(), zone)
        return "NaN" if self._check is Check.NAN else str(array[row].as_py())

    @property
    def _naive(self) -> Any:
        """What a source's text of a value is read as: a moment without its zone, which is UTC."""
        return pa.timestamp("us") if self._check is Check.TIMESTAMP else self.type

    def _read(self, array: Any) -> Any | None:
        """Texts as days, moments or times of day; None where one of them is none."""
        if self._check is Check.TIME:
            whole = pc.all(pc.match_substring_regex(array, _CLOCK)).as_py()
            if whole is False:
                return None
            array = pc.binary_join_element_wise("1970-01-01", array, " ")
            return array.cast(pa.timestamp("us")).view(pa.int64()).view(self.type)
        try:
            return array.cast(self._naive)
        except pa.ArrowInvalid:
            return None

    def _is_bad(self, value: Any, low: int, high: int) -> bool:
        if not value.is_valid:
            return False
        parsed = self._read(pa.array([value.as_py()], pa.string()))
        return parsed is None or not low <= _integers(parsed)[0].as_py() <= high

    def _not_decimal(self, array: Any) -> Any | None:
        """The cast itself says it; what it made is kept for :meth:`cast`."""
        if not pa.types.is_decimal(self.type):
            number = pc.fill_null(pc.match_substring_regex(array, _NUMBER), True)
            return None if pc.all(number).as_py() else pc.invert(number)
        try:
            self._parsed = (array, array.cast(self.type))
        except pa.ArrowInvalid:
            return pa.array([not self._fits(value) for value in array], pa.bool_())
        return None

    def _fits(self, value: Any) -> bool:
        try:
            value.cast(self.type)
        except pa.ArrowInvalid:
            return False
        return True


_TEXTS: dict[Check, Callable[[int, str], str]] = {
    Check.TIMESTAMP: timestamp_text,
    Check.DATE: lambda raw, _: date_text(raw),
    Check.TIME: lambda raw, _: time_text(raw),
}


def _integers(array: Any) -> Any:
    return array.view(pa.int32() if array.type.bit_width == 32 else pa.int64())
