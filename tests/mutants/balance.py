"""The balance: what is said of a table is what it is (R36), and who holds it back is who does (R9)."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_OUTCOME = "tests/pipeline/test_outcome.py"
_TOUCHED = "plugins/floodmark/pipeline/touched.py"
_WRITER = "tests/pipeline/test_touched.py"

MUTANTS = (
    Mutant(
        rule="R9",
        breaks="whoever was open is said to hold every slice back",
        file="plugins/floodmark/core/ledger/watermark.py",
        old="    return tuple(one for one in held_by if one.since is None or one.since - skew < end)\n",
        new="    return held_by\n",
        test=f"{_OUTCOME}::test_who_began_after_the_slices_end_is_not_named_as_holding_it_back",
    ),
    Mutant(
        rule="R9",
        breaks="a prepared transaction that holds a slice back isn't named",
        file="plugins/floodmark/adapters/postgres/look.py",
        old="(*open_transactions, *_still_prepared(prepared))",
        new="open_transactions",
        test=f"{_OUTCOME}::test_a_prepared_transaction_that_holds_a_slice_back_is_named_and_waited_for",
    ),
    Mutant(
        rule="R14",
        breaks="one with little patience never sees a dead holder dead",
        file="plugins/floodmark/pipeline/lease.py",
        old="        if time.monotonic() >= deadline and alive:\n",
        new="        if time.monotonic() >= deadline:\n",
        test="tests/pipeline/test_rules_lease.py::test_less_patience_than_the_time_to_live_still_takes_over_from_the_dead",
    ),
    Mutant(
        rule="R36",
        breaks="nobody counts current before a read is applied",
        file=_TOUCHED,
        old="    if rows == expected:\n",
        new="    if True:\n",
        test=f"{_WRITER}::test_another_writer_is_told_before_the_next_apply_and_healed_by_a_reload",
    ),
    Mutant(
        rule="R36",
        breaks="rows that somebody else put into current outlive a reload",
        file="include/sql/bigquery/merge.sql",
        old="IFNULL(t.`_floodmark_read_at` < {{ read_at | literal }}, TRUE)",
        new="t.`_floodmark_read_at` < {{ read_at | literal }}",
        test=f"{_WRITER}::test_another_writer_is_told_before_the_next_apply_and_healed_by_a_reload",
    ),
    Mutant(
        rule="R36",
        breaks="the head forgets the rows that left current",
        file=_TOUCHED,
        old="else inserted - deleted",
        new="else inserted",
        test=f"{_WRITER}::test_the_head_keeps_the_number_that_each_effect_left",
    ),
)
