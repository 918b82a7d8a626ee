"""What the real BigQuery refuses, or does otherwise than a looser server (R16, R20, R27, R29, R34)."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_NAMES = "plugins/floodmark/core/config/column_names.py"
_NAMED = "tests/core/config/test_column_names.py"
_PRINT = "plugins/floodmark/core/ledger/fingerprint.py"
_PRINTED = "tests/core/ledger/test_fingerprint.py"
_RENAMED = "tests/pipeline/test_rename.py"

_ROOM = "plugins/floodmark/pipeline/room.py"
_ROOMY = "tests/pipeline/test_room.py"

_REFUSED = "plugins/floodmark/adapters/google_errors.py"
_SAID = "tests/adapters/test_google_errors.py::test_what_an_upload_is_refused_for_is_read_from_the_services_own_text"

MUTANTS = (
    Mutant(
        rule="R16",
        breaks="an upload that is over a quota blocks its table",
        file=_REFUSED,
        old=' or reasons_in(str(getattr(error, "message", "")))',
        new="",
        test=_SAID,
    ),
    Mutant(
        rule="R16",
        breaks="a project that nobody pays for is told to grant roles",
        file=_REFUSED,
        old=' if reason in _UNPAID else ""',
        new=' if not reason else ""',
        test=_SAID,
    ),
    Mutant(
        rule="R16",
        breaks="credentials that a bucket doesn't take have no remedy",
        file=_REFUSED,
        old="    return {\n        401: _CREDENTIALS,\n",
        new="    return {\n",
        test=_SAID,
    ),
    Mutant(
        rule="R16",
        breaks="a job that ended for a missing right doesn't say what to grant",
        file="plugins/floodmark/adapters/bigquery/jobs.py",
        old=' or (BIGQUERY[403] if reason == _DENIED else "")',
        new="",
        test="tests/airflow/test_refused_by_google.py::test_a_job_that_ended_for_a_missing_right_says_what_to_grant",
    ),
    Mutant(
        rule="R20",
        breaks="more partitions than a table takes are loaded, and some of the jobs fail",
        file=_ROOM,
        old="    if count > partitions.MOST_PER_TABLE:\n",
        new="    if False:\n",
        test=_ROOMY + "::test_ten_thousand_and_five_hundred_days_are_refused_before_the_first_job",
    ),
    Mutant(
        rule="R20",
        breaks="partitions that stand in current don't count",
        file=_ROOM,
        old="    there = frozenset() if read.remade else partitions.held(_standing(run, merge))\n",
        new="    there = frozenset[str]()\n",
        test=_ROOMY + "::test_those_that_stand_count_too",
    ),
    Mutant(
        rule="R20",
        breaks="a whole replacement counts only what it brings",
        file=_ROOM,
        old="({*brought, *(value for value in _standing(run, merge) if value is not None)})",
        new="(brought)",
        test=_ROOMY + "::test_a_whole_replacement_counts_what_it_deletes_and_meets_in_pieces",
    ),
    Mutant(
        rule="R20",
        breaks="a replacement that begins with what comes may stop half-way",
        file=_ROOM,
        old="    count = partitions.peak(there, brought) if whole else",
        new="    count = len(brought) if whole else",
        test=_ROOMY + "::test_a_replacement_that_would_have_too_many_on_the_way_is_refused_before_it_begins",
    ),
    Mutant(
        rule="R20",
        breaks="a retry cuts by what the first job left, and rows between stay",
        file=_ROOM,
        old="    if before := read.attempts(Step.APPLY):\n",
        new="    if before := ():\n",
        test=_ROOMY + "::test_a_retry_cuts_where_the_first_try_did",
    ),
    Mutant(
        rule="R20",
        breaks="of an append table only the first piece is replaced",
        file="include/sql/bigquery/merge.sql",
        old="{%- if narrow %} AND ({{ within(",
        new="{%- if false %} AND ({{ within(",
        test=_ROOMY + "::test_an_append_tables_slices_are_replaced_in_pieces",
    ),
    Mutant(
        rule="R27",
        breaks="a statement's name for a table is one that a column can have",
        file="include/sql/bigquery/rebuild_newest.sql",
        old="SELECT MAX(_floodmark_t.`_floodmark_read_at`) AS `newest` FROM {{ table | name }} AS _floodmark_t",
        new="SELECT MAX(t.`_floodmark_read_at`) AS `newest` FROM {{ table | name }} AS t",
        test="tests/core/bigquery/test_aliases.py::"
        "test_no_template_gives_a_table_a_name_that_a_column_can_have[rebuild_newest.sql]",
    ),
    Mutant(
        rule="R27",
        breaks="any sign may stand in a column's name",
        file=_NAMES,
        old='_KINDS = ("L", "M", "N", "Pc", "Pd")',
        new='_KINDS = ("L", "M", "N", "P", "S")',
        test=_NAMED + "::test_all_else_is_refused_with_the_reason",
    ),
    Mutant(
        rule="R27",
        breaks="names that BigQuery keeps for itself pass in another case",
        file=_NAMES,
        old="name.casefold().startswith(prefix)",
        new="name.startswith(prefix)",
        test=_NAMED + "::test_all_else_is_refused_with_the_reason",
    ),
    Mutant(
        rule="R27",
        breaks="what is held out is named as the source calls it, and both ends differ",
        file="plugins/floodmark/adapters/postgres/hashed.py",
        old="        name=selection.in_target(column),",
        new="        name=column,",
        test=_RENAMED + "::test_a_value_that_cannot_be_held_stands_beside_its_row_by_the_new_name",
    ),
    Mutant(
        rule="R29",
        breaks="a column of the target is called otherwise, and nobody makes it anew",
        file=_PRINT,
        old="        elif old and old.carried and old.in_target != column.in_target:",
        new="        elif False:",
        test=_PRINTED + "::test_another_name_in_the_target_has_it_made_anew",
    ),
    Mutant(
        rule="R29",
        breaks="a new column takes over the values of one that had its name",
        file=_PRINT,
        old="        elif other and other.name != column.name and (column.renamed or other.renamed)",
        new="        elif False",
        test=_PRINTED + "::test_another_name_in_the_target_has_it_made_anew",
    ),
    Mutant(
        rule="R29",
        breaks="an excluded column is looked for under the source's name",
        file=_PRINT,
        old="        known[one.name].in_target\n",
        new="        one.name\n",
        test=_PRINTED + "::test_what_leaves_is_named_as_the_target_calls_it",
    ),
    Mutant(
        rule="R34",
        breaks="an expiration that an update leaves stays",
        file="plugins/floodmark/adapters/bigquery/settling.py",
        old="        if left.expires or left.partitions_expire:\n",
        new="        if False:\n",
        test="tests/adapters/bigquery/test_surroundings.py::"
        "test_an_expiration_that_an_update_leaves_is_taken_off_by_a_statement",
    ),
    Mutant(
        rule="R34",
        breaks="nobody hears that rows come back to partitions which had expired",
        file="plugins/floodmark/pipeline/reconcile.py",
        old="    if cut is None or lived is None or read.manifest is None:\n",
        new="    if True:\n",
        test="tests/pipeline/test_reconcile.py::"
        "test_rows_that_are_brought_back_to_partitions_which_had_expired_are_told",
    ),
    Mutant(
        rule="R34",
        breaks="a table's name stands in its objects' addresses as it is",
        file="plugins/floodmark/pipeline/staging.py",
        old="as_part(run.table.relation.name)",
        new="run.table.relation.name",
        test="tests/pipeline/test_object_names.py::test_a_table_of_any_name_is_staged_and_loaded_by_itself[a*]",
    ),
)
