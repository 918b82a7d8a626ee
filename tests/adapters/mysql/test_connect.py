"""Sessions of a MySQL server: their settings, TLS, and refused logins (M15, M29, M31)."""

from __future__ import annotations

import datetime
import ipaddress
import os
import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from floodmark.adapters.connections.mysql import MySQL, fields
from floodmark.adapters.mysql import packets, quote
from floodmark.adapters.mysql.connect import connected, is_mariadb, rows, settle, version
from floodmark.adapters.mysql.inspection import MySQLInspection
from floodmark.demo.servers.all import temporary_folder
from floodmark.demo.servers.mariadb import MariaDBServer, MySQLDatabase
from floodmark.errors import ConfigurationError, SourceChanged, SourceRefused, SourceUnavailable
from tests.conftest import IN_MEMORY

HELP = "SELECT 1 FROM mysql.help_relation"


def at(place: MySQLDatabase, **extra: object) -> MySQL:
    """A place as a connection of Airflow's names it."""
    return fields(
        host=place.host, port=place.port, login=place.user, password=place.password, schema=place.dbname,
        extra=extra, connection="shop_db",
    )  # fmt: skip


def test_a_session_hides_nothing_whatever_the_server_was_told(mysql_database: MySQLDatabase) -> None:
    wanted = "SELECT @@session.time_zone, @@session.sql_mode, @@session.net_write_timeout, @@character_set_results"
    with connected(at(mysql_database)) as session:
        assert rows(session, wanted, "asking") == [("+00:00", "NO_BACKSLASH_ESCAPES", 3600, "utf8mb4")]
        assert rows(session, r"SELECT 'a\b%d'", "asking") == [(r"a\b%d",)]
        assert version(session) >= (5, 7, 0)


def test_no_limit_of_time_that_a_session_was_given_ends_a_slow_read(mysql_database: MySQLDatabase) -> None:
    """A read that waits for an upload sends and takes nothing for minutes; nor does a session read the past (M15)."""
    limits: dict[str, tuple[str, object]] = {
        "net_write_timeout": ("5", 3600), "net_read_timeout": ("5", 3600), "wait_timeout": ("5", 28800),
        "lock_wait_timeout": ("86400", 60),
    }  # fmt: skip
    of_mariadb: dict[str, tuple[str, object]] = {
        "idle_transaction_timeout": ("5", 0), "idle_readonly_transaction_timeout": ("5", 0),
        "max_statement_time": ("5", 0), "system_versioning_asof": ("'2020-01-01 00:00:00'", "DEFAULT"),
    }  # fmt: skip
    with connected(at(mysql_database)) as session:
        limits |= of_mariadb if is_mariadb(session) else {"max_execution_time": ("5", 0)}
        for variable, (given, _) in limits.items():
            rows(session, f"SET SESSION {variable} = {given}", "limiting")
        settle(session)
        asked = ", ".join(f"@@session.{variable}" for variable in limits)
        assert rows(session, f"SELECT {asked}", "asking") == [tuple(wanted for _, wanted in limits.values())]


def test_a_limit_that_the_server_gives_every_session_cuts_no_select() -> None:
    """``init_connect`` runs for whoever is no superuser, and DEFAULT means what the whole server is set to.

    Both are global settings, so this server is one of its own.
    """
    if "FLOODMARK_TEST_MYSQL" in os.environ:
        pytest.skip("the settings of another server are not ours to change")
    settings = {"init-connect": "SET sql_select_limit = 2"}
    with temporary_folder(IN_MEMORY) as folder, MariaDBServer(folder=folder, settings=settings) as server:
        place = server.database().create_database("shop")
        place.sql(
            "CREATE TABLE t (a int)", "INSERT INTO t VALUES (1), (2), (3)", "CREATE USER r", "GRANT ALL ON *.* TO r"
        )
        place.sql("REVOKE SUPER, CONNECTION ADMIN ON *.* FROM r", "SET GLOBAL sql_select_limit = 1")
        assert len(replace(place, user="r").sql("SELECT * FROM t")) == 2
        with connected(at(replace(place, user="r"))) as session:
            assert len(rows(session, "SELECT * FROM t", "reading")) == 3


def test_errors_are_told_apart_by_their_numbers(mysql_database: MySQLDatabase) -> None:
    mysql_database.sql("CREATE TABLE t (a int)")
    with connected(at(mysql_database)) as session:
        with pytest.raises(SourceChanged, match=r"reading: .*1054"):
            rows(session, "SELECT b FROM t", "reading")
        with pytest.raises(SourceChanged, match="1146"):
            rows(session, "SELECT b FROM u", "reading")
        with pytest.raises(SourceRefused, match="1064"):
            rows(session, "SELEC", "reading")
        if is_mariadb(session):
            with pytest.raises(SourceUnavailable, match="1969"):
                rows(session, "SET STATEMENT max_statement_time=0.05 FOR SELECT SLEEP(5)", "reading")


def test_a_refused_login_names_its_connection(mysql_database: MySQLDatabase) -> None:
    for wrong in (replace(mysql_database, user="nobody"), replace(mysql_database, dbname="nowhere")):
        with pytest.raises(ConfigurationError, match="connection shop_db"), connected(at(wrong)):
            pass


def test_nobody_who_listens_may_listen_in_a_minute(mysql_database: MySQLDatabase) -> None:
    said = "connecting to .*; see that it runs and can be reached from here, and that connection shop_db names its host"
    with pytest.raises(SourceUnavailable, match=said), connected(at(replace(mysql_database, port=1))):
        pass


