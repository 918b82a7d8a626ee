"""A summary's file: its header, its query, and everything that is wrong at once, each with its line and remedy."""

from __future__ import annotations

from datetime import timedelta

import pytest

from floodmark.core.config.summary import parse

WHOLE = """/* floodmark
description: Sales of each day.
keys: [day, country]
require_rows: true
partition_by: {column: day, by: month}
cluster_by: country
window: 3d
assert:
  positive: SELECT * FROM summary WHERE amount < 0
  few: |
    SELECT COUNT(*) AS n
    FROM summary HAVING n > 1000
owner: finance
*/

SELECT 1
-- the end
"""


def test_everything_that_a_header_may_say() -> None:
    summary, problems = parse(WHOLE, "summaries/sales.sql", "sales")
    assert problems == []
    assert summary is not None
    assert (summary.query, summary.line) == ("SELECT 1\n-- the end", 16)
    assert (summary.keys, summary.require_rows, summary.window) == (("day", "country"), True, timedelta(days=3))
    assert (summary.partition_by, summary.partition_unit, summary.cluster_by) == ("day", "month", ("country",))
    assert [(one.name, one.line) for one in summary.assertions] == [("positive", 9), ("few", 10)]
    assert (summary.description, summary.owner) == ("Sales of each day.", "finance")


def test_a_file_without_a_header_is_a_query_alone() -> None:
    summary, problems = parse("\n-- floodmark\n SELECT /* floodmark? */ 1", "summaries/a.sql", "a")
    assert problems == []
    assert summary is not None
    assert (summary.query, summary.line, summary.keys) == ("-- floodmark\n SELECT /* floodmark? */ 1", 2, ())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("/* floodmark\nkey: day\n*/ SELECT 1",
         "summaries/a.sql:2: key: unknown key; known here: assert, cluster_by, description, keys, owner, "
         "partition_by, require_rows, source, tables, window"),
        ("/* floodmark\n\nwindow: soon\n*/ SELECT 1", "summaries/a.sql:3: window: \"soon\" is not a duration"),
        ("/* floodmark\nkeys: [a\n*/ SELECT 1", "summaries/a.sql:"),
        ("/* floodmark\nkeys: [a]\nkeys: [b]\n*/ SELECT 1", "summaries/a.sql:3: "),
        ("/* floodmark\nassert: {a: }\n*/ SELECT 1", "summaries/a.sql:2: assert.a"),
        ("/* floodmark\nkeys: a\n*/\n  \n", "summaries/a.sql: has no query; write one SELECT below the header"),
        ("-- of the shop\n/* floodmark\nkeys: a\n*/ SELECT 1", "summaries/a.sql: has a header that isn't read; let"),
        ("/* floodmark\nkeys: a\nSELECT 1", "summaries/a.sql: has a header that isn't read; "),
        ("SELECT 1\0", "summaries/a.sql: holds a NUL character"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line_and_remedy(text: str, said: str) -> None:
    summary, problems = parse(text, "summaries/a.sql", "a")
    assert summary is None
    assert str(problems[0]).startswith(said)


@pytest.mark.parametrize("name", ["a.b", "a`b", "", "x" * 201, "a b"])
def test_a_file_must_be_called_as_a_table_can_be(name: str) -> None:
    summary, problems = parse("SELECT 1", f"summaries/{name}.sql", name)
    assert summary is None
    assert "letters, digits, - and _" in str(problems[0])
