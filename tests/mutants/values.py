"""Keys of one text, values that can't be held, and what is counted of them (R23, R30, R31)."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_DIGEST = "plugins/floodmark/adapters/arrow/digest.py"
_DIGESTED = "tests/adapters/arrow/test_digest.py"

_SORTING = "plugins/floodmark/adapters/arrow/sorting.py"
_ROWS = "plugins/floodmark/adapters/arrow/rows.py"
_WAYS = "plugins/floodmark/adapters/postgres/matrix/ways.py"
_SELECTED = "plugins/floodmark/adapters/postgres/selected.py"
_RESOLVE = "plugins/floodmark/core/resolve/table.py"
_KEYS = "tests/pipeline/test_keys.py"
_SORTED = "tests/adapters/arrow/test_sorting.py"
_BAD = "tests/pipeline/test_bad_values.py"
_FITTING = "plugins/floodmark/adapters/postgres/matrix/fitting.py"
_CHOSEN = "tests/pipeline/test_chosen_types.py::test_a_chosen_type_holds_what_fits_and_has_the_rest_beside"
_TYPED = "tests/pipeline/test_types_changed.py"

MUTANTS = (
    Mutant(
        rule="R22",
        breaks="status doesn't say how many rows lie in no slice",
        file="plugins/floodmark/pipeline/reports/status.py",
        old="        null_cursors=totals.null_cursors,\n",
        new="",
        test="tests/pipeline/reports/test_status_values.py::test_a_status_says_what_is_not_in_current_as_it_is",
    ),
    Mutant(
        rule="R25",
        breaks="a row counts as deleted by the value by which it lives",
        file=_SELECTED,
        old="column == selection.soft and selection.live",
        new="False",
        test=f"{_KEYS}::test_a_row_lives_by_the_value_that_says_so",
    ),
    Mutant(
        rule="R25",
        breaks="a soft delete column that is never NULL is taken",
        file="plugins/floodmark/core/resolve/targets.py",
        old="elif not truth and not column.nullable and table.deletes.live is None:",
        new="elif False:",
        test="tests/core/resolve/test_table.py::test_a_soft_delete_column_says_by_which_value_a_row_lives",
    ),
    Mutant(
        rule="R25",
        breaks="a row whose key holds a NULL is never removed",
        file="plugins/floodmark/adapters/arrow/healing.py",
        old="any(None in row.key for row in self._heal.deleted)",
        new="False",
        test=f"{_KEYS}::test_a_row_without_a_key_that_somebody_put_into_current_is_removed",
    ),
    Mutant(
        rule="R27",
        breaks="a number of more digits than its chosen type holds is rounded",
        file=_FITTING,
        old="{{{{0,{scale}}}}}0*",
        new="{{{{0,{scale}}}}}[0-9]*",
        test=_CHOSEN,
    ),
    Mutant(
        rule="R27",
        breaks="a wall time that comes twice is taken for one of both moments",
        file=_FITTING,
        old="<> {wall} OR {other('-1')} OR {other('1')} END",
        new="<> {wall} END",
        test=_CHOSEN,
    ),
    Mutant(
        rule="R27",
        breaks="of a name that comes twice in a document BigQuery keeps the first value",
        file="plugins/floodmark/adapters/postgres/matrix/json_fitting.py",
        old="WHEN {_names(plain)} <> {_names(_plain(f'pg_catalog.concat({document})'))} THEN TRUE ",
        new="",
        test="tests/adapters/postgres/test_json_fitting.py::test_what_doesnt_fit_is_marked_with_its_own_text",
    ),
    Mutant(
        rule="R29",
        breaks="a type that is chosen otherwise changes nothing",
        file="plugins/floodmark/core/ledger/retyped.py",
        old="or before.chosen == now.chosen or",
        new="or before.chosen != now.chosen or",
        test="tests/core/ledger/test_fingerprint.py::"
        "test_another_chosen_type_has_the_target_made_anew_unless_it_can_be_widened",
    ),
    Mutant(
        rule="R31",
        breaks="the worker lands a value that the SELECT marked as one that doesn't fit",
        file="plugins/floodmark/adapters/arrow/columns.py",
        old="return marks if pc.any(marks).as_py() else None",
        new="return None",
        test=f"{_TYPED}::test_what_doesnt_fit_is_held_out_under_quarantine_and_ends_the_read_under_fail",
    ),
    Mutant(
        rule="R34",
        breaks="a column stays REQUIRED that the source lets be NULL by now",
        file="plugins/floodmark/adapters/bigquery/surroundings.py",
        old="        required=relaxed(found, table.required) != found,\n",
        new="",
        test="tests/pipeline/test_required.py::test_where_the_source_takes_a_not_null_back_so_does_current",
    ),
    Mutant(
        rule="R31",
        breaks="a column is REQUIRED whose bad values are NULL there",
        file="plugins/floodmark/pipeline/targets.py",
        old="not column.checked or",
        new="True or",
        test="tests/pipeline/test_required.py::test_only_what_can_never_be_null_there_is_required",
    ),
    Mutant(
        rule="R36",
        breaks="nobody says that what stands in a document was not compared",
        file="plugins/floodmark/pipeline/reports/balance.py",
        old="if _whole(head) else _documents(head)),",
        new="if _whole(head) else []),",
        test=f"{_TYPED}::test_rows_change_and_heal_with_their_chosen_types",
    ),
    Mutant(
        rule="R27",
        breaks="text is made by a cast that somebody may have defined anew",
        file=_WAYS,
        old='TEXT = "CASE WHEN pg_catalog.num_nulls({0}) = 0 THEN pg_catalog.concat({0}) END"',
        new='TEXT = "{0}::text"',
        test="tests/pipeline/test_own_casts.py::test_values_are_what_the_types_output_functions_say",
    ),
    Mutant(
        rule="R27",
        breaks="a composite of NULLs is no value",
        file=_WAYS,
        old='TEXT = "CASE WHEN pg_catalog.num_nulls({0}) = 0 THEN',
        new='TEXT = "CASE WHEN {0} IS NOT NULL THEN',
        test="tests/pipeline/test_types.py::test_a_type_arrives_as_the_table_says[note]",
    ),
    Mutant(
        rule="R27",
        breaks="an array's lower bounds are lost",
        file=_WAYS,
        old="""'[1:', ''), '[') > 0\"""",
        new="""'[1:', ''), '[') < 0\"""",
        test="tests/pipeline/test_types.py::test_a_type_arrives_as_the_table_says[integer[]]",
    ),
    Mutant(
        rule="R27",
        breaks="in an array NULL and JSON's null are one",
        file="plugins/floodmark/adapters/postgres/types.py",
        old="return _IN_PARTS.get(column.in_parts, ARRAY)",
        new="return ARRAY",
        test="tests/pipeline/test_types.py::test_a_type_arrives_as_the_table_says[jsonb[]]",
    ),
    Mutant(
        rule="R24",
        breaks="a part of a first load ends at what a cast says of its key",
        file="include/sql/postgres/part_end.sql",
        old="pg_catalog.concat(e.{{ column }})",
        new="e.{{ column }}::text",
        test="tests/pipeline/test_own_casts.py::test_a_first_load_in_parts_ends_each_part_at_a_key_and_not_at_its_lie",
    ),
    Mutant(
        rule="R27",
        breaks="a number is hashed by what a cast says of it",
        file="include/sql/postgres/_canonical.sql",
        old="pg_catalog.textin(pg_catalog.int8out({{ number }}))",
        new="({{ number }})::bigint::text",
        test="tests/pipeline/test_own_casts.py::test_both_ends_are_compared_by_them_too",
    ),
    Mutant(
        rule="R30",
        breaks="a key travels as any other column",
        file=_SELECTED,
        old="way = found.key if column in selection.key and selection.cursor else found.carriage",
        new="way = found.carriage",
        test=f"{_KEYS}::test_a_key_written_in_another_way_is_the_same_row",
    ),
    Mutant(
        rule="R30",
        breaks="a type that has several texts for one value is taken for a key",
        file="plugins/floodmark/adapters/postgres/keys.py",
        old="    return one_text or _refused(unknown)\n",
        new="    return one_text or way\n",
        test="tests/adapters/postgres/test_keys.py::test_a_type_without_one_text_is_refused_as_a_key_with_the_remedy",
    ),
    Mutant(
        rule="R30",
        breaks="every collation is taken for deterministic",
        file="include/sql/postgres/columns.sql",
        old="SELECT l.collisdeterministic FROM",
        new="SELECT TRUE FROM",
        test="tests/adapters/postgres/test_keys.py::test_a_type_without_one_text_is_refused_as_a_key_with_the_remedy",
    ),
    Mutant(
        rule="R30",
        breaks="a NULL in the key is read on",
        file=_SORTING,
        old="            if array.null_count:\n",
        new="            if False:\n",
        test=f"{_KEYS}::test_a_null_in_the_key_ends_the_read_before_anything_is_loaded",
    ),
    Mutant(
        rule="R30",
        breaks="a key column that may be NULL is taken",
        file="plugins/floodmark/core/resolve/targets.py",
        old="        elif column.nullable and schema.splittable:\n",
        new="        elif False:\n",
        test="tests/core/resolve/test_table.py"
        "::test_a_key_that_may_be_null_or_has_no_one_text_is_refused_where_rows_are_found_by_it",
    ),
    Mutant(
        rule="R30",
        breaks="NaN is a key",
        file="plugins/floodmark/adapters/arrow/columns.py",
        old="            return nan if pc.any(nan).as_py() else None\n",
        new="            return None\n",
        test=f"{_KEYS}::test_nan_is_no_key_and_is_held_out",
    ),
    Mutant(
        rule="R31",
        breaks="encode holds the row out, as quarantine does",
        file=_SORTING,
        old="out[row] = self._mode is BadValues.QUARANTINE or",
        new="out[row] = True or",
        test=f"{_BAD}::test_a_row_travels_without_the_value_and_its_text_stands_beside_it",
    ),
    Mutant(
        rule="R31",
        breaks="an update that mends a value leaves its text standing",
        file="plugins/floodmark/core/bigquery/merge.py",
        old="*([UNHELD] if merge.unheld else [])],\n",
        new="],\n",
        test=f"{_BAD}::test_a_row_travels_without_the_value_and_its_text_stands_beside_it",
    ),
    Mutant(
        rule="R31",
        breaks="an older version of a row that is held out stays",
        file=_ROWS,
        old="        if not self._leaves:\n",
        new="        if True:\n",
        test=f"{_SORTED}::test_a_row_that_is_held_out_is_followed_by_its_key",
    ),
    Mutant(
        rule="R31",
        breaks="a row whose key can't be held travels under encode",
        file=_ROWS,
        old="rigid=frozenset({*key, CURSOR, partition_by, soft})",
        new="rigid=frozenset()",
        test=f"{_SORTED}::test_what_makes_a_row_impossible_holds_it_out_under_encode_too",
    ),
    Mutant(
        rule="R31",
        breaks="the quarantine is not written where no good row is left",
        file="plugins/floodmark/pipeline/extract.py",
        old="    if rows.empty() and not rows.quarantined:\n",
        new="    if rows.empty():\n",
        test=f"{_BAD}::test_where_every_row_is_bad_the_quarantine_is_written",
    ),
    Mutant(
        rule="R31",
        breaks="what leaves is looked for in the partitions of the good rows only",
        file="plugins/floodmark/core/bigquery/merge.py",
        old="    if cut is None or merge.scope or merge.anywhere:\n",
        new="    if cut is None or merge.scope:\n",
        test=f"{_BAD}::test_a_bad_value_in_the_partitioning_column_takes_its_row_out_wherever_it_stood",
    ),
    Mutant(
        rule="R31",
        breaks="the text of a value is not compared by a reconcile",
        file="include/sql/postgres/_reconcile.sql",
        old="canonical.unheld(hashed.texts) ~ \", '')\"",
        new="canonical.unheld(()) ~ \", '')\"",
        test=f"{_BAD}::test_a_reconcile_knows_what_stands_beside_a_row",
    ),
    Mutant(
        rule="R31",
        breaks="two refreshes that differ in such a value only are taken for the same",
        file=_ROWS,
        old="RunningDigest(self._schema, frozenset(OWN))",
        new="RunningDigest(self._schema, frozenset({*OWN, UNHELD}))",
        test=f"{_BAD}::test_a_checksum_and_a_refresh_know_what_stands_beside_a_row",
    ),
    Mutant(
        rule="R27",
        breaks="in a CSV nothing stands for NULL but the empty text",
        file="plugins/floodmark/adapters/stage/texts.py",
        old='    return f"\\\\N{secrets.token_hex(16)}"\n',
        new="    return '\"\"'\n",
        test="tests/adapters/stage/test_texts.py::test_every_value_comes_back_from_csv_and_null_is_no_empty_text",
    ),
    Mutant(
        rule="R27",
        breaks="a file of text is loaded in raw's order of columns",
        file="plugins/floodmark/core/bigquery/jobs.py",
        old="    if not manifest.header:\n",
        new="    if manifest.header:\n",
        test="tests/pipeline/test_formats.py::"
        "test_a_slice_of_text_arrives_as_it_is_also_with_a_column_that_came_later[csv-.csv.gz]",
    ),
    Mutant(
        rule="R23",
        breaks="what lies under a NULL is hashed too",
        file=_DIGEST,
        old="        if array.null_count:\n",
        new="        if False:\n",
        test=f"{_DIGESTED}::test_what_lies_beside_the_values_does_not_count",
    ),
)
