"""A whole file, broken in any way: it is a source or a list of problems, short, and read with work that grows with it.

``HARD_EXAMPLES=2000`` breaks so many, and others each time.
"""

from __future__ import annotations

import copy
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from floodmark.core.config import source_file, yaml_tree
from floodmark.core.config.source import SourceEntry, TableEntry
from floodmark.errors import ConfigurationError, Problem

EXAMPLES = int(os.environ.get("HARD_EXAMPLES", "80"))
EVERYTHING = Path(__file__).parent / "cases" / "everything.yml"
MORE = """
budget: {run: 50GB, day: 1TB}
rename: {"temp_°C": temp_c, b: c}
mask: {email: sha256, "*_name": {truncate: 3}, ssn: {hmac: keys}, note: ~}
policy_tags: {email: projects/p/locations/l/taxonomies/t/policyTags/x}
new_columns: hold
on_change: fail
leaving: ignore
first_load: slices
first_load_rows: 1000
recheck: 2
reconcile_share: 10%
reconcile_bytes: 50GB
balance: keys
balance_share: 5%
history: true
skew: 5s
renamed: {older: newer}
required: true
require_rows: true
format: ndjson
max_rate: 50MB
types: {price: NUMERIC, "*_json": {JSON: round}, tags: "ARRAY<STRING>"}
"""
ENVIRON = {"BUCKET": "bucket", "TASKS": "8", "PASSWORD": "hunter2"}


def whole() -> dict[str, Any]:
    """A valid file with every key, as plain values; what is written as words stays words."""
    tree: dict[str, Any] = yaml_tree.read(EVERYTHING.read_text(encoding="utf-8"), "x", ENVIRON).value
    more = yaml_tree.read(MORE, "x", ENVIRON).value
    tree["bigquery"]["budget"] = more.pop("budget")
    tree["tables"]["orders"] |= more
    tree["tables"]["log"]["readers"] = 4  # only Parquet is staged by several readers
    tree["tables"]["log"]["schema"] = {"added": "discard", "dropped": "freeze"}  # new_columns says the same of added
    return tree


WHOLE = whole()


def places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The paths of everything in a tree, itself last."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [*(below for key, one in inner for below in places(one, (*path, key))), path]


LONG = 20_000
WORDS = (
    "", "~", "null", "true", "off", ".nan", ".inf", "-1", "0", "1e999", "1_000", "0x10", "010", "9" * 40, "1.5",
    "2026-01-01", "2026-02-30", "10:30", "2026-11-01T06:00:00Z", "9999-12-31T23:59:59-23:59", "infinity", "1h", "-1s",
    "99999999999999d", "50GB", "1e400GB", "10%", "1e400%", "gs://b/x", "gs://", "gs://bucket/" + "x" * 2_000,
    "sqlite:///", "${", "${BUCKET}", "${NONE}", "${PASSWORD}", "$${x}", "${A:-${B}}", "{{ x }}", "{}", "%s", "\\",
    '"', "'", "`", "\n", "\t", "\x7f", "\u0085", "\u2028", "\ufeff", "\u202e", "\U0001f600", "e\u0301", "x" * LONG,
    "列" * LONG, "[" * 50, "a.b.c", '"a""b"."c"', "public.", "_floodmark_x", "project:x", "postgres://me:hunter2@db/x",
    "*", "[!", "__", "Europe/../etc/passwd", "/etc/passwd", "../x.sql", "a" * 300,
)  # fmt: skip
SCALARS: st.SearchStrategy[Any] = (
    st.sampled_from(WORDS) | st.none() | st.booleans() | st.integers() | st.integers(-(10**30), 10**30) | st.floats()
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
)  # fmt: skip


def _deep(value: Any, depth: int) -> Any:
    for level in range(depth):
        value = [value] if level % 2 else {"a": value}
    return value


VALUES = st.one_of(
    SCALARS,
    st.recursive(
        SCALARS,
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS) | st.text(max_size=3), inner)
        ),
        max_leaves=5,
    ),
    st.builds(_deep, SCALARS, st.integers(2, 150)),
    st.integers(100, 3_000).map(lambda size: [f"c{number}" for number in range(size)]),
    st.integers(100, 3_000).map(lambda size: {f"k{number}": number for number in range(size)}),
)
BROKEN = st.one_of(
    st.tuples(st.just("put"), st.integers(0, 500), VALUES),
    st.tuples(st.just("take"), st.integers(0, 500), st.none()),
    st.tuples(st.just("call"), st.integers(0, 500), st.sampled_from(WORDS) | st.text(max_size=4)),
    st.tuples(st.just("swap"), st.integers(0, 500), st.integers(0, 500)),
)


def broken(tree: Any, kind: str, place: int, with_: Any) -> Any:
    """The tree with one thing in it put, taken, called otherwise, or swapped for another."""
    paths = places(tree)
    path = paths[place % len(paths)]
    if not path:
        return with_ if kind == "put" else tree
    above = _at(tree, path[:-1])
    if kind == "put":
        above[path[-1]] = with_
    elif kind == "swap":
        above[path[-1]] = copy.deepcopy(_at(tree, paths[with_ % len(paths)]))
    elif kind == "take" or not isinstance(above, dict):
        del above[path[-1]]
    else:
        above[with_] = above.pop(path[-1])
    return tree


def _at(tree: Any, path: tuple[str | int, ...]) -> Any:
    for part in path:
        tree = tree[part]
    return tree


