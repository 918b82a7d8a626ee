"""One queue per target: order, lease, read_at, states, intents, one statement, the ledger's name (R13-R19)."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_HEAD = "plugins/floodmark/core/ledger/head.py"
_EXTRACT = "plugins/floodmark/pipeline/extract.py"
_LEASE = "plugins/floodmark/pipeline/lease.py"
_EFFECTS = "plugins/floodmark/pipeline/effects.py"
_MERGE = "plugins/floodmark/core/bigquery/merge.py"
_SQL = "include/sql/bigquery/merge.sql"
_ORDER = "tests/pipeline/test_rules_order.py"
_LEASES = "tests/pipeline/test_rules_lease.py"
_MERGED = "tests/adapters/bigquery/test_merge.py"
_WHOLE = "tests/pipeline/test_rules_effects.py::test_a_reader_sees_the_whole_old_table_or_the_whole_new_one"

MUTANTS = (
    Mutant(
        rule="R13",
        breaks="versions are ordered by their cursor",
        file=_SQL,
        old="WHEN MATCHED AND _floodmark_t.`_floodmark_read_at` < _floodmark_s.`_floodmark_read_at` THEN",
        new="WHEN MATCHED AND _floodmark_t.`_floodmark_cursor` < _floodmark_s.`_floodmark_cursor` THEN",
        test=f"{_ORDER}::test_the_last_word_counts_though_its_cursor_is_older",
    ),
    Mutant(
        rule="R14",
        breaks="the SQL ledger stores a head without asking for its version",
        file="plugins/floodmark/adapters/ledger/sql.py",
        old='.where(*_at(tables.head, "target", "version"))\n',
        new='.where(*_at(tables.head, "target"), sa.bindparam("at_version", type_=sa.Integer) >= 0)\n',
        test="tests/contract/test_ledger_processes.py::test_of_many_processes_that_take_one_head_exactly_one_wins",
    ),
    Mutant(
        rule="R14",
        breaks="the ledger in a bucket stores a head whatever generation stands there",
        file="plugins/floodmark/adapters/ledger/gcs.py",
        old="            return self._objects.write(_head_name(new.target), body, generation=generation)\n",
        new="            return self._objects.write(_head_name(new.target), body, generation=None)\n",
        test="tests/contract/test_ledger_processes.py::test_of_many_processes_that_take_one_head_exactly_one_wins",
    ),
    Mutant(
        rule="R14",
        breaks="a sleeper's write is stored after its lease was taken over",
        file="plugins/floodmark/adapters/ledger/sql.py",
        old=".rowcount != 1:\n        raise conflict\n",
        new=".rowcount != 1:\n        return\n",
        test="tests/contract/test_ledger.py::test_a_step_that_slept_through_its_lease_can_write_nothing",
    ),
    Mutant(
        rule="R14",
        breaks="the look comes before the lease",
        file=_EXTRACT,
        old="        with run.lease() as lease:\n            read = _next",
        new="        seen = run.ports.source.look()\n        run.ports.source.look = lambda: seen\n"
        "        with run.lease() as lease:\n            read = _next",
        test=f"{_ORDER}::test_the_lease_is_taken_before_the_look",
    ),
    Mutant(
        rule="R14",
        breaks="a lease is taken over from whoever holds it",
        file=_LEASE,
        old="        if not seen.holder or silent >= time_to_live.total_seconds():\n",
        new="        if True:\n",
        test=f"{_LEASES}::test_a_holder_that_renews_keeps_its_lease_and_is_named",
    ),
    Mutant(
        rule="R14",
        breaks="a dead holder's lease is taken over at once",
        file=_LEASE,
        old="silent >= time_to_live.total_seconds():",
        new="silent >= 0:",
        test=f"{_LEASES}::test_a_dead_holders_lease_is_taken_over_after_its_whole_time_to_live_of_silence",
    ),
    Mutant(
        rule="R14",
        breaks="a step whose lease was lost says that it did what it could not store",
        file=_LEASE,
        old="            if pending and not failed:\n",
        new="            if False:\n",
        test=f"{_LEASES}::test_a_step_that_lost_its_lease_hears_of_it_where_it_had_something_to_store",
    ),
    Mutant(
        rule="R14",
        breaks="a change that could not be stored is stored with the release",
        file=_LEASE,
        old="                self._head, self._closed = before\n",
        new="",
        test=f"{_LEASES}::test_a_change_that_could_not_be_written_is_not_written_by_the_release_either",
    ),
    Mutant(
        rule="R14",
        breaks="a second read is opened beside an open one",
        file=_HEAD,
        old="    if head.open is not None:\n",
        new="    if False:\n",
        test="tests/core/ledger/test_rules_head.py::test_a_second_read_is_not_opened_beside_an_open_one",
    ),
    Mutant(
        rule="R15",
        breaks="read_at is the look's clock, whatever came before",
        file=_HEAD,
        old="    return max(utc(clock), head.last_read_at + MICROSECOND) if head.last_read_at else utc(clock)\n",
        new="    return utc(clock)\n",
        test=f"{_ORDER}::test_read_at_grows_though_the_databases_clock_steps_back",
    ),
    Mutant(
        rule="R15",
        breaks="the ledger takes a read_at twice",
        file=_HEAD,
        old="read.read_at <= head.last_read_at:",
        new="read.read_at < head.last_read_at:",
        test="tests/core/ledger/test_rules_head.py::test_a_read_at_that_does_not_grow_is_refused",
    ),
    Mutant(
        rule="R16",
        breaks="another token than the one that began a read stages it",
        file="plugins/floodmark/core/ledger/head.py",
        old="    read = opened(head, State.READING)\n    if read.token != head.token:\n",
        new="    read = opened(head, State.READING)\n    if False:\n",
        test="tests/core/ledger/test_head.py::test_a_stale_token_never_stages",
    ),
    Mutant(
        rule="R16",
        breaks="a read without rows goes the way of the others",
        file=_EXTRACT,
        old="    if opened is not None and _is_empty(lease.head, opened):\n",
        new="    if False:\n",
        test="tests/pipeline/test_rules_effects.py::test_a_read_without_rows_touches_neither_stage_nor_bigquery",
    ),
    Mutant(
        rule="R16",
        breaks="a retry reads anew what it had staged",
        file=_EXTRACT,
        old="    if run_id and open_read.run_id == run_id:\n",
        new="    if False:\n",
        test=f"{_ORDER}::test_a_retry_adopts_what_it_staged_and_another_run_finishes_it",
    ),
    Mutant(
        rule="R16",
        breaks="a read that is in raw becomes void",
        file="plugins/floodmark/core/ledger/giving_up.py",
        old="if effect.state is EffectState.DONE and effect.step in (",
        new="if False and effect.step in (",
        test="tests/core/ledger/test_head.py::test_a_read_whose_load_is_done_is_never_void",
    ),
    Mutant(
        rule="R17",
        breaks="a table that is made anew is dropped once more, after it was filled",
        file="plugins/floodmark/pipeline/prepare.py",
        old="    run.ports.warehouse.ours(table)\n    change(",
        new="    if run.ports.warehouse.ours(table):\n        change(",
        test="tests/pipeline/test_anew.py::test_raw_that_was_dropped_by_hand_is_not_dropped_again_once_it_is_filled",
    ),
    Mutant(
        rule="R19",
        breaks="two sources fill one table with one ledger",
        file="plugins/floodmark/adapters/bigquery/tables.py",
        old="    if there and wanted and there != wanted:\n",
        new="    if False:\n",
        test="tests/pipeline/repairs/test_rebuild.py::test_two_sources_never_fill_one_table_with_one_ledger_either",
    ),
    Mutant(
        rule="R19",
        breaks="two files that fill one table stand beside each other",
        file="plugins/floodmark/core/config/together.py",
        old="            if other := self._filled.get(place.casefold()):\n",
        new="            if other := ():\n",
        test="tests/adapters/test_source_folder.py::test_two_files_that_fill_one_table_are_refused",
    ),
    Mutant(
        rule="R19",
        breaks="a current table that is gone is made again empty, where the last read changed nothing",
        file="plugins/floodmark/pipeline/prepare.py",
        old="    return any(read.changed and read.state is State.APPLIED for",
        new="    return any(False for",
        test="tests/pipeline/test_anew.py::"
        "test_a_current_table_that_was_dropped_is_missed_although_the_last_read_found_nothing",
    ),
    Mutant(
        rule="R17",
        breaks="every job has an id by chance",
        file="plugins/floodmark/core/bigquery/jobs.py",
        old='_{micros}_{step}_{attempt}"\n',
        new='_{micros}_{step}_{attempt}_{__import__("uuid").uuid4().hex}"\n',
        test="tests/core/bigquery/test_jobs.py::test_ids_follow_target_read_step_and_attempt",
    ),
    Mutant(
        rule="R17",
        breaks="a job is submitted before it stands in the ledger",
        file=_EFFECTS,
        old="    effect = _intended(run, lease, step, build, remember)\n    if effect",
        new="    if lease.head.open and not lease.head.open.attempts(step):\n"
        "        run.ports.warehouse.submit(build(lease.head, 1))\n"
        "    effect = _intended(run, lease, step, build, remember)\n    if effect",
        test="tests/pipeline/test_rules_effects.py::test_every_job_stands_in_the_ledger_before_it_is_submitted",
    ),
    Mutant(
        rule="R17",
        breaks="an intent waits for the next write",
        file=_EFFECTS,
        old="    lease.write(lambda current: heads.intend(current, effect))\n",
        new="    lease.note(lambda current: heads.intend(current, effect))\n",
        test="tests/pipeline/test_rules_effects.py::test_every_job_stands_in_the_ledger_before_it_is_submitted",
    ),
    Mutant(
        rule="R17",
        breaks="another job under our id is taken for ours",
        file="plugins/floodmark/adapters/bigquery/jobs.py",
        old="        if there != job.digest:\n",
        new="        if False:\n",
        test="tests/adapters/bigquery/test_warehouse.py::test_another_job_under_the_same_id_is_refused",
    ),
    Mutant(
        rule="R17",
        breaks="an id that is taken is an error instead of our own job",
        file="plugins/floodmark/adapters/bigquery/jobs.py",
        old="            except Conflict:\n                return False\n",
        new="            except Conflict:\n                raise\n",
        test="tests/adapters/bigquery/test_warehouse.py::test_a_job_submitted_twice_is_done_once",
    ),
    Mutant(
        rule="R17",
        breaks="a read whose job may still run becomes void",
        file="plugins/floodmark/core/ledger/giving_up.py",
        old="    for effect in read.effects:\n        if effect.state is EffectState.INTENDED:\n",
        new="    for effect in read.effects:\n        if False:\n",
        test="tests/core/ledger/test_rules_head.py::test_a_read_whose_job_may_still_run_is_not_void",
    ),
    Mutant(
        rule="R18",
        breaks="a table is replaced by two statements",
        file=_MERGE,
        old="    if cut is None or merge.scope or merge.anywhere:\n        return (",
        new="    if cut is None or merge.scope or merge.anywhere:\n        return (\n"
        '            *([f"DELETE FROM `{merge.current}` WHERE TRUE"] if merge.replace and not merge.scope else []),',
        test=_WHOLE,
    ),
    Mutant(
        rule="R18",
        breaks="an older read undoes a newer one",
        file=_SQL,
        old="WHEN MATCHED AND _floodmark_t.`_floodmark_read_at` < _floodmark_s.`_floodmark_read_at` THEN",
        new="WHEN MATCHED THEN",
        test=f"{_MERGED}::test_an_older_read_applied_later_changes_nothing",
    ),
    Mutant(
        rule="R18",
        breaks="a whole table is replaced by an older read",
        file=_SQL,
        old="      WHERE _floodmark_n.`_floodmark_read_at` >= {{ read_at | literal }}\n",
        new="      WHERE FALSE\n",
        test=f"{_MERGED}::test_replacing_by_an_older_read_or_again_changes_nothing",
    ),
    Mutant(
        rule="R19",
        breaks="the labels of a target aren't compared",
        file="plugins/floodmark/adapters/bigquery/tables.py",
        old="        if wanted != there:\n",
        new="        if False:\n",
        test="tests/pipeline/test_standing_still.py::test_a_target_of_another_ledger_is_left_alone",
    ),
    Mutant(
        rule="R19",
        breaks="a rebuilt ledger doesn't know how far the lost one had read",
        file="plugins/floodmark/pipeline/repairs/rebuild.py",
        old="heads.adopt(head, max(moments, default=None))",
        new="heads.adopt(head, None)",
        test="tests/pipeline/repairs/test_rebuild.py::test_an_older_read_never_comes_after_what_a_lost_ledger_has_read",
    ),
    Mutant(
        rule="R19",
        breaks="a rebuild takes the target of a ledger that has filled it as well",
        file="plugins/floodmark/pipeline/repairs/rebuild.py",
        old="        _refuse_two(run, lease.head, former)\n",
        new="",
        test="tests/pipeline/repairs/test_rebuild.py::test_two_ledgers_never_share_a_target",
    ),
)
