"""Merge, append, replace, deletes, drift, values, checks (R20-R28)."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_MERGE = "plugins/floodmark/core/bigquery/merge.py"
_SQL = "include/sql/bigquery/merge.sql"
_EXTRACT = "plugins/floodmark/pipeline/extract.py"
_FINISH = "plugins/floodmark/pipeline/load.py"
_APPLIED = "plugins/floodmark/pipeline/targets.py"
_ARROW = "plugins/floodmark/adapters/arrow/columns.py"
_KINDS = "tests/pipeline/test_kinds.py"
_EFFECTS = "tests/pipeline/test_rules_effects.py"
_COSTS = "tests/pipeline/test_costs.py"
_MERGED = "tests/adapters/bigquery/test_merge.py"
_VERIFY = "tests/pipeline/test_verify.py"
_WRONG = "tests/core/ledger/test_head_wrong.py"
_TYPES = "tests/adapters/postgres/test_types.py"

_FIRST = "tests/pipeline/test_first_load.py::"

MUTANTS = (
    Mutant(
        rule="R24",
        breaks="a part of a first load covers what the parts to come will read",
        file="plugins/floodmark/core/ledger/portion.py",
        old="        return not self.continues\n",
        new="        return True\n",
        test=_FIRST + "test_a_large_one_is_read_in_parts_which_cover_nothing_before_the_last_is_applied",
    ),
    Mutant(
        rule="R24",
        breaks="the slices take over from the last part's watermark and base",
        file="plugins/floodmark/pipeline/reads.py",
        old="    if decision.first and head.last:\n",
        new="    if False and head.last:\n",
        test=_FIRST + "test_what_changes_between_two_parts_is_found_by_the_slices",
    ),
    Mutant(
        rule="R24",
        breaks="partitions that came between two parts are taken for read",
        file="plugins/floodmark/pipeline/first_load.py",
        old="snapshot=snapshot, leaves=last.leaves,",
        new="snapshot=snapshot,",
        test=_FIRST + "test_a_partition_that_comes_between_two_parts_is_read",
    ),
    Mutant(
        rule="R24",
        breaks="parts are cut where the key sorts as text",
        file="include/sql/postgres/part_end.sql",
        old='    ORDER BY {{ key | join(", ") }}\n',
        new='    ORDER BY {{ key | join("::text, ") }}::text\n',
        test=_FIRST + "test_a_large_one_is_read_in_parts_which_cover_nothing_before_the_last_is_applied",
    ),
    Mutant(
        rule="R24",
        breaks="a run takes a part for the whole",
        file="plugins/floodmark/pipeline/first_load.py",
        old="    return read.portion.continues or (request",
        new="    return (request",
        test=_FIRST + "test_keys_of_several_columns_and_of_text_are_cut_as_their_index_orders_them",
    ),
    Mutant(
        rule="R24",
        breaks="a slice that ended while the first load ran is left out",
        file="plugins/floodmark/pipeline/first_load.py",
        old="    return read.portion.continues or (",
        new="    return read.portion.continues or False and (",
        test=_FIRST + "test_a_slice_that_ended_while_the_first_load_ran_is_read_by_its_own_run",
    ),
    Mutant(
        rule="R20",
        breaks="every merge looks into the whole of current",
        file=_MERGE,
        old="        pruning = None if merge.clears else partitions.prune(cut, merge.partitions)\n",
        new="        pruning = None\n",
        test=f"{_KINDS}::test_partitions_are_touched_only_where_rows_changed",
    ),
    Mutant(
        rule="R20",
        breaks="an append table that is cut by its cursor is looked at as a whole",
        file=_APPLIED,
        old='    return run.table.timezone if cursor == (both.current.partition_by,) else ""\n',
        new='    return ""\n',
        test=f"{_KINDS}::test_an_append_table_that_is_cut_by_its_cursor_is_touched_only_in_its_interval",
    ),
    Mutant(
        rule="R20",
        breaks="the interval stands in one arm of the statement only",
        file=_SQL,
        old="{%- if spanned %} AND (",
        new="{%- if false %} AND (",
        test=f"{_KINDS}::test_an_append_table_that_is_cut_by_its_cursor_is_touched_only_in_its_interval",
    ),
    Mutant(
        rule="R20",
        breaks="an interval is held against the wall clock as if that were UTC",
        file="plugins/floodmark/core/bigquery/partitions.py",
        old="            low, high = wall_clock.wall_clock(interval, zone)\n",
        new='            low, high = wall_clock.wall_clock(interval, "UTC")\n',
        test="tests/core/bigquery/test_partitions.py::test_an_interval_spans_every_value_that_a_cursor_in_it_shows",
    ),
    Mutant(
        rule="R20",
        breaks="one job touches any number of partitions",
        file=_MERGE,
        old="    if partitions.count(merge.partitions) <= most:\n",
        new="    if True:\n",
        test=f"{_MERGED}::test_a_read_of_too_many_partitions_is_applied_in_parts",
    ),
    Mutant(
        rule="R20",
        breaks="a job may cost what it likes",
        file="plugins/floodmark/core/bigquery/jobs.py",
        old="    if max_bytes_billed is not None:\n",
        new="    if False:\n",
        test=f"{_EFFECTS}::test_a_merge_may_not_cost_more_than_was_allowed",
    ),
    Mutant(
        rule="R20",
        breaks="a question may cost what it likes",
        file="plugins/floodmark/pipeline/wiring.py",
        old="place.location, max_bytes_billed=place.max_bytes_billed)",
        new="place.location)",
        test=f"{_COSTS}::test_every_job_and_query_says_whose_it_is_and_what_it_may_bill",
    ),
    Mutant(
        rule="R20",
        breaks="a question doesn't say whose it is",
        file="plugins/floodmark/pipeline/table_run.py",
        old="self.ports.warehouse.query(sql, parameters, labels=self.labels(step))",
        new="self.ports.warehouse.query(sql, parameters)",
        test=f"{_COSTS}::test_every_job_and_query_says_whose_it_is_and_what_it_may_bill",
    ),
    Mutant(
        rule="R20",
        breaks="the check of the whole table looks into the touched partitions only",
        file="plugins/floodmark/pipeline/check_keys.py",
        old="targets.merge_of(run, last, both), whole=True)",
        new="targets.merge_of(run, last, both))",
        test="tests/pipeline/test_check_keys.py::test_a_partition_value_that_changed_is_found_and_a_reload_heals_it",
    ),
    Mutant(
        rule="R21",
        breaks="an append table's read leaves the old rows of its intervals",
        file=_SQL,
        old="WHEN NOT MATCHED BY SOURCE AND IFNULL(",
        new="WHEN NOT MATCHED BY SOURCE AND FALSE AND IFNULL(",
        test=f"{_KINDS}::test_append_replaces_the_interval_that_it_read",
    ),
    Mutant(
        rule="R21",
        breaks="an append table's read replaces the whole table",
        file=_APPLIED,
        old="    scoped = read.append and read.portion.wanted is not None\n",
        new="    scoped = False\n",
        test=f"{_KINDS}::test_append_replaces_the_interval_that_it_read",
    ),
    Mutant(
        rule="R21",
        breaks="of an interval that gained rows, only these are read",
        file="plugins/floodmark/pipeline/decide.py",
        old="gained = [replace(span, base=None, leaves=())",
        new="gained = [span",
        test=f"{_KINDS}::test_a_late_row_of_an_append_table_is_read_with_its_interval",
    ),
    Mutant(
        rule="R22",
        breaks="rows without a cursor are left out silently",
        file=_EXTRACT,
        old='    if nulls and chosen.null_cursor == "fail":\n',
        new="    if False:\n",
        test=f"{_KINDS}::test_null_cursors_are_refused_included_or_left_out_as_declared",
    ),
    Mutant(
        rule="R22",
        breaks="infinite cursors aren't counted",
        file="include/sql/postgres/_parts.sql",
        old="{{ cursor }} IN ('infinity', '-infinity'))",
        new="FALSE)",
        test="tests/adapters/postgres/test_reading.py::test_cursors_that_lie_in_no_slice_or_in_a_later_one_are_counted",
    ),
    Mutant(
        rule="R23",
        breaks="a refresh is skipped though somebody touched current",
        file=_FINISH,
        old="    return _stamp(run) == head.last.target_stamp\n",
        new="    return True\n",
        test=f"{_KINDS}::test_a_refresh_mends_a_target_that_somebody_touched",
    ),
    Mutant(
        rule="R23",
        breaks="current is emptied first",
        file=_FINISH,
        old="    recheck = [",
        new="    if merge.replace and not merge.scope:\n"
        '        _statement(run, lease, "apply_0", f"DELETE FROM `{merge.current}` WHERE TRUE")\n'
        "    recheck = [",
        test=f"{_EFFECTS}::test_a_reader_sees_the_whole_old_table_or_the_whole_new_one",
    ),
    Mutant(
        rule="R23",
        breaks="a reload on demand is skipped where rows are the same",
        file="plugins/floodmark/core/ledger/closing.py",
        old="or not read.portion.repeats or",
        new="or",
        test="tests/core/ledger/test_head.py::test_a_refresh_is_skipped_only_if_it_read_what_the_target_holds",
    ),
    Mutant(
        rule="R25",
        breaks="rows that are marked as deleted stay",
        file=_SQL,
        old="AND _floodmark_s.{{ leaves | name }} THEN\n  DELETE",
        new="AND FALSE THEN\n  DELETE",
        test=f"{_KINDS}::test_a_soft_delete_leaves_current_and_a_row_that_comes_back_is_back",
    ),
    Mutant(
        rule="R25",
        breaks="rows that are marked as deleted come in as new",
        file=_SQL,
        old="{% for leaves in leaving %} AND NOT _floodmark_s.{{ leaves | name }}{% endfor %} THEN",
        new=" THEN",
        test=f"{_MERGED}::test_a_soft_deleted_row_is_removed_and_one_that_comes_back_is_back",
    ),
    Mutant(
        rule="R26",
        breaks="a column that the source gains isn't added",
        file="plugins/floodmark/core/bigquery/drift.py",
        old="    return (*drop, *add, *wider)\n",
        new="    return (*drop, *wider)\n",
        test=f"{_KINDS}::test_a_column_that_the_source_gains_is_gained_by_both_tables",
    ),
    Mutant(
        rule="R26",
        breaks="nobody remembers that old rows have no values of an added column",
        file="plugins/floodmark/core/ledger/head.py",
        old="    partial, leftovers = closing.partial(head.last, read), ",
        new="    partial, leftovers = (), ",
        test=f"{_WRONG}::test_columns_that_came_are_remembered_until_a_whole_read_or_until_they_are_gone",
    ),
    Mutant(
        rule="R27",
        breaks="infinite moments are kept, as whatever they wrap to",
        file=_ARROW,
        old="        if least is None or (least >= low and most <= high):\n",
        new="        if True:\n",
        test=f"{_TYPES}::test_what_the_target_cannot_hold_goes_to_the_quarantine_and_the_rest_does_not",
    ),
    Mutant(
        rule="R27",
        breaks="a value that isn't a number isn't looked for",
        file=_ARROW,
        old='_NUMBER = r"^-?[0-9]+(\\.[0-9]+)?$"\n',
        new='_NUMBER = r"."\n',
        test=f"{_TYPES}::test_what_the_target_cannot_hold_goes_to_the_quarantine_and_the_rest_does_not",
    ),
    Mutant(
        rule="R28",
        breaks="loaded rows aren't compared to staged ones",
        file=_FINISH,
        old="        if loaded != read.rows:\n",
        new="        if False:\n",
        test=f"{_EFFECTS}::test_a_load_of_fewer_rows_than_were_staged_stops_the_table",
    ),
    Mutant(
        rule="R28",
        breaks="nobody asks whether keys are unique in current",
        file=_FINISH,
        old="    if merge.key and changed:\n",
        new="    if False:\n",
        test=f"{_EFFECTS}::test_a_key_that_stands_twice_in_current_is_told",
    ),
    Mutant(
        rule="R28",
        breaks="the next slice clears what only a reload heals",
        file="plugins/floodmark/core/ledger/head.py",
        old='    wrong = head.last.error if head.last and not read.portion.renewed else ""\n',
        new='    wrong = ""\n',
        test=f"{_WRONG}::test_what_makes_current_wrong_stays_until_all_of_it_is_replaced",
    ),
    Mutant(
        rule="R28",
        breaks="under verify, raw isn't compared with the source",
        file=_FINISH,
        old="    verified = verify.raw(run, read, merge)\n",
        new='    verified = ""\n',
        test=f"{_VERIFY}::test_a_value_altered_in_raw_is_named_and_never_reaches_current",
    ),
    Mutant(
        rule="R28",
        breaks="under verify, current isn't compared with raw",
        file=_FINISH,
        old="    mismatch = verify.current(run, read, merge)\n",
        new="    mismatch = None\n",
        test=f"{_VERIFY}::test_a_value_altered_in_current_is_named_and_only_a_reload_clears_it",
    ),
)
