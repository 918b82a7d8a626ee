"""The account must balance, as far as clocks, raw, surroundings and filters go (R33-R35, R37)."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_CLOCK = "plugins/floodmark/core/time/wall_clock.py"
_ZONES = "plugins/floodmark/adapters/postgres/zones.py"

MUTANTS = (
    Mutant(
        rule="R35",
        breaks="the slice that ends at a jump ends where its clock stood",
        file=_CLOCK,
        old="    highs = [_shown(interval.high, clock)]\n",
        new="    highs = [_shown(interval.high - _MICROSECOND, clock) + _MICROSECOND]\n",
        test="tests/core/time/test_wall_clock.py::"
        "test_the_slice_that_ends_at_a_jump_takes_in_all_that_no_clock_shows[Europe/Berlin-2026-03-29T01:00-1:00-2026-03-29T02:30]",
    ),
    Mutant(
        rule="R35",
        breaks="what no clock shows is read before the jump only",
        file=_CLOCK,
        old="        if change.at < interval.high and interval.low < skipped_until:\n",
        new="        if False:\n",
        test="tests/adapters/postgres/test_wall_clock.py::"
        "test_every_row_is_read_by_the_slice_in_which_the_server_puts_it[Pacific/Apia-2011-12-30-60-at]",
    ),
    Mutant(
        rule="R35",
        breaks="nobody asks for the server's rules of the zone",
        file=_ZONES,
        old="        if (ours,) != theirs:\n",
        new="        if False:\n",
        test="tests/adapters/postgres/test_wall_clock.py::"
        "test_a_zone_whose_rules_differ_on_the_server_is_refused_around_the_difference",
    ),
)
