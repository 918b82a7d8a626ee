"""The history of a table: versions in the order of reads, and what raw can't tell (R13, R18, R33)."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_SQL = "include/sql/bigquery/versions.sql"
_MODEL = "tests/core/bigquery/test_versions.py::"
_LATE = _MODEL + "test_a_row_that_was_read_twice_is_one_version_and_a_late_one_begins_where_it_was_seen"

MUTANTS = (
    Mutant(
        rule="R13",
        breaks="a history takes a row that was read twice for two versions",
        file=_SQL,
        old=" OR `_floodmark_content` != `_floodmark_content_before` AS",
        new=" OR TRUE AS",
        test=_LATE,
    ),
    Mutant(
        rule="R13",
        breaks="a version begins where its cursor says, though another was seen after that",
        file=_SQL,
        old="`_floodmark_without`, `_floodmark_before`) THEN `_floodmark_read_at`",
        new="`_floodmark_without`, `_floodmark_before`) THEN `_floodmark_cursor`",
        test=_LATE,
    ),
    Mutant(
        rule="R18",
        breaks="nobody remembers when current was renewed, so what left by that is current for ever in its history",
        file="plugins/floodmark/core/ledger/versions.py",
        old="    if not read.key or not read.portion.renewed or _stands(read):\n",
        new="    if not read.key or not read.portion.renewed or _stands(read) or True:\n",
        test=_MODEL + "test_what_a_reload_did_not_find_ended_with_it_and_begins_again_where_it_comes_back",
    ),
    Mutant(
        rule="R33",
        breaks="a version of which raw lost the beginning is said to begin with the first read that is left",
        file=_SQL,
        old="`_floodmark_without` IS NULL THEN NULL",
        new="`_floodmark_without` IS NULL THEN `_floodmark_read_at`",
        test=_MODEL + "test_what_raw_has_lost_is_still_there_as_current_has_it_and_its_beginning_is_not_pretended",
    ),
    Mutant(
        rule="R18",
        breaks="only a read that is loaded makes the view: one that a killed step left out waits for the next",
        file="plugins/floodmark/pipeline/extract.py",
        old="                    keep_history(run, lease)\n",
        new="                    pass\n",
        test="tests/pipeline/test_history.py"
        "::test_it_is_made_again_where_a_step_was_killed_before_it_and_not_where_it_stands",
    ),
)
