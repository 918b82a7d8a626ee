"""The model is worth something: with any of these rules broken, it finds a broken promise."""

from __future__ import annotations

import time

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.model import sabotage
from tests.model.machine import Machine
from tests.model.place import Place
from tests.model.test_model import like

MOST = 1500
"""Steps within which each is found; many take far fewer."""

KEYED, PARTITIONED = ("keyed",), ("partitioned",)
BROKEN_STEPS = ("die", "pause", "wake", "extract_only", "load_later", "alter", "reload", "retry")
APPLICATION = ("message", "end", "end_prepared", "alter", "reload", "retry", "run_old", "boundary")
"""Rules of the machine that have no part in it: without them what matters meets sooner."""


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(
    ("broken", "kinds", "without"),
    [
        (sabotage.clock_alone, KEYED, BROKEN_STEPS),
        (sabotage.prepared_overlooked, KEYED, BROKEN_STEPS),
        (sabotage.cursor_orders, KEYED, BROKEN_STEPS),
        (sabotage.base_too_high, KEYED, BROKEN_STEPS),
        (sabotage.leaves_overlooked, PARTITIONED, BROKEN_STEPS),
        (sabotage.lease_without_token, KEYED, APPLICATION),
        (sabotage.ids_at_random, KEYED, APPLICATION),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_the_model_finds_a_broken_rule(
    place: Place, capsys, broken: sabotage.Sabotage, kinds: tuple[str, ...], without: tuple[str, ...]
) -> None:
    given = {"place": place, "found": [], "steps": 0, "kinds": kinds, "ledgers": ("sqlite",)}
    machine = type("Sabotaged", (Machine,), {**given, **dict.fromkeys(without)})
    like_once = settings(
        like(MOST, phases=(Phase.generate,)), report_multiple_bugs=False, derandomize=True, database=None
    )
    began = time.monotonic()
    # What it raises may change with the clock; what was found is noted at once.
    with sabotage.sabotaged(broken), pytest.raises((Exception, ExceptionGroup)):
        run_state_machine_as_test(machine, settings=like_once)
    assert machine.found, f"{broken.__doc__} In {machine.steps} steps nothing was found"
    with capsys.disabled():
        print(f"\n{broken.__name__}: {machine.steps} steps, {time.monotonic() - began:.0f} s: {machine.found[0]}"[:300])
