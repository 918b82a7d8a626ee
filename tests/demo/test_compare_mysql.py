"""What MySQL's driver gives is what BigQuery's client gives for the same value, and nothing else becomes alike."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from floodmark.demo.compare import canonical
from floodmark.demo.compare_mysql import _way

MOMENT = datetime(2026, 11, 1, 10)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("source", "target", "value", "expected"),
    [
        ("tinyint", "BOOLEAN", 1, True),
        ("tinyint", "BOOL", 0, False),
        ("tinyint", "BOOL", 2, 2),
        ("tinyint", "INTEGER", 1, 1),
        ("bit", "BOOLEAN", b"\x01", True),
        ("bit", "INTEGER", b"\x01\x00", 256),
        ("bigint", "NUMERIC", 2**64 - 1, Decimal(2**64 - 1)),
        ("bigint", "INTEGER", 5, 5),
        ("bigint", "FLOAT", 5, 5),
        ("timestamp", "TIMESTAMP", MOMENT, MOMENT.replace(tzinfo=UTC)),
        ("datetime", "DATETIME", MOMENT, MOMENT),
        ("varbinary", "BYTES", b"\x01", b"\x01"),
    ],
)
def test_a_value_comes_in_the_form_that_its_column_in_current_has(
    source: str, target: str, value: Any, expected: Any
) -> None:
    assert canonical(_way(source, target)(value)) == canonical(expected)
