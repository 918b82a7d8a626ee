"""Reading again: what is new, what arrives by catalog, what is late (R9-R12)."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_COVERAGE = "plugins/floodmark/core/ledger/coverage.py"
_FINISH = "plugins/floodmark/pipeline/load.py"
_LATE = "tests/pipeline/test_slices.py::test_a_sealed_slice_that_gains_a_row_is_healed_and_told"

_AHEAD = "tests/pipeline/test_first_load.py::"

MUTANTS = (
    Mutant(
        rule="R10",
        breaks="what was read ahead is never asked for again",
        file="plugins/floodmark/pipeline/extract.py",
        old="        lease.note(lambda head: heads.take_as_read(head, interval))\n",
        new='        log.debug("%s", interval)\n',
        test=_AHEAD + "test_the_first_run_of_a_backfill_reads_its_day_and_the_others_take_it_as_read_once",
    ),
    Mutant(
        rule="R10",
        breaks="a backfill passes over what was read before it",
        file="plugins/floodmark/core/ledger/requested.py",
        old="covered if by is Requester.SCHEDULE else prefetched",
        new="covered",
        test="tests/core/ledger/test_requested.py::test_a_backfill_reads_again_what_was_read_but_not_what_was_read_ahead_for_it",
    ),
    Mutant(
        rule="R9",
        breaks="provisional slices aren't read again",
        file=_COVERAGE,
        old="        if part := _changeable(segment, watermark, look, tick):\n",
        new="        if part := None:\n",
        test="tests/pipeline/test_slices.py::test_a_commit_that_comes_late_is_held_back_and_then_read",
    ),
    Mutant(
        rule="R9",
        breaks="nobody asks whether the holder has ended",
        file=_COVERAGE,
        old="    if ended:\n",
        new="    if False:\n",
        test="tests/core/ledger/test_coverage.py::test_a_slice_held_back_is_read_again_only_when_its_holder_has_ended",
    ),
    Mutant(
        rule="R9",
        breaks="what a holder that has ended may have written is taken to begin where its clock was, without the skew",
        file="plugins/floodmark/core/ledger/watermark.py",
        old="    return _on_tick(min(starts) - _skew(held_by, watermark), tick)\n",
        new="    return _on_tick(min(starts), tick)\n",
        test="tests/core/ledger/test_again.py::test_what_one_that_ended_may_have_written_begins_by_the_skew_and_the_tick_earlier",
    ),
    Mutant(
        rule="R9",
        breaks="of several that have ended only the last is asked how far back it reaches",
        file="plugins/floodmark/core/ledger/watermark.py",
        old="    return _on_tick(min(starts) - _skew(held_by, watermark), tick)\n",
        new="    return _on_tick(max(starts) - _skew(held_by, watermark), tick)\n",
        test="tests/core/ledger/test_again.py::test_of_several_that_ended_the_earliest_tells_how_far_back_is_read",
    ),
    Mutant(
        rule="R10",
        breaks="neighbours that are read again share the higher base",
        file=_COVERAGE,
        old="            base = None if last.base is None or span.base is None else min(last.base, span.base)\n",
        new="            base = None if last.base is None or span.base is None else max(last.base, span.base)\n",
        test="tests/core/ledger/test_again.py::test_more_stretches_than_a_query_should_have_share_the_lowest_base",
    ),
    Mutant(
        rule="R10",
        breaks="the base is the snapshot's xmax",
        file="include/sql/postgres/snapshot.sql",
        old="pg_catalog.pg_snapshot_xmin(s.snapshot)",
        new="pg_catalog.pg_snapshot_xmax(s.snapshot)",
        test="tests/pipeline/test_rules_order.py::test_what_was_open_while_a_later_transaction_ended_is_new",
    ),
    Mutant(
        rule="R10",
        breaks="a void read gives a base",
        file="plugins/floodmark/core/ledger/giving_up.py",
        old="    return following(head, open=None), replace(read, state=State.VOID, error=reason)\n",
        new=(
            "    from floodmark.core.ledger.coverage import cover\n\n"
            "    covered = cover(head.coverage, read)\n"
            "    return following(head, open=None, coverage=covered), replace(read, state=State.VOID, error=reason)\n"
        ),
        test="tests/pipeline/test_rules_order.py::test_a_read_that_never_reached_current_gives_no_base",
    ),
    Mutant(
        rule="R10",
        breaks="a row's xmin is always of the snapshot's epoch",
        file="plugins/floodmark/adapters/postgres/query.py",
        old="THEN {epoch - (1 << 32)} ELSE",
        new="THEN {epoch} ELSE",
        test="tests/adapters/postgres/test_reading.py::test_xids_of_the_epoch_before_lie_in_the_past",
    ),
    Mutant(
        rule="R10",
        breaks="joined segments keep the higher base",
        file=_COVERAGE,
        old="base=None if None in bases else min(base",
        new="base=None if None in bases else max(base",
        test="tests/core/ledger/test_coverage.py::test_a_long_history_stays_small",
    ),
    Mutant(
        rule="R10",
        breaks="after a fork of the timeline the slices go on",
        file="plugins/floodmark/adapters/postgres/history.py",
        old="        if timeline_of(before) != timeline_of(this):\n",
        new="        if False:\n",
        test="tests/pipeline/test_failover.py::test_after_a_failover_the_table_is_what_the_new_primary_has",
    ),
    Mutant(
        rule="R11",
        breaks="the physical tables behind a table aren't recorded",
        file="include/sql/postgres/leaves.sql",
        old="    AND c.relkind IN ('r', 'm', 'f')\n",
        new="    AND FALSE\n",
        test="tests/adapters/postgres/test_reading.py::test_leaves_are_the_partitions_behind_a_table_or_a_view",
    ),
    Mutant(
        rule="R11",
        breaks="rows of a partition that was attached are told by their old ids",
        file="plugins/floodmark/pipeline/decide.py",
        old="arrived = tuple(sorted({leaf.id for leaf in reading.leaves} - {leaf.id for leaf in last.leaves}))",
        new="arrived: tuple[int, ...] = ()",
        test="tests/pipeline/test_partitions_attached.py::"
        "test_a_filled_partition_that_is_attached_is_read_over_all_slices_and_nothing_else_is",
    ),
    Mutant(
        rule="R12",
        breaks="nothing is rechecked",
        file=_COVERAGE,
        old="    spans.extend(_rechecks(coverage, wanted, recheck))\n",
        new="",
        test=_LATE,
    ),
    Mutant(
        rule="R12",
        breaks="late rows are counted after the merge",
        file=_FINISH,
        old='        found += int(statistics.get("late") or 0)\n',
        new='        found += int(late().get("late") or 0)\n',
        test=_LATE,
    ),
    Mutant(
        rule="R12",
        breaks="a row that was rewritten without a change is late",
        file="include/sql/bigquery/late.sql",
        old="    OR _floodmark_t.{{ column.name | name }} IS DISTINCT FROM _floodmark_s.{{ column.name | name }}\n",
        new="    OR TRUE\n",
        test="tests/pipeline/test_slices.py::test_rows_rewritten_without_a_change_are_not_late",
    ),
)
