"""The pages that people read: every Markdown file that is kept in the repository."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(
    [*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *(ROOT / "state").glob("*.md")],
    key=str,
)


def name(page: Path) -> str:
    """Its path in the repository."""
    return str(page.relative_to(ROOT))


def prose(page: Path) -> str:
    """The page without its blocks of code."""
    return re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def blocks(page: Path, *languages: str) -> list[str]:
    """The blocks of code in one of ``languages`` ("" is a block without one)."""
    text = page.read_text(encoding="utf-8")
    found = re.findall(r"^```([\w-]*)[^\n]*\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
    return [code for language, code in found if language in languages]


def code(page: Path) -> list[str]:
    """Everything that the page shows as code: lines of its blocks, and what stands between backquotes."""
    lines = [line for block in blocks(page, "", "sh") for line in block.splitlines()]
    return lines + re.findall(r"`([^`\n]+)`", prose(page))
