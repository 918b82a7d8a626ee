"""Connections without Airflow: from the environment, with no secret in any message."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from google.auth import impersonated_credentials
from google.auth.credentials import AnonymousCredentials
from google.oauth2 import service_account
from sqlalchemy.engine import make_url

from floodmark.adapters.connections.environment import LocalConnections
from floodmark.errors import ConfigurationError


def test_a_dsn_comes_before_the_environment() -> None:
    environ = {"AIRFLOW_CONN_SHOP_DB": "postgres://env/x"}
    connections = LocalConnections(environ, dsns={"shop_db": "host=dsn dbname=y sslmode=require"})
    assert connections.libpq("shop_db") == {"host": "dsn", "dbname": "y", "sslmode": "require"}
    assert LocalConnections(environ).libpq("shop_db") == {"host": "env", "dbname": "x"}


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "AIRFLOW_CONN_SHOP_DB: is not set; set AIRFLOW_CONN_SHOP_DB=postgres://"),
        ("s3cret", "AIRFLOW_CONN_SHOP_DB: can't be read as an Airflow connection; write a URI"),
        ("mysql://me:s3cret@db/x", 'AIRFLOW_CONN_SHOP_DB: is of type "mysql"; it must be PostgreSQL'),
        ("postgres://me:s3cret@db/x?sslmod=s3cret", 'libpq does not know: "sslmod"; did you mean "sslmode"?'),
    ],
)
def test_what_is_wrong_is_said_with_its_variable(value: str | None, said: str) -> None:
    environ = {} if value is None else {"AIRFLOW_CONN_SHOP_DB": value}
    with pytest.raises(ConfigurationError) as error:
        LocalConnections(environ).libpq("shop_db")
    assert said in str(error.value)
    assert "s3cret" not in str(error.value)


def test_what_is_wrong_of_googles_connection_is_said_with_an_example_of_googles() -> None:
    with pytest.raises(ConfigurationError) as error:
        LocalConnections({"AIRFLOW_CONN_GOOGLE": "no address"}).storage("google")
    said = re.search(r"^AIRFLOW_CONN_GOOGLE: can't be .*; write a URI, (\S+), or JSON, (.*)$", str(error.value))
    assert said is not None
    for example in said.groups():
        with pytest.raises(
            ConfigurationError, match="has a key that can't be read: No such file"
        ):  # understood: it looks for the key
            LocalConnections({"AIRFLOW_CONN_GOOGLE": example}).storage("google")


@pytest.mark.parametrize(
    "uri",
    ["postgres://me:p%40s@db:5433/shop?sslmode=prefer", "postgres://me@%2Fvar%2Frun/shop", "postgres:///shop"],
)
def test_a_ledgers_url_leads_where_the_connection_leads(uri: str) -> None:
    connections = LocalConnections({"AIRFLOW_CONN_LEDGER": uri})
    url = make_url(connections.database_url("ledger"))
    assert url.drivername == "postgresql+psycopg2"
    _, given = url.get_dialect()().create_connect_args(url)
    given = {("dbname" if name == "database" else name): str(value) for name, value in given.items()}
    assert given == connections.libpq("ledger")


def test_naming_the_default_ledger_makes_nothing(tmp_path: Path) -> None:
    environ = {"FLOODMARK_STATE": str(tmp_path / "deep" / "state")}
    assert LocalConnections(environ).sqlite_ledger("") == f"sqlite:///{tmp_path}/deep/state/floodmark.db"
    assert not (tmp_path / "deep").exists()


@pytest.fixture(scope="module")
def key() -> dict[str, str]:
    """A service account's key, made for this test."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    private = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return {
        "type": "service_account", "project_id": "its-project", "private_key": private.decode(),
        "client_email": "me@its-project.iam.gserviceaccount.com", "token_uri": "https://oauth2.googleapis.com/token",
    }  # fmt: skip


def _google(**extra: object) -> dict[str, str]:
    return {"AIRFLOW_CONN_G": json.dumps({"conn_type": "google_cloud_platform", "extra": extra})}


def test_a_key_is_taken_from_the_connection_even_beside_an_emulator(key: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "key.json").write_text(json.dumps(key))
    for extra in ({"keyfile_dict": key}, {"keyfile_dict": json.dumps(key)}, {"key_path": str(tmp_path / "key.json")},
                  {"extra__google_cloud_platform__keyfile_dict": json.dumps(key)}):  # fmt: skip
        environ = _google(**extra) | {"STORAGE_EMULATOR_HOST": "http://127.0.0.1:1"}
        client = LocalConnections(environ).storage("g")
        assert isinstance(client._credentials, service_account.Credentials)
        assert client.project == "its-project"


