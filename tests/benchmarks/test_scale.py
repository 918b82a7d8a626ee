"""The page docs/scale.md and what stands behind it: a simulated year, and formulas held against a run."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from floodmark.core.ledger import coverage as coverages

ROOT = Path(__file__).parents[2]
HARSH = {"fails": 0.02, "dies": 0.05, "backfills": 0.002, "reloads": 0.002, "pauses": 200, "pause_hours": (2, 5)}
"""Far more often than ``Faults`` has it."""


@pytest.fixture
def benchmark(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Import a module of the benchmarks."""
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks" / "scale"))
    return importlib.import_module


def simulated(simulate: ModuleType, *, seed: int = 1, hours: int = 48) -> Any:
    faults = simulate.Faults(**HARSH, backfill_hours=12)
    simulation = simulate.Simulation(
        tables=12, hours=hours, rows=50_000, template=simulate.template(), seed=seed, faults=faults
    )
    return simulation.run()


def test_whatever_goes_wrong_each_row_is_read_before_its_slice_is_called_sealed(benchmark: Any) -> None:
    """And what is new is what was written: as many rows, each once."""
    simulate, hours = benchmark("simulate"), 48
    sums = simulated(simulate, hours=hours)
    assert min(sums.failed, sums.died, sums.reloaded, sums.backfilled, sums.paused) > 0
    written = sums.tables * (hours + 7) * 50_000
    assert written < sums.new < 1.2 * written
    assert 0 < sums.again < sums.new
    assert sums.lags.total() == sums.tables * hours


def test_the_same_seed_gives_the_same_numbers(benchmark: Any) -> None:
    simulate = benchmark("simulate")
    first, again, other = (simulated(simulate, seed=seed, hours=12).told() for seed in (1, 1, 2))
    assert first == again != other


def test_a_base_above_what_was_open_loses_rows_and_the_simulation_says_so(
    benchmark: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R10: the oldest id in progress, not the newest."""
    simulate, world, cohort = benchmark("simulate"), benchmark("world"), benchmark("cohort")
    monkeypatch.setattr(world.World, "base", lambda self, now: world.xid(now))
    with pytest.raises(cohort.Lost):
        simulated(simulate)


def test_a_read_that_seals_what_is_open_loses_rows_and_the_simulation_says_so(
    benchmark: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R4: by the clock alone."""
    simulate, world, cohort = benchmark("simulate"), benchmark("world"), benchmark("cohort")
    look = world.World.look
    monkeypatch.setattr(
        world.World, "look", lambda self, now: cohort.replace(look(self, now), open_transactions=(), blockers=())
    )
    with pytest.raises(cohort.Lost):
        simulated(simulate)


def test_slices_that_are_never_read_again_are_never_sealed_and_the_simulation_says_so(
    benchmark: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R9."""
    simulate = benchmark("simulate")
    monkeypatch.setattr(coverages, "_changeable", lambda *_: None)
    with pytest.raises(AssertionError, match="never sealed"):
        simulated(simulate)


def test_a_row_is_as_large_in_ten_million_as_in_a_hundred_thousand(benchmark: Any) -> None:
    numbers = benchmark("scale_numbers")
    for what in ("heap", "copied", "staged"):
        assert numbers.each(what, numbers.LARGE) == pytest.approx(numbers.each(what, numbers.SMALL), rel=0.1)
    assert numbers.measured(numbers.LARGE)["objects"] == numbers.measured(numbers.SMALL)["objects"]


def test_the_formulas_give_what_was_measured(benchmark: Any) -> None:
    """A source like the one that was measured: one partition that was empty, nothing read again."""
    numbers = benchmark("scale_numbers")
    told = numbers.measured()
    one = numbers.Source(name="", tables=1, rows=0, changes=numbers.SMALL / (1 + numbers.again()), days=1, touched=1)
    assert one.rows_a_run == pytest.approx(told["rows"])
    assert one.staged_a_run == pytest.approx(told["staged"])
    assert one.objects_a_run == told["objects"]
    assert one.jobs_a_run == sum(told["jobs"].values())
    assert one.merged_a_run == pytest.approx(told["processed"]["apply"])
    asked = {step: count for step, count in told["processed"].items() if step != "apply"}
    assert one.asked_a_run == pytest.approx(sum(asked.values()))


def test_a_ledgers_year_is_a_years_documents(benchmark: Any) -> None:
    """A read's document as simulated is that of a run, but for its stretches: their text is in it, with their bases."""
    numbers = benchmark("scale_numbers")
    told, run = numbers.simulated(), numbers.measured()
    each_read = told["read_bytes"] / told["reads"]
    assert run["closed"] < each_read < 2 * run["closed"]
    whole = numbers.Source(name="", tables=told["tables"], rows=0, changes=0)
    assert whole.ledger_a_year == pytest.approx(told["tables"] * 8766 * each_read + told["head_bytes"])


def test_the_page_is_what_the_formulas_say(benchmark: Any) -> None:
    """Where it isn't: ``make scale``."""
    assert (ROOT / "docs" / "scale.md").read_text(encoding="utf-8") == benchmark("scale_page").page()


def test_what_is_beyond_a_limit_is_said(benchmark: Any) -> None:
    """Of the limits on a day's runs none is reached; by a first load in parts of the default size one is."""
    numbers = benchmark("scale_numbers")
    for source in (numbers.ONE, numbers.MANY):
        beyond = [key for key, count in source.a_day().items() if count > numbers.LIMITS[key].most]
        assert beyond == []
    parts = [numbers.ONE.parts(rows) > numbers.LIMITS["loads"].most for rows in numbers.PARTS]
    assert parts == [True, False, False]


@pytest.mark.slow
def test_a_run_over_a_hundred_thousand_rows_is_what_was_measured(
    benchmark: Any, database: Any, google: Any, bucket: str
) -> None:
    """Sizes within a tenth, numbers exactly; no times. Where a run has changed: ``make scale``."""
    numbers, told = benchmark("scale_numbers"), benchmark("scale_numbers").measured()
    found = benchmark("measure").measured(database.dsn, google, bucket, numbers.SMALL)
    for name in ("rows", "objects", "writes", "jobs"):
        assert getattr(found, name) == told[name], name
    for name in ("heap", "copied", "staged", "written", "head", "closed"):
        assert getattr(found, name) == pytest.approx(told[name], rel=0.1), name
    assert found.processed == pytest.approx(told["processed"], rel=0.1)