@pytest.fixture(scope="module")
def encrypted() -> Iterator[tuple[MySQLDatabase, Path]]:
    """A server with a certificate for 127.0.0.1, and the folder of its CA and of another."""
    if "FLOODMARK_TEST_MYSQL" in os.environ:
        pytest.skip("the certificate of another server is not ours to choose")
    with temporary_folder(IN_MEMORY) as folder:
        for authority in ("ca", "other"):
            _certify(folder, authority)
        settings = {"ssl-ca": f"{folder}/ca.pem", "ssl-cert": f"{folder}/ca-server.pem", "ssl-key": f"{folder}/ca.key"}
        with MariaDBServer(folder=folder / "server", settings=settings) as server:
            yield server.database(), folder


def test_tls_is_verified_by_whom_the_connection_says(encrypted: tuple[MySQLDatabase, Path]) -> None:
    place, folder = encrypted
    cipher = "SHOW SESSION STATUS LIKE 'Ssl_cipher'"
    for extra in ({}, {"ssl": {}}, {"ssl_ca": f"{folder}/ca.pem"}, {"ssl": {"ca": f"{folder}/ca.pem"}}):
        with connected(at(place, **extra)) as session:
            assert rows(session, cipher, "asking")[0][1], extra
            told = packets.texts(session, "SELECT CONCAT(REPEAT('x', 500), x'0a03') FROM mysql.help_relation")
            assert sum(len(bytes(lines.text)) for lines in told) == 501 * len(rows(session, HELP, "asking"))
    with connected(at(place, ssl_mode="DISABLED")) as session:
        assert not rows(session, cipher, "asking")[0][1]


def test_a_certificate_of_another_authority_or_for_another_host_is_refused(
    encrypted: tuple[MySQLDatabase, Path],
) -> None:
    place, folder = encrypted
    for wrong, extra in (
        (place, {"ssl_ca": f"{folder}/other.pem"}),
        (replace(place, host="localhost"), {"ssl": {"ca": f"{folder}/ca.pem"}}),
    ):
        with pytest.raises(ConfigurationError, match="certificate verify failed"), connected(at(wrong, **extra)):
            pass
    with pytest.raises(ConfigurationError, match="TLS files"), connected(at(place, ssl_ca=f"{folder}/none.pem")):
        pass


def test_a_certificate_of_our_own_and_ciphers_are_what_the_connection_says(
    encrypted: tuple[MySQLDatabase, Path],
) -> None:
    place, folder = encrypted
    place.sql("CREATE USER certified REQUIRE X509")
    login = replace(place, user="certified", password="")
    certificate = {"ssl_cert": f"{folder}/ca-server.pem", "ssl_key": f"{folder}/ca.key"}
    with connected(at(login, **certificate)) as session:
        assert rows(session, "SELECT 1", "asking") == [(1,)]
    with pytest.raises(ConfigurationError, match="1045"), connected(at(login)):
        pass
    with pytest.raises(ConfigurationError, match="TLS files"), connected(at(place, ssl={"cipher": "of nobody"})):
        pass


def test_a_socket_is_reached_by_its_file_whatever_the_host(encrypted: tuple[MySQLDatabase, Path]) -> None:
    place, folder = encrypted
    nowhere = replace(place, host="nowhere.invalid")
    with connected(at(nowhere, unix_socket=f"{folder}/server/data/m.sock")) as session:
        assert rows(session, "SELECT 1", "asking") == [(1,)]


def test_a_server_without_tls_is_refused_where_tls_was_asked_for(mariadb: MySQLDatabase) -> None:
    if "FLOODMARK_TEST_MYSQL" in os.environ:
        pytest.skip("another server may well have TLS")
    with pytest.raises(ConfigurationError, match="asks for TLS"), connected(at(mariadb, ssl={})):
        pass


def _usage(is_authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True, key_cert_sign=is_authority, crl_sign=is_authority, content_commitment=False,
        key_encipherment=False, data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _certify(folder: Path, authority: str) -> None:
    """An authority's certificate, and one for 127.0.0.1 that it signed with the same key."""
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, authority)])
    for name, is_authority in ((f"{authority}.pem", True), (f"{authority}-server.pem", False)):
        subject = issuer if is_authority else x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
        built = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC))
            .not_valid_after(datetime.datetime(2120, 1, 1, tzinfo=datetime.UTC))
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(
                x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
            )
            .add_extension(_usage(is_authority), critical=True)
            .sign(key, hashes.SHA256())
        )
        (folder / name).write_bytes(built.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    (folder / f"{authority}.key").write_bytes(private)
    (folder / f"{authority}.key").chmod(0o644)


def test_the_grant_that_is_printed_lets_the_account_read(mysql_database: MySQLDatabase) -> None:
    user, table = f"u'{uuid.uuid4().hex[:8]}", "T`; DROP TABLE x --"
    account = quote.literal(user) + "@'%'"
    mysql_database.sql(f"CREATE TABLE {quote.name(table)} (id int PRIMARY KEY)", f"CREATE USER {account}")
    reader = MySQLInspection(at(replace(mysql_database, user=user, dbname="")))
    with closing(reader), pytest.raises(SourceRefused, match="the role may not read it") as caught:
        reader.describe(mysql_database.dbname, table)
    mysql_database.sql(str(caught.value).partition("lower case too; ")[2])
    with closing(reader):
        assert reader.describe(mysql_database.dbname, table).key == ("id",)
    mysql_database.sql(f"DROP USER {account}")
