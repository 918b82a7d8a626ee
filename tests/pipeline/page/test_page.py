"""The page: what it says first, how large it is, what it asks of the ledger, and that every text in it stays text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser

import pytest

from floodmark.core.ledger.head import Head
from floodmark.core.ledger.portion import FirstPart, Part
from floodmark.core.ledger.read import Read
from floodmark.core.ledger.snapshot import Snapshot
from floodmark.pipeline.page.page import FEW_TABLES, READS, READS_OF_MANY, page
from floodmark.pipeline.page.render import html
from tests.fakes.examples import ZERO
from tests.fakes.ledger import MemoryLedger
from tests.pipeline.page.many import HOUR, NOW, Shelf, applied, config, five_hundred, holder, segment, shop

AT = ZERO + timedelta(days=2, hours=3, minutes=12)
HOSTILE = """</script><script>alert(1)</script><img src=x onerror=alert(1)>"' onload=alert(1) &lt; {{ 7*7 }} ${x}"""


class Parts(HTMLParser):
    """What a browser makes of it: elements with their attributes, and text."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())


def test_the_verdict_is_that_of_the_tables_that_need_nobody_and_says_who_needs_somebody() -> None:
    source, shelf = shop()
    shown = page(source, shelf.ledger, AT)
    assert (shown.trusted, shown.well, shown.ill) == (ZERO + timedelta(hours=48.8), 3, 4)
    text = Parts(html(shown)).text
    assert "3 of 8 tables are sealed up to Tue 03 Nov 2026 00:48:00 UTC" in text
    assert "4 need you · as of 03 Nov 2026 03:12:00 UTC" in text
    assert (
        "blocked refunds column refunds.reason is gone; write renamed, or exclude it floodmark unblock shop refunds"
        in text
    )
    assert "at least 20 rows of the source are missing from current: floodmark reconcile --heal shop customers" in text
    assert "pid 4711 (billing worker 3), role app, open since 03 Nov 2026 00:46:00 holds items" in text


def test_each_command_names_the_source_as_it_can_be_typed() -> None:
    source, shelf = shop()
    text = Parts(html(page(source, shelf.ledger, AT, named="variable:mine"))).text
    for command in ("unblock variable:mine refunds", "reconcile --heal variable:mine customers", "prove variable:mine"):
        assert f"floodmark {command}" in text
    assert text.count("floodmark ") == text.count(" variable:mine")


def test_a_holder_is_shown_with_a_query_of_its_own_database_only() -> None:
    source, shelf = shop()
    assert [one.query for one in page(source, shelf.ledger, AT).holders] == [
        "SELECT * FROM pg_stat_activity WHERE pid = 4711"
    ]
    for target, head in shelf.ledger._heads.items():
        assert head.last
        snapshot = Snapshot(place={"log": "binlog.000007 157"})  # as MySQL's are
        shelf.ledger._heads[target] = replace(head, last=replace(head.last, snapshot=snapshot))
    assert [one.query for one in page(source, shelf.ledger, AT).holders] == [""]


def test_a_source_that_is_well_says_so_and_one_that_was_never_read_claims_nothing() -> None:
    shelf = Shelf()
    shelf.put("orders", segment(0, 51), reads=1)
    text = Parts(html(page(config("orders: {}"), shelf.ledger, AT))).text
    assert "Its one table is sealed up to Tue 03 Nov 2026 03:00:00 UTC Nothing to do" in text
    assert "Nothing is sealed yet" in Parts(html(page(config("orders: {}"), Shelf().ledger, AT))).text


def test_a_table_that_does_not_balance_is_trusted_up_to_no_moment() -> None:
    source, shelf = shop()
    rows = {row.status.table: row for row in page(source, shelf.ledger, AT).rows}
    assert (rows["customers"].moment, rows["customers"].trusted) == (ZERO + 51 * HOUR, None)
    told = {name for name, row in rows.items() if row.trusted is not None}
    assert told == {"orders", "items", "payments", "events", "refunds", "countries"}
    moments = [
        parts["data-m"] for tag, parts in Parts(html(page(source, shelf.ledger, AT))).elements if "data-m" in parts
    ]
    assert len(moments) == len(told)


def test_a_table_whose_content_is_wrong_is_trusted_up_to_no_moment() -> None:
    shelf = Shelf()
    head = shelf.put("orders", segment(0, 51), reads=1)
    shelf.ledger._heads[head.target] = replace(
        head, error="x", last=replace(head.last, error="x") if head.last else None
    )
    [row] = page(config("orders: {}"), shelf.ledger, AT).rows
    assert (row.moment, row.trusted) == (ZERO + 51 * HOUR, None)


def test_a_table_of_which_parts_are_still_to_be_read_is_trusted_up_to_no_moment() -> None:
    shelf = Shelf()
    part = Part(low=("9",), high=("99",), number=2, rows=2_000, before=2_000, total=9_000, since=ZERO)
    read = applied("proj.shop.orders", 2, portion=FirstPart(spans=(), part=part))
    shelf.put("orders", last=replace(read, effects=()))
    shown = page(config("orders: {}"), shelf.ledger, AT)
    assert (shown.trusted, shown.well, shown.rows[0].trusted, shown.rows[0].status.lag) == (None, 0, None, None)
    text = Parts(html(shown)).text
    assert "Nothing is sealed yet" in text
    assert "new 1,234 rows first load: part 2 is done" in text


def test_its_age_is_told_against_the_cadence() -> None:
    shelf = Shelf()
    assert page(config("orders: {}"), shelf.ledger, AT).old_after == timedelta(minutes=90)
    assert page(config("orders: {cadence: 1d}"), shelf.ledger, AT).old_after == timedelta(hours=36)
    elements = Parts(html(page(config("orders: {}"), shelf.ledger, AT))).elements
    assert {"datetime": "2026-11-03T03:12:00+00:00", "data-old": "5400"} in [
        parts for tag, parts in elements if tag == "time"
    ]


@pytest.mark.slow
@pytest.mark.parametrize(("ill", "most"), [(0, 350_000), (72, 700_000)])
def test_five_hundred_tables_of_a_year_are_few_bytes(ill: int, most: int) -> None:
    source, shelf = five_hundred(ill=ill)
    shown = page(source, shelf.ledger, NOW)
    assert shown.ill == ill
    assert len(html(shown).encode()) < most


class Counted(MemoryLedger):
    """Counts what it is asked."""

    def __init__(self, other: MemoryLedger) -> None:
        super().__init__()
        self._heads, self._closed, self._uuid = other._heads, other._closed, other._uuid
        self.asked: list[object] = []

    def heads(self, targets: Sequence[str]) -> Sequence[Head]:
        self.asked.append(len(targets))
        return super().heads(targets)

    def reads(self, target: str, *, newest: int | None = None) -> Sequence[Read]:
        self.asked.append((target, newest))
        return super().reads(target, newest=newest)


def test_of_many_tables_only_the_heads_are_asked_for_and_reads_of_those_that_need_somebody() -> None:
    source, shelf = five_hundred(ill=2)
    ledger = Counted(shelf.ledger)
    page(source, ledger, NOW)
    ill = [f"proj.shop.some_schema_of_theirs_00{number}" for number in range(2)]
    assert ledger.asked == [500, *((name, READS_OF_MANY) for name in ill)]


def test_of_few_tables_each_is_shown_with_its_newest_reads() -> None:
    source, shelf = shop()
    ledger = Counted(shelf.ledger)
    shown = page(source, ledger, AT)
    assert len(shown.rows) <= FEW_TABLES
    assert ledger.asked == [8, *((f"proj.shop.{name}", READS) for name in source.tables)]
    [orders] = [row for row in shown.rows if row.status.table == "orders"]
    assert [one.read_at for one in orders.reads] == sorted((one.read_at for one in orders.reads), reverse=True)
    text = Parts(html(shown)).text
    assert "xmin 48221 lsn 0/4BB3F20 timeline 1 load done, 10 MB ; apply done, 10 MB" in text


def test_whatever_a_transaction_a_table_or_an_error_is_called_stays_text() -> None:
    shelf = Shelf()
    name = HOSTILE.replace("'", "").replace('"', "").replace("{", "").replace("}", "").replace("`", "")
    held = segment(1, 2, sealed=False, held_by=(holder(7, HOSTILE), replace(holder(8, HOSTILE), prepared=HOSTILE)))
    head = shelf.put("orders", segment(0, 1), held, error=f"{HOSTILE}: floodmark {HOSTILE}")
    read = applied(head.target, 0, held_by=(holder(7, HOSTILE),), reasons=(HOSTILE,), run_id=HOSTILE, verified=HOSTILE)
    shelf.ledger._heads[head.target] = replace(head, last=replace(read, effects=()))
    shelf.ledger._closed[head.target] = {read.read_at: read}
    source = config("orders: {}")
    source = source.model_copy(update={"source": name})
    said = html(page(source, shelf.ledger, AT))
    elements = Parts(said).elements
    assert [tag for tag, _ in elements if tag in ("script", "img", "iframe", "link", "object")] == ["script"]
    assert not [name for _, parts in elements for name in parts if name.startswith("on")]
    assert not [parts for _, parts in elements if {"src", "href", "srcdoc"} & set(parts)]
    assert Parts(said).text.count(HOSTILE) >= 6


def test_no_script_runs_but_its_own_and_nothing_is_fetched() -> None:
    source, shelf = shop()
    policies = [
        parts["content"] or ""
        for tag, parts in Parts(html(page(source, shelf.ledger, AT))).elements
        if "http-equiv" in parts
    ]
    assert len(policies) == 1
    assert policies[0].startswith("default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-")


def test_half_a_character_is_written_as_it_is_escaped() -> None:
    shelf = Shelf()
    shelf.put("orders", segment(0, 1), error="half \ud83d a face")
    assert "half \\ud83d a face" in html(page(config("orders: {}"), shelf.ledger, AT))


def test_no_query_no_key_and_no_value_stands_in_it() -> None:
    shelf, secret = Shelf(), "Qz7clear"
    read = applied("proj.shop.orders", 0, query=f"SELECT {secret}")
    part = FirstPart(spans=read.spans, part=Part(low=(secret,), high=(secret,), since=ZERO))
    manifest = replace(read.manifest, partitions=(secret,), null_marker=secret) if read.manifest else None
    read = replace(read, portion=part, manifest=manifest)
    head = shelf.put("orders", segment(0, 1))
    shelf.ledger._heads[head.target] = replace(head, last=replace(read, effects=()), open=replace(read, read_at=AT))
    shelf.ledger._closed[head.target] = {read.read_at: read}
    said = html(page(config("orders: {}"), shelf.ledger, AT))
    assert "first part" in said
    assert secret not in said


def test_without_a_script_everything_is_open_and_columns_and_rows_have_their_names() -> None:
    source, shelf = shop()
    elements = Parts(html(page(source, shelf.ledger, AT))).elements
    assert not [parts for tag, parts in elements if tag == "tr" and "hidden" in parts]
    assert all(parts.get("scope") in ("col", "row") for tag, parts in elements if tag == "th")
    drawn = [parts for tag, parts in elements if tag == "svg"]
    assert all(parts.get("role") == "img" or parts.get("aria-hidden") == "true" for parts in drawn)
    labelled = {parts.get("for") for tag, parts in elements if tag == "label"}
    inputs = [parts for tag, parts in elements if tag == "input"]
    assert all(parts.get("aria-label") or parts.get("id") in labelled for parts in inputs)
