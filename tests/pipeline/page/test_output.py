"""What commands said, kept as a small document: all of it is shown, as text; it is bounded, and nothing is trusted."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from floodmark.pipeline.page.kept import UnreadablePage
from floodmark.pipeline.page.output import BOUND, LAYOUT, KeptOutput, bounded, read
from tests.pipeline.page.test_page import AT, HOSTILE, Parts

SAID = KeptOutput(
    source="shop", commands=("floodmark prove shop",), exit_code=1, verdict="something is not well", ended_at=AT,
    lines=("orders   a gap", "items    fine"), documents=({"ok": False, "tables": [{"table": "orders"}]},),
)  # fmt: skip


def _through_json(output: KeptOutput) -> KeptOutput:
    return read(json.loads(json.dumps(output.document(), allow_nan=False)))


def test_the_page_has_the_command_its_verdict_and_all_that_it_said() -> None:
    kept = _through_json(bounded(SAID))
    assert kept == SAID
    text = Parts(kept.html("manual__1")).text
    for said in (
        "what the run manual__1 said, which ended 03 Nov 2026 03:12:00 UTC",
        "Exit code 1: something is not well.",
        "floodmark prove shop",
        "orders a gap items fine",
        '"table": "orders"',
    ):
        assert said in text
    assert "too long" not in text
    assert "orders   a gap\nitems    fine" in kept.html("manual__1"), "columns stay columns"


def test_what_went_well_is_told_apart_from_what_did_not() -> None:
    def verdict(output: KeptOutput) -> list[str | None]:
        return [parts.get("class") for tag, parts in Parts(output.html("r")).elements if parts.get("id") == "verdict"]

    assert verdict(SAID) == ["bad"]
    assert verdict(replace(SAID, exit_code=0)) == [None]
    assert "No command was begun." in replace(SAID, commands=()).html("r")


def test_text_stays_text() -> None:
    hostile = replace(
        SAID, source=HOSTILE, commands=(HOSTILE,), verdict=HOSTILE, lines=(HOSTILE, "</pre>"), without=HOSTILE,
        documents=({HOSTILE: [HOSTILE, "</pre></details>"]},),
    )  # fmt: skip
    for output in (hostile, bounded(hostile)):
        tags = [tag for tag, _ in Parts(output.html(HOSTILE)).elements]
        assert (tags.count("script"), tags.count("img"), tags.count("pre"), tags.count("details")) == (1, 0, 2, 1)


def test_any_database_takes_it() -> None:
    odd = "half \ud83d a face, \0 nothing, \x1b[31mred"
    kept = bounded(replace(SAID, lines=(odd,), documents=({odd: [odd, 1, None, True]},)))
    text = json.dumps(kept.document(), ensure_ascii=False)
    text.encode()
    assert not {"\0", "\x1b"} & set("".join(kept.lines) + "".join(kept.documents[0]))
    assert "\\u0000" not in text.replace("\\\\u0000", "")
    assert kept.documents[0][kept.lines[0]] == [kept.lines[0], 1, None, True]


def test_above_its_bound_the_first_lines_and_the_documents_are_left_out_and_that_is_said() -> None:
    lines = tuple(f"line {number:06}" for number in range(100_000))
    long = bounded(replace(SAID, lines=lines))
    left = len(lines) - len(long.lines)
    assert long.lines == lines[left:]
    assert BOUND - len(lines[0]) <= len("\n".join(long.lines)) < BOUND
    assert long.documents == SAID.documents
    whole = bounded(replace(long, documents=({"said": "x" * BOUND},), lines=lines))
    assert whole.documents == ()
    assert f"without the first {left:,} of 100,000 lines and the documents." in Parts(whole.html("r")).text
    assert "The log of its task has all lines." in Parts(whole.html("r")).text


@pytest.mark.parametrize(
    "document",
    [
        None,
        "text",
        {},
        SAID.document() | {"layout": LAYOUT + 1},
        SAID.document() | {"lines": "text"},
        SAID.document() | {"exit_code": "<b>"},
        SAID.document() | {"ended_at": "9999-12-31T23:59:59-12:00"},
        SAID.document() | {"ended_at": "2026-11-03T03:12:00"},
    ],
)
def test_what_somebody_else_has_kept_is_refused(document: Any) -> None:
    with pytest.raises(UnreadablePage):
        read(document)


def test_documents_that_go_too_deep_are_refused() -> None:
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(UnreadablePage):
        read(SAID.document() | {"documents": [deep]}).html("r")
