"""Keys of one text, values that can't be held, and what is counted of them (R23, R30, R31)."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_DIGEST = "plugins/floodmark/adapters/arrow/digest.py"
_DIGESTED = "tests/adapters/arrow/test_digest.py"

_SORTING = "plugins/floodmark/adapters/arrow/sorting.py"
_ROWS = "plugins/floodmark/adapters/arrow/rows.py"
_SORTED = "tests/adapters/arrow/test_sorting.py"
_BAD = "tests/pipeline/test_bad_values.py"

MUTANTS = (
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
        rule="R23",
        breaks="what lies under a NULL is hashed too",
        file=_DIGEST,
        old="        if array.null_count:\n",
        new="        if False:\n",
        test=f"{_DIGESTED}::test_what_lies_beside_the_values_does_not_count",
    ),
)
