"""Summary tables: checked before anybody sees them, replaced at once, and only where something changed (R18)."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_TESTS = "tests/pipeline/test_summaries.py::"

_BUDGET = "tests/pipeline/test_summary_budget.py::"

MUTANTS = (
    Mutant(
        rule="R20",
        breaks="what summaries billed doesn't count to the budget",
        file="plugins/floodmark/pipeline/budget.py",
        old=" *run.summaries()}\n",
        new="}\n",
        test=_BUDGET + "test_what_a_summary_billed_is_missing_to_its_tables",
    ),
    Mutant(
        rule="R20",
        breaks="a summary's query is run whatever the budget",
        file="plugins/floodmark/pipeline/summaries/build.py",
        old="                afford_query(run, built)\n",
        new="                pass\n",
        test=_BUDGET + "test_a_build_that_a_day_can_t_pay_leaves_the_table_and_the_next_day_builds_its_window",
    ),
    Mutant(
        rule="R20",
        breaks="a build that is paid for is given up where its checks have to wait",
        file="plugins/floodmark/pipeline/summaries/build.py",
        old="    waits = Step.BUILD if isinstance(error, BudgetReached) else Step.APPLY\n",
        new="    waits = Step.APPLY\n",
        test=_BUDGET + "test_a_query_that_is_paid_for_is_not_run_again_where_its_checks_have_to_wait",
    ),
    Mutant(
        rule="R18",
        breaks="a summary whose checks failed takes its place all the same",
        file="plugins/floodmark/pipeline/summaries/checks.py",
        old="    if faults:\n",
        new="    if False:\n",
        test=_TESTS + "test_whatever_a_file_says_that_it_must_be_is_checked_before_anybody_sees_it",
    ),
    Mutant(
        rule="R18",
        breaks="a window is built of a summary that somebody else changed, and leaves that",
        file="plugins/floodmark/pipeline/summaries/build.py",
        old="    window = None if changed and request.window is None else window_of(run, head, request, inputs)\n",
        new="    window = window_of(run, head, request, inputs)\n    changed = ''\n",
        test=_TESTS + "test_what_somebody_else_did_to_it_is_told_and_no_window_leaves_it_there",
    ),
    Mutant(
        rule="R18",
        breaks="the daily look tells nobody what somebody else did to a summary",
        file="plugins/floodmark/pipeline/summaries/touched.py",
        old="        if changed := changed_by_others(run, lease.head):\n",
        new="        if changed := '':\n",
        test=_TESTS + "test_what_somebody_else_did_to_it_is_told_and_no_window_leaves_it_there",
    ),
    Mutant(
        rule="R18",
        breaks="a window takes the place of the whole summary",
        file="include/sql/bigquery/summary_window.sql",
        old="  AND _floodmark_t.{{ cut | name }} >= {{ low | literal }} AND _floodmark_t.{{ cut | name }} < "
        "{{ high | literal }}\nTHEN DELETE",
        new="THEN DELETE",
        test=_TESTS + "test_a_window_is_built_alone_and_nothing_else_is_touched",
    ),
    Mutant(
        rule="R18",
        breaks="a summary isn't built again where a table that it reads was read whole",
        file="plugins/floodmark/core/ledger/built.py",
        old="        return (self.target, self.read_at, self.forgotten_at) == ",
        new="        return True or (self.target, self.read_at, self.forgotten_at) == ",
        test=_TESTS + "test_what_heals_a_table_or_reads_it_whole_runs_its_summaries_again",
    ),
)
