"""What must not travel (R38)."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_MASKS = "tests/pipeline/test_masks.py::"
_SELECTED = "plugins/floodmark/adapters/postgres/selected.py"

MUTANTS = (
    Mutant(
        rule="R38",
        breaks="a mask isn't applied in the SELECT",
        file=_SELECTED,
        old="    return masked(way, mask, settings_of(selection.masks)) if mask else way\n",
        new="    return way\n",
        test=_MASKS + "test_each_mask_is_what_it_says_and_null_stays_null",
    ),
    Mutant(
        rule="R38",
        breaks="a mask isn't applied where a key is looked up by its value",
        file="plugins/floodmark/adapters/postgres/comparison.py",
        old="        if column in query.selection.masks:  # a mask is no value of the column's\n",
        new="        if False:\n",
        test=_MASKS + "test_a_masked_key_finds_its_row_and_what_is_gone",
    ),
    Mutant(
        rule="R38",
        breaks="a first load's parts are bounded by a masked key's values",
        file="plugins/floodmark/pipeline/first_load.py",
        old=" or run.table.mask.among(resolved.key):\n",
        new=":\n",
        test=_MASKS + "test_a_masked_key_is_read_in_one_so_that_no_bound_of_a_part_is_written_down",
    ),
    Mutant(
        rule="R38",
        breaks="a mask that is another later is nobody's affair",
        file="plugins/floodmark/core/ledger/fingerprint.py",
        old="        if old and old.carried and column.carried and old.mask != column.mask:\n",
        new="        if False:\n",
        test=_MASKS + "test_a_column_that_is_masked_later_leaves_both_tables_first",
    ),
    Mutant(
        rule="R38",
        breaks="what a mask's column held before stays in the target",
        file="plugins/floodmark/core/ledger/fingerprint.py",
        old="        if one.name in known and not (one.carried and one.mask == known[one.name].mask)\n",
        new="        if one.name in known and not one.carried\n",
        test=_MASKS + "test_a_column_that_is_masked_later_leaves_both_tables_first",
    ),
    Mutant(
        rule="R38",
        breaks="another key of a mask is not seen",
        file="plugins/floodmark/core/ledger/fingerprint.py",
        old='    "mask_keys": ("the key of a mask", _void),\n',
        new="",
        test=_MASKS + "test_another_key_of_a_mask_reads_the_table_whole",
    ),
    Mutant(
        rule="R38",
        breaks="a mask goes when its column is renamed in the source",
        file="plugins/floodmark/core/resolve/masks.py",
        old="        if same and same.name != name and same.mask",
        new="        if same and False",
        test=_MASKS + "test_a_column_that_was_masked_never_travels_for_being_renamed",
    ),
    Mutant(
        rule="R38",
        breaks="a masked cursor travels as _floodmark_cursor",
        file="plugins/floodmark/core/config/masks.py",
        old="    for column in masks.among(uses.cursor):\n",
        new="    for column in ():\n",
        test="tests/core/config/test_masks.py::test_a_mask_that_keeps_a_column_from_its_use_is_told",
    ),
    Mutant(
        rule="R38",
        breaks="an excluded cursor travels as _floodmark_cursor",
        file="plugins/floodmark/core/resolve/masks.py",
        old="        if name in there and name not in columns:\n",
        new="        if False:\n",
        test="tests/core/resolve/test_table.py::test_what_does_not_fit_the_catalog_is_refused",
    ),
    Mutant(
        rule="R38",
        breaks="a mask by glob is let through by case",
        file="plugins/floodmark/core/config/masks.py",
        old="    return fnmatchcase(column.casefold(), glob.casefold())\n",
        new="    return fnmatchcase(column, glob)\n",
        test="tests/core/config/test_masks.py::test_case_does_not_let_a_column_through",
    ),
    Mutant(
        rule="R38",
        breaks="a mask of null counts as not written",
        file="plugins/floodmark/core/config/source_file.py",
        old="for key, item in value.items() if item is not None} | masks\n",
        new="for key, item in value.items() if item is not None}\n",
        test="tests/core/config/test_masks.py::test_yamls_null_masks_rather_than_not",
    ),
    Mutant(
        rule="R38",
        breaks="a new column's values come before its policy tag",
        file="plugins/floodmark/pipeline/prepare.py",
        old="        if table.policy_tags or table.described:  # one just added has none yet, and no value\n",
        new="        if False:\n",
        test="tests/pipeline/test_policy_tags.py::"
        "test_columns_are_tagged_when_they_are_made_and_a_new_one_before_its_values_come",
    ),
    Mutant(
        rule="R26",
        breaks="a schema file's other type is let pass",
        file="plugins/floodmark/core/bigquery/schema_file.py",
        old="        if given != wanted:\n",
        new="        if False:\n",
        test="tests/pipeline/test_schema_files.py::"
        "test_another_type_is_refused_before_anything_is_read_and_a_new_column_is_told",
    ),
    Mutant(
        rule="R38",
        breaks="a policy tag that is missing is nobody's affair",
        file="plugins/floodmark/adapters/bigquery/surroundings.py",
        old="        return self.tagged or self.required or self.described\n",
        new="        return self.required or self.described\n",
        test="tests/pipeline/test_policy_tags.py::test_a_tag_of_somebody_elses_stays",
    ),
    Mutant(
        rule="R38",
        breaks="a mask is of what somebody's cast makes of the value",
        file="plugins/floodmark/adapters/postgres/masks.py",
        old="return Expression.TEXT.format(selected)",
        new="return Expression.CAST.format(selected)",
        test=_MASKS + "test_a_mask_is_of_what_the_types_output_says_whatever_somebodys_cast_makes_of_it",
    ),
    Mutant(
        rule="R38",
        breaks="a table's masks replace those of defaults",
        file="plugins/floodmark/core/config/table.py",
        old='        keys["mask"] = masks.together(mask, defaults.get("mask"))\n',
        new='        keys["mask"] = mask\n',
        test="tests/core/config/test_masks.py::test_a_name_comes_before_globs_and_a_tables_before_those_of_defaults",
    ),
    Mutant(
        rule="R38",
        breaks="the server's words are repeated where they may hold a hidden value",
        file="plugins/floodmark/adapters/postgres/errors.py",
        old="    text = untold(error, state) if hidden else _text(error)\n",
        new="    text = _text(error)\n",
        test="tests/adapters/postgres/test_errors.py::test_no_value_is_told_where_a_table_hides_some",
    ),
    Mutant(
        rule="R38",
        breaks="the server's words are chained to the error",
        file="plugins/floodmark/adapters/postgres/reader.py",
        old="        return None if self.hidden else error\n",
        new="        return error\n",
        test="tests/adapters/postgres/test_errors.py::test_a_table_that_hides_values_tells_none_in_its_traceback",
    ),
)
