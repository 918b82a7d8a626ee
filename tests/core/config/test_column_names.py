"""Which names BigQuery allows for a column (its page "Specify a schema"), and which one is offered instead."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from floodmark.core.bigquery import googlesql
from floodmark.core.config import column_names, names
from floodmark.core.config.yaml_tree import read
from floodmark.core.refused import Refused


@pytest.mark.parametrize(
    "name",
    ["id", "Größe", "名前", "line no", "a-b", "a\u2013b", "rate%", "a&b", "x=y", "x+y", "x:y", "it's", "<x>", "#1",
     "a|b", "1st", "é", "e\u0301", "x\u203fy"],
)  # fmt: skip
def test_letters_numbers_marks_connectors_dashes_and_some_signs_are_allowed(name: str) -> None:
    assert column_names.refusal(name) == ""
    assert googlesql.column(name) == name


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("temp_°C", "no ° in"),
        ("preis_€", "no € in"),
        ("№", "no № in"),
        ("brand™", "no ™ in"),
        ("mood 🙂", "no 🙂 in"),
        ("a\tb", "no U+0009 in"),
        ("a\u00a0b", "no U+00A0 in"),
        ("a\u200bb", "no U+200B in"),
        ('say "x" (y)', 'no " ( ) in'),
        ("a.b/c", "no . / in"),
        ("a`b\\c~", "no \\ ` ~ in"),
        ("  ", "blank or longer"),
        ("x" * 301, "blank or longer"),
        ("_CHANGE_TYPE", "begin with _CHANGE_TYPE"),
        ("_change_Sequence_number_2", "begin with _CHANGE_SEQUENCE_NUMBER"),
        ("_Change_Timestamp", "begin with _CHANGE_TIMESTAMP"),
        ("_PARTITIONTIME", "begin with _PARTITION"),
        ("_table_suffix", "begin with _TABLE_"),
        ("_File_name", "begin with _FILE_"),
        ("_row_timestamp", "begin with _ROW_TIMESTAMP"),
        ("__root__x", "begin with __ROOT__"),
        ("_ColIdentifier", "begin with _COLIDENTIFIER"),
    ],
)
def test_all_else_is_refused_with_the_reason(name: str, said: str) -> None:
    assert said in column_names.refusal(name)
    with pytest.raises(Refused):
        googlesql.column(name)


@pytest.mark.parametrize(
    ("name", "taken", "offered"),
    [
        ("temp_°C", (), 'rename: {"temp_°C": temp_c}'),
        ("preis_€", ("preis",), 'rename: {"preis_€": preis_2}'),
        ("🙂", ("Column", "column_2"), 'rename: {"🙂": column_3}'),
        ("_PARTITIONTIME", (), 'rename: {"_PARTITIONTIME": partitiontime}'),
        ("a\u00a0b", (), 'rename: {"a\\u00a0b": a_b}'),
        ("1°", (), 'rename: {"1°": c_1}'),
        ("no.", (), 'rename: {"no.": no_2}'),
    ],
)
def test_another_name_is_offered_as_it_is_written(name: str, taken: tuple[str, ...], offered: str) -> None:
    assert column_names.offer(name, taken) == offered


@settings(deadline=None)
@given(name=st.text(min_size=1), taken=st.lists(st.text("abc_1", min_size=1), max_size=4))
def test_what_is_offered_is_allowed_new_and_means_this_column(name: str, taken: list[str]) -> None:
    written = read(column_names.offer(name, taken), "shop.yml", {}).value["rename"] if name.isprintable() else None
    given = written or {name: column_names._another(name, taken)}
    [(source, target)] = given.items()
    assert source == name
    assert column_names.refusal(target) == ""
    assert target.casefold() not in {one.casefold() for one in taken}
    assert not target.startswith(names.OURS)
