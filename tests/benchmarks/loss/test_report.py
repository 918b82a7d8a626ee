"""What the benchmark writes about itself."""

import json
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest

from floodmark.demo.loss.compare import Difference
from floodmark.demo.loss.race import Result
from floodmark.demo.loss.workload import Parameters, Written

FOLDER = Path(__file__).parents[3] / "benchmarks" / "loss"


@pytest.fixture
def modules(monkeypatch):
    """The benchmark's own modules, which are no package."""
    monkeypatch.syspath_prepend(str(FOLDER))
    import page
    import picture
    import report
    import run

    yield {"page": page, "picture": picture, "report": report, "run": run}
    for name in ("page", "picture", "report", "run", "dlt_contestant"):
        sys.modules.pop(name, None)


@pytest.fixture
def made(modules):
    """A report of two contestants: 2,000 rows written, the other one lost 10 and has 4 stale."""
    own = Result(name="Floodmark", difference=Difference(), read=2500, again=500, seconds=1.0, late=0.0)
    other = Result(
        name="plain <slice>", difference=Difference(lost=10, stale=4), read=1900, again=0, seconds=0.1, late=0.0
    )
    return modules["report"].Report(
        parameters=Parameters(),
        closing=4,
        written=Written(rows=2000, transactions={"short": 900, "long": 9}, spanning=17),
        results=[own, other],
        sealed=True,
        late=0,
        machine={"machine": "2 cores", "dlt": "1.0"},
        began=datetime(2026, 11, 1, 10, tzinfo=UTC),
    )


def test_losses_are_told_per_million_and_in_rows(made, modules):
    page = modules["report"].markdown(made)
    assert "| plain <slice> | 5,000 (10) | 2,000 (4) | 0 | 1,900 | 0.0% | 0.10 s |" in page
    assert "| Floodmark | 0 | 0 | 0 | 2,500 | 25.0% | 1.00 s |" in page  # 500 again of 2,000 new ones
    assert "2,000 rows were written, by 9 long, 900 short transactions. 17 of them" in page
    assert "{" not in page
    assert "{" not in modules["report"].markdown(replace(made, mysql=True))


def test_each_database_rewrites_its_own_part_of_the_page(made, modules, tmp_path):
    rewrite, page = modules["page"].rewrite, tmp_path / "loss-benchmark.md"
    rewrite(tmp_path, made)
    rewrite(tmp_path, replace(made, mysql=True, written=Written(rows=4000)))
    both = page.read_text()
    assert "2,000 rows were written" in both
    assert "4,000 rows were written" in both
    rewrite(tmp_path, replace(made, written=Written(rows=6000)))
    again = page.read_text()
    assert "6,000 rows were written" in again
    assert "4,000 rows were written" in again
    assert "2,000 rows were written" not in again
    assert {one.name for one in (tmp_path / "images").iterdir()} == {"loss.svg", "loss-mysql.svg"}


def test_the_document_is_plain_values(made):
    document = json.loads(json.dumps(made.document()))
    assert document["results"][1]["per_million"] == {"lost": 5000.0, "stale": 2000.0, "doubled": 0.0, "extra": 0.0}
    assert document["proved"] is True


def test_the_picture_is_small_and_well_formed(made, modules):
    text = modules["picture"].svg(made)
    assert len(text) < 100_000
    words = [each.text for each in ElementTree.fromstring(text).iter("{http://www.w3.org/2000/svg}text")]
    assert "plain <slice>" in words
    assert "5,000 + 2,000" in words


@pytest.mark.parametrize("found", [Difference(lost=1), Difference(stale=1), Difference(doubled=1), Difference(extra=1)])
def test_nothing_is_proved_where_floodmark_differs_from_the_source(made, found):
    assert made.proved
    assert not replace(made, results=[replace(made.results[0], difference=found), made.results[1]]).proved


def test_nothing_is_proved_where_the_ledger_does_not_say_so(made):
    assert not replace(made, sealed=False).proved


def test_nothing_is_proved_where_a_slice_was_called_sealed_too_early(made):
    assert not replace(made, late=1).proved


def test_every_parameter_can_be_given(modules):
    given = modules["run"].arguments(["--quick", "--rate", "7", "--width", "2.5", "--long-to", "3", "--seed", "9"])
    chosen = modules["run"].parameters(given)
    assert (chosen.rate, chosen.width.total_seconds(), chosen.long_to, chosen.seed) == (7.0, 2.5, 3.0, 9)
    assert chosen.slices == modules["run"].QUICK["slices"]
    assert modules["run"].closing_runs(chosen) == 5
