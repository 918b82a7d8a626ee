"""The plugin in a real web server of Airflow's: its places, and that each is shown to who may read the DAG alone."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from floodmark.demo.servers.all import temporary_folder
from tests.airflow.conftest import AIRFLOW_2
from tests.airflow.web.served import LEDGER, PREFIX, Site, WebServer
from tests.pipeline.page.test_page import Parts

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with temporary_folder() as folder, WebServer(folder).prepared() as server:
        yield server.site()


@pytest.fixture(scope="module")
def run(site: Site) -> str:
    """The run of ``shop``, by its id."""
    return run_of(site, "shop")


def run_of(site: Site, dag_id: str, state: str = "success") -> str:
    """A DAG's only run, by its id."""
    import sqlite3

    with sqlite3.connect(site.variables["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].removeprefix("sqlite:///")) as database:
        rows = database.execute("SELECT run_id, state FROM dag_run WHERE dag_id = ?", (dag_id,)).fetchall()
    [(run_id, its_state)] = rows
    assert its_state == state
    return str(run_id)


def _status_of_nobody(site: Site, path: str) -> bool:
    answer = site.visitor().get(path)
    return answer.url.startswith(f"{site.url}/login") if AIRFLOW_2 else answer.status == 401


def test_who_may_read_all_sees_each_place(site: Site, run: str) -> None:
    admin = site.visitor("admin")
    index = admin.get("/floodmark/")
    assert index.status == 200, index.text
    assert 'href="dag/shop"' in index.text
    assert 'href="dag/stock"' in index.text
    assert '<span class="word blocked">blocked</span>' in index.text
    tab = admin.get("/floodmark/dag/shop")
    assert (tab.status, "4 need you" in tab.text, "data-old=" in tab.text) == (200, True, True)
    of_run = admin.get(f"/floodmark/dag/shop/run/{run.replace('+', '%2B').replace(':', '%3A')}")
    assert of_run.status == 200, of_run.text
    assert "As it stood at the end of the run" in of_run.text
    assert (run in of_run.text, "data-old=" in of_run.text) == (True, False)
    for answer in (index, tab, of_run):
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; ")
        assert policy.endswith("; frame-ancestors 'self'")
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert 'href="/' not in answer.text


def test_a_dag_without_pages_shows_its_sources_or_says_that_it_is_not_ours(site: Site) -> None:
    admin = site.visitor("admin")
    assert "4 need you" in admin.get("/floodmark/dag/shop__ops").text
    theirs = admin.get("/floodmark/dag/theirs")
    assert (theirs.status, "This is not a Floodmark DAG" in theirs.text) == (200, True)


def test_a_page_that_a_dag_keeps_under_the_name_of_anothers_source_is_shown_nowhere(site: Site) -> None:
    for user in ("admin", "reader"):
        visitor = site.visitor(user)
        index = visitor.get("/floodmark/").text
        assert "dag/forger" not in index
        assert "The pages of these DAGs are none that this version reads: forger." in index
        tab = visitor.get("/floodmark/dag/forger")
        assert (tab.status, "A page is kept" in tab.text, "4 need you" in tab.text) == (200, True, False)


def test_what_is_not_there_is_not_found(site: Site, run: str) -> None:
    admin = site.visitor("admin")
    assert admin.get("/floodmark/dag/nobody").status == 404
    assert admin.get("/floodmark/dag/shop/run/nobody").status == 404
    assert admin.get(f"/floodmark/dag/stock/run/{run}x").status == 404


def test_nobody_sees_anything(site: Site, run: str) -> None:
    for path in ("/floodmark/", "/floodmark/dag/shop", f"/floodmark/dag/shop/run/{run}", "/floodmark/dag/nobody"):
        assert _status_of_nobody(site, path), path
    forged = site.visitor()
    forged.headers["Cookie"] = f"{'session' if AIRFLOW_2 else '_token'}=forged"
    answer = forged.get("/floodmark/dag/shop")
    assert answer.status in (401, 403) or answer.url.startswith(f"{site.url}/login")
    assert "4 need you" not in answer.text


def test_who_may_read_one_dag_sees_that_one_and_is_refused_the_other(site: Site, run: str) -> None:
    reader = site.visitor("reader")
    index = reader.get("/floodmark/")
    assert ('href="dag/shop"' in index.text, "stock" in index.text) == (True, False)
    assert reader.get("/floodmark/dag/shop").status == 200
    assert reader.get(f"/floodmark/dag/shop/run/{run}").status == 200
    for path in ("/floodmark/dag/stock", f"/floodmark/dag/stock/run/{run}", "/floodmark/dag/nobody"):
        assert reader.get(path).status == 403, path


def test_a_run_of_commands_that_failed_shows_what_they_said_to_who_may_read_it(site: Site) -> None:
    path = f"/floodmark/dag/till__ops/run/{run_of(site, 'till__ops', 'failed')}"
    for user in ("admin", "reader"):
        answer = site.visitor(user).get(path)
        assert answer.status == 200, answer.text
        parts = Parts(answer.text)
        assert "Exit code 2: usage or configuration error: mend what was written." in parts.text
        assert "floodmark void till orders" in parts.text
        assert f"{LEDGER}/floodmark.db: there is none; the first run makes it" in parts.text
        assert '"problems": [ {' in parts.text
        tags = [tag for tag, _ in parts.elements]
        assert (tags.count("script"), tags.count("img")) == (1, 0), "text stays text"
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; ")


def test_who_may_not_read_them_sees_nothing_that_commands_said(site: Site) -> None:
    path = f"/floodmark/dag/vault__ops/run/{run_of(site, 'vault__ops', 'failed')}"
    assert site.visitor("admin").get(path).status == 200
    refused = site.visitor("reader").get(path)
    assert (refused.status, "floodmark void" in refused.text) == (403, False)
    assert _status_of_nobody(site, path)
    assert site.visitor("admin").get(f"{path}x").status == 404


def test_airflow_shows_it_under_browse_and_where_it_has_tabs_on_dags_and_runs(site: Site) -> None:
    admin = site.visitor("admin")
    if AIRFLOW_2:
        assert f'href="{PREFIX}/floodmark/"' in admin.get("/home").text
        return
    [ours] = [one for one in json.loads(admin.get("/api/v2/plugins").text)["plugins"] if one["name"] == "floodmark"]
    assert [view["destination"] for view in ours["external_views"]] == ["nav", "dag", "dag_run"]
    assert [app["url_prefix"] for app in ours["fastapi_apps"]] == ["/floodmark"]
