"""The worker's side of a comparison: values that are one in the target have one hash, whatever they landed as."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pyarrow as pa
import pytest

from floodmark.adapters.arrow.comparing import RowJudge
from floodmark.adapters.arrow.rows import OWN
from floodmark.core.carriage import Carriage
from floodmark.core.reconcile import Scope

NOW = datetime(2026, 11, 1, tzinfo=UTC)
DIGITS = Carriage(target="BIGNUMERIC(65, 30)")
"""A decimal that Arrow has no room for lands as text."""


def hashes(carriage: Carriage, values: Sequence[object], type_: pa.DataType | None = None) -> list[int]:
    """Of rows that differ in one value only."""
    scope = Scope(sealed=(), start=NOW, early=False, timeless=False, columns=("id", "v"))
    ways = {"id": Carriage(arrow="int64", landing="INT64", target="INT64"), "v": carriage}
    judge = RowJudge(ways, scope, key=("id",), timed=False, bad_values="encode", rigid=("id",))
    count = len(values)
    own = [pa.array([NOW] * count, pa.timestamp("us", tz="UTC"))] * len(OWN)
    columns = [pa.array([1] * count, pa.int64()), pa.array(values, type_ or pa.string()), *own]
    return [one.row for one in judge.of(pa.RecordBatch.from_arrays(columns, [*ways, *OWN]))]


@pytest.mark.parametrize(
    "same",
    [("1.5", "1.50", "1.500000000000000000000000000000"), ("100", "100.0", "100.00"), ("0", "0.0"), ("-7.0", "-7")],
    ids=str,
)
def test_zeros_behind_a_point_are_no_digits_of_a_decimal_that_lands_as_text(same: tuple[str, ...]) -> None:
    assert len(set(hashes(DIGITS, same))) == 1


def test_zeros_before_a_point_are_digits() -> None:
    assert len(set(hashes(DIGITS, ["1", "10", "100", "1.00", "10.0", "1.01", "1.001", "0", None]))) == 7


def test_a_text_that_looks_like_a_decimal_keeps_its_zeros() -> None:
    assert len(set(hashes(Carriage(), ["1.5", "1.50"]))) == 2
