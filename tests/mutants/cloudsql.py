"""A source that exports: what its evidence proves (R1, R2, R4), and that it is exported once (R17)."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_EVIDENCE = "plugins/floodmark/adapters/cloudsql/evidence.py"
_JUDGED = "tests/adapters/cloudsql/test_evidence.py::"
_KEPT = "tests/adapters/cloudsql/test_kept_catalog.py::"
_PIPELINE = "tests/pipeline/test_cloudsql.py::"

MUTANTS = (
    Mutant(
        rule="R1",
        breaks="a table that changed behind an export's snapshot is believed",
        file=_EVIDENCE,
        old='    if held["bad"] or not held["all"]:\n',
        new="    if False:\n",
        test=_JUDGED + "test_what_another_attempt_may_mend_is_unavailable",
    ),
    Mutant(
        rule="R1",
        breaks="columns that changed their names behind an export's snapshot are believed",
        file=_EVIDENCE,
        old='    if told.get("renamed"):\n',
        new="    if False:\n",
        test=_JUDGED + "test_what_another_attempt_may_mend_is_unavailable",
    ),
    Mutant(
        rule="R1",
        breaks="rows are believed under another catalog than the one that is kept",
        file="plugins/floodmark/adapters/cloudsql/kept_catalog.py",
        old="        if digest == self._digest and not self._mixed:\n",
        new="        if True:\n",
        test=_KEPT + "test_rows_of_another_catalog_are_believed_only_where_the_answers_are_the_same",
    ),
    Mutant(
        rule="R1",
        breaks="what is kept of a catalog is used though the look saw another",
        file="plugins/floodmark/adapters/cloudsql/kept_catalog.py",
        old="        if self._answers and self._asking.catalog != self._digest:\n",
        new="        if False:\n",
        test=_KEPT + "test_under_another_one_all_is_asked_at_once_before_it_is_used",
    ),
    Mutant(
        rule="R2",
        breaks="rows that are hidden from the role that exports are nobody's affair",
        file=_EVIDENCE,
        old="    if not filtered:\n",
        new="    if filtered or not filtered:\n",
        test=_JUDGED + "test_what_no_attempt_mends_is_refused_with_its_remedy",
    ),
    Mutant(
        rule="R4",
        breaks="an export that began before the look is believed",
        file=_EVIDENCE,
        old='    if moment(told["began"]) <= moment(look.place[LOOKED]):\n',
        new="    if False:\n",
        test=_JUDGED + "test_what_another_attempt_may_mend_is_unavailable",
    ),
    Mutant(
        rule="R4",
        breaks="an export of another server than the look's is believed",
        file=_EVIDENCE,
        old="    if here != there:\n",
        new="    if False:\n",
        test=_JUDGED + "test_what_another_attempt_may_mend_is_unavailable",
    ),
    Mutant(
        rule="R4",
        breaks="a copy that is older than the look is believed",
        file=_EVIDENCE,
        old='    if told["system"] != look.server or int(told["following"]) >= int(look.place.get(NEXT, 0)):\n',
        new="    if True:\n",
        test=_JUDGED + "test_a_copy_whose_transactions_do_not_reach_the_look_is_older",
    ),
    Mutant(
        rule="R1",
        breaks="a copy's rows are read by other columns than its own",
        file="plugins/floodmark/adapters/cloudsql/source.py",
        old="            if selection.offload and told.columns != after:\n",
        new="            if False:\n",
        test=_PIPELINE + "test_a_copy_that_lags_behind_the_look_or_has_other_columns_is_not_believed",
    ),
    Mutant(
        rule="R17",
        breaks="an export that a killed step began is begun again",
        file="plugins/floodmark/core/ledger/exporting.py",
        old="    return read.state is State.READING and bool(read.exports) and "
        "read.exports[-1].state is not EffectState.FAILED\n",
        new="    return False\n",
        test=_PIPELINE + "test_a_step_that_died_with_its_export_under_way_is_gone_on_with",
    ),
    Mutant(
        rule="R17",
        breaks="a source is asked while the export of an earlier step still runs",
        file="plugins/floodmark/pipeline/exports.py",
        old="    if read.exports[-1].state is EffectState.INTENDED:\n",
        new="    if False:\n",
        test=_PIPELINE + "test_an_export_that_takes_long_ends_the_step_and_a_later_one_goes_on_with_it",
    ),
    Mutant(
        rule="R17",
        breaks="a request whose answer was lost is sent again at once",
        file="plugins/floodmark/adapters/cloudsql/operations.py",
        old="                return self._attached(uri, doing)\n            except Answered",
        new="                continue\n            except Answered",
        test=_PIPELINE + "test_a_reply_that_is_lost_is_looked_for_and_the_export_not_done_twice",
    ),
)
