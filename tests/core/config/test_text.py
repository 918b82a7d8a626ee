"""Properties of the small parsers beneath a configuration: durations, the environment, doubled keys."""

from __future__ import annotations

from datetime import timedelta

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from floodmark.core.config import cadences, environment, names, yaml_tree
from floodmark.core.config.names import Folder, Relation
from floodmark.core.refused import Refused
from floodmark.core.time import duration
from floodmark.core.time.cadence import LENGTHS, Every

DURATIONS = st.integers(0, 36_500 * 86_400_000).map(lambda count: timedelta(milliseconds=count))
VARIABLE = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True)
IDENTIFIER = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1)
PLAIN = st.text(st.characters(exclude_characters="$", exclude_categories=["Cs"]))


@given(DURATIONS)
def test_a_duration_survives_being_written(length):
    assert duration.parse(duration.render(length)) == length


@given(st.text() | st.text("0123456789dhms.- "))
def test_any_text_is_a_duration_or_refused(text):
    try:
        length = duration.parse(text)
    except Refused:
        return
    assert timedelta() <= length <= timedelta(days=36_500)
    assert duration.parse(duration.render(length)) == length


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("0", timedelta()),
        (0, timedelta()),
        ("90s", timedelta(seconds=90)),
        ("1h30m", timedelta(minutes=90)),
        ("1d1ms", timedelta(days=1, milliseconds=1)),
        ("5m5ms", timedelta(minutes=5, milliseconds=5)),
    ],
)
def test_durations_mean_what_they_say(text, length):
    assert duration.parse(text) == length


NO_DURATIONS = ["", "1", "s", "1s1h", "1h 1m", "-1s", "1.5h", "1w", "\N{ARABIC-INDIC DIGIT ONE}s", "1h\n", " 1h"]


@pytest.mark.parametrize("value", [*NO_DURATIONS, True, False, 5, 0.5, None])
def test_what_is_no_duration_is_refused(value):
    with pytest.raises(Refused):
        duration.parse(value)


@pytest.mark.parametrize(
    ("length", "expression"),
    [
        ("1m", "* * * * *"),
        ("15m", "*/15 * * * *"),
        ("1h", "0 * * * *"),
        ("3h", "0 */3 * * *"),
        ("12h", "0 */12 * * *"),
        ("1d", "0 0 * * *"),
    ],
)
def test_a_cadence_as_cron(length, expression):
    assert cadences.parse(length).cron == expression


def fires(field: str, value: int) -> bool:
    """Whether a field of a cron expression holds for a minute or an hour."""
    return field == "*" or (value % int(field[2:]) == 0 if field.startswith("*/") else value == int(field))


def test_every_cadence_divides_the_day_and_fires_evenly():
    for length in LENGTHS:
        minute, hour, *_ = Every(length).cron.split()
        fired = [h * 60 + m for h in range(24) for m in range(60) if fires(hour, h) and fires(minute, m)]
        step = length // timedelta(minutes=1)
        assert fired == list(range(0, 24 * 60, step)), duration.render(length)


@pytest.mark.parametrize("value", ["7m", "45m", "90m", "5h", "2d", "0", "30s"])
def test_a_length_that_cron_cannot_say_is_no_cadence(value):
    with pytest.raises(Refused, match="divide"):
        cadences.parse(value)


@given(PLAIN, VARIABLE, st.text(min_size=1), PLAIN)
def test_a_variable_is_replaced_once_and_not_looked_at_again(before, name, value, after):
    assert environment.substitute(f"{before}${{{name}}}{after}", {name: value}) == before + value + after


@given(st.text())
def test_a_text_without_variables_stays_as_it_is(text):
    if "${" not in text:
        assert environment.substitute(text, {}) == text


@given(PLAIN)
def test_an_escape_stands_for_a_brace(text):
    assert environment.substitute(f"$${{{text}}}", {}) == f"${{{text}}}"


