"""Whatever happens, in any order: what the ledger promises holds, row by row (CORRECTNESS "How it is tested" 1).

``MODEL_STEPS`` says about how many steps are taken; ``make model MODEL_STEPS=10000`` is the long run. Up to SHARE
steps the examples are the same each time, beyond they are new ones, in turns that may run side by side.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.database import DirectoryBasedExampleDatabase
from hypothesis.stateful import run_state_machine_as_test

from tests.model.conftest import SAID
from tests.model.machine import Machine
from tests.model.place import Place

SHARE = 400
TURN = 1_000
STEPS_OF_AN_EXAMPLE = 40


def like(steps: int, *, phases: tuple[Phase, ...] = tuple(Phase)) -> settings:
    """Hypothesis' settings for about so many steps."""
    return settings(
        max_examples=max(1, round(steps / STEPS_OF_AN_EXAMPLE)),
        stateful_step_count=STEPS_OF_AN_EXAMPLE,
        deadline=None,
        derandomize=steps <= SHARE,
        database=None if steps <= SHARE else DirectoryBasedExampleDatabase(Path(".hypothesis/model")),
        print_blob=True,
        suppress_health_check=list(HealthCheck),
        phases=phases,
    )


def turns() -> list[int]:
    """The steps of each turn."""
    whole, rest = divmod(int(os.environ.get("MODEL_STEPS") or SHARE), TURN)
    return [TURN] * whole + ([rest] if rest else [])


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(("turn", "steps"), list(enumerate(turns(), 1)))
def test_whatever_happens_current_is_the_source_up_to_the_seal(
    place: Place, turn: int, steps: int, record_property: Callable[[str, str], None]
) -> None:
    Machine.place = place
    Machine.steps = Machine.runs = Machine.compared = 0
    began = time.monotonic()
    run_state_machine_as_test(Machine, settings=like(steps))
    record_property(
        SAID,
        f"turn {turn}: {Machine.steps} steps, {Machine.runs} whole runs, {Machine.compared} rows compared "
        f"in {time.monotonic() - began:.0f} s",
    )
    assert Machine.compared, "nothing was ever sealed: the model proves nothing"
