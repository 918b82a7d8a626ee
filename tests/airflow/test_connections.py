"""Every field of an Airflow connection reaches libpq, and the ledger's address."""

from __future__ import annotations

import json
import os
import sys
from types import SimpleNamespace

import pytest
from airflow.providers.common.compat.sdk import AirflowNotFoundException, BaseHook

from floodmark.adapters.connections.environment import LocalConnections
from floodmark.airflow import connections
from floodmark.airflow.connections import AirflowConnections
from floodmark.errors import ConfigurationError

SECRET = "s3cret/with@signs"


@pytest.fixture
def connection(monkeypatch):
    """Set the connection ``shop_db``."""

    def set_(**parts):
        monkeypatch.setenv("AIRFLOW_CONN_SHOP_DB", json.dumps({"conn_type": "postgres"} | parts))

    return set_


def test_every_libpq_field_is_carried(connection):
    connection(
        host="db.example", port=6543, login="reader", password=SECRET, schema="shop",
        extra={"sslmode": "verify-full", "sslrootcert": "/ca.pem", "options": "-c x=y", "keepalives": True,
               "connect_timeout": 10, "cursor": "dictcursor"},
    )  # fmt: skip
    assert AirflowConnections().libpq("shop_db") == {
        "host": "db.example", "port": "6543", "user": "reader", "password": SECRET, "dbname": "shop",
        "sslmode": "verify-full", "sslrootcert": "/ca.pem", "options": "-c x=y", "keepalives": "1",
        "connect_timeout": "10",
    }  # fmt: skip


def test_what_is_not_said_is_left_to_libpq(connection):
    connection(host="db.example")
    assert AirflowConnections().libpq("shop_db") == {"host": "db.example"}


@pytest.mark.parametrize("type_", ["postgres", "generic"])
def test_the_key_of_a_mask_is_the_password_of_a_connection_of_any_type(connection, type_):
    connection(conn_type=type_, password=SECRET)
    assert AirflowConnections().password("shop_db") == LocalConnections(os.environ).password("shop_db") == SECRET
    connection(conn_type=type_)
    assert AirflowConnections().password("shop_db") == LocalConnections(os.environ).password("shop_db") == ""


def test_a_misspelt_extra_is_refused_without_its_value(connection):
    connection(host="db.example", extra={"sslmod": SECRET})
    with pytest.raises(ConfigurationError, match=r'connection shop_db: .*"sslmod"; did you mean "sslmode"') as raised:
        AirflowConnections().libpq("shop_db")
    assert SECRET not in str(raised.value)


def test_a_connection_of_another_kind_is_refused(connection):
    connection(conn_type="mysql", host="db.example")
    with pytest.raises(
        ConfigurationError, match=r'connection shop_db: is of type "mysql"; make it one of type postgres'
    ):
        AirflowConnections().libpq("shop_db")


def test_a_mysql_connection_of_airflows_is_what_its_fields_say(connection):
    connection(
        conn_type="mysql", host="db.example", port=3307, login="reader", password=SECRET, schema="shop",
        extra={"ssl_mode": "VERIFY_CA", "ssl_ca": "/ca.pem", "charset": "latin1"},
    )  # fmt: skip
    found = AirflowConnections().mysql("shop_db")
    assert (found.host, found.port, found.user, found.password) == ("db.example", 3307, "reader", SECRET)
    assert (found.database, found.connection, found.tls.mode.value, found.tls.ca) == (
        "shop", "shop_db", "VERIFY_CA", "/ca.pem",
    )  # fmt: skip


def test_a_token_stands_for_the_password_of_a_mysql_connection_with_iam(connection, monkeypatch):
    """Airflow's hook, in whose stead one that needs no cloud fetches it; without its provider that is said."""
    connection(conn_type="mysql", host="db.example", login="reader", extra={"iam": True, "aws_conn_id": "aws"})
    hook = "airflow.providers.mysql.hooks.mysql"
    monkeypatch.setitem(sys.modules, hook, None)
    with pytest.raises(ConfigurationError, match="install apache-airflow-providers-mysql, or give a password"):
        AirflowConnections().mysql("shop_db")

    class Hook:
        def __init__(self, mysql_conn_id):
            self.asked = mysql_conn_id

        def get_iam_token(self, found):
            return found.login, f"token of {self.asked}", 3309

    monkeypatch.setitem(sys.modules, hook, SimpleNamespace(MySqlHook=Hook))
    found = AirflowConnections().mysql("shop_db")
    assert (found.user, found.password, found.port) == ("reader", "token of shop_db", 3309)


def test_a_missing_connection_says_how_to_make_it(monkeypatch):
    monkeypatch.setattr(connections, "_AGAIN_AFTER", ())
    with pytest.raises(ConfigurationError, match=r"connection no_such: does not exist; .*AIRFLOW_CONN_NO_SUCH"):
        AirflowConnections().libpq("no_such")


def test_a_secrets_backend_that_fails_once_does_not_make_a_connection_missing(monkeypatch):
    """Airflow passes over the error of a backend, at level DEBUG, and then says that the connection isn't defined."""
    naps, found = [], SimpleNamespace(conn_type="postgres")
    answers = [AirflowNotFoundException("isn't defined"), AirflowNotFoundException("isn't defined"), found]

    def get_connection(connection):
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(BaseHook, "get_connection", get_connection)
    monkeypatch.setattr(connections.time, "sleep", naps.append)
    assert AirflowConnections().type_of("shop_db") == "postgres"
    assert naps == [1.0, 3.0]
    answers += [AirflowNotFoundException("isn't defined")] * 3
    with pytest.raises(ConfigurationError, match="its secrets backend gave no answer"):
        AirflowConnections().type_of("shop_db")


def test_a_ledgers_connection_becomes_an_address(connection):
    from sqlalchemy.engine import make_url

    connection(host="db.example", port=6543, login="l", password=SECRET, schema="state", extra={"sslmode": "require"})
    url = make_url(AirflowConnections().database_url("shop_db"))
    assert (url.drivername, url.host, url.port, url.database) == ("postgresql+psycopg2", "db.example", 6543, "state")
    assert (url.username, url.password, dict(url.query)) == ("l", SECRET, {"sslmode": "require"})


def test_tasks_and_the_command_line_have_one_default_ledger(monkeypatch, tmp_path):
    monkeypatch.setattr("floodmark.__file__", str(tmp_path / "lib" / "site-packages" / "floodmark" / "__init__.py"))
    for variable, value in (("AIRFLOW_HOME", tmp_path / "airflow"), ("FLOODMARK_STATE", tmp_path / "deep" / "state")):
        monkeypatch.setenv(variable, str(value))
        assert AirflowConnections().sqlite_ledger("") == LocalConnections(os.environ).sqlite_ledger("")
    assert AirflowConnections().sqlite_ledger("") == f"sqlite:///{tmp_path}/deep/state/floodmark.db"
    assert not (tmp_path / "deep").exists()


def test_googles_clients_come_from_airflows_hooks(monkeypatch):
    monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", "http://127.0.0.1:1")
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", "http://127.0.0.1:2")
    extra = {"is_anonymous": True, "project": "of-the-connection"}
    monkeypatch.setenv("AIRFLOW_CONN_LAKE", json.dumps({"conn_type": "google_cloud_platform", "extra": extra}))
    client = AirflowConnections().bigquery("lake", "of-the-config", "EU")
    assert (client.project, client.location) == ("of-the-config", "EU")
    assert AirflowConnections().storage("lake").project == "of-the-connection"
