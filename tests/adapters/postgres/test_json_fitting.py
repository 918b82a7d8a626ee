"""Which documents may be JSON in BigQuery (R31): what PostgreSQL lets pass is held against Google's PARSE_JSON."""

from __future__ import annotations

import json
import random
import struct
from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest

from floodmark.adapters.postgres.choosing import choose
from floodmark.adapters.postgres.types import with_carriage
from floodmark.core.carriage import MARK
from floodmark.core.config import target_types
from floodmark.core.config.target_types import Choices
from floodmark.core.schema import Column, TableSchema
from floodmark.demo.servers.all import Database
from tests.core.bigquery.analyzer import GooglesAnalyzer, google_s_analyzer

FIT = (
    "null", "true", '""', "[]", "{}", "0", "-0", "1.50", "1e5", "1E-7", "0.1", "0.30000000000000004", "5e-290", "1e22",
    "9007199254740993", "-9223372036854775808", "18446744073709551615", "100000000000000000000",
    "1.50000000000000000000000", "0.000", "123456789012345.6", '"12e4567"', '"3e45678901234567890123"', '{"a:b": ":"}',
    r'"C:\\udata"', r'"\\\\"', r'{"\"": "\\"}', r'"\ud83d\ude00"', '{"a": {"b": 1}, "c": {"b": 2}}',
    '"' + "9" * 60 + '"', "[" * 400 + "]" * 400, "[" + ",".join(["[{}]"] * 2000) + "]",
)  # fmt: skip
"""Documents that fit."""
UNFIT = (
    "18446744073709551616", "-9223372036854775809", "0.1234567890123456789", "9007199254740993.0", "1e23", "1e400",
    "1e-400", "12345678901234567890e0", "9007199254740993e0", "1" + "0" * 300, '{"a": 1, "a": 1}',
    '[{"b": {"a": 1, "\\u0061": 2}}]', "72057594037927936.0",
    r'"\ud83d"', r'"\ude00\ud83d"', r'{"\ud83d": 1}', r'"\u0000"', "1e400000", "9" * 140_000, "[" * 501 + "]" * 501,
    "[" * 500 + "1" + "]" * 500,
)  # fmt: skip
"""Documents that PARSE_JSON refuses or changes, or may by its documentation."""
NO_JSON = ("", " ", "{a: 1}", "NaN", "'a'", "[1,]", "01", '"\n"', "{", "tru")


@pytest.fixture(scope="module")
def google_says() -> Iterator[GooglesAnalyzer]:
    with google_s_analyzer() as analyzer:
        yield analyzer


def selected(database: Database, base: str, documents: list[str], chosen: object = "JSON") -> list[str]:
    """What the SELECT makes of them, a mark before those that don't fit."""
    with psycopg2.connect(database.dsn) as connection, connection.cursor() as cursor:
        column = with_carriage(Column(name="v", type=base, base_type=base))
        schema = TableSchema(schema="public", name="t", columns=(column,))
        typed = choose(schema, Choices(types=target_types.parse({"v": chosen})), connection.server_version).columns[0]
        assert not typed.misfit
        cursor.execute(f"CREATE TABLE {base}s (id int, v {base})")
        cursor.executemany(f"INSERT INTO {base}s VALUES (%s, %s)", list(enumerate(documents)))
        cursor.execute(f"SELECT {typed.carriage.select('v')} FROM {base}s ORDER BY id")
        return [value for (value,) in cursor.fetchall()]


def literal(document: str) -> str:
    return "SAFE_CONVERT_BYTES_TO_STRING(FROM_HEX('" + document.encode().hex() + "'))"


def parsed(google_says: GooglesAnalyzer, document: str, more: str = "") -> Any:
    """The value that Google's PARSE_JSON makes of it."""
    [[text]] = google_says.rows(f"SELECT TO_JSON_STRING(PARSE_JSON({literal(document)}{more}))")
    return json.loads(text)


@pytest.mark.slow
@pytest.mark.parametrize("base", ["json", "text"])
def test_what_fits_passes_and_is_the_same_value_in_bigquery(
    database: Database, google_says: GooglesAnalyzer, base: str
) -> None:
    documents = selected(database, base, list(FIT))
    assert documents == list(FIT)
    for document in documents if base == "json" else ():
        assert parsed(google_says, document) == json.loads(document), document[:60]


@pytest.mark.slow
def test_a_jsonb_that_fits_passes_as_its_own_text(database: Database, google_says: GooglesAnalyzer) -> None:
    for document in selected(database, "jsonb", list(FIT)):
        assert not document.startswith(MARK), document[:60]
        assert parsed(google_says, document) == json.loads(document), document[:60]


@pytest.mark.parametrize("base", ["json", "text"])
def test_what_doesnt_fit_is_marked_with_its_own_text(database: Database, base: str) -> None:
    assert selected(database, base, list(UNFIT)) == [MARK + document for document in UNFIT]


def test_a_text_that_is_no_json_is_marked(database: Database) -> None:
    assert selected(database, "text", list(NO_JSON)) == [MARK + text for text in NO_JSON]


def test_numbers_may_be_rounded_where_the_file_says_so(database: Database, google_says: GooglesAnalyzer) -> None:
    numbers = ["0.1234567890123456789", "18446744073709551616", "1e23", "1e-400"]
    assert selected(database, "json", numbers, {"JSON": "round"}) == numbers
    for number in numbers:
        assert parsed(google_says, number, ", wide_number_mode => 'round'") == float(number)
    assert selected(database, "jsonb", ["1e301"], {"JSON": "round"})[0].startswith(MARK)


@pytest.mark.slow
def test_no_number_that_passes_is_refused_by_google(database: Database, google_says: GooglesAnalyzer) -> None:
    """Numbers of every length and size, doubles' own texts among them, and those that lie between two doubles."""
    chance = random.Random(13)
    doubles = [repr(struct.unpack("d", chance.randbytes(8))[0]) for _ in range(400)]
    numbers = [one for one in doubles if "n" not in one]
    numbers += [repr(chance.random()) for _ in range(400)]
    numbers += [f"{chance.randint(1, 10**15)}e{chance.randint(1, 40)}" for _ in range(400)]
    numbers += [f"{chance.randint(1, 10**17)}e-{chance.randint(1, 300)}" for _ in range(200)]
    numbers += [f"1e{power}" for power in range(-300, 301, 3)]
    passing = [one for one in selected(database, "json", numbers) if not one.startswith(MARK)]
    assert len(passing) > 0.7 * len(numbers)
    assert [one for one in passing if google_says.error(f"SELECT PARSE_JSON({literal(one)})")] == []
    assert sum(one in passing for one in numbers[:700]) > 690


@pytest.mark.slow
def test_no_depth_ends_the_read(database: Database) -> None:
    deep = ["[" * levels + "]" * levels for levels in (600, 1_500, 3_000, 5_000)]
    assert selected(database, "json", deep) == [MARK + document for document in deep]
