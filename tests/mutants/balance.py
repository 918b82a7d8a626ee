"""The balance: what is said of a table is what it is (R36), and who holds it back is who does (R9)."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_OUTCOME = "tests/pipeline/test_outcome.py"
_TOUCHED = "plugins/floodmark/pipeline/touched.py"
_BALANCE = "plugins/floodmark/pipeline/balance.py"
_CORE = "plugins/floodmark/core/balance.py"
_WORDS = "plugins/floodmark/pipeline/reports/balance.py"
_TEST = "tests/pipeline/test_balance.py"
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
        old="IFNULL(_floodmark_t.`_floodmark_read_at` < {{ read_at | literal }}, TRUE)",
        new="_floodmark_t.`_floodmark_read_at` < {{ read_at | literal }}",
        test=f"{_WRITER}::test_another_writer_is_told_before_the_next_apply_and_healed_by_a_reload",
    ),
    Mutant(
        rule="R36",
        breaks="the head forgets the rows that left current",
        file=_TOUCHED,
        old="else inserted - deleted",
        new="else inserted",
        test=f"{_WRITER}::test_rows_that_a_merge_removes_are_taken_off_the_number",
    ),
    Mutant(
        rule="R36",
        breaks="rows that are not sealed yet make up for missing ones",
        file="plugins/floodmark/pipeline/extent.py",
        old='    return extent["sealed"] + early\n',
        new='    return extent["rows"]\n',
        test=f"{_TEST}::test_rows_in_flight_do_not_make_up_for_a_missing_one",
    ),
    Mutant(
        rule="R36",
        breaks="one row too many makes up for one that is missing",
        file=_CORE,
        old="        other = int(ours != theirs and ours.rows == theirs.rows)\n",
        new="        other = 0\n",
        test="tests/core/test_balance.py::test_a_range_of_as_many_but_other_keys_lacks_one_and_has_one_too_many",
    ),
    Mutant(
        rule="R36",
        breaks="the upkeep goes well where a table does not balance",
        file="plugins/floodmark/airflow/upkeep_steps.py",
        old="        if not balanced.balance.well:\n",
        new="        if False:\n",
        test="tests/airflow/test_runs.py::test_upkeep_fails_where_a_table_does_not_balance",
    ),
    Mutant(
        rule="R36",
        breaks="missing rows are no fault",
        file=_WORDS,
        old="    if found.missing:\n",
        new="    if False:\n",
        test=f"{_TEST}::test_a_row_imported_with_an_old_cursor_is_missing_until_a_reconcile_heals_it",
    ),
    Mutant(
        rule="R36",
        breaks="the same share of the rows is compared every day",
        file=_CORE,
        old="    low = rows[-1].high % RANGES if rows else 0\n",
        new="    low = 0\n",
        test=f"{_TEST}::test_a_share_of_the_rows_comes_round_within_its_days",
    ),
    Mutant(
        rule="R36",
        breaks="content is compared by the keys alone",
        file=_BALANCE,
        old="for column in merge.columns if column.name not in lacking",
        new="for column in merge.columns if column.name in merge.key",
        test=f"{_TEST}::test_a_silent_update_is_seen_by_the_rows_alone",
    ),
    Mutant(
        rule="R36",
        breaks="a table that nobody ever counted is proved",
        file=_WORDS,
        old="    if not found.looked:\n",
        new="    if False:\n",
        test=f"{_TEST}::test_a_table_that_balances_is_proved_and_says_what_was_looked_at",
    ),
    Mutant(
        rule="R36",
        breaks="a row without a time that can't be held is counted as one that is there",
        file="include/sql/postgres/census.sql",
        old="{% if scope.timeless %}\n",
        new="{% if FALSE %}\n",
        test="tests/pipeline/test_balance.py::test_a_row_without_a_time_that_is_held_out_is_counted_so",
    ),
    Mutant(
        rule="R36",
        breaks="rows that are marked as deleted are expected in current",
        file="include/sql/postgres/census.sql",
        old="            WHEN {{ reconcile.standing(hashed, scope) }} = 1 THEN 'deleted'\n",
        new="",
        test=f"{_TEST}::test_every_class_of_rows_is_counted_and_said",
    ),
    Mutant(
        rule="R36",
        breaks="what the table is sealed up to is what its last read would seal",
        file="plugins/floodmark/pipeline/outcome.py",
        old="    sealed = coverages.sealed_up_to(head.coverage, table.start)\n",
        new="    sealed = coverages.sealed(head.coverage)[-1].high\n",
        test=f"{_OUTCOME}::test_a_slice_behind_a_gap_seals_nothing_of_the_table",
    ),
    Mutant(
        rule="R36",
        breaks="a column that somebody took from current comes back empty",
        file=_TOUCHED,
        old="    lost = [one.name for one in left if one.name in lacking]\n",
        new="    lost: list[str] = []\n",
        test=f"{_WRITER}::test_a_column_that_somebody_took_from_current_is_told_once_and_healed_by_a_reload",
    ),
    Mutant(
        rule="R36",
        breaks="a small table waits a month for the comparison of its rows",
        file=_CORE,
        old="    return 1.0 if processed <= BILLED_AT_LEAST else share\n",
        new="    return share\n",
        test=f"{_TEST}::test_a_small_table_is_compared_whole_each_day",
    ),
    Mutant(
        rule="R36",
        breaks="a table that has no current yet can't be counted",
        file=_BALANCE,
        old="        if not self.stands:\n",
        new="        if False:\n",
        test=f"{_TEST}::test_a_table_of_which_nothing_was_there_to_load_has_no_current_and_balances",
    ),
    Mutant(
        rule="R36",
        breaks="rows too many are no exception of a proof",
        file="plugins/floodmark/pipeline/reports/balance.py",
        old="        *_too_many(table, head),\n",
        new="",
        test=f"{_TEST}::test_rows_too_many_are_told_by_number_and_are_no_fault_where_deletes_are_ignored",
    ),
    Mutant(
        rule="R36",
        breaks="a source that marks what it deletes may delete for good",
        file="plugins/floodmark/pipeline/reports/balance.py",
        old='    elif found.surplus and table.deletes.how == "soft" and',
        new='    elif False and table.deletes.how == "soft" and',
        test=f"{_TEST}::test_rows_too_many_are_a_fault_where_the_source_is_said_to_mark_them",
    ),
)
