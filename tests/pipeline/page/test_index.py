"""The list of sources: the worst first, each with its age, and every text in it stays text."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from floodmark.pipeline.page.index import NONE, Entry, index, says
from floodmark.pipeline.page.kept import keep
from floodmark.pipeline.page.page import page
from floodmark.pipeline.page.verdicts import Word
from tests.pipeline.page.many import shop
from tests.pipeline.page.test_page import AT, HOSTILE, Parts

SOURCE, SHELF = shop()
KEPT = keep(page(SOURCE, SHELF.ledger, AT), "gs://bucket/_status/shop.html")


def _entry(source: str, word: Word | None, *, minutes: int = 12) -> Entry:
    kept = replace(KEPT, source=source, word=word, need_somebody=4 if word and word.needs_somebody else 0)
    return Entry(kept=kept, link=f"dag/{source}", now=AT + timedelta(minutes=minutes))


def test_the_worst_comes_first_with_its_verdict_and_its_age() -> None:
    parts = Parts(
        index([_entry("a", Word.SEALED), _entry("b", Word.BLOCKED), _entry("c", None), _entry("d", Word.HELD)])
    )
    links = [attributes["href"] for tag, attributes in parts.elements if tag == "a"]
    assert links == ["dag/b", "dag/d", "dag/a", "dag/c"]
    assert "b blocked 8 4 03 Nov 2026 00:48:00 12 min ago d held 8 none" in parts.text
    assert ": old" not in parts.text


def test_a_page_whose_writer_is_down_is_told_to_be_old() -> None:
    assert "91 min ago : old, its writer may be down" in Parts(index([_entry("a", Word.SEALED, minutes=91)])).text


def test_where_there_is_none_it_says_why_and_what_cant_be_read_is_named() -> None:
    assert NONE in Parts(index([])).text
    assert (
        "The pages of these DAGs are none that this version reads: shop, stock."
        in Parts(index([], ["shop", "stock"])).text
    )


def test_text_stays_text() -> None:
    for text in (index([_entry(HOSTILE, Word.BLOCKED)], [HOSTILE]), says(HOSTILE, HOSTILE)):
        tags = [tag for tag, _ in Parts(text).elements]
        assert (tags.count("script"), tags.count("img")) == (1, 0)
