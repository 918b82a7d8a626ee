"""How MySQL and MariaDB are read: nothing hidden, nothing cut, every value as the server says it (R1, R2, R27, R31)."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_CONNECT = "plugins/floodmark/adapters/mysql/connect.py"
_WAYS = "plugins/floodmark/adapters/mysql/matrix/ways.py"
_PACKETS = "plugins/floodmark/adapters/mysql/packets.py"
_COMPARING = "plugins/floodmark/adapters/arrow/comparing.py"
_ALIKE = "tests/adapters/arrow/test_comparing.py::"
_EDGES = "tests/adapters/mysql/test_matrix.py::test_every_edge_of_every_type_lands_as_the_table_says"
_SHARDS = "plugins/floodmark/adapters/mysql/shards.py"
_BESIDE = "tests/adapters/mysql/test_shards.py::"

MUTANTS = (
    Mutant(
        rule="R1",
        breaks="several readers of a MySQL table take their snapshots while others commit",
        file=_SHARDS,
        old="            self._lock(session, doing)\n",
        new="",
        test=_BESIDE + "test_nobody_changes_the_table_between_the_snapshots",
    ),
    Mutant(
        rule="R1",
        breaks="a prepared transaction of MySQL's is committed between the snapshots of several readers",
        file=_SHARDS,
        old='"SET SESSION autocommit = 0, SESSION',
        new='"SET SESSION autocommit = 1, SESSION',
        test=_BESIDE + "test_a_prepared_transaction_whose_session_is_gone_leaves_it_to_one_reader",
    ),
    Mutant(
        rule="R1",
        breaks="several readers of a MySQL table take their snapshots under a lock of another server's",
        file=_SHARDS,
        old="            if found.identity != server.identity or not",
        new="            if found.mariadb != server.mariadb and not",
        test="tests/adapters/mysql/test_replica.py::test_a_lock_of_another_servers_table_makes_no_readers",
    ),
    Mutant(
        rule="R1",
        breaks="nobody reads the last keys of a MySQL table that several readers share out",
        file="plugins/floodmark/adapters/several_readers.py",
        old="    ends = zip((part.low, *cuts), (*cuts, part.high), strict=True)\n",
        new="    ends = zip((part.low, *cuts[:-1]), cuts, strict=True)\n",
        test=_BESIDE + "test_keys_of_any_type_are_shared_out_in_the_servers_order",
    ),
    Mutant(
        rule="R1",
        breaks="a stretch of a part of a MySQL table begins beyond that part",
        file="include/sql/mysql/part_end.sql",
        old="{%- if high %}",
        new="{%- if rows == 0 %}",
        test=_BESIDE + "test_stretches_of_a_part_end_where_the_part_does",
    ),
    Mutant(
        rule="R1",
        breaks="a MySQL table without transactions is read by slices",
        file="plugins/floodmark/adapters/mysql/opening.py",
        old="    if selection.cursor:\n        raise SourceRefused(",
        new="    if selection.offload:\n        raise SourceRefused(",
        test="tests/adapters/mysql/test_opening.py"
        "::test_a_table_without_transactions_is_refused_for_slices_and_copied_on_trust",
    ),
    Mutant(
        rule="R25",
        breaks="a key of MySQL's is looked up as its collation compares",
        file="plugins/floodmark/adapters/mysql/comparison.py",
        old='return f"({column} = {literal(value)} AND BINARY ({selected}) = BINARY {literal(value)})"',
        new='return f"({column} = {literal(value)})"',
        test="tests/pipeline/test_mysql_compared.py::test_a_key_whose_case_changes_in_place_is_another_key",
    ),
    Mutant(
        rule="R25",
        breaks="a decimal that lands as text differs from itself by the zeros behind its point",
        file=_COMPARING,
        old="            array = pc.if_else(point, short, array)\n",
        new="",
        test=_ALIKE + "test_zeros_behind_a_point_are_no_digits_of_a_decimal_that_lands_as_text",
    ),
    Mutant(
        rule="R25",
        breaks="a decimal of 100 that lands as text is compared as 1",
        file=_COMPARING,
        old="            array = pc.if_else(point, short, array)\n",
        new="            array = short\n",
        test=_ALIKE + "test_zeros_before_a_point_are_digits",
    ),
    Mutant(
        rule="R25",
        breaks="a text of digits is compared as a decimal",
        file=_COMPARING,
        old="        elif text and target in _DECIMALS:\n",
        new="        elif text:\n",
        test=_ALIKE + "test_a_text_that_looks_like_a_decimal_keeps_its_zeros",
    ),
    Mutant(
        rule="R25",
        breaks="keys that MySQL holds for equal and BigQuery doesn't are not counted",
        file="include/sql/bigquery/keys_doubled.sql",
        old="{% if column in folded %}LOWER(RTRIM(",
        new="{% if column not in folded %}LOWER(RTRIM(",
        test="tests/pipeline/test_mysql_compared.py::test_a_key_whose_case_changes_in_place_is_another_key",
    ),
    Mutant(
        rule="R25",
        breaks="a collation that tells all texts apart is said to hold some for equal",
        file="plugins/floodmark/adapters/mysql/catalog.py",
        old="collation.endswith(_EXACT)",
        new='collation.endswith("_none")',
        test="tests/adapters/mysql/test_reading.py::test_check_names_what_changes_unseen_and_a_key_that_folds",
    ),
    Mutant(
        rule="R24",
        breaks="a part of a MySQL table leaves out the row at which it ends",
        file="include/sql/mysql/_parts.sql",
        old='{{ "<=" if loop.last else "<" }}',
        new='{{ "<" if loop.last else "<" }}',
        test="tests/adapters/mysql/test_reading.py::test_parts_of_a_table_meet_and_are_cut_by_exact_keys",
    ),
    Mutant(
        rule="R25",
        breaks="check keeps to itself that a foreign key changes MySQL's rows unseen",
        file="include/sql/mysql/cascades.sql",
        old="r.update_rule IN ('CASCADE', ",
        new="r.update_rule IN (",
        test="tests/adapters/mysql/test_reading.py::test_check_names_what_changes_unseen_and_a_key_that_folds",
    ),
    Mutant(
        rule="R25",
        breaks="a BOOL of MySQL's that is 0 marks its row as deleted",
        file="plugins/floodmark/adapters/mysql/matrix/ways.py",
        old='TRUTH = Carriage(expression="({0}<>0)"',
        new='TRUTH = Carriage(expression="({0}<>2)"',
        test="tests/pipeline/test_mysql.py::test_a_flag_that_mysql_calls_bool_deletes_softly_where_it_is_true",
    ),
    Mutant(
        rule="R27",
        breaks="a FLOAT of MySQL's comes with six digits",
        file=_WAYS,
        old='    DOUBLE = "({0}+0e0)"\n',
        new='    DOUBLE = "({0})"\n',
        test=_EDGES,
    ),
    Mutant(
        rule="R27",
        breaks="a row that is longer than a packet of MySQL's is the end of the rows",
        file=_PACKETS,
        old="    if packet[0] == _NULL:\n        raise TooLong\n",
        new="    if packet[0] == _NULL:\n        return\n",
        test="tests/adapters/mysql/test_packets.py::test_a_null_row_a_lost_connection_and_an_error_are_no_end",
    ),
    Mutant(
        rule="R27",
        breaks="an error among MySQL's rows is their end",
        file=_PACKETS,
        old="    if packet[0] != _LONG_TEXT:\n",
        new="    if packet[0] == _LONG_TEXT:\n",
        test="tests/adapters/mysql/test_packets.py::test_a_null_row_a_lost_connection_and_an_error_are_no_end",
    ),
    Mutant(
        rule="R27",
        breaks="a mark within a value of MySQL's is taken for the end of its row",
        file="plugins/floodmark/adapters/mysql/chain.py",
        old="    rows = len(ends) if broken < 0 else broken\n",
        new="    rows = len(ends)\n",
        test="tests/adapters/mysql/test_packets.py::"
        "test_whatever_rows_hold_their_marks_lengths_and_numbers_are_not_taken_for_ends",
    ),
    Mutant(
        rule="R27",
        breaks="the packet behind MySQL's rows is taken for one of them where it ends as they do",
        file="plugins/floodmark/adapters/mysql/chain.py",
        old="pc.less_equal(first, _LONGEST)",
        new="pc.less_equal(first, 255)",
        test="tests/adapters/mysql/test_packets.py::test_the_end_is_the_end_though_it_ends_as_a_row_does",
    ),
    Mutant(
        rule="R27",
        breaks="a read waits for more of MySQL's rows when an error was the last that came",
        file=_PACKETS,
        old="        if _LENGTH(tail, at - _HEAD)[0] & _WHOLE == len(tail) - at:\n            return True\n",
        new="        if at < 0:\n            return True\n",
        test="tests/adapters/mysql/test_packets.py::test_a_null_row_a_lost_connection_and_an_error_are_no_end",
    ),
    Mutant(
        rule="R31",
        breaks="a zero date of MySQL's is told as another day",
        file="plugins/floodmark/adapters/arrow/columns.py",
        old="            return str(array[row].as_py()).removeprefix(MARK)\n",
        new="            return str(array[0].as_py()).removeprefix(MARK)\n",
        test=_EDGES,
    ),
    Mutant(
        rule="R22",
        breaks="MySQL makes another day of a cursor that is none",
        file="plugins/floodmark/adapters/mysql/query.py",
        old='there_is = f"DAY({wall}) BETWEEN 1 AND DAY(LAST_DAY({wall}))"',
        new='there_is = "TRUE"',
        test="tests/adapters/mysql/test_reading.py::test_a_cursor_that_no_calendar_has_is_held_out_in_another_zone_too",
    ),
    Mutant(
        rule="R27",
        breaks="a row of MySQL's is hashed without its values",
        file=_COMPARING,
        old="texts = [identity, self._joined(landed, self._scope.columns, count),",
        new="texts = [identity, self._joined(landed, self._scope.columns[:1], count),",
        test="tests/pipeline/test_mysql_compared.py::test_every_type_comes_to_the_same_at_both_ends",
    ),
    Mutant(
        rule="R35",
        breaks="a DATETIME of MySQL's is taken for a moment of UTC, whatever zone it is said to be of",
        file="plugins/floodmark/adapters/mysql/types.py",
        old='    if declared.data_type == "timestamp":\n',
        new='    if declared.data_type in ("timestamp", "datetime"):\n',
        test="tests/adapters/mysql/test_reading.py::test_a_datetime_of_another_zone_needs_the_servers_own_rules",
    ),
)
