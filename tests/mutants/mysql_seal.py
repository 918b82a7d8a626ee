"""The seal on MySQL and MariaDB, and where a read of them stands (R1, R3-R5, R7, R8, R10, R11)."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_JUDGING = "plugins/floodmark/adapters/mysql/judging.py"
_LOOK = "plugins/floodmark/adapters/mysql/look.py"
_STATUS = "plugins/floodmark/adapters/mysql/engine_status.py"
_HISTORY = "plugins/floodmark/adapters/mysql/history.py"
_JUDGED = "tests/adapters/mysql/test_judging.py::"
_LOOKED = "tests/adapters/mysql/test_look.py::"

_OPENED = "tests/adapters/mysql/test_opening.py::"

MUTANTS = (
    Mutant(
        rule="R1",
        breaks="nobody holds a MySQL table before the snapshot",
        file="plugins/floodmark/adapters/mysql/opening.py",
        old='    rows(holder, hold, f"holding {where} still")\n',
        new="",
        test=_OPENED + "test_the_holder_holds_before_the_snapshot_is_taken",
    ),
    Mutant(
        rule="R1",
        breaks="MySQL reads under whatever isolation the account has",
        file="plugins/floodmark/adapters/mysql/reader.py",
        old='        self._run("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")\n',
        new="",
        test=_OPENED + "test_all_of_a_reading_is_one_snapshot_whatever_isolation_is_the_accounts",
    ),
    Mutant(
        rule="R3",
        breaks="MySQL's log is taken for flushed wherever it stands",
        file="plugins/floodmark/adapters/mysql/durable.py",
        old="if told and int(told) >= int(lsn):",
        new="if told and int(lsn):",
        test="tests/adapters/mysql/test_durable.py::"
        "test_a_row_that_was_seen_is_gone_after_a_crash_unless_the_log_was_on_disk",
    ),
    Mutant(
        rule="R3",
        breaks="a MySQL server that was started anew has kept what was not on disk",
        file=_HISTORY,
        old="    if not before.durable and not _is_same_start(before, this):\n",
        new="    if not before.durable and not this.durable:\n",
        test="tests/adapters/mysql/test_history.py::test_what_was_not_durable_holds_until_the_server_is_started_anew",
    ),
    Mutant(
        rule="R4",
        breaks="a MySQL transaction is taken to begin with its first row",
        file=_JUDGING,
        old="    since = transaction.started - WAIT\n",
        new="    since = transaction.started\n",
        test=_JUDGED + "test_a_transaction_holds_from_before_its_first_row_since_its_statement_may_have_waited",
    ),
    Mutant(
        rule="R4",
        breaks="statements that run on MySQL hold nothing back",
        file=_JUDGING,
        old="for session in witnesses.sessions if session.runs}",
        new="for session in witnesses.sessions if not session.id}",
        test=_JUDGED + "test_a_statement_that_runs_holds_from_its_own_start",
    ),
    Mutant(
        rule="R4",
        breaks="what a look at MySQL saw waiting is forgotten by the next",
        file=_JUDGING,
        old="    return min(since, waited) if waited else since\n",
        new="    return since\n",
        test=_JUDGED + "test_a_statement_seen_to_run_is_known_however_long_it_waits_before_its_first_row",
    ),
    Mutant(
        rule="R4",
        breaks="an earlier look at another server, or before a restart, clears a session of the same id",
        file=_JUDGING,
        old="if (one.server, one.era) == (witnesses.server.identity, era) and one.clock <= witnesses.clock",
        new="if one.clock <= witnesses.clock",
        test=_JUDGED + "test_another_server_or_one_that_was_restarted_gives_its_ids_anew",
    ),
    Mutant(
        rule="R4",
        breaks="a suspect that is still open counts as cleared",
        file=_JUDGING,
        old="        if suspect is None or (suspect.transaction and suspect.transaction != transaction.id):\n",
        new="        if suspect is None or suspect.transaction:\n",
        test=_JUDGED + "test_all_suspects_of_a_look_cleared_prove_its_clock_though_there_are_others",
    ),
    Mutant(
        rule="R4",
        breaks="InnoDB's transactions are asked for before the process list",
        file=_LOOK,
        old="""        sessions = self._sessions(int(session), mariadb=mariadb)
        self.between("look_transactions")
        with self.canary.open():
            listed = self._listed(account)
