"""A page kept as a small document: all that it shows comes back, it is bounded, and nothing of it is trusted."""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from floodmark.pipeline.page.kept import BOUND, LAYOUT, UNPACKED, KeptPage, UnreadablePage, keep, read
from floodmark.pipeline.page.page import Page, page
from floodmark.pipeline.page.render import html
from floodmark.pipeline.page.verdicts import Word
from floodmark.pipeline.reports.summaries import SummaryStatus
from tests.pipeline.page.many import NOW, config, five_hundred, holder, segment, shop
from tests.pipeline.page.test_page import AT, HOSTILE, Parts

URI = "gs://bucket/_status/shop.html"
OLD = Path(__file__).with_name("kept_of_layout_1.json")


def _through_json(kept: KeptPage) -> KeptPage:
    return read(json.loads(json.dumps(kept.document())))


def _inside(kept: KeptPage) -> dict[str, Any]:
    inside: dict[str, Any] = json.loads(zlib.decompress(base64.b85decode(kept.page)))
    return inside


def _with(kept: KeptPage, inside: dict[str, Any]) -> KeptPage:
    packed = base64.b85encode(zlib.compress(json.dumps(inside).encode())).decode()
    return replace(kept, page=packed)


def _shop() -> Page:
    source, shelf = shop()
    held = segment(51, 52, sealed=False, held_by=(holder(7, HOSTILE),))
    shelf.put("orders", segment(0, 51), held, error=f"half \ud83d a face {HOSTILE}", reads=3)
    summaries = (SummaryStatus(summary="daily", target="proj.shop.daily", rows=7, error=HOSTILE),)
    return page(source, shelf.ledger, AT, summaries=summaries)


def test_what_is_kept_draws_the_same_page() -> None:
    shown = _shop()
    kept = _through_json(keep(shown, URI))
    assert html(kept.shown()) == html(shown)
    assert (kept.source, kept.word, kept.tables, kept.need_somebody) == ("shop", Word.BLOCKED, 8, shown.ill)
    assert (kept.now, kept.trusted, kept.uri, kept.without) == (shown.now, shown.trusted, URI, "")


def test_nothing_is_kept_that_the_page_does_not_show() -> None:
    shown = _shop()
    [orders] = [row.status for row in shown.rows if row.status.table == "orders"]
    secret = replace(orders, holder="SECRET", under_way="SECRET", history="SECRET", reasons=("SECRET",))
    rows = tuple(replace(row, status=secret) if row.status is orders else row for row in shown.rows)
    kept = keep(replace(shown, rows=rows), URI)
    assert "SECRET" not in json.dumps([kept.document(), _inside(kept)])


@pytest.mark.parametrize(("ill", "most"), [(0, 6_000), pytest.param(72, 32_000, marks=pytest.mark.slow)])
def test_five_hundred_tables_of_a_year_are_few_kilobytes(ill: int, most: int) -> None:
    source, shelf = five_hundred(ill=ill)
    kept = keep(page(source, shelf.ledger, NOW), URI)
    assert len(kept.page) < most < BOUND
    assert len(kept.shown().rows) == 500


def test_above_its_bound_the_evidence_is_left_out_and_then_the_page() -> None:
    shown = _shop()
    whole = len(keep(shown, URI).page)
    less = keep(shown, URI, bound=whole - 1)
    assert less.without == "the reads of each table"
    assert not any(row.reads for row in less.shown().rows)
    assert "Reads of the other tables: floodmark ledger reads shop TABLE" in Parts(html(less.shown())).text
    assert [row.status.table for row in less.shown().rows] == [row.status.table for row in shown.rows]
    least = keep(shown, URI, bound=100)
    assert (least.without, least.page, least.need_somebody) == ("the page", "", shown.ill)


def test_a_page_of_layout_1_stays_readable() -> None:
    kept = read(json.loads(OLD.read_text(encoding="utf-8")))
    text = Parts(html(kept.shown())).text
    assert "3 of 8 tables are sealed up to Tue 03 Nov 2026 00:48:00 UTC" in text
    assert "pid 4711 (billing worker 3), role app, open since 03 Nov 2026 00:46:00 holds items" in text
    assert "Newest 12 reads" in text


@pytest.mark.parametrize(
    "document",
    [
        None, "text", 7, [], {}, {"layout": LAYOUT + 1}, {"layout": LAYOUT}, {"layout": LAYOUT, "source": ["shop"]},
        {**keep(page(config("orders: {}"), shop()[1].ledger, AT), URI).document(), "word": "<script>"},
        {**keep(page(config("orders: {}"), shop()[1].ledger, AT), URI).document(), "now": "2026-11-03T00:00:00"},
        {**keep(page(config("orders: {}"), shop()[1].ledger, AT), URI).document(), "trusted": "0001-01-01T00:00+14:00"},
    ],
    ids=["null", "a text", "a number", "a list", "empty", "another layout", "a layout alone", "a list for a text",
         "an unknown word", "a moment without a zone", "a moment before all time"],
)  # fmt: skip
def test_what_is_no_page_of_ours_is_refused(document: Any) -> None:
    with pytest.raises(UnreadablePage):
        read(document)


@pytest.mark.parametrize(
    "packed",
    [
        "", "no base85 \"", base64.b85encode(b"not zlib").decode(),
        base64.b85encode(zlib.compress(b"[" * 100_000)).decode(),
        base64.b85encode(zlib.compress(b'{"source":"shop"}')).decode(),
    ],
    ids=["nothing", "no base85", "no zlib", "too deep", "half a page"],
)  # fmt: skip
def test_a_page_that_is_none_is_refused(packed: str) -> None:
    with pytest.raises(UnreadablePage):
        replace(keep(_shop(), URI), page=packed).shown()


def test_a_page_that_unpacks_to_too_much_is_refused_though_all_else_of_it_is_right() -> None:
    kept = keep(_shop(), URI)
    text = json.dumps(_inside(kept)).encode() + b" " * (UNPACKED + 1)
    large = replace(kept, page=base64.b85encode(zlib.compress(text, 9)).decode())
    with pytest.raises(UnreadablePage):
        large.shown()


def test_what_somebody_else_put_into_it_stays_text() -> None:
    kept = keep(_shop(), URI)
    inside = _inside(kept)
    inside["source"] = inside["named"] = inside["rows"][0]["notes"][0] = HOSTILE
    inside["rows"][0]["status"]["table"] = inside["needs"][0]["why"] = inside["holders"][0]["query"] = HOSTILE
    for row in inside["rows"]:
        for bar in ("recent", "since_start"):
            row.setdefault(bar, {})["words"] = HOSTILE
    elements = Parts(html(_with(kept, inside).shown(), note=HOSTILE)).elements
    assert [tag for tag, _ in elements].count("script") == 1
    assert not [tag for tag, _ in elements if tag == "img"]
    assert not [parts for _, parts in elements if "onload" in parts or "onerror" in parts]


@pytest.mark.parametrize("place", ["parts", "width"])
def test_a_bar_takes_no_text_where_it_has_numbers(place: str) -> None:
    kept = keep(_shop(), URI)
    inside = _inside(kept)
    drawn = next(row["recent"] for row in inside["rows"] if "recent" in row)
    drawn[place] = {"parts": [["s>", 0, 5]], "width": HOSTILE}[place]
    with pytest.raises(UnreadablePage):
        _with(kept, inside).shown()
