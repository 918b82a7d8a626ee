"""Stretches of time as a picture: one SVG path for each state, and the same in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from markupsafe import Markup

from floodmark.pipeline.page.stretches import BUCKETS, WORDS, Colour, Stretch, binned

SAID = 4
"""So many of a bar's newest stretches are told in words."""


@dataclass(frozen=True, kw_only=True)
class Bar:
    """``parts`` are ``(state, from, to)`` in units of which the bar is ``width`` wide; ``words`` say the same.

    Plain values, so that a page can be kept and drawn elsewhere; a template draws it by its name.
    """

    parts: tuple[tuple[Colour, int, int], ...] = ()
    width: int = 0
    words: str = ""

    def __bool__(self) -> bool:
        """Whether there is anything to draw."""
        return bool(self.parts)

    def __html__(self) -> str:
        """The drawing. Nothing of it is text of somebody else's but the words, which are escaped."""
        if not self.parts:
            return ""
        lines: dict[Colour, list[str]] = {}
        for colour, low, high in self.parts:
            lines.setdefault(colour, []).append(f"M{low} 5h{high - low}")
        paths = "".join(f'<path class={colour.value} d="{"".join(drawn)}"/>' for colour, drawn in lines.items())
        title = Markup("<title>{}</title>").format(self.words)
        opening = f'<svg viewBox="0 0 {self.width} 10" preserveAspectRatio="none" role="img">'
        return f"{opening}{title}{paths}</svg>"


NOTHING = Bar()


def recent(several: Sequence[Stretch], low: datetime, high: datetime) -> Bar:
    """A bar of which a unit is a minute; empty where there is nothing to draw."""
    if not several:
        return NOTHING
    parts = ((one.colour, _minutes(one.interval.low - low), _minutes(one.interval.high - low)) for one in several)
    words = "; ".join(one.words for one in several[-SAID:])
    return Bar(parts=tuple(parts), width=_minutes(high - low), words=words)


def since_start(several: Sequence[Stretch], low: datetime, high: datetime) -> Bar:
    """A bar of all time since a table's start; empty where there is nothing to draw."""
    if not several:
        return NOTHING
    return Bar(parts=tuple(binned(several, low, high)), width=BUCKETS, words=_shares(several, high - low))


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
