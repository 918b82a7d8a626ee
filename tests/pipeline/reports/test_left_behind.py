"""Targets that no file fills any more, and summaries whose files can't be used: neither vanishes without a word."""

from __future__ import annotations

from dataclasses import replace

import pytest

from floodmark.core.config.summary import Summary
from floodmark.core.ledger.built import Built
from floodmark.core.ledger.fingerprint import Fingerprint
from floodmark.errors import Problem
from floodmark.pipeline.page.kept import keep, read
from floodmark.pipeline.page.page import page
from floodmark.pipeline.page.render import html
from floodmark.pipeline.page.verdicts import Word
from floodmark.pipeline.report import report
from floodmark.pipeline.reports.left_behind import LeftBehind, left_behind
from floodmark.pipeline.reports.summaries import SummaryStatus, unusable
from tests.pipeline.page.many import NOW, Shelf, applied, config, segment
from tests.pipeline.page.test_page import Parts
from tests.pipeline.test_report import Shelved

SOURCE = config("orders: {}")
ORDERS = "proj.shop.orders"
AT = applied(ORDERS, 0).read_at


def shelf(**owners: str) -> Shelf:
    """Tables that were read, by name, each for the source that it has here."""
    made = Shelf()
    for name, source in {"orders": "shop", **owners}.items():
        last = replace(applied(f"proj.shop.{name}", 0), effects=())
        made.put(name, segment(0, 1), last=replace(last, fingerprint=Fingerprint(table=f"{source}.{name}")))
    return made


def test_a_dataset_of_many_sources_is_not_asked_target_by_target() -> None:
    made = shelf(old="shop", other="billing")
    assert [one.name for one in left_behind(SOURCE, made.ledger, {ORDERS}, most=2)] == ["old", "other"]
    assert left_behind(SOURCE, made.ledger, {ORDERS}, most=1) == []


def summary(made: Shelf, name: str, *, source: str = "") -> None:
    """A summary that was built, with 7 rows."""
    built = Built(summary=Summary(name=name, file=f"summaries/{name}.sql", query="", source=source), aside="aside")
    last = replace(applied(f"proj.shop.{name}", 0, portion=built), effects=())
    made.put(name, last=last, target_rows=7)


def test_a_table_that_was_taken_out_of_the_file_is_left_behind() -> None:
    made = shelf(items="shop", invoices="billing")
    made.ledger._heads["proj.elsewhere.items"] = replace(made.put("x"), target="proj.elsewhere.items")
    del made.ledger._heads["proj.shop.x"]
    assert left_behind(SOURCE, made.ledger, {ORDERS}) == [
        LeftBehind(target="proj.shop.invoices", source="billing", last_read_at=AT),
        LeftBehind(target="proj.shop.items", source="shop", last_read_at=AT),
    ]
    assert left_behind(SOURCE, made.ledger, {ORDERS, "proj.shop.items", "proj.shop.invoices"}) == []


def test_a_table_whose_first_read_is_under_way_or_failed_is_none_that_another_source_has_left() -> None:
    """Two sources fill one dataset: the page of one calls no table of the other's its own."""
    made = shelf()
    begun = replace(applied("proj.shop.invoices", 0), fingerprint=Fingerprint(table="billing.invoices"))
    made.put("invoices", open=begun)
    made.put("refunds", error="SourceUnavailable: no answer")
    assert page(SOURCE, made.ledger, NOW).left_behind == ()
    assert left_behind(SOURCE, made.ledger, {ORDERS}) == [LeftBehind(target="proj.shop.invoices", source="billing")]


def test_what_a_source_filled_in_another_dataset_is_left_behind_too() -> None:
    """Its dataset was changed: the new one begins empty, and the old one stands still."""
    made = shelf(items="shop", invoices="billing")
    for head in [*made.ledger._heads.values()]:
        old = head.target.replace("proj.shop.", "proj.before.")
        made.ledger._heads[old] = replace(head, target=old)
    filled = {*made.ledger._heads} - {"proj.before.orders", "proj.before.items", "proj.before.invoices"}
    assert left_behind(SOURCE, made.ledger, filled) == []
    found = left_behind(SOURCE, made.ledger, filled, others={"proj.shop"})
    assert [one.target for one in found] == ["proj.before.items", "proj.before.orders"]
    assert left_behind(SOURCE, made.ledger, filled, others={"proj.shop", "proj.before"}) == []


def test_the_page_names_what_its_source_filled_and_leaves_others_to_theirs() -> None:
    made = shelf(items="shop", invoices="billing")
    shown = page(SOURCE, made.ledger, NOW)
    assert [one.name for one in shown.left_behind] == ["items"]
    drawn = html(read(keep(shown, "uri").document()).shown())
    assert "No longer in the file" in drawn
    assert "<b>items</b>, last read 01 Nov 2026 01:02 UTC" in drawn
    assert "No longer in the file" not in html(page(SOURCE, shelf().ledger, NOW))


@pytest.mark.parametrize("known", [True, False])
def test_a_summary_whose_file_cant_be_used_needs_somebody(known: bool) -> None:
    """No task fails of it: its DAG has none, and the report is all that runs."""
    made = shelf()
    if known:
        summary(made, "daily")
    problem = Problem(file="summaries/daily.sql:3", path="query", message="reads what isn't there")
    [daily] = unusable(SOURCE, [problem], made.ledger, [])
    assert (daily.summary, daily.target, daily.rows, daily.well) == ("daily", "proj.shop.daily", 7 * known, False)
    found = report(SOURCE, Shelved(made.ledger), NOW, summaries=[daily])  # type: ignore[arg-type]
    blocked = "blocked: summaries/daily: no summary is built: summaries/daily.sql:3: query: reads what isn't there; "
    assert f"{blocked}floodmark check shop" in found.alarm
    assert (found.page.left_behind, keep(found.page, "").word) == ((), Word.BLOCKED)
    text = Parts(html(found.page)).text
    assert "its file can't be used, so it is not built: summaries/daily.sql:3" in text
    assert "Nothing to do" not in text


def test_of_a_folder_that_cant_be_looked_into_all_that_was_built_needs_somebody() -> None:
    made = shelf(items="shop")
    for name, source in (("daily", ""), ("latest", "shop"), ("theirs", "billing")):
        summary(made, name, source=source)
    problem = Problem(file="summaries", path="", message="is a link to nothing")
    found = unusable(SOURCE, [problem], made.ledger, [])
    assert [(one.summary, one.unusable) for one in found] == [
        ("daily", "summaries: is a link to nothing"), ("latest", "summaries: is a link to nothing"),
    ]  # fmt: skip
    fine = SummaryStatus(summary="latest", target="proj.shop.latest")
    assert [one.summary for one in unusable(SOURCE, [problem], made.ledger, [fine])] == ["daily"]
    assert unusable(SOURCE, [], made.ledger, []) == []
