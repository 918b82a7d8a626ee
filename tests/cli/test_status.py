"""``floodmark status``, ``unblock``, ``prove`` and ``ledger reads``: from the ledger alone."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from floodmark.adapters.ledger import open_ledger
from tests.cli.shop import Shop, floodmark, hour, written

HALF = timedelta(minutes=30)


@pytest.fixture
def empty_ledger(tmp_path: Path) -> None:
    """The default ledger, in which nothing stands."""
    open_ledger(f"sqlite:///{tmp_path}/state/floodmark.db").close()


@pytest.mark.usefixtures("empty_ledger")
def test_a_source_never_read_says_so(tmp_path: Path) -> None:
    answer = floodmark("status", written(tmp_path))
    assert answer.code == 0
    assert answer.out.count("never read") == 2
    assert floodmark("prove", tmp_path / "shop.yml").code == 1


@pytest.mark.usefixtures("empty_ledger")
def test_a_table_never_read_is_stale_where_freshness_is_asked_for(tmp_path: Path) -> None:
    answer = floodmark("status", written(tmp_path, tables="  orders: {freshness: 3h}\n"), "--json")
    assert answer.code == 1
    assert answer.document["sources"][0]["tables"][0]["stale"] is True


def test_a_blocked_table_is_shown_until_a_person_unblocks_it(source: Shop) -> None:
    source.execute("ALTER TABLE orders RENAME TO gone")
    assert floodmark("run", source.file, "-t", "orders", "--no-wait").code == 1
    answer = floodmark("status", source.file)
    assert answer.code == 1
    assert "blocked: " in answer.out
    unblocked = floodmark("unblock", source.file, "orders", "--json")
    assert unblocked.code == 0
    assert unblocked.document["unblocked"] is True
    assert "orders" in unblocked.document["error"]
    assert floodmark("status", source.file).code == 0
    assert floodmark("unblock", source.file, "orders").out.endswith("\norders is not blocked\n")


@pytest.mark.slow
def test_the_reads_are_listed_with_their_evidence(shop: Shop) -> None:
    shop.order(1, hour(1) + HALF)
    assert floodmark("run", shop.file, "-t", "orders").code == 0
    [read] = floodmark("ledger", "reads", shop.file, "orders", "--json").document["reads"]
    assert (read["state"], read["rows"], [job["step"] for job in read["jobs"]]) == ("applied", 1, ["load", "apply"])
    assert "SELECT" in read["query"]
    assert "applied" in floodmark("ledger", "reads", shop.file, "orders", "--query").out


@pytest.mark.slow
@pytest.mark.usefixtures("empty_ledger")
def test_status_and_prove_import_nothing_of_google(tmp_path: Path) -> None:
    program = (
        "import sys\nfrom typer.testing import CliRunner\nfrom floodmark.cli import app\n"
        "code = CliRunner().invoke(app, sys.argv[1:]).exit_code\n"
        "print(code, *(name for name in NAMES if name in sys.modules))\n"
    )
    file = str(written(tmp_path))
    google = "NAMES = ('google.auth', 'google.cloud.storage', 'google.cloud.bigquery', 'pyarrow', 'airflow')\n"
    database = google.replace("NAMES = (", "NAMES = ('sqlalchemy', 'psycopg2', ")
    for names, words in (
        (google, ["status", file]), (google, ["prove", file]), (database, ["--help"]), (database, ["check", file]),
    ):  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-c", names + program, *words], capture_output=True, text=True, check=True
        )
        assert done.stdout.split() in (["0"], ["1"]), words


@pytest.mark.slow
def test_a_table_that_no_file_fills_any_more_is_told_by_whose_it_was(shop: Shop) -> None:
    """A neighbour's file that can't be used doesn't make its tables ones that were taken out."""
    shop.order(1, hour(1) + HALF)
    assert floodmark("run", shop.file, "-t", "orders").code == 0
    orders = f"{shop.datasets.project}.{shop.datasets.current}.orders"
    text = shop.file.read_text(encoding="utf-8")
    without = text.replace("  orders: {partition_by: created_at}\n", "")
    shop.file.write_text(without, encoding="utf-8")
    [said] = floodmark("status", shop.file, "--json").document["sources"]
    assert (said["no_longer_in_the_file"], said["of_unknown_sources"]) == ([orders], {})
    other = shop.file.with_name("other.yml")
    other.write_text(without.replace("source: shop", "source: other"), encoding="utf-8")
    shop.file.write_text("version: 2\n", encoding="utf-8")
    [said] = floodmark("status", other, "--json").document["sources"]
    assert (said["no_longer_in_the_file"], said["of_unknown_sources"]) == ([], {orders: "shop"})
    assert "of the source shop, of which no file here can be used" in " ".join(floodmark("status", other).out.split())


@pytest.mark.usefixtures("empty_ledger")
def test_the_page_of_one_source_is_written_where_it_is_asked_for(tmp_path: Path) -> None:
    file, page = written(tmp_path), tmp_path / "page.html"
    answer = floodmark("status", file, "--html", page)
    assert answer.out.splitlines()[2:] == floodmark("status", file).out.splitlines()[2:]
    assert answer.code == 0
    assert "Nothing is sealed yet" in page.read_text(encoding="utf-8")
    other = tmp_path / "other.yml"
    other.write_text(file.read_text(encoding="utf-8").replace("shop", "other"), encoding="utf-8")
    refused = floodmark("status", file, other, "--html", page)
    assert (refused.code, "a page is of one source, these are 2: shop, other; name one" in refused.err) == (2, True)
    nowhere = floodmark("status", file, "--html", tmp_path / "nowhere" / "page.html")
    assert (nowhere.code, "can't be written: No such file or directory" in nowhere.err) == (2, True)
