"""How the page looks: readable by day, by night and on paper, and by the keyboard alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from floodmark.pipeline.page import page as module
from floodmark.pipeline.page.page import page
from floodmark.pipeline.page.render import html
from tests.pipeline.page.many import shop
from tests.pipeline.page.test_page import AT, Parts

FOLDER = Path(module.__file__).parent
CSS = (FOLDER / "page.css").read_text(encoding="utf-8")
LIGHT, BY_SYSTEM, CHOSEN = (
    dict(re.findall(r"--(\w+):(#\w+)", block)) for block in re.findall(r":root[^{]*\{([^}]*)\}", CSS)
)
READ = ("fg", "dim", "x", "ok", "warn", "focus")
"""Colours of text."""
DRAWN = ("s", "p", "m")
"""Of bars: sealed, provisional, missing."""


def luminance(colour: str) -> float:
    """As the Web Content Accessibility Guidelines define it, of ``#rgb`` or ``#rrggbb``."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """From 1 (none) to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_by_night_each_colour_is_another_whoever_asked_for_it() -> None:
    assert BY_SYSTEM == CHOSEN
    assert set(BY_SYSTEM) == set(LIGHT)
    assert [name for name in LIGHT if LIGHT[name] == BY_SYSTEM[name]] == []


@pytest.mark.parametrize("colours", [LIGHT, BY_SYSTEM], ids=["day", "night"])
def test_text_and_bars_stand_out_from_what_is_behind_them(colours: dict[str, str]) -> None:
    """The guidelines' levels: 4.5 for text, 3 for what is drawn. What is *assumed* or *due* is paler, with its word."""
    for behind in ("bg", "card"):
        weak = {name: contrast(colours[name], colours[behind]) for name in READ}
        assert {name: found for name, found in weak.items() if found < 4.5} == {}
        drawn = {name: contrast(colours[name], colours[behind]) for name in DRAWN}
        assert {name: found for name, found in drawn.items() if found < 3} == {}


def test_on_paper_all_is_open_in_its_colours_and_what_one_clicks_is_not_there() -> None:
    [printed] = re.findall(r"@media print\{(.*)\}$", CSS, re.MULTILINE)
    for rule in (
        "tr[hidden]{display:table-row!important}",
        "print-color-adjust:exact",
        "display:none!important",
        ".scroll{overflow:visible}",
        "tr{break-inside:avoid}",
    ):
        assert rule in printed
    assert re.search(r"\.js[^{]*\{display:none!important\}", printed)


def test_whatever_can_be_clicked_is_reached_by_the_keyboard_and_shows_where_one_is() -> None:
    source, shelf = shop()
    script = (FOLDER / "page.js").read_text(encoding="utf-8")
    assert set(re.findall(r"(\w+)\.addEventListener\('(?:click|input)'", script)) == {"button", "at", "filter"}
    elements = Parts(html(page(source, shelf.ledger, AT))).elements
    assert not [parts for _, parts in elements if "onclick" in parts or parts.get("tabindex") not in (None, "0")]
    named = {parts.get("id"): tag for tag, parts in elements}
    assert (named["at"], named["filter"]) == ("input", "input")
    assert "button" in {tag for tag, _ in elements}
    assert re.search(r":focus-visible\{outline:\dpx solid var\(--focus\)", CSS)
