"""What stands in current is what was brought there (R36); a SELECT that can't be had is one table's error (R29)."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_CONTENT = "plugins/floodmark/pipeline/content.py"
_BALANCE = "plugins/floodmark/core/ledger/balance.py"
_WORDS = "plugins/floodmark/pipeline/reports/balance.py"
_TEST = "tests/pipeline/test_content.py::"
_OWN = "tests/cli/test_own_select.py::test_it_is_named_and_the_others_go_on"

MUTANTS = (
    Mutant(
        rule="R29",
        breaks="a SELECT that can't be read ends the proof of all tables",
        file="plugins/floodmark/pipeline/reports/prove.py",
        old='        yield f"its own SELECT can\'t be read: {error}"\n',
        new="        raise\n",
        test=_OWN,
    ),
    Mutant(
        rule="R29",
        breaks="prove knows of no SELECT that can't be read",
        file="plugins/floodmark/pipeline/reports/prove.py",
        old='        yield f"its own SELECT can\'t be read: {error}"\n',
        new="        pass\n",
        test=_OWN,
    ),
    Mutant(
        rule="R29",
        breaks="a SELECT that can't be read ends the check of all tables",
        file="plugins/floodmark/pipeline/reports/check.py",
        old="        return TableCheck(table=table, problems=error.problems, warnings=tuple(_of_words(table)))\n",
        new="        raise\n",
        test=_OWN,
    ),
    Mutant(
        rule="R36",
        breaks="what somebody changed in a table that is read whole is no fault",
        file=_BALANCE,
        old="return not (self.missing or self.differing or self.changed)",
        new="return not (self.missing or self.differing)",
        test=_TEST + "test_changed_rows_are_counted_though_the_number_of_rows_is_the_same",
    ),
    Mutant(
        rule="R36",
        breaks="content is compared without the columns of ours",
        file="plugins/floodmark/core/bigquery/checksum_sql.py",
        old='    ours = [(CURSOR, "TIMESTAMP"), (READ_AT, "TIMESTAMP"), (UNHELD, "STRING")]\n',
        new='    ours = [(UNHELD, "STRING")]\n',
        test=_TEST + "test_changed_rows_are_counted_though_the_number_of_rows_is_the_same",
    ),
    Mutant(
        rule="R36",
        breaks="a row that stands twice makes up for another that is missing",
        file="include/sql/bigquery/content.sql",
        old="GREATEST(_floodmark_h.`brought` - _floodmark_h.`standing`, 0)",
        new="IF(_floodmark_h.`standing` = 0, 0, 0)",
        test=_TEST + "test_changed_rows_are_counted_though_the_number_of_rows_is_the_same",
    ),
    Mutant(
        rule="R36",
        breaks="a refresh leaves alone what is known to differ",
        file="plugins/floodmark/pipeline/load.py",
        old="    if head.balance.changed:\n",
        new="    if False:\n",
        test=_TEST + "test_the_next_refresh_mends_it_though_the_target_looks_untouched",
    ),
    Mutant(
        rule="R36",
        breaks="what was compared before a read stands after it",
        file="plugins/floodmark/core/ledger/closing.py",
        old="    return Content(read_at=read.read_at, before=(before.at or before.before) if before else None)\n",
        new="    return before or Content(read_at=read.read_at)\n",
        test=_TEST + "test_what_is_known_of_it_stands_after_a_refresh_that_changes_nothing_and_goes_with_one_that_does",
    ),
    Mutant(
        rule="R36",
        breaks="what raw lost is compared with nothing",
        file=_CONTENT,
        old="        if before.total is None and self.read.rows and not self._held():\n",
        new="        if False:\n",
        test=_TEST + "test_what_raw_lost_before_anybody_looked_is_not_compared_and_said",
    ),
    Mutant(
        rule="R36",
        breaks="a difference in rows that raw can't name is none",
        file=_CONTENT,
        old="other=standing != blank.total,",
        new="other=False,",
        test=_TEST + "test_once_its_sum_is_known_it_is_compared_without_raw",
    ),
    Mutant(
        rule="R36",
        breaks="content is compared whatever it costs",
        file=_CONTENT,
        old="        if every is None:\n",
        new="        if False:\n",
        test=_TEST + "test_what_would_process_more_than_allowed_is_left_out_and_said",
    ),
    Mutant(
        rule="R36",
        breaks="content is compared though one job may not bill so much",
        file=_CONTENT,
        old="        if most is not None and processed > most:\n",
        new="        if False:\n",
        test=_TEST + "test_what_would_process_more_than_allowed_is_left_out_and_said",
    ),
    Mutant(
        rule="R36",
        breaks="a dear comparison is made every day",
        file=_CONTENT,
        old="core.due(before.at or before.before, at, every)",
        new="core.due(before.at, at, every)",
        test=_TEST + "test_a_dear_comparison_is_weekly",
    ),
    Mutant(
        rule="R36",
        breaks="for a row of a time to come a reload is named that leaves it",
        file=_WORDS,
        old="    if content.ahead:\n",
        new="    if False:\n",
        test=_TEST + "test_a_row_of_a_time_to_come_is_told_with_the_command_that_replaces_it",
    ),
    Mutant(
        rule="R36",
        breaks="nobody says that content was not looked at",
        file=_WORDS,
        old="        *(_uncompared(found.content) if _whole(head) else []),\n",
        new="",
        test=_TEST + "test_content_that_is_as_it_was_read_is_equal_and_said_to_be_looked_at",
    ),
)
