"""One snapshot, nothing hidden, durable; the look and the watermark (R1-R8)."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_OPENING = "plugins/floodmark/adapters/postgres/opening.py"
_READING = "plugins/floodmark/adapters/postgres/reading.py"
_READER = "plugins/floodmark/adapters/postgres/reader.py"
_LOOK = "plugins/floodmark/adapters/postgres/look.py"
_SESSIONS = "include/sql/postgres/look_sessions.sql"
_SEAL = "plugins/floodmark/core/ledger/watermark.py"
_READ_TESTS = "tests/adapters/postgres/test_reading.py"
_LOOK_TESTS = "tests/adapters/postgres/test_look.py"

_SHARDS = "plugins/floodmark/adapters/postgres/shards.py"
_BESIDE = "tests/pipeline/test_shards.py::"
_OTHERS = _BESIDE + "test_rows_are_those_of_one_reader_though_others_write_between_the_readers"

MUTANTS = (
    Mutant(
        rule="R1",
        breaks="of several readers only the first reads in the snapshot",
        file=_SHARDS,
        old=""", f"SET TRANSACTION SNAPSHOT {literal(str(snapshot))}", _SOON]""",
        new=""", f"SET LOCAL cursor_tuple_fraction = {'1' if snapshot else '0'}", _SOON]""",
        test=_OTHERS,
    ),
    Mutant(
        rule="R1",
        breaks="nobody reads the last stretch of a table that several readers share out",
        file=_SHARDS,
        old="    ends = zip((None, *cuts), (*cuts, None), strict=True)\n",
        new="    ends = zip((None, *cuts[:-1]), cuts, strict=True)\n",
        test=_OTHERS,
    ),
    Mutant(
        rule="R1",
        breaks="nobody reads the last keys of a part that several readers share out",
        file=_SHARDS,
        old="        found = walked(part, count, end)\n",
        new="        found = walked(part, count, end)[:-1]\n",
        test=_BESIDE + "test_each_part_of_a_first_load_is_shared_out_by_its_keys",
    ),
    Mutant(
        rule="R1",
        breaks="each of several readers of a slice reads all of it",
        file="include/sql/postgres/extract_slice.sql",
        old="{%- endfor %}\n{{ parts.placed(stretch) }}\n",
        new="{%- endfor %}\n",
        test=_BESIDE + "test_a_slice_of_most_of_a_large_table_is_shared_out",
    ),
    Mutant(
        rule="R1",
        breaks="a reader that fails leaves what the others have written in the stage",
        file="plugins/floodmark/adapters/several_readers.py",
        old="        _take_back(stage, _written(futures))\n",
        new="",
        test=_BESIDE + "test_a_reader_that_fails_ends_the_read_and_nothing_of_the_others_is_left",
    ),
    Mutant(
        rule="R1",
        breaks="nobody holds the table before the snapshot",
        file=_OPENING,
        old='    rows(holder, hold, f"holding {where} still")\n',
        new="",
        test=f"{_READ_TESTS}::test_the_holder_locks_before_the_snapshot_is_taken",
    ),
    Mutant(
        rule="R1",
        breaks="every statement of a read has a snapshot of its own",
        file=_READER,
        old="BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        new="BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY",
        test=f"{_READ_TESTS}::test_all_of_a_reading_is_one_snapshot",
    ),
    Mutant(
        rule="R1",
        breaks="a holder that lost its locks goes unnoticed",
        file=_READING,
        old='        rows(self._holder, "SELECT 1", "the connection that held the table still was lost")\n',
        new="",
        test=f"{_READ_TESTS}::test_a_lost_holder_ends_the_read",
    ),
    Mutant(
        rule="R2",
        breaks="row-level security hides rows",
        file="plugins/floodmark/adapters/postgres/connect.py",
        old='"row_security": "off"',
        new='"row_security": "on"',
        test=f"{_READ_TESTS}::test_row_level_security_is_an_error_and_not_a_partial_read",
    ),
    Mutant(
        rule="R2",
        breaks="a key that no index proves isn't asserted",
        file="plugins/floodmark/pipeline/load.py",
        old="    if read.key and not read.unique:\n",
        new="    if False:\n",
        test="tests/pipeline/test_rules_effects.py::test_a_key_that_no_index_proves_is_asserted_before_every_merge",
    ),
    Mutant(
        rule="R2",
        breaks="an index over some of the rows counts as a key",
        file="include/sql/postgres/unique_keys.sql",
        old="i.indpred IS NULL AND i.indexprs IS NULL",
        new="i.indexprs IS NULL",
        test="tests/adapters/postgres/test_catalog.py::"
        "test_only_whole_valid_immediate_indexes_over_not_null_columns_make_a_key",
    ),
    Mutant(
        rule="R2",
        breaks="a table that others inherit from is read",
        file="plugins/floodmark/adapters/postgres/catalog.py",
        old="    if has_children:\n",
        new="    if False:\n",
        test="tests/adapters/postgres/test_catalog.py::test_a_table_with_inheritors_is_refused",
    ),
    Mutant(
        rule="R3",
        breaks="everything seen counts as durable",
        file="plugins/floodmark/adapters/postgres/durable.py",
        old="    if _flushed(connection, lsn):\n        return True\n    with connected",
        new="    return True\n    with connected",
        test=f"{_READ_TESTS}::test_what_is_not_on_disk_after_a_moment_is_not_durable",
    ),
    Mutant(
        rule="R3",
        breaks="nobody notes that what was seen wasn't durable",
        file="plugins/floodmark/pipeline/staging.py",
        old="    verdict = read if reading.durable() else read.undurable()\n",
        new="    verdict = read\n",
        test="tests/pipeline/test_durability.py::test_rows_that_vanish_with_a_crash_vanish_from_current",
    ),
    Mutant(
        rule="R4",
        breaks="the look comes after the snapshot",
        file="plugins/floodmark/pipeline/extract.py",
        old="            counts = cursor_counts(run, reading, chosen)\n",
        new="            decision = replace(decision, watermark=decide(run, lease.head, request).watermark)\n"
        "            counts = cursor_counts(run, reading, chosen)\n",
        test="tests/pipeline/test_rules_order.py::"
        "test_what_commits_between_look_and_snapshot_or_later_keeps_its_slice_provisional",
    ),
    Mutant(
        rule="R4",
        breaks="the clock alone seals, whoever is open",
        file=_SEAL,
        old="at = settled if look.oldest is None else min(look.oldest, settled)",
        new="at = settled",
        test="tests/pipeline/test_slices.py::test_a_commit_that_comes_late_is_held_back_and_then_read",
    ),
    Mutant(
        rule="R4",
        breaks="only sessions that have an xid count",
        file="include/sql/postgres/_look.sql",
        old="AND a.pid <> pg_catalog.pg_backend_pid()\n",
        new="AND a.pid <> pg_catalog.pg_backend_pid() AND a.backend_xid IS NOT NULL\n",
        test=f"{_LOOK_TESTS}::test_a_transaction_counts_from_its_first_statement_with_or_without_an_xid",
    ),
    Mutant(
        rule="R4",
        breaks="the message's start is ignored",
        file=_LOOK,
        old="for start in (xact_start, query_start) if",
        new="for start in (xact_start,) if",
        test=f"{_LOOK_TESTS}::test_several_transactions_in_one_message_count_from_the_message",
    ),
    Mutant(
        rule="R4",
        breaks="prepared transactions aren't asked for",
        file=_LOOK,
        old='prepared = ask("look_prepared")',
        new="prepared: list[tuple[str, str, str]] = []",
        test=f"{_LOOK_TESTS}::test_a_prepared_transaction_blocks_and_is_named",
    ),
    Mutant(
        rule="R4",
        breaks="prepared transactions are asked for before the sessions",
        file=_LOOK,
        old='        sessions = ask("look_sessions", own_reads=own_reads(ledger_uuid))\n'
        '        prepared = ask("look_prepared")\n',
        new='        prepared = ask("look_prepared")\n'
        '        sessions = ask("look_sessions", own_reads=own_reads(ledger_uuid))\n',
        test=f"{_LOOK_TESTS}::test_a_transaction_prepared_while_we_look_is_seen_by_one_of_the_two",
    ),
    Mutant(
        rule="R4",
        breaks="whoever bears our name is left out, though it writes",
        file=_SESSIONS,
        old="        AND a.backend_xid IS NULL\n",
        new="",
        test=f"{_LOOK_TESTS}::test_a_writer_that_bears_our_name_is_not_left_out",
    ),
    Mutant(
        rule="R5",
        breaks="sessions hidden from the role are taken for none",
        file=_LOOK,
        old="    if sees_all and not any(hidden for *_, hidden, _, _ in sessions):\n",
        new="    if True:\n",
        test=f"{_LOOK_TESTS}::test_a_role_that_sees_no_other_sessions_proves_nothing_and_says_what_to_grant",
    ),
    Mutant(
        rule="R5",
        breaks="a session that hides its activity is taken for idle",
        file=_LOOK,
        old="        if disabled:\n",
        new="        if False:\n",
        test=f"{_LOOK_TESTS}::test_a_session_that_hides_its_activity_blocks",
    ),
    Mutant(
        rule="R5",
        breaks="SQL on a replication connection is ignored",
        file=_LOOK,
        old="        elif runs_sql:\n",
        new="        elif False:\n",
        test=f"{_LOOK_TESTS}::test_sql_on_a_replication_connection_blocks_while_it_runs",
    ),
    Mutant(
        rule="R6",
        breaks="settle is ignored",
        file=_SEAL,
        old="    settled = look.clock - settle\n",
        new="    settled = look.clock\n",
        test="tests/core/ledger/test_watermark.py::test_with_nothing_open_everything_older_than_settle_is_sealed",
    ),
    Mutant(
        rule="R6",
        breaks="the watermark lies between two moments that the cursor can hold",
        file=_SEAL,
        old="_on_tick(at - skew, tick)",
        new="at - skew",
        test="tests/pipeline/test_reading_again.py::"
        "test_a_cursor_that_is_rounded_down_is_found_below_its_transactions_start",
    ),
    Mutant(
        rule="R7",
        breaks="skew is ignored",
        file=_SEAL,
        old="_on_tick(at - skew,",
        new="_on_tick(at,",
        test="tests/core/ledger/test_watermark.py::test_skew_lies_below_both",
    ),
    Mutant(
        rule="R7",
        breaks="what is assumed is reported as proved",
        file=_SEAL,
        old="    basis = Basis.ASSUMED if reasons else Basis.PROVED\n",
        new="    basis = Basis.PROVED\n",
        test="tests/core/ledger/test_watermark.py::test_what_is_taken_on_trust_makes_a_mark_assumed_and_is_named",
    ),
    Mutant(
        rule="R7",
        breaks="an application's clock is trusted like the database's",
        file="plugins/floodmark/core/resolve/table.py",
        old='    if table.clock == "application" and cursor:\n',
        new="    if False:\n",
        test="tests/core/resolve/test_table.py::test_what_no_look_can_prove_is_assumed",
    ),
    Mutant(
        rule="R7",
        breaks="only the ends of an interval are mapped to a clock that is set back in between",
        file="plugins/floodmark/core/time/wall_clock.py",
        old="    return min(lows), max(highs)\n",
        new="    return lows[0], highs[0]\n",
        test="tests/core/time/test_rules_wall_clock.py::"
        "test_an_interval_in_whose_middle_the_clock_is_changed_holds_all_that_it_shows",
    ),
    Mutant(
        rule="R8",
        breaks="the standby is read before it has replayed what the look covers",
        file="plugins/floodmark/adapters/postgres/standby.py",
        old="        if not missing:\n",
        new="        if True:\n",
        test="tests/adapters/postgres/test_standby.py::test_a_read_waits_for_the_replay_of_what_the_look_covers",
    ),
    Mutant(
        rule="R8",
        breaks="a standby is read in an older state than the last read saw",
        file="plugins/floodmark/adapters/postgres/standby.py",
        old="        awaited += [lsn_of(last)] if last is not None and _same_history(server, last, timeline) else []\n",
        new="",
        test="tests/pipeline/test_standby.py::test_an_older_state_than_the_last_read_saw_is_never_read",
    ),
    Mutant(
        rule="R8",
        breaks="a look at a standby proves something",
        file=_LOOK,
        old="    if not standby:\n",
        new="    if True:\n",
        test="tests/adapters/postgres/test_standby.py::test_a_standby_alone_proves_nothing",
    ),
)
