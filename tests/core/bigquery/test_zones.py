"""No conversion between moments and local times is left to a project's default_time_zone (R34)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from floodmark.adapters.postgres.matrix.whole import ROWS

CHECKOUT = Path(__file__).parents[3]
ASKS = CHECKOUT / "include" / "sql" / "bigquery" / "zone.sql"
"""It names no zone on purpose: doctor asks by it which one the project has."""
TEXTS = sorted({*CHECKOUT.glob("tests/sql/bigquery/**/*.sql"), *CHECKOUT.glob("include/sql/bigquery/*.sql")} - {ASKS})
CONVERSION = re.compile(
    r"\b(?:DATETIME|TIMESTAMP|DATE|TIME|STRING|EXTRACT|[A-Z]+_TRUNC|FORMAT_TIMESTAMP|PARSE_TIMESTAMP)\(|"
    r"\bCURRENT_(?:DATE|DATETIME|TIME)\b|\bAS (?:DATETIME|DATE|TIME|TIMESTAMP)\)"
)


def arguments(text: str, at: int) -> str:
    """What stands in the parentheses that open right before ``at``."""
    depth = 1
    for place in range(at, len(text)):
        depth += {"(": 1, ")": -1}.get(text[place], 0)
        if not depth:
            return text[at:place]
    raise AssertionError(text[at:])


def zoneless(text: str) -> list[str]:
    """The conversions that name no zone."""
    return [
        found[0] for found in CONVERSION.finditer(text) if not arguments(text + ")", found.end()).endswith(", 'UTC'")
    ]


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_statement_names_the_zone_of_its_conversions(path: Path) -> None:
    assert zoneless(path.read_text(encoding="utf-8")) == []


def test_what_asks_for_the_zone_names_none() -> None:
    assert zoneless(ASKS.read_text(encoding="utf-8"))


def test_every_type_names_the_zone_of_its_conversion() -> None:
    converted = [way.convert for way in (row.carriage for row in ROWS)]
    assert "DATETIME({col}, 'UTC')" in converted
    assert [zoneless(one) for one in converted] == [[] for _ in converted]


def test_a_conversion_without_a_zone_is_seen() -> None:
    assert zoneless("SELECT DATETIME(r.`made`), TIMESTAMP(x, 'UTC'), CAST(y AS DATE)") == ["DATETIME(", "AS DATE)"]
