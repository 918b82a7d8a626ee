"""The model is worth something: with any of these rules broken, it finds a broken promise."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import RULE_MARKER, run_state_machine_as_test

from tests.model import sabotage
from tests.model.conftest import SAID
from tests.model.machine import Machine
from tests.model.place import Place
from tests.model.test_model import like

MOST = 600
"""Steps within which each is found; many take far fewer."""

KEYED, PARTITIONED = ("keyed",), ("partitioned",)
RUNS = ("transact", "end", "run_newest", "run_with_nothing_asked", "close_of_day", "look")
"""What every one of them needs. Rules of the machine that have no part in it are left out, so that what matters meets
sooner; the model test itself has them all."""


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(
    ("broken", "kinds", "rules"),
    [
        (sabotage.clock_alone, KEYED, ("message",)),
        (sabotage.prepared_overlooked, KEYED, ("prepare", "end_prepared")),
        (sabotage.cursor_orders, KEYED, ("have_the_last_word",)),
        (sabotage.base_too_high, KEYED, ("have_the_last_word",)),
        (sabotage.leaves_overlooked, PARTITIONED, ("attach",)),
        (sabotage.lease_without_token, KEYED, ("pause", "wake")),
        (sabotage.ids_at_random, KEYED, ("die",)),
        (sabotage.gone_overlooked, KEYED, ("reconcile",)),
        (sabotage.missing_forgotten, KEYED, ("change_unseen",)),
        (sabotage.deleted_forgotten, KEYED, ("balance",)),
        (sabotage.last_part_proves, ("parted",), ("die_between_parts",)),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_the_model_finds_a_broken_rule(
    place: Place,
    record_property: Callable[[str, str], None],
    broken: sabotage.Sabotage,
    kinds: tuple[str, ...],
    rules: tuple[str, ...],
) -> None:
    given = {"place": place, "found": [], "steps": 0, "kinds": kinds, "ledgers": ("sqlite",)}
    others = [name for name, value in vars(Machine).items() if hasattr(value, RULE_MARKER)]
    machine = type("Sabotaged", (Machine,), {**given, **dict.fromkeys({*others} - {*RUNS, *rules})})
    like_once = settings(
        like(MOST, phases=(Phase.generate,)), report_multiple_bugs=False, derandomize=True, database=None
    )
    began = time.monotonic()
    # What it raises may change with the clock; what was found is noted at once.
    with sabotage.sabotaged(broken), pytest.raises((Exception, ExceptionGroup)) as raised:
        run_state_machine_as_test(machine, settings=like_once)
    assert machine.found, f"{broken.__doc__} In {machine.steps} steps nothing was found, but {raised.value!r}"
    said = f"{broken.__name__}: {machine.steps} steps, {time.monotonic() - began:.0f} s: {machine.found[0]}"
    record_property(SAID, said[:300])
