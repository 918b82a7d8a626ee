"""The site's navigation holds each page once, and says at first sight what the README does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from tests.docs.pages import DOCS, ROOT

SITE = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))


def pages(entry: Any) -> Iterator[str]:
    """The files that a part of the navigation names."""
    if isinstance(entry, str):
        yield entry
    else:
        for part in entry if isinstance(entry, list) else entry.values():
            yield from pages(part)


def test_each_page_is_in_the_navigation_once() -> None:
    named = list(pages(SITE["nav"]))
    assert sorted(named) == sorted(str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md"))


def test_a_reader_meets_the_promise_before_the_inside() -> None:
    parts = [next(iter(part)) for part in SITE["nav"]]
    assert parts[:3] == ["Floodmark", "Start", "What it promises"]
    assert parts[-1] == "Inside"


def test_the_first_sentence_is_the_readmes() -> None:
    first, second = (
        " ".join(page.read_text(encoding="utf-8").split("\n\n")[1].replace("*", "").split())
        for page in (ROOT / "README.md", DOCS / "index.md")
    )
    assert first == second


def test_nothing_of_the_site_comes_from_elsewhere() -> None:
    assert SITE["theme"]["font"] is False
    assert not {"extra_css", "extra_javascript", "hooks"} & set(SITE)
