"""The report's picture: ratios to a raw COPY of everybody with the first shape, and of the fast ones with each."""

from __future__ import annotations

import math
from html import escape

from contestants import BASE
from results import Results, Spread

WIDTH, LEFT, RIGHT = 900, 320, 70
STEP, BAR = 28, 16
IN_A_LINE = 4
INK, RULE = "#808890", "#b0b8c0"
COLOURS = {
    "floodmark-1": "#1769aa", "floodmark-2": "#35a0e8",
    "floodmark-1-optimised": "#0b8f6a", "floodmark-2-optimised": "#3fc79a", "duckdb": "#e0a030", "adbc": "#7a9e3b",
    "connectorx": "#a45fa8", "copy-binary": "#808890", "psycopg2": "#b5b9be",
}  # fmt: skip
OTHER = "#9aa2aa"
MARKS = (0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000)
"""Where a ratio's rule may stand."""


class Scale:
    """Ratios to places, by their logarithms."""

    def __init__(self, ratios: list[float]) -> None:
        low, high = min([*ratios, 0.5]), max([*ratios, 2.0])
        self._low = math.log(low * 0.9)
        self._each = (WIDTH - LEFT - RIGHT) / (math.log(high * 1.05) - self._low)
        seen = [mark for mark in MARKS if low * 0.9 <= mark <= high * 1.05]
        self.marks = seen if high < 6 else [mark for mark in seen if mark not in (0.75, 1.5, 3)]

    def place(self, ratio: float) -> float:
        """Pixels from the left."""
        return LEFT + (math.log(ratio) - self._low) * self._each


def svg(results: Results) -> str:
    """An SVG document; its colours suit a light and a dark page."""
    bars, y = _bars(results, 64)
    dots, height = _dots(results, y + 90)
    title = "Wall time as a ratio to a raw COPY of the same query; the scale is logarithmic"
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" '
        f'font-size="13" fill="{INK}" role="img">',
        f"<title>{title}</title>",
        f'<text x="16" y="24" font-size="16" font-weight="bold">{title}</text>',
        *bars,
        *dots,
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _bars(results: Results, top: int) -> tuple[list[str], int]:
    """A bar for each contestant with the first shape, from 1 on, with its spread; and where they end."""
    shape = next(iter(results.document["shapes"]))
    size = results.sizes(shape)[0]
    found: list[tuple[str, int, Spread]] = []
    for name in results.contestants():
        rows = results.rows_of(shape, size, name)
        if spread := results.ratio(shape, rows, name):
            found.append((name, rows, spread))
    scale = Scale([end for *_, spread in found for end in (spread.low, spread.high)])
    end = top + STEP * len(found)
    lines = [f'<text x="{LEFT}" y="{top - 16}" font-weight="bold">{escape(results.document["shapes"][shape])}</text>']
    lines += _rules(scale, top, end)
    one_to_one = scale.place(1)
    for number, (name, rows, spread) in enumerate(found):
        y = top + STEP * number + 6
        till, low, high = (scale.place(ratio) for ratio in (spread.middle, spread.low, spread.high))
        one = results.document["contestants"][name]
        fewer = f", {rows:,} rows" if rows != size else ""
        weight = ' font-weight="bold"' if name.startswith("floodmark") else ""
        lines += [
            f'<text x="{LEFT - 10}" y="{y + 12}" text-anchor="end"{weight}>{escape(one["label"] + fewer)}</text>',
            f'<rect x="{min(till, one_to_one):.1f}" y="{y}" width="{abs(till - one_to_one) or 1:.1f}" '
            f'height="{BAR}" fill="{COLOURS.get(name, OTHER)}"/>',
            f'<path d="M{low:.1f} {y + BAR / 2}H{high:.1f}" stroke="{INK}" stroke-width="2"/>',
            f'<text x="{max(high, one_to_one) + 6:.1f}" y="{y + 12}" font-weight="bold">'
            f"{_number(spread.middle)}</text>",
        ]
    return lines, end


def _dots(results: Results, top: int) -> tuple[list[str], int]:
    """A line for each shape and a dot for each fast contestant; and the picture's height."""
    names = [name for name in results.contestants(lambda one: not one["is_slow"]) if name != BASE]
    found: list[tuple[str, list[tuple[str, float]]]] = []
    for shape in results.document["shapes"]:
        for size in results.sizes(shape):
            ratios = [(name, spread.middle) for name in names if (spread := results.ratio(shape, size, name))]
            found.append((f"{shape}, {size:,} rows", ratios))
    scale = Scale([ratio for _, ratios in found for _, ratio in ratios])
    end = top + STEP * len(found)
    lines = _legend(results, names, top - 48) + _rules(scale, top, end)
    for number, (label, ratios) in enumerate(found):
        y = top + STEP * number + STEP / 2
        lines.append(f'<text x="{LEFT - 10}" y="{y + 4}" text-anchor="end">{escape(label)}</text>')
        lines.append(f'<path d="M{LEFT} {y}H{WIDTH - RIGHT}" stroke="{RULE}" stroke-width="0.5"/>')
        for name, ratio in reversed(ratios):
            lines.append(
                f'<circle cx="{scale.place(ratio):.1f}" cy="{y}" r="{7 if name.startswith("floodmark") else 5}" '
                f'fill="{COLOURS.get(name, OTHER)}"><title>{escape(name)} {ratio:.2f}</title></circle>'
            )
    return lines, end + 36


def _number(ratio: float) -> str:
    return f"{ratio:.2f}" if ratio < 10 else f"{ratio:,.0f}"


def _legend(results: Results, names: list[str], y: int) -> list[str]:
    lines = ["<g>"]
    for number, name in enumerate(names):
        x, down = 16 + number % IN_A_LINE * (WIDTH - 16) / IN_A_LINE, y + number // IN_A_LINE * 20
        label = results.document["contestants"][name]["label"]
        lines.append(f'<circle cx="{x + 6}" cy="{down - 4}" r="5" fill="{COLOURS.get(name, OTHER)}"/>')
        lines.append(f'<text x="{x + 16}" y="{down}" font-size="12">{escape(label)}</text>')
    return [*lines, "</g>"]


def _rules(scale: Scale, top: int, end: int) -> list[str]:
    lines = []
    for mark in scale.marks:
        x, width = scale.place(mark), 2 if mark == 1 else 0.5
        lines.append(f'<path d="M{x:.1f} {top}V{end}" stroke="{RULE}" stroke-width="{width}"/>')
        lines.append(f'<text x="{x:.1f}" y="{end + 16}" text-anchor="middle" font-size="12">{mark:g}</text>')
    return lines
