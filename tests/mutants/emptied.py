"""What is never emptied by mistake, and what is deleted once nobody needs it (R18, R23, R33)."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_REQUIRE = "plugins/floodmark/pipeline/require_rows.py"
_STAGING = "plugins/floodmark/pipeline/staging.py"
_LOAD = "plugins/floodmark/pipeline/load.py"
_ROWS = "tests/pipeline/test_require_rows.py::"
_STAGE = "tests/pipeline/test_stage_emptied.py::"

MUTANTS = (
    Mutant(
        rule="R23",
        breaks="an emptied source empties a target that requires rows",
        file="plugins/floodmark/pipeline/extract.py",
        old="    require_read(run, read, manifest)\n",
        new="",
        test=_ROWS + "test_an_emptied_table_that_is_read_whole_replaces_nothing",
    ),
    Mutant(
        rule="R23",
        breaks="a slice that is only looked at again is to have rows too",
        file=_REQUIRE,
        old="if span.base is None and not (span.recheck or span.leaves)]",
        new="]",
        test=_ROWS + "test_a_slice_that_is_only_looked_at_again_may_have_none",
    ),
    Mutant(
        rule="R23",
        breaks="rows that are all marked as deleted empty a target that requires rows",
        file=_LOAD,
        old="    require_left(run, lease, read, merge)\n",
        new="",
        test=_ROWS + "test_rows_that_are_all_marked_as_deleted_replace_nothing",
    ),
    Mutant(
        rule="R23",
        breaks="a target that holds no row after all is not told",
        file=_REQUIRE,
        old="    if not run.table.require_rows or rows != 0:\n",
        new="    if True:\n",
        test=_ROWS + "test_a_target_that_holds_none_after_all_is_told",
    ),
    Mutant(
        rule="R33",
        breaks="files are kept although nothing is to be kept",
        file=_STAGING,
        old="    if run.config.retention.stage == timedelta(0) and read.manifest:\n",
        new="    if False and read.manifest:\n",
        test=_STAGE + "test_files_stay_until_they_are_applied_and_no_longer",
    ),
    Mutant(
        rule="R33",
        breaks="a read is closed before its files are deleted",
        file=_LOAD,
        old="    if not wrong:\n        clear(run, read)\n",
        new="",
        test=_STAGE + "test_who_is_killed_between_leaves_them_to_the_next_run",
    ),
    Mutant(
        rule="R33",
        breaks="the upkeep takes files of a read that is being staged",
        file="plugins/floodmark/pipeline/repairs/sweep.py",
        old="    moment = now - max(config.retention.stage, MARGIN)\n",
        new="    moment = now - config.retention.stage\n",
        test=_STAGE + "test_the_upkeep_takes_what_was_left_once_it_is_a_day_old",
    ),
)