""",
        new="""        self.between("look_transactions")
        with self.canary.open():
            listed = self._listed(account)
        sessions = self._sessions(int(session), mariadb=mariadb)
""",
        test=_LOOKED + "test_a_statement_that_comes_to_its_first_row_while_we_look_is_seen_by_one_of_two_questions",
    ),
    Mutant(
        rule="R4",
        breaks="a list of InnoDB's transactions is believed without our canary in it",
        file=_LOOK,
        old="            fresh = any(int(session) == self.canary.session for _, session, _, _ in found)\n",
        new="            fresh = attempt >= 0\n",
        test=_LOOKED + "test_a_list_that_a_monitor_keeps_from_being_renewed_is_not_believed",
    ),
    Mutant(
        rule="R4",
        breaks="an engine's status that was cut is believed",
        file=_STATUS,
        old="        whole=bool(end) and _CUT not in text,\n",
        new="        whole=bool(end),\n",
        test="tests/adapters/mysql/test_engine_status.py::test_a_text_that_was_cut_is_not_whole",
    ),
    Mutant(
        rule="R4",
        breaks="a prepared transaction whose session is gone is judged by what a restart says of its start",
        file=_JUDGING,
        old="    if all(one.session for one in witnesses.transactions or ()):\n",
        new="    if witnesses.transactions or not witnesses.transactions:\n",
        test=_LOOKED + "test_a_prepared_transaction_blocks_over_a_restart_and_its_start_is_in_the_servers_zone",
    ),
    Mutant(
        rule="R4",
        breaks="a MySQL transaction's start is read in another zone than the server writes it in",
        file=_LOOK,
        old="""SET SESSION time_zone = 'SYSTEM'""",
        new="""SET SESSION time_zone = '-12:00'""",
        test=_LOOKED + "test_a_prepared_transaction_blocks_over_a_restart_and_its_start_is_in_the_servers_zone",
    ),
    Mutant(
        rule="R4",
        breaks="every statement that bears a remark is taken for our own read",
        file="include/sql/mysql/look_sessions.sql",
        old="COALESCE(LEFT(info, CHAR_LENGTH({{ own | literal }})) = {{ own | literal }}, FALSE)",
        new="COALESCE(LEFT(info, 2) = LEFT({{ own | literal }}, 2), FALSE)",
        test=_LOOKED + "test_our_own_reads_hold_nothing_but_other_statements_do",
    ),
    Mutant(
        rule="R4",
        breaks="our canary is a transaction that InnoDB doesn't list before it reads",
        file=_LOOK,
        old="START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
        new="START TRANSACTION READ ONLY",
        test=_LOOKED + "test_the_canary_is_seen_whatever_isolation_is_the_accounts",
    ),
    Mutant(
        rule="R4",
        breaks="a list of InnoDB's transactions is asked again so soon that it stays as it is",
        file=_LOOK,
        old="PAUSE = 0.15\n",
        new="PAUSE = 0.05\n",
        test=_LOOKED + "test_a_look_does_not_ask_so_often_that_it_keeps_the_list_stale_itself",
    ),
    Mutant(
        rule="R4",
        breaks="nobody asks for the engine's status where the list stays stale",
        file=_LOOK,
        old="        return self._by_status()\n",
        new='        return _Listed(changed=None, unseen="the list is stale")\n',
        test=_LOOKED + "test_a_list_that_a_monitor_keeps_from_being_renewed_is_not_believed",
    ),
    Mutant(
        rule="R4",
        breaks="an engine's status is believed without our canary in it",
        file=_LOOK,
        old="        if found.whole and self.canary.session in found.sessions:\n",
        new="        if found.whole:\n",
        test=_LOOKED + "test_without_the_canary_anywhere_nothing_is_proved",
    ),
    Mutant(
        rule="R4",
        breaks="of a doubled hour a MySQL transaction counts from the later",
        file="include/sql/mysql/look_transactions.sql",
        old="            WHEN FROM_UNIXTIME(UNIX_TIMESTAMP(trx_started) - 3600) = trx_started "
        "THEN UNIX_TIMESTAMP(trx_started) - 3600\n",
        new="",
        test=_LOOKED + "test_of_a_doubled_hour_a_transaction_counts_from_the_earlier",
    ),
    Mutant(
        rule="R5",
        breaks="without PROCESS nobody is taken to be open",
        file=_LOOK,
        old="                return _Listed(changed=None, unseen=_no_privilege(account))\n",
        new="                return _Listed(changed=())\n",
        test=_LOOKED + "test_without_process_the_grant_is_named",
    ),
    Mutant(
        rule="R5",
        breaks="a MySQL replica seals by its own transactions",
        file=_JUDGING,
        old="    if server.replica or server.read_only or appliers:\n",
        new="    if server.replica and not server.replica:\n",
        test=_JUDGED + "test_a_replica_blocks_and_names_what_to_do",
    ),
    Mutant(
        rule="R6",
        breaks="a MySQL cursor of microseconds is taken to bear them",
        file="plugins/floodmark/adapters/mysql/types.py",
        old="_TICK = timedelta(seconds=1)\n",
        new="_TICK = timedelta(microseconds=1)\n",
        test="tests/pipeline/test_mysql_seal.py::"
        "test_a_row_whose_writer_says_now_without_a_fraction_is_not_before_what_is_read_again",
    ),
    Mutant(
        rule="R6",
        breaks="check keeps to itself that MySQL's statements may wait for hours before their first row",
        file="plugins/floodmark/adapters/mysql/inspection.py",
        old="    if wait > _LONG_WAIT:\n",
        new="    if wait < 0:\n",
        test="tests/adapters/mysql/test_reading.py::"
        "test_check_tells_that_statements_may_wait_long_before_their_first_row",
    ),
    Mutant(
        rule="R7",
        breaks="what other nodes of a cluster write is taken for proved",
        file=_JUDGING,
        old="    if witnesses.server.members:\n",
        new="    if not witnesses.server.identity:\n",
        test=_JUDGED + "test_what_the_server_does_not_show_is_assumed_and_named",
    ),
    Mutant(
        rule="R8",
        breaks="a MySQL replica is read though it has not applied what the look covers",
        file="plugins/floodmark/adapters/mysql/replica.py",
        old="or holds(known.position, look.gtids):",
        new="or look.gtids:",
        test="tests/adapters/mysql/test_replica.py::"
        "test_a_read_waits_until_the_replica_has_applied_what_the_look_covers",
    ),
    Mutant(
        rule="R10",
        breaks="another MySQL server is taken to hold what was read of the last",
        file=_HISTORY,
        old="        if all(positions) and holds(told, positions[0], by_server=True):\n",
        new="        if all(servers):\n",
        test="tests/adapters/mysql/test_history.py::test_what_may_be_gone_is_void",
    ),
    Mutant(
        rule="R10",
        breaks="a new MariaDB primary's own transactions are taken for those of the last one that have their numbers",
        file=_HISTORY,
        old="holds(told, positions[0], by_server=True)",
        new="holds(positions[1], positions[0])",
        test="tests/adapters/mysql/test_replica.py::"
        "test_a_replica_that_takes_over_holds_what_was_read_unless_it_never_got_the_last_of_it",
    ),
    Mutant(
        rule="R10",
        breaks="what MySQL may still have gained is read again from its slice's low end on, not from the watermark",
        file="plugins/floodmark/core/ledger/coverage.py",
        old="        return self.interval.since(self.watermark)\n",
        new="        return self.interval if self.interval.since(self.watermark) else None\n",
        test="tests/pipeline/test_mysql_seal.py::"
        "test_a_commit_that_comes_late_is_held_back_and_then_read_from_the_watermark_on",
    ),
    Mutant(
        rule="R12",
        breaks="nobody counts MySQL's rows in slices that are looked at again",
        file="plugins/floodmark/adapters/mysql/reading.py",
        old="recheck=[span.interval for span in spans or () if span.recheck]",
        new="recheck=[span.interval for span in spans or () if not span]",
        test="tests/pipeline/test_mysql.py::test_a_row_that_no_look_could_have_proved_is_read_again",
    ),
    Mutant(
        rule="R11",
        breaks="partitions of a MySQL table are not told",
        file="include/sql/mysql/leaves.sql",
        old="    OR LEFT(found.file, LENGTH(wanted.file) + 3) IN (",
        new="    OR LEFT(found.file, 0) IN (",
        test="tests/adapters/mysql/test_leaves.py::"
        "test_a_table_is_one_and_a_partitioned_one_its_partitions_whatever_their_names",
    ),
)