@given(VARIABLE, st.booleans())
def test_a_missing_or_empty_variable_takes_its_default_or_is_named(name, empty):
    environ = dict.fromkeys([name] if empty else [], "")
    assert environment.substitute(f"${{{name}:-a}}", environ) == "a"
    assert environment.substitute(f"${{{name}:-}}", environ) == ""
    with pytest.raises(Refused, match=name):
        environment.substitute(f"${{{name}}}", environ)


SCALARS = st.none() | st.booleans() | st.integers(-(10**15), 10**15) | PLAIN
TREES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(PLAIN, inner), max_leaves=12)


@pytest.mark.slow
@given(st.dictionaries(PLAIN, TREES, min_size=1))
def test_yaml_comes_back_as_it_was_dumped(value):
    quoted = yaml.safe_dump(value, default_style='"', allow_unicode=True)
    tree = yaml_tree.read(_untagged(quoted), "x.yml", {})
    assert tree.problems == []
    assert tree.value == _words(value)


def _untagged(text: str) -> str:
    """PyYAML tags what it quotes and isn't a string; without the tag it is the word."""
    return text.replace("!!null ", "").replace("!!bool ", "").replace("!!int ", "")


def _words(value: object) -> object:
    match value:
        case dict():
            return {key: _words(item) for key, item in value.items()}
        case list():
            return [_words(item) for item in value]
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case int():
            return str(value)
    return value


@given(st.lists(st.sampled_from("abcde"), min_size=1, max_size=8))
def test_each_doubled_key_is_a_problem_and_the_first_counts(keys):
    tree = yaml_tree.read("".join(f"{key}: {line}\n" for line, key in enumerate(keys)), "x.yml", {})
    assert tree.value == {key: keys.index(key) for key in keys}
    doubled = [line for line, key in enumerate(keys, start=1) if key in keys[: line - 1]]
    assert [problem.file for problem in tree.problems] == [f"x.yml:{line}" for line in doubled]


@given(st.text())
def test_any_text_is_a_tree_or_a_problem(text):
    tree = yaml_tree.read(text, "x.yml", {})
    assert tree.value is not None or tree.problems or text.strip()


@pytest.mark.slow
def test_a_file_nested_without_end_is_a_problem():
    tree = yaml_tree.read("[" * 5_000, "x.yml", {})
    assert [problem.message for problem in tree.problems] == ["nested too deeply"]


@given(IDENTIFIER, IDENTIFIER)
def test_a_relation_survives_being_written(schema, name):
    relation = Relation(schema=schema, name=name)
    if schema.strip() and name.strip():
        assert names.relation(str(relation)) == relation


@pytest.mark.parametrize(
    ("text", "relation"),
    [
        ("orders", Relation(name="orders")),
        ("sales.Orders", Relation(schema="sales", name="Orders")),
        ('"a.b"."c""d"', Relation(schema="a.b", name='c"d')),
        ("my table", Relation(name="my table")),
    ],
)
def test_relations_are_taken_exactly(text, relation):
    assert names.relation(text) == relation


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("gs://bucket", Folder(bucket="bucket")),
        ("gs://bucket/", Folder(bucket="bucket")),
        ("gs://bucket/a/b/", Folder(bucket="bucket", prefix="a/b")),
    ],
)
def test_places_in_cloud_storage(text, place):
    assert names.folder(text) == place


def test_a_place_holds_what_lies_in_it():
    folder = Folder(bucket="b", prefix="a")
    assert folder.holds(folder)
    assert folder.holds(Folder(bucket="b", prefix="a/c"))
    assert Folder(bucket="b").holds(folder)
    assert not folder.holds(Folder(bucket="b", prefix="ab"))
    assert not folder.holds(Folder(bucket="c", prefix="a"))


@pytest.mark.parametrize("where", ['{"owner": "%s"}', '{"%s": 1}'])
def test_characters_escaped_as_json_does_are_whole_or_refused(where):
    face = "\N{GRINNING FACE}"
    assert face in str(yaml_tree.read(where % r"\ud83d\ude00", "x.yml", {}).value)
    half = yaml_tree.read(where % r"\ud83d", "x.yml", {})
    assert [str(problem) for problem in half.problems] == [
        "x.yml:1: not valid YAML: half a character; write the character itself"
    ]
