"""An export's file, line by line; and its query, in one line: pure."""

from __future__ import annotations

import gzip
import io
from typing import Any

import pytest

from floodmark.adapters.cloudsql.file import answers, batches, first, lines
from floodmark.adapters.cloudsql.one_line import one_line
from floodmark.errors import SourceRefused, SourceUnavailable

ITEMS = [("id", "int32"), ("note", "string"), ("cursor", "timestamp[us, tz=UTC]"), ("gone", "bool")]
ROWS = b'h,{}\nr,"[[1,""a\\"",\\\\"",0,false]]"\nr,"[[2,null,""infinity"",true]]"\ne,{}\n'


def read(text: bytes) -> tuple[str, list[dict[str, Any]], list[str]]:
    ends: list[str] = []
    found = lines(io.BufferedReader(io.BytesIO(text)), "t")  # type: ignore[arg-type]
    evidence = first(found, "t")
    rows = [
        row
        for batch in batches(found, ITEMS, "t", ends.append)
        for row in batch.select(["id", "note", "gone"]).to_pylist()
    ]
    return evidence, rows, ends


def test_rows_come_back_as_they_were_written() -> None:
    wanted = [
        {"id": 1, "note": 'a",\\', "gone": False},
        {"id": 2, "note": None, "gone": True},
    ]
    assert read(ROWS) == ("{}", wanted, ["{}"])
    assert read(gzip.compress(ROWS)) == ("{}", wanted, ["{}"])


@pytest.mark.parametrize("size", [*range(1, len(ROWS), 7), len(ROWS) - 1])
def test_a_file_that_ends_anywhere_else_is_not_believed(size: int) -> None:
    with pytest.raises(SourceUnavailable, match=r"cut short|does not begin"):
        read(ROWS[:size])


@pytest.mark.parametrize("text", [b"r,[]\n" + ROWS, b"", ROWS + b"r,[]\n", ROWS.replace(b"e,", b"x,")])
def test_nor_is_one_whose_lines_came_in_another_order(text: bytes) -> None:
    with pytest.raises(SourceUnavailable):
        read(text)


def test_a_text_that_is_not_in_utf_8_is_refused_and_not_altered() -> None:
    """As of a database in SQL_ASCII, which lets it be. Of the evidence, the canary tells more."""
    with pytest.raises(SourceRefused, match=r"22021.*mend it, or exclude its column"):
        read(ROWS.replace(b"a\\", b"\xff\\"))
    assert read(ROWS.replace(b"h,{}", b"h,\xe9"))[0] == "\ufffd"


def test_answers_need_an_end_too() -> None:
    told = b'r,"[1, {""a"":1,""a"":[2]}]"\n'
    found = lines(io.BufferedReader(io.BytesIO(told + b"e,1\n")), "t")  # type: ignore[arg-type]
    assert answers(found, 2, "t") == ([[], [(1, [2])]], "1")
    with pytest.raises(SourceUnavailable, match="cut short"):
        answers(lines(io.BufferedReader(io.BytesIO(told)), "t"), 2, "t")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a -- b\n  c", "a c"),
        ("a /* b /* c */ d */ e", "a e"),
        ("'a  --  b' /* ' */", "'a  --  b'"),
        ("E'it\\'s  --' , \"x  --y\"", "E'it\\'s  --' , \"x  --y\""),
        ("$t$ --  $ $t$\n;", "$t$ --  $ $t$ ;"),
        ("a /* unended", "a"),
        ("\n\n", ""),
    ],
)
def test_a_query_is_put_in_one_line_without_its_comments(text: str, line: str) -> None:
    assert one_line(text, "t") == line


@pytest.mark.parametrize("text", ["'a\nb'", '"a\nb"', "$$a\nb$$"])
def test_an_end_of_a_line_within_a_string_is_refused(text: str) -> None:
    with pytest.raises(SourceRefused, match="write it as an escape"):
        one_line(f"x = {text}", "t")
