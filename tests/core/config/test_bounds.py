"""However large and odd a file is: few problems, short ones, each on a line of its own."""

from __future__ import annotations

import pytest

from floodmark.core.config import source_file
from floodmark.core.config.yaml_tree import _LARGEST
from floodmark.errors import ConfigurationError

HEAD = """version: 1
source: shop
connection: shop_db
stage: gs://bucket/floodmark
bigquery: {project: proj, location: EU, dataset: shop}
start: 2026-11-01
"""
TABLES = "tables: {orders: }\n"
MANY = 2_000
LONG = "9" * 100_000
MORE = "shop.yml: there are more problems; mend these first"


def problems(text):
    with pytest.raises(ConfigurationError) as refused:
        source_file.parse(HEAD + text, "shop.yml", {})
    return str(refused.value).split("\n")


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        TABLES + "".join(f"key{number}: 1\n" for number in range(MANY)),
        "tables:\n  orders:\n" + "".join(f"    key{number}: 1\n" for number in range(MANY)),
        "tables:\n" + "".join(f"  t{number}: {{cursor: 5}}\n" for number in range(MANY)),
        "tables:\n" + "".join(f"  t{number}: {{to: same}}\n" for number in range(MANY)),
        "tables:\n" + "".join(f"  t{number}: {{sync: full, cursor: at}}\n" for number in range(MANY)),
        TABLES + "pool: a\n" * MANY,
    ],
    ids=["unknown", "unknown_of_a_table", "wrong", "same_target", "against_a_rule", "twice"],
)
def test_of_very_many_problems_the_first_are_told_and_that_there_are_more(text):
    told = problems(text)
    assert len(told) == 51
    assert told[-1] == MORE
    lines = [int(line.split(":")[1]) for line in told[:-1]]
    assert lines == sorted(lines)
    assert lines[0] <= 10
    assert len("\n".join(told)) < 20_000


def test_fifty_problems_are_all():
    told = problems(TABLES + "".join(f"key{number}: 1\n" for number in range(50)))
    assert len(told) == 50
    assert MORE not in told


@pytest.mark.parametrize(
    "text",
    [
        f"cadence: {LONG}\n" + TABLES,
        f"max_active_runs: {LONG}\n" + TABLES,
        f"tables: {{orders: {{settle: {LONG}d}}}}\n",
        f"tables: {{orders: {{start: {LONG}}}}}\n",
        f"tables: {{orders: {{reconcile_share: {LONG}%}}}}\n",
        f"pool: ${{{'X' * 100_000}}}\n" + TABLES,
        TABLES + f"? {'x' * 900}\n: 1\n",
        f"tables: {{orders: {{key: [{'x' * 5000}, {'x' * 5000}]}}}}\n",
    ],
)
def test_a_long_value_is_cut_where_it_is_told(text):
    (told,) = problems(text)
    assert len(told) < 3_500


def test_a_message_says_how_long_the_value_is():
    (told,) = problems(f"cadence: {LONG}\n" + TABLES)
    assert told.startswith('shop.yml:7: cadence: "' + "9" * 100 + '... (100000 characters)" has no unit; write 90s for')


def test_what_cannot_be_printed_is_escaped_and_each_problem_is_one_line():
    told = problems('tables: {"a\\nb": {cursor: "x", key: []}, orders: {sync: "\\e[31m\\u202E"}}\n')
    assert [line.split(":")[0] for line in told] == ["shop.yml"] * 3
    assert told[0].startswith('shop.yml:7: tables."a\\nb": "a\\nb" can\'t name a table')
    assert '"\\u001b[31m\\u202e" is not known' in told[2]


@pytest.mark.slow
def test_long_lists_are_read_in_a_moment():
    """Within pytest's limit for one test: whoever compares each with each needs minutes for so many."""
    columns = ", ".join(f"c{number}" for number in range(30_000))
    config = source_file.parse(HEAD + f"tables: {{orders: {{columns: {{exclude: [{columns}]}}}}}}\n", "shop.yml", {})
    assert len(config.tables["orders"].columns.exclude) == 30_000


def test_a_file_that_no_person_wrote_is_refused_before_it_is_read():
    text = HEAD + TABLES + "# " + "x" * _LARGEST
    with pytest.raises(ConfigurationError, match=f"too large: {len(text)} characters, at most {_LARGEST}; cut"):
        source_file.parse(text, "shop.yml", {})