def answer(text: str) -> str:
    """What is said of a file; empty where it is a source. Anything but problems is an error."""
    problems: tuple[Problem, ...] = ()
    try:
        source_file.parse(text, "x.yml", ENVIRON, {"shop/orders.sql"}).model_dump_json(by_alias=True)
    except ConfigurationError as error:
        problems = tuple(error.problems) or (Problem(file="", path="", message=""),)
    lines = [str(problem) for problem in problems]
    assert all(problem.file.startswith("x.yml") and problem.message for problem in problems)
    assert all(line.isprintable() and len(line) < 3_500 for line in lines)
    said = "\n".join(lines)
    assert len(said.encode()) < 100_000
    assert "hunter2" not in said
    return said


def test_the_file_is_right_before_it_is_broken_and_has_every_key() -> None:
    assert answer(json.dumps(WHOLE)) == ""
    of_tables = {key for table in WHOLE["tables"].values() for key in table}
    of_exports = {"adapter", "cloudsql", "offload"}  # they go with no other source: cases/cloudsql.yml has them
    assert {*source_file.keys(TableEntry), *source_file.keys(SourceEntry)} == {*WHOLE, *of_tables, *of_exports}


@pytest.mark.slow
@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(BROKEN, min_size=1, max_size=3), st.booleans())
def test_a_file_that_is_broken_anywhere_is_a_source_or_problems(changes: list[Any], as_json: bool) -> None:
    tree = copy.deepcopy(WHOLE)
    for change in changes:
        tree = broken(tree, *change)
    answer(json.dumps(tree) if as_json else yaml.safe_dump(tree, sort_keys=False, allow_unicode=True))


@pytest.mark.parametrize("path", places(WHOLE), ids=str)
def test_anything_without_a_value_is_not_there_or_told(path: tuple[str | int, ...]) -> None:
    tree = copy.deepcopy(WHOLE) if path else None
    if path:
        _at(tree, path[:-1])[path[-1]] = None
    answer(json.dumps(tree))


PIECES = (
    "\t", "\x00", "\x0b", "\ufeff", "\ufffe", "\ud800", "{", "}", "[", "]", ":", "- ", "? ", "& ", "*x", "!!str ",
    "! ", "|", ">-2", "|9", '"', "'", '"\\UFFFFFFFF"', '"\\ud800"', "\\", "#", "%YAML 1.9\n", "%TAG ! x\n", "---\n",
    "...\n", "<<: ", "\r", "\u2028", "owner: a\n", "tables:\n", "? [a]\n: 1\n", "%YAML 1." + "9" * 5_000 + "\n---\n",
)  # fmt: skip
TEXT = yaml.safe_dump(WHOLE, sort_keys=False)


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, len(TEXT)), st.sampled_from(PIECES) | st.text(max_size=3)), min_size=1, max_size=3
    )
)
@example([(0, '"\\UFFFFFFFF"')])
@example([(0, "%YAML 1." + "9" * 5_000 + "\n---\n")])
@example([(0, "%TAG !" + "a" * LONG + "! x\n%TAG !" + "a" * LONG + "! y\n---\n")])
def test_a_text_that_is_no_yaml_any_more_is_one_problem(pieces: list[tuple[int, str]]) -> None:
    text = TEXT
    for place, piece in pieces:
        text = text[:place] + piece + text[place:]
    answer(text)


NESTED = ("[" * 2_000, "{a: " * 2_000, "- " * 2_000, "? " * 2_000, "a: " + "[" * 300 + "]" * 300)


@pytest.mark.parametrize("text", [*NESTED, TEXT + "more: " + NESTED[-1].removeprefix("a: ")])
def test_what_is_nested_deeply_is_told(text: str) -> None:
    assert answer(text)


def calls(text: str) -> int:
    """How many functions are called to read a text."""
    number = 0

    def counted(frame: Any, event: str, argument: Any) -> None:
        nonlocal number
        number += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        answer(text)
    finally:
        sys.setprofile(before)
    return number


def _listed(size: int, **of: str) -> str:
    tree = copy.deepcopy(WHOLE)
    tree["tables"]["orders"] |= {key: [word.format(number) for number in range(size)] for key, word in of.items()}
    return json.dumps(tree)


def _mapped(size: int, key: str, target: str) -> str:
    tree = copy.deepcopy(WHOLE)
    tree["tables"]["orders"][key] = {f"c{number}": target.format(number) for number in range(size)}
    return json.dumps(tree)


GROWING = {
    "keys": lambda size: _listed(size, key="k{}"),
    "cursors": lambda size: _listed(size, cursor="k{}"),
    "tags": lambda size: _listed(size, tags="k{}"),
    "renamed": lambda size: _mapped(size, "rename", "t{}"),
    "renamed alike": lambda size: _mapped(size, "rename", "t"),
    "renamed badly": lambda size: _mapped(size, "rename", "t.{}"),
    "masked": lambda size: _mapped(size, "mask", "sha256"),
    "masked badly": lambda size: _mapped(size, "mask", "sha{}"),
    "tagged": lambda size: _mapped(size, "policy_tags", "projects/p/locations/l/taxonomies/t/policyTags/{}"),
    "unknown": lambda size: _mapped(size, "unknown", "x"),
    "tables": lambda size: TEXT + "".join(f"  t{number}: {{}}\n" for number in range(size)),
    "tables with a fault": lambda size: TEXT + "".join(f"  t{number}: {{key: ''}}\n" for number in range(size)),
    "a long word": lambda size: TEXT + "more: " + "x" * size * 10,
    "variables": lambda size: TEXT + "more: '" + "${BUCKET}" * size + "'",
    "twice": lambda size: TEXT + "  log: {}\n" * size,
    "lines": lambda size: "\n" * size + TEXT,
}


@pytest.mark.slow
@pytest.mark.parametrize("how", GROWING)
def test_what_is_done_grows_with_the_file_and_not_faster(how: str) -> None:
    none, once, twice = (calls(GROWING[how](size)) for size in (1, 150, 300))
    assert twice - none <= 2.5 * (once - none) + 1_000
