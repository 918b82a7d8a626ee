"""The account must balance, as far as clocks, raw, surroundings and filters go (R33-R35, R37)."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_CLOCK = "plugins/floodmark/core/time/wall_clock.py"
_ZONES = "plugins/floodmark/adapters/postgres/zones.py"

_AROUND = "plugins/floodmark/adapters/bigquery/surroundings.py"
_SET = "tests/adapters/bigquery/test_surroundings.py"
_LEAVING = "tests/pipeline/test_leaving.py"
_HELD = "plugins/floodmark/pipeline/held.py"
_LOST = "tests/pipeline/test_held.py::"

MUTANTS = (
    Mutant(
        rule="R33",
        breaks="raw isn't counted before the merge",
        file=_HELD,
        old='    if held["rows"] != read.rows:\n',
        new="    if False:\n",
        test=_LOST + "test_a_reload_whose_rows_raw_lost_leaves_current_as_it_was",
    ),
    Mutant(
        rule="R33",
        breaks="raw is only seen not to be empty",
        file=_HELD,
        old='    if held["rows"] != read.rows:\n',
        new='    if not held["rows"]:\n',
        test=_LOST + "test_a_slice_whose_rows_raw_lost_is_void_and_read_again_by_the_next_run[one row]",
    ),
    Mutant(
        rule="R33",
        breaks="nobody reads the slices of a void read again",
        file="plugins/floodmark/pipeline/decide.py",
        old="    return merge([*_around(run, head, request, look), *head.due])\n",
        new="    return merge(_around(run, head, request, look))\n",
        test=_LOST + "test_a_slice_whose_rows_raw_lost_is_void_and_read_again_by_the_next_run[all]",
    ),
    Mutant(
        rule="R33",
        breaks="a merge that ran is void since raw was emptied after it",
        file=_HELD,
        old="        if settled.step == step and settled.state is EffectState.DONE:\n",
        new="        if False:\n",
        test=_LOST + "test_a_merge_that_ran_is_not_void_though_raw_was_emptied_before_anybody_heard_of_it",
    ),
    Mutant(
        rule="R33",
        breaks="a read is applied on the day on which it expires",
        file=_HELD,
        old=">= retention - MARGIN:\n",
        new=">= retention:\n",
        test=_LOST + "test_a_read_as_old_as_raws_retention_less_a_day_is_never_applied[89-False]",
    ),
    Mutant(
        rule="R33",
        breaks="raw may be kept for a day",
        file="plugins/floodmark/core/config/parsers.py",
        old="    if length is not None and length < LEAST_RAW:\n",
        new="    if False:\n",
        test="tests/core/config/test_source.py::test_a_source_comes_out_as_written_beside_it[raw_retention]",
    ),
    Mutant(
        rule="R34",
        breaks="a table that its dataset lets expire is left so",
        file=_AROUND,
        old='        expires=bool(there.get("expirationTime")),\n',
        new="        expires=False,\n",
        test=f"{_SET}::test_a_table_that_is_made_where_tables_expire_does_not",
    ),
    Mutant(
        rule="R34",
        breaks="a table is looked at only where it is made",
        file="plugins/floodmark/adapters/bigquery/warehouse.py",
        old="        self._settling.settle(table, there)\n        return _columns(there)\n",
        new="        return _columns(there)\n",
        test=f"{_SET}::test_a_table_that_is_met_again_is_set_again",
    ),
    Mutant(
        rule="R34",
        breaks="texts may be compared as its dataset likes",
        file=_AROUND,
        old="    if wrong:\n",
        new="    if False:\n",
        test=f"{_SET}::test_a_table_whose_texts_are_compared_otherwise_is_refused",
    ),
    Mutant(
        rule="R34",
        breaks="a local time is converted by the project's zone",
        file="plugins/floodmark/adapters/postgres/matrix/ways.py",
        old="convert=\"DATETIME({col}, 'UTC')\",",
        new='convert="DATETIME({col})",',
        test="tests/core/bigquery/test_zones.py::test_every_type_names_the_zone_of_its_conversion",
    ),
    Mutant(
        rule="R34",
        breaks="the database says how names are written when a driver asks for its types",
        file="plugins/floodmark/adapters/postgres/connect.py",
        old='    return {**given, "options": f"{own} {ours}".strip()}\n',
        new="    return {**given}\n",
        test="tests/adapters/postgres/test_started.py::"
        "test_settings_of_the_database_change_nothing_that_is_read[names are quoted]",
    ),
    Mutant(
        rule="R35",
        breaks="the slice that ends at a jump ends where its clock stood",
        file=_CLOCK,
        old="    highs = [_shown(interval.high, clock)]\n",
        new="    highs = [_shown(interval.high - MICROSECOND, clock) + MICROSECOND]\n",
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
    Mutant(
        rule="R37",
        breaks="rows that where doesn't select aren't asked for",
        file="plugins/floodmark/pipeline/selection.py",
        old='leaving=bool(table.where) and table.leaving == "delete" and',
        new="leaving=False and",
        test=f"{_LEAVING}::test_a_row_that_leaves_where_leaves_current_and_comes_back_with_it",
    ),
    Mutant(
        rule="R37",
        breaks="a row whose condition is unknown is taken for selected",
        file="include/sql/postgres/extract_slice.sql",
        old='    ) IS NOT TRUE AS "_floodmark_gone"\n',
        new='    ) IS FALSE AS "_floodmark_gone"\n',
        test=f"{_LEAVING}::test_a_row_that_leaves_where_leaves_current_and_comes_back_with_it",
    ),
    Mutant(
        rule="R37",
        breaks="values of rows that aren't selected travel",
        file="include/sql/postgres/extract_slice.sql",
        old='    CASE WHEN NOT "_floodmark_gone" THEN {{ expression }} END AS {{ column | name }},\n',
        new="    {{ expression }} AS {{ column | name }},\n",
        test="tests/adapters/postgres/test_query.py::test_the_text_of_a_read[slice_leaving]",
    ),
    Mutant(
        rule="R37",
        breaks="a key that leaves doesn't say in which partition it stands",
        file="plugins/floodmark/adapters/postgres/query.py",
        old="return (*self.selection.key, self.selection.partition_by)",
        new="return self.selection.key",
        test=f"{_LEAVING}::test_it_leaves_the_partition_in_which_it_stands[none]",
    ),
    Mutant(
        rule="R37",
        breaks="a key that leaves has its moment from a column that it doesn't carry",
        file="plugins/floodmark/adapters/postgres/query.py",
        old="return selection.in_target(column) if sent and kept else None",
        new="return selection.in_target(column) if sent else None",
        test=f"{_LEAVING}::test_of_a_row_that_where_does_not_select_only_the_key_travels",
    ),
    Mutant(
        rule="R37",
        breaks="keys of other rows travel though leaving: ignore",
        file="plugins/floodmark/pipeline/selection.py",
        old='table.leaving == "delete" and',
        new="True and",
        test=f"{_LEAVING}::test_leaving_ignore_reads_selected_rows_only",
    ),
    Mutant(
        rule="R37",
        breaks="a where that depends on the clock is taken for proved",
        file="plugins/floodmark/core/resolve/table.py",
        old="    if beside := depends_on(table.where):\n",
        new="    if beside := ():\n",
        test="tests/core/resolve/test_table.py::test_a_where_that_cannot_be_followed_is_assumed",
    ),
)
