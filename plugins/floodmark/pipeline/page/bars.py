"""Stretches of time as a picture: one SVG path for each state, and the same in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from markupsafe import Markup

from floodmark.pipeline.page.stretches import BUCKETS, WORDS, Colour, Stretch, binned

SAID = 4
"""So many of a bar's newest stretches are told in words."""


def recent(several: Sequence[Stretch], low: datetime, high: datetime) -> Markup:
    """A bar of which a unit is a minute; empty where there is nothing to draw."""
    parts = [(one.colour, _minutes(one.interval.low - low), _minutes(one.interval.high - low)) for one in several]
    words = "; ".join(one.words for one in several[-SAID:])
    return _bar(parts, _minutes(high - low), words) if several else Markup()


def since_start(several: Sequence[Stretch], low: datetime, high: datetime) -> Markup:
    """A bar of all time since a table's start; empty where there is nothing to draw."""
    return _bar(binned(several, low, high), BUCKETS, _shares(several, high - low)) if several else Markup()


def _bar(parts: Iterable[tuple[Colour, int, int]], width: int, words: str) -> Markup:
    lines: dict[Colour, list[str]] = {}
    for colour, low, high in parts:
        lines.setdefault(colour, []).append(f"M{low} 5h{high - low}")
    paths = "".join(f'<path class={colour.value} d="{"".join(drawn)}"/>' for colour, drawn in lines.items())
    title = Markup("<title>{}</title>").format(words)
    opening = f'<svg viewBox="0 0 {width} 10" preserveAspectRatio="none" role="img">'
    return Markup(opening) + title + Markup(paths) + Markup("</svg>")


def _shares(several: Sequence[Stretch], whole: timedelta) -> str:
    lengths: dict[Colour, timedelta] = {}
    for one in several:
        lengths[one.colour] = lengths.get(one.colour, timedelta(0)) + one.interval.width
    return ", ".join(f"{_percent(lengths[one] / whole)} {WORDS[one]}" for one in WORDS if one in lengths)


def _percent(share: float) -> str:
    """A missing minute of a year isn't nothing, nor is the rest all of it."""
    if share >= 1:
        return "100%"
    return "<0.1%" if share < 0.001 else f"{min(share, 0.999):.1%}"


def _minutes(length: timedelta) -> int:
    return length // timedelta(minutes=1)