@pytest.mark.parametrize(
    ("chain", "delegates", "target"),
    [("z@x", [], "z@x"), ("a@x, b@x,z@x", ["a@x", "b@x"], "z@x"), (["a@x", "z@x"], ["a@x"], "z@x")],
)
def test_a_chain_of_accounts_is_followed_to_its_last(
    key: dict[str, str], chain: object, delegates: list[str], target: str
) -> None:
    connections = LocalConnections(_google(keyfile_dict=key, impersonation_chain=chain))
    credentials = connections.bigquery("g", "project", "EU")._credentials
    assert isinstance(credentials, impersonated_credentials.Credentials)
    assert (credentials._target_principal, list(credentials._delegates)) == (target, delegates)
    assert credentials._source_credentials.service_account_email == key["client_email"]
    assert connections.account("g") == target


@pytest.mark.parametrize("chain", [" ", "a@x,,b@x", ",", [""], ["a@x", " "], ["a@x", 5], ["a@x", None], 5, {"a@x": 1}])
def test_a_chain_of_an_odd_shape_is_refused(key: dict[str, str], chain: Any) -> None:
    connections = LocalConnections(_google(keyfile_dict=key, impersonation_chain=chain))
    with pytest.raises(ConfigurationError, match="AIRFLOW_CONN_G: has an impersonation_chain that is no list"):
        connections.bigquery("g", "project", "EU")


def test_what_the_environment_has_not_is_asked_of_airflow(key: dict[str, str]) -> None:
    there = {"shop_db": "postgres://airflows/x", **{"g": _google(keyfile_dict=key)["AIRFLOW_CONN_G"]}}
    asked: list[str] = []

    def elsewhere(connection: str) -> str:
        asked.append(connection)
        return there.get(connection, "")

    environ = {"AIRFLOW_CONN_LEDGER": "postgres://env/l"}
    connections = LocalConnections(environ, dsns={"crm": "host=dsn"}, elsewhere=elsewhere)
    assert connections.libpq("shop_db") == {"host": "airflows", "dbname": "x"}
    assert connections.account("g") == key["client_email"]
    assert connections.libpq("ledger") == {"host": "env", "dbname": "l"}
    assert connections.libpq("crm") == {"host": "dsn"}
    assert set(asked) == {"shop_db", "g"}
    assert not connections.knows("nobody")
    with pytest.raises(ConfigurationError, match="AIRFLOW_CONN_NOBODY: is not set"):
        connections.libpq("nobody")


def test_an_emulator_is_never_given_a_persons_own_token() -> None:
    environ = {"STORAGE_EMULATOR_HOST": "http://127.0.0.1:1", "GOOGLE_CLOUD_PROJECT": "p"}
    connections = LocalConnections(environ | {"BIGQUERY_EMULATOR_HOST": "http://127.0.0.1:1"})
    assert isinstance(connections.storage("g")._credentials, AnonymousCredentials)
    client = connections.bigquery("g", "project", "EU")
    assert isinstance(client._credentials, AnonymousCredentials)
    assert (client.project, client.location) == ("project", "EU")


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        ({"key_path": "/nowhere/key.json"}, "has a key that can't be read: No such file"),
        ({"keyfile_dict": '{"private_key": "s3cret"}'}, "has a key that can't be read"),
        ({"keyfile_dict": ["s3cret"]}, "has a key that can't be read"),
        ({"key_path": ["s3cret"]}, "has a key that can't be read"),
        ({"credential_config_file": {"s3cret": 1}}, "has a key that can't be read"),
        ({"key_secret_name": "other"}, "says key_secret_name, which only Airflow's hook can follow"),
    ],
)
def test_credentials_that_cannot_be_had_are_said_without_secrets(extra: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        LocalConnections(_google(**extra)).bigquery("g", "project", "EU")
    assert str(error.value).startswith(f"AIRFLOW_CONN_G: {said}")
    assert "s3cret" not in str(error.value)


def test_the_source_is_reached_by_what_was_mapped(database: object) -> None:
    dsn = database.dsn  # type: ignore[attr-defined]
    fields = LocalConnections({"AIRFLOW_CONN_SHOP_DB": dsn}).libpq("shop_db")
    connection = psycopg2.connect(**fields)
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        assert cursor.fetchone() == (fields["dbname"],)
    connection.close()
