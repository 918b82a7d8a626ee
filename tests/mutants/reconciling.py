"""Source and current compared key by key (R25)."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_CORE = "plugins/floodmark/core/reconcile.py"
_COMPARE = "plugins/floodmark/pipeline/compare.py"
_RECONCILE = "plugins/floodmark/pipeline/reconcile.py"
_SQL = "include/sql/postgres/_reconcile.sql"
_CANONICAL = "include/sql/postgres/_canonical.sql"
_TEST = "tests/pipeline/test_reconcile.py"
_SETTLED = "tests/pipeline/test_reconcile_settled.py"
_VALUES = "tests/pipeline/test_reconcile_values.py"
_BUDGET = "tests/pipeline/test_reconcile_budget.py"
_APPLIED = "tests/pipeline/test_reconcile_applied.py"

MUTANTS = (
    Mutant(
        rule="R25",
        breaks="rows in flight are compared",
        file=_SQL,
        old="{{ is_sealed(scope) }}) THEN",
        new="TRUE) THEN",
        test=f"{_SETTLED}::test_a_row_changed_or_made_after_the_mark_is_no_difference",
    ),
    Mutant(
        rule="R25",
        breaks="keys in flight are not left out at the other end",
        file=_COMPARE,
        old="reconcile_sql.leaving_out(loose)",
        new="reconcile_sql.leaving_out(())",
        test=f"{_BUDGET}::test_keys_in_flight_are_left_out_at_both_ends",
    ),
    Mutant(
        rule="R25",
        breaks="existence is asked of settled rows only",
        file=_CORE,
        old="    deleted = (key for key in target if key not in source)\n",
        new="    deleted = (key for key in target if key not in source or source[key][0] is Standing.LOOSE)\n",
        test=f"{_SETTLED}::test_a_key_that_the_source_has_in_any_state_is_never_gone",
    ),
    Mutant(
        rule="R25",
        breaks="a key that is gone by its hash is not looked up",
        file=_COMPARE,
        old="    if still := comparison.standing(deleted):\n",
        new="    if still := ():\n",
        test=f"{_BUDGET}::test_a_key_that_is_gone_only_by_its_hash_is_never_removed",
    ),
    Mutant(
        rule="R25",
        breaks="rows that are gone are not removed",
        file="plugins/floodmark/core/bigquery/merge.py",
        old="*([TOMBSTONE] if merge.deleted else [])",
        new="*([] if merge.deleted else [])",
        test=f"{_TEST}::test_a_hard_delete_is_found_told_and_healed",
    ),
    Mutant(
        rule="R25",
        breaks="content is not compared",
        file=_CORE,
        old="standing is Standing.SETTLED and hash != row.hash",
        new="False",
        test=f"{_TEST}::test_a_changed_key_a_silent_update_and_a_lost_row_are_healed",
    ),
    Mutant(
        rule="R25",
        breaks="rows that are held out are compared",
        file=_SQL,
        old="        WHEN {{ is_out(hashed) }} THEN {{ 2 if hashed.fails else 1 }}\n",
        new="",
        test=f"{_SETTLED}::test_the_old_version_of_a_row_that_is_held_out_goes",
    ),
    Mutant(
        rule="R25",
        breaks="rows that are marked as deleted are expected",
        file=_SQL,
        old='{{ hashed.removed if hashed.removed else "0" }}',
        new="0",
        test=f"{_SETTLED}::test_soft_deletes_are_no_difference_and_one_without_a_moved_cursor_is_healed[remove]",
    ),
    Mutant(
        rule="R25",
        breaks="a day is sealed with its morning",
        file="plugins/floodmark/adapters/postgres/query.py",
        old="(({name(column)} + 1)::timestamp AT",
        new="(({name(column)} + 0)::timestamp AT",
        test=f"{_SETTLED}::test_a_day_that_is_not_over_is_not_compared_though_its_morning_is_sealed",
    ),
    Mutant(
        rule="R25",
        breaks="rows from before the start are expected",
        file=_COMPARE,
        old='        early=counted[0]["early"] > 0,\n',
        new="        early=True,\n",
        test=f"{_SETTLED}::test_rows_from_before_the_start_are_compared_only_where_a_reload_brought_them",
    ),
    Mutant(
        rule="R25",
        breaks="gone rows are looked for in the partitions of the rows that are read",
        file=_COMPARE,
        old="_partitions(merge, [theirs[key] for key in (*compared.changed, *compared.deleted)])",
        new="()",
        test=f"{_APPLIED}::test_gone_rows_are_looked_for_in_the_partitions_where_they_stand[day]",
    ),
    Mutant(
        rule="R25",
        breaks="the share is overlooked",
        file=_CORE,
        old="        if place and rows > (",
        new="        if False and rows > (",
        test=f"{_BUDGET}::test_more_than_a_share_is_left_for_the_next_run_and_told",
    ),
    Mutant(
        rule="R25",
        breaks="a reconcile that left something counts as complete",
        file="plugins/floodmark/core/ledger/portion.py",
        old="        return self.left == 0\n",
        new="        return True\n",
        test=f"{_BUDGET}::test_more_than_a_share_is_left_for_the_next_run_and_told",
    ),
    Mutant(
        rule="R25",
        breaks="the budget of bytes is overlooked",
        file=_COMPARE,
        old="            if self.spent > most:\n",
        new="            if False:\n",
        test=f"{_BUDGET}::test_what_would_cost_more_bytes_than_allowed_is_refused[400-True]",
    ),
    Mutant(
        rule="R25",
        breaks="a report heals",
        file=_RECONCILE,
        old="        if not heal:\n",
        new="        if False:\n",
        test=f"{_TEST}::test_a_report_writes_nothing_to_the_ledger",
    ),
    Mutant(
        rule="R25",
        breaks="a reconcile takes new physical tables for read",
        file="plugins/floodmark/pipeline/reads.py",
        old="leaves=head.last.leaves if head.last else reading.leaves",
        new="leaves=reading.leaves",
        test=f"{_APPLIED}::test_a_partition_attached_before_a_reconcile_is_still_read_by_the_next_slice",
    ),
    Mutant(
        rule="R25",
        breaks="floats are written with a digit less",
        file=_CANONICAL,
        old="'9.9999999999999999EEEE'",
        new="'9.999999999999999EEEE'",
        test=f"{_VALUES}::test_every_family_of_types_is_written_alike_at_both_ends",
    ),
    Mutant(
        rule="R25",
        breaks="NULL is written as the empty text is",
        file=_CANONICAL,
        old="COALESCE('=' || {{ text(value) }}, '')",
        new="COALESCE('=' || {{ text(value) }}, '=')",
        test=f"{_VALUES}::test_every_change_of_a_value_is_found_and_healed",
    ),
)
