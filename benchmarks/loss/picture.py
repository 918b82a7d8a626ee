"""The result as a picture: one bar per contestant, rows lost and rows stale per million written."""

from __future__ import annotations

from html import escape

from report import Report

from floodmark.demo.loss.compare import per_million

WIDTH, LEFT, RIGHT, TOP, STEP, BAR = 860, 220, 150, 64, 44, 22
LOST, STALE = "#c0392b", "#e0a030"


def svg(report: Report) -> str:
    """An SVG document; its colours suit a light and a dark page."""
    rows = report.written.rows
    bars = [
        (one.name, per_million(one.difference.lost, rows), per_million(one.difference.stale, rows))
        for one in report.results
    ]
    most = max([lost + stale for _, lost, stale in bars] + [1.0])
    scale = (WIDTH - LEFT - RIGHT) / most
    height = TOP + STEP * len(bars) + 30
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" '
        'font-size="14" fill="#808890" role="img">',
        "<title>Rows lost and stale per million rows written</title>",
        f'<text x="{LEFT}" y="24" font-size="16" font-weight="bold">Rows lost or stale, per million written</text>',
        f'<rect x="{LEFT}" y="36" width="12" height="12" fill="{LOST}"/><text x="{LEFT + 18}" y="47">lost</text>',
        f'<rect x="{LEFT + 70}" y="36" width="12" height="12" fill="{STALE}"/>'
        f'<text x="{LEFT + 88}" y="47">stale</text>',
    ]
    for place, (name, lost, stale) in enumerate(bars):
        y = TOP + STEP * place
        end = LEFT + (lost + stale) * scale
        label = f"{lost:,.0f} + {stale:,.0f}" if lost or stale else "0"
        lines += [
            f'<text x="{LEFT - 12}" y="{y + 16}" text-anchor="end">{escape(name)}</text>',
            f'<rect x="{LEFT}" y="{y}" width="{lost * scale:.1f}" height="{BAR}" fill="{LOST}"/>',
            f'<rect x="{LEFT + lost * scale:.1f}" y="{y}" width="{stale * scale:.1f}" height="{BAR}" fill="{STALE}"/>',
            f'<text x="{end + 8:.1f}" y="{y + 16}" font-weight="bold">{label}</text>',
        ]
    like = report.parameters
    spanning = f"{report.written.spanning:,} transactions open over a slice's end"
    foot = f"{rows:,} rows written in {like.slices} slices; {spanning}"
    lines += [f'<text x="{LEFT}" y="{height - 10}" font-size="12">{escape(foot)}</text>', "</svg>"]
    return "\n".join(lines) + "\n"
