"""The documentation's page of the benchmark, of which one section is MariaDB's: each run rewrites its own part."""

from __future__ import annotations

from pathlib import Path

from picture import svg
from report import Report, markdown

BEGIN, END = "<!-- MariaDB's section -->\n", "<!-- the end of MariaDB's section -->\n"


def rewrite(docs: Path, report: Report) -> None:
    """Rewrite ``loss-benchmark.md`` and its picture in the folder ``docs``; what isn't this report's stays."""
    page, pictures = docs / "loss-benchmark.md", docs / "images"
    pictures.mkdir(parents=True, exist_ok=True)
    (pictures / f"loss{'-mysql' if report.mysql else ''}.svg").write_text(svg(report))
    before = page.read_text(encoding="utf-8") if page.exists() else BEGIN + END
    if report.mysql:
        page.write_text(_with_section(before, markdown(report)), encoding="utf-8")
    else:
        page.write_text(_with_section(markdown(report), _section(before)), encoding="utf-8")


def _section(page: str) -> str:
    return page.partition(BEGIN)[2].partition(END)[0]


def _with_section(page: str, section: str) -> str:
    head, begin, rest = page.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the page has no lines {BEGIN.strip()} and {END.strip()}: put them back")
    return f"{head}{begin}{section}{end}{tail}"
