"""Which server of MySQL or MariaDB is read, what it shows and where it stands (R1, R3-R5, R7, R8, R10, R12)."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_SERVER = "plugins/floodmark/adapters/mysql/server.py"
_OPENING = "plugins/floodmark/adapters/mysql/opening.py"
_REPLICA = "plugins/floodmark/adapters/mysql/replica.py"
_HISTORY = "plugins/floodmark/adapters/mysql/history.py"
_SAID = "tests/adapters/mysql/test_server.py::"
_REPLICATED = "tests/adapters/mysql/test_replica.py::"
_VOID = "tests/adapters/mysql/test_history.py::test_what_may_be_gone_is_void"

MUTANTS = (
    Mutant(
        rule="R4",
        breaks="a MySQL server whose start is told a second otherwise was restarted",
        file="plugins/floodmark/adapters/mysql/judging.py",
        old="_SAME_START = timedelta(seconds=2)\n",
        new="_SAME_START = timedelta(0)\n",
        test="tests/adapters/mysql/test_judging.py::test_the_start_of_a_server_is_told_in_whole_seconds_give_or_take",
    ),
    Mutant(
        rule="R5",
        breaks="the grant that a look at MySQL names is no statement",
        file="plugins/floodmark/adapters/mysql/look.py",
        old="    told = grantee(account)\n",
        new="    told = account\n",
        test="tests/adapters/mysql/test_look.py::test_without_process_the_grant_is_named",
    ),
    Mutant(
        rule="R5",
        breaks="check keeps to itself that an account of MySQL's sees nobody",
        file="plugins/floodmark/adapters/mysql/inspection.py",
        old="    if not sees_all:\n",
        new="    if not who:\n",
        test="tests/adapters/mysql/test_reading.py::test_an_account_that_sees_nobody_is_told_the_grant",
    ),
    Mutant(
        rule="R12",
        breaks="check takes any column of an index for one by which MySQL finds the newest slices",
        file="include/sql/mysql/facts_indexes.sql",
        old="    AND s.seq_in_index = 1\n",
        new="",
        test="tests/adapters/mysql/test_reading.py::test_check_asks_for_the_server_its_tables_and_their_indexes",
    ),
    Mutant(
        rule="R1",
        breaks="MySQL's holder and reader may have reached two servers",
        file=_OPENING,
        old="    for one in readers:\n        _same_server(stands, facts(one",
        new="    for one in readers[1:]:\n        _same_server(stands, facts(one",
        test=_REPLICATED + "test_two_connections_to_two_servers_are_told",
    ),
    Mutant(
        rule="R1",
        breaks="MySQL's reader takes no lock of its own before it reads",
        file="plugins/floodmark/adapters/mysql/reader.py",
        old="                cursor.execute(hold)\n",
        new='                cursor.execute("DO 0")\n',
        test="tests/adapters/mysql/test_opening.py::test_a_change_that_comes_between_holder_and_reader_goes_first",
    ),
    Mutant(
        rule="R3",
        breaks="MySQL 8 doesn't tell where its log ends",
        file=_SERVER,
        old='or self.status.get("innodb_redo_log_current_lsn", "")',
        new='or ""',
        test=_SAID + "test_where_its_log_ends_and_how_far_it_is_on_disk",
    ),
    Mutant(
        rule="R5",
        breaks="a MySQL server that is read only by another word than ON may be written to",
        file=_SERVER,
        old='.upper() not in ("OFF", "0", "")',
        new='.upper() == "ON"',
        test=_SAID + "test_read_only_has_several_names_and_words",
    ),
    Mutant(
        rule="R7",
        breaks="a node of a Galera cluster is taken for the only one that writes",
        file=_SERVER,
        old='said.get("wsrep_provider", "none") not in ("none", "")',
        new='not said.get("wsrep_provider", "none")',
        test=_SAID + "test_of_a_cluster_it_is_told_that_others_write",
    ),
    Mutant(
        rule="R8",
        breaks="a MySQL replica that may lag is taken to have all, where nobody has GTIDs",
        file=_OPENING,
        old="    if after is not None and after.server != stands.identity and not after.gtids:\n",
        new="    if after is not None and not after.server:\n",
        test=_REPLICATED + "test_without_gtids_a_replica_is_read_on_trust",
    ),
    Mutant(
        rule="R8",
        breaks="MySQL's position is believed before all that could be seen is in it",
        file=_REPLICA,
        old="    if not known.mariadb and known.position:\n",
        new="    if not known.mariadb and not known.position:\n",
        test=_REPLICATED + "test_mysqls_position_is_asked_again_once_all_that_could_be_seen_is_in_it",
    ),
    Mutant(
        rule="R8",
        breaks="a replica of MariaDB's is waited for to apply what is not in its primary's log yet",
        file=_REPLICA,
        old='known.variables.get("gtid_binlog_pos", "") if known.mariadb else known.position',
        new="known.position",
        test=_REPLICATED + "test_mariadbs_position_is_what_its_binary_log_has",
    ),
    Mutant(
        rule="R10",
        breaks="two servers of MariaDB on one machine are one",
        file=_SERVER,
        old=""":{said.get('port')}\"""",
        new='"',
        test=_SAID + "test_mysql_names_itself_and_mariadb_is_what_it_is_set_up_as",
    ),
    Mutant(
        rule="R10",
        breaks="MySQL's transactions may end before those that were read",
        file=_HISTORY,
        old="    if positions[0] and not holds(positions[1], positions[0]):\n",
        new="    if positions[0] and not positions[1]:\n",
        test=_VOID,
    ),
    Mutant(
        rule="R10",
        breaks="MySQL's log may end before the place where it was read",
        file=_HISTORY,
        old="    if all(logs) and int(logs[1]) < int(logs[0]):\n",
        new="    if all(logs) and int(logs[1]) < 0:\n",
        test=_VOID,
    ),
)
