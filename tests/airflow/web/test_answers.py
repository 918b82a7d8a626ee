"""Which of the kept pages is shown to whom: by the DAG, by the rights of who asks, by age."""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import replace
from datetime import timedelta

import pytest

from floodmark.airflow.web import answers, pages
from floodmark.pipeline.page.kept import KeptPage, UnreadablePage, keep
from floodmark.pipeline.page.output import KeptOutput
from floodmark.pipeline.page.page import page
from tests.pipeline.page.many import shop
from tests.pipeline.page.test_output import SAID
from tests.pipeline.page.test_page import AT, Parts

SOURCE, SHELF = shop()
PAGE = page(SOURCE, SHELF.ledger, AT)
HOUR = timedelta(hours=1)


def of_source(source: str, *, after: timedelta = timedelta(0), bound: int = 99_999) -> KeptPage:
    return keep(replace(PAGE, source=source, now=AT + after), f"gs://bucket/_status/{source}.html", bound=bound)


@pytest.fixture
def shelf(monkeypatch) -> dict[str, KeptPage | None]:
    """By DAG: the page that it has kept; None for one that can't be read."""
    kept: dict[str, KeptPage | None] = {
        "shop": of_source("shop"), "shop__daily": of_source("shop", after=HOUR), "stock": of_source("stock"),
    }  # fmt: skip

    def newest(dag_id: str, run_id: str | None = None) -> KeptPage | None:
        if dag_id in kept and kept[dag_id] is None:
            raise UnreadablePage(dag_id)
        return kept.get(dag_id) if run_id in (None, "a run") else None

    monkeypatch.setattr(pages, "dags", lambda: sorted(kept))
    monkeypatch.setattr(pages, "newest", newest)
    monkeypatch.setattr(pages, "said", lambda dag_id, run_id: None)
    return kept


def anybody(dag_id: str) -> bool:
    return True


def test_a_page_of_another_dag_that_cant_be_read_is_not_passed_over(shelf):
    """It may be the newest: else an old page would look like the present, or the source like none of ours."""
    assert answers.OTHERS_UNREADABLE not in Parts(answers.of_dag("shop", anybody).text).text
    shelf["shop__daily"] = None
    shown = Parts(answers.of_dag("shop", anybody).text).text
    assert ("as of 03 Nov 2026 03:12:00 UTC" in shown, answers.OTHERS_UNREADABLE in shown) == (True, True)
    shelf["shop"] = None
    assert answers.UNREADABLE in Parts(answers.of_dag("shop__ops", anybody).text).text


def test_a_dag_shows_the_newest_page_of_its_source_of_those_that_one_may_read(shelf):
    assert "as of 03 Nov 2026 04:12:00 UTC" in Parts(answers.of_dag("shop", anybody).text).text
    assert "as of 03 Nov 2026 04:12:00 UTC" in Parts(answers.of_dag("shop__ops", anybody).text).text
    assert "as of 03 Nov 2026 03:12:00 UTC" in Parts(answers.of_dag("shop", "shop".__eq__).text).text
    assert "as of 03 Nov 2026 03:12:00 UTC" in Parts(answers.of_dag("shop__ops", "shop".__eq__).text).text
    nothing = answers.of_dag("shop__ops", "shop__ops".__eq__)
    assert (answers.NOT_OURS in nothing.text, "refunds" in nothing.text) == (True, False)


@pytest.mark.parametrize("dag_id", ["theirs", "shop__theirs", "shopping", "shop_"])
def test_a_dag_that_is_not_ours_is_told_to_be_none(shelf, dag_id):
    assert answers.NOT_OURS in answers.of_dag(dag_id, anybody).text


def test_the_list_has_each_source_once_with_a_dag_that_one_may_read(shelf):
    def links(may_read) -> list[str | None]:
        return [parts["href"] for tag, parts in Parts(answers.index(may_read).text).elements if tag == "a"]

    assert links(anybody) == ["dag/shop__daily", "dag/stock"]
    assert links("shop".__eq__) == ["dag/shop"]
    assert links("nothing".__eq__) == []
    shelf["stock"] = None
    assert links(anybody) == ["dag/shop__daily"]
    assert "are none that this version reads: stock" in answers.index(anybody).text
    assert "stock" not in answers.index("shop".__eq__).text


def test_a_run_shows_its_own_page_or_says_that_it_has_none(shelf):
    of_run = Parts(answers.of_run("shop", "a run").text).text
    assert "As it stood at the end of the run a run." in of_run
    assert "as of 03 Nov 2026 03:12:00 UTC" in of_run
    assert answers.NOT_KEPT.replace("'", "&#39;") in answers.of_run("shop", "another").text
    shelf["shop"] = None
    assert answers.UNREADABLE in Parts(answers.of_run("shop", "a run").text).text
    assert answers.UNREADABLE in Parts(answers.of_dag("shop", anybody).text).text


def test_a_run_of_commands_shows_what_they_said_or_that_it_is_not_there_yet(shelf, monkeypatch):
    outputs: dict[str, KeptOutput | None] = {"a run": SAID, "of another version": None}

    def said(dag_id: str, run_id: str) -> KeptOutput | None:
        if run_id in outputs and outputs[run_id] is None:
            raise UnreadablePage(run_id)
        return outputs.get(run_id)

    monkeypatch.setattr(pages, "said", said)
    shown = answers.of_run("shop__ops", "a run")
    assert "what the run a run said" in Parts(shown.text).text
    assert "'unsafe-inline'; script-src 'sha256-" in shown.headers["Content-Security-Policy"]
    assert answers.NOTHING_SAID in Parts(answers.of_run("shop__ops", "under way").text).text
    assert answers.UNREADABLE in Parts(answers.of_run("shop__ops", "of another version").text).text


def test_what_a_dag_keeps_under_the_name_of_anothers_source_is_not_shown(monkeypatch):
    monkeypatch.setattr(pages, "_newest", lambda key, dag_id, run_id: [SAID.document()])
    assert pages.said("shop__ops", "a run") == SAID
    for dag_id in ("stock__ops", "shopping__ops", "theirs"):
        with pytest.raises(UnreadablePage, match=f"{dag_id} is no DAG of shop"):
            pages.said(dag_id, "a run")


@pytest.mark.parametrize("moment", ["2026-11-03T03:12:00", "9999-12-31T23:59:59-12:00"])
def test_a_page_that_reads_well_and_can_not_be_drawn_is_told_so(shelf, moment):
    kept = of_source("shop")
    inside = json.loads(zlib.decompress(base64.b85decode(kept.page)))
    packed = base64.b85encode(zlib.compress(json.dumps({**inside, "now": moment}).encode())).decode()
    shelf["shop"] = replace(kept, page=packed)
    assert answers.UNREADABLE in Parts(answers.of_run("shop", "a run").text).text


def test_what_a_page_leaves_out_is_said_with_the_place_of_all_of_it(shelf):
    whole = len(of_source("stock").page)
    shelf["stock"] = of_source("stock", bound=whole - 1)
    text = Parts(answers.of_dag("stock", anybody).text).text
    assert (
        "It is too large to be kept here whole: without the reads of each table. "
        "All of it lies at gs://bucket/_status/stock.html." in text
    )
    shelf["stock"] = of_source("stock", bound=10)
    text = Parts(answers.of_dag("stock", anybody).text).text
    assert "without the page. All of it lies at gs://bucket/_status/stock.html." in text
