"""Sessions of MySQL and MariaDB: whom they reach, how they are encrypted, what they are set to (R2, R16, R27, R34)."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_FIELDS = "plugins/floodmark/adapters/connections/mysql.py"
_CONNECT = "plugins/floodmark/adapters/mysql/connect.py"
_ERRORS = "plugins/floodmark/adapters/mysql/errors.py"
_CONNECTED = "tests/adapters/mysql/test_connect.py::"
_LIMITS = _CONNECTED + "test_no_limit_of_time_that_a_session_was_given_ends_a_slow_read"
_CERTIFIED = _CONNECTED + "test_a_certificate_of_another_authority_or_for_another_host_is_refused"
_OWN = _CONNECTED + "test_a_certificate_of_our_own_and_ciphers_are_what_the_connection_says"
_TOLD_APART = _CONNECTED + "test_errors_are_told_apart_by_their_numbers"
_NAMED = "tests/adapters/connections/test_mysql.py::"
_CARRIED = _NAMED + "test_every_field_is_carried_and_the_hooks_own_words_are_left_out"
_MODES = _NAMED + "test_a_file_of_a_ca_is_there_to_be_verified_by"

MUTANTS = (
    Mutant(
        rule="R2",
        breaks="a TIMESTAMP of MySQL's is told in whatever zone the server is in",
        file=_CONNECT,
        old="""    "time_zone": "'+00:00'",\n""",
        new="""    "time_zone": "'SYSTEM'",\n""",
        test=_CONNECTED + "test_a_session_hides_nothing_whatever_the_server_was_told",
    ),
    Mutant(
        rule="R2",
        breaks="MySQL ends a read that pauses for a slow upload",
        file=_CONNECT,
        old='    "net_write_timeout": "3600",\n',
        new="",
        test=_LIMITS,
    ),
    Mutant(
        rule="R2",
        breaks="MariaDB ends a transaction that waits for another connection's rows",
        file=_CONNECT,
        old='"idle_transaction_timeout": "0", ',
        new="",
        test=_LIMITS,
    ),
    Mutant(
        rule="R2",
        breaks="a session of MariaDB's reads the past",
        file=_CONNECT,
        old=', "system_versioning_asof": "DEFAULT"',
        new="",
        test=_LIMITS,
    ),
    Mutant(
        rule="R2",
        breaks="a unique index over the beginning of a MySQL column makes a key",
        file="plugins/floodmark/adapters/mysql/catalog.py",
        old="column is None or sub_part is not None or column in nullable",
        new="column is None or column in nullable",
        test="tests/adapters/mysql/test_reading.py::"
        "test_only_whole_indexes_over_columns_that_are_never_null_make_a_key",
    ),
    Mutant(
        rule="R16",
        breaks="a column that is gone from MySQL blocks the table instead of being looked at anew",
        file=_ERRORS,
        old="CHANGED = frozenset({1054, ",
        new="CHANGED = frozenset({",
        test=_TOLD_APART,
    ),
    Mutant(
        rule="R16",
        breaks="a statement that MariaDB ended for its time blocks the table",
        file=_ERRORS,
        old="1836, 1927, 1969, ",
        new="1836, 1927, ",
        test=_TOLD_APART,
    ),
    Mutant(
        rule="R27",
        breaks="MySQL's texts come in three bytes of UTF-8, other characters as question marks",
        file=_CONNECT,
        old='"SET NAMES utf8mb4"',
        new='"SET NAMES utf8mb3"',
        test="tests/adapters/mysql/test_matrix.py::test_texts_of_several_collations_and_of_16_mib_are_one_row_or_an_error",
    ),
    Mutant(
        rule="R34",
        breaks="MySQL's certificate may be of another host",
        file=_CONNECT,
        old="context.check_hostname = tls.mode is TlsMode.VERIFY_IDENTITY",
        new="context.check_hostname = False",
        test=_CERTIFIED,
    ),
    Mutant(
        rule="R34",
        breaks="MySQL's certificate may be of any authority where its host isn't asked for",
        file=_CONNECT,
        old="verified = tls.mode in (TlsMode.VERIFY_CA, TlsMode.VERIFY_IDENTITY)",
        new="verified = tls.mode is TlsMode.VERIFY_IDENTITY",
        test=_CERTIFIED,
    ),
    Mutant(
        rule="R34",
        breaks="MySQL is read in plain text though TLS was asked for",
        file=_CONNECT,
        old="        _refuse_plain_text(connection, given)\n",
        new="",
        test=_CONNECTED + "test_a_server_without_tls_is_refused_where_tls_was_asked_for",
    ),
    Mutant(
        rule="R34",
        breaks="a connection to MySQL that wants no TLS gets it",
        file=_CONNECT,
        old="encrypted = given.tls.mode is not TlsMode.DISABLED and not given.unix_socket",
        new="encrypted = not given.unix_socket",
        test=_CONNECTED + "test_tls_is_verified_by_whom_the_connection_says",
    ),
    Mutant(
        rule="R34",
        breaks="MySQL is not shown our own certificate",
        file=_CONNECT,
        old="        if tls.cert:\n",
        new="        if tls.cert and not tls.key:\n",
        test=_OWN,
    ),
    Mutant(
        rule="R34",
        breaks="ciphers that a connection to MySQL names are not used",
        file=_CONNECT,
        old="            context.set_ciphers(tls.cipher)\n",
        new="            pass\n",
        test=_OWN,
    ),
    Mutant(
        rule="R34",
        breaks="MySQL's socket is not used",
        file=_CONNECT,
        old="unix_socket=given.unix_socket or None",
        new="unix_socket=None",
        test=_CONNECTED + "test_a_socket_is_reached_by_its_file_whatever_the_host",
    ),
    Mutant(
        rule="R34",
        breaks="a CA's file alone verifies nothing",
        file=_FIELDS,
        old='    if verifiable or _true(extra.get("ssl_verify_cert")):\n',
        new='    if _true(extra.get("ssl_verify_cert")):\n',
        test=_MODES,
    ),
    Mutant(
        rule="R34",
        breaks="a mapping with a CA's file doesn't ask for the host",
        file=_FIELDS,
        old='_true(inner.get("check_hostname", True))',
        new='_true(inner.get("check_hostname"))',
        test=_MODES,
    ),
    Mutant(
        rule="R34",
        breaks="an extra that nobody follows is passed over",
        file=_FIELDS,
        old="        if name not in _KNOWN:\n",
        new="        if not name:\n",
        test=_NAMED + "test_what_nobody_follows_is_refused",
    ),
    Mutant(
        rule="R34",
        breaks="the words of Airflow's own hook for MySQL are refused",
        file=_FIELDS,
        old='_NOT_FOR_US = frozenset({"charset", ',
        new="_NOT_FOR_US = frozenset({",
        test=_CARRIED,
    ),
    Mutant(
        rule="R34",
        breaks="how long a connection to MySQL may take is not what its extra says",
        file=_FIELDS,
        old='        connect_timeout=_seconds(extra.get("connect_timeout", 30)),\n',
        new="",
        test=_CARRIED,
    ),
    Mutant(
        rule="R34",
        breaks="the password of a key's file gets lost",
        file=_FIELDS,
        old='str(inner.get("password") or extra.get("ssl_key_password") or "")',
        new='str(inner.get("password") or "")',
        test=_CARRIED,
    ),
    Mutant(
        rule="R34",
        breaks="a MySQL connection of Airflow's doesn't know its own name",
        file="plugins/floodmark/airflow/connections.py",
        old="partial(mysql.fields, connection=connection)",
        new="partial(mysql.fields)",
        test="tests/airflow/test_connections.py::test_a_mysql_connection_of_airflows_is_what_its_fields_say",
    ),
    Mutant(
        rule="R34",
        breaks="under iam a connection to MySQL keeps the password that it has",
        file="plugins/floodmark/airflow/connections.py",
        old="        login, password, port = token(connection, settings)\n",
        new="        login, _, port = token(connection, settings)\n",
        test="tests/airflow/test_connections.py::test_a_token_stands_for_the_password_of_a_mysql_connection_with_iam",
    ),
)
