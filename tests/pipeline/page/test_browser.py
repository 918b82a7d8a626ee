"""The page in Chromium: its script runs, answers by its address, and nobody else's does."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from floodmark.pipeline.page.page import page
from floodmark.pipeline.page.render import html
from tests.pipeline.page.chromium import opened
from tests.pipeline.page.many import HOUR, NOW, five_hundred, holder, segment, shop
from tests.pipeline.page.test_page import AT, Parts

pytestmark = pytest.mark.long
OWNED = "</title></script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "page.html"


def _answer(dom: str) -> str:
    return re.sub(r"<[^>]+>", "", dom.partition("<output")[2].partition("</output>")[0].partition(">")[2])


def test_its_address_asks_whether_the_numbers_can_be_trusted(file: Path) -> None:
    source, shelf = shop()
    file.write_text(html(page(source, shelf.ledger, AT)), encoding="utf-8")
    found = opened(file, "#at=2026-11-02T12:00")
    assert _answer(found.dom) == "No, not in 3 of 8 tables: customers, payments, invoices."
    assert _answer(opened(file, "#at=2026-10-31T00:00").dom).startswith("No, not in 2 of 8 tables")
    assert found.console == ()


def test_a_page_whose_writer_is_down_says_so_and_what_is_closed_can_be_opened(file: Path) -> None:
    source, shelf = shop()
    file.write_text(html(page(source, shelf.ledger, AT - 24 * 365 * HOUR)), encoding="utf-8")
    dom = opened(file).dom
    elements = Parts(dom).elements
    [old] = [parts for _, parts in elements if parts.get("id") == "old"]
    assert "hidden" not in old
    assert "days ago" in dom
    buttons = [parts for tag, parts in elements if tag == "button"]
    assert len(buttons) == 8
    assert {parts.get("aria-expanded") for parts in buttons} == {"false"}


def test_hostile_text_runs_nothing(file: Path) -> None:
    source, shelf = shop()
    held = segment(51, 52, sealed=False, held_by=(holder(7, OWNED),))
    head = shelf.put("orders", segment(0, 51), held, error=OWNED)
    shelf.ledger._heads[head.target] = replace(head, holder=OWNED, renewed_at=AT)
    file.write_text(html(page(source, shelf.ledger, AT)), encoding="utf-8")
    found = opened(file)
    assert "<title>shop · 5 need you · Floodmark</title>" in found.dom
    assert found.console == ()


def test_five_hundred_tables_open_without_a_word_on_the_console(file: Path) -> None:
    source, shelf = five_hundred(ill=72)
    file.write_text(html(page(source, shelf.ledger, NOW)), encoding="utf-8")
    found = opened(file, "#at=2027-10-31T00:00")
    assert _answer(found.dom).startswith("No, not in 72 of 500 tables: some_schema_of_theirs_000, ")
    assert found.console == ()
