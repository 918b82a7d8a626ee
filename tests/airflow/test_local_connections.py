"""A shell beside Airflow: connections come from its database and its secrets backends, as its tasks have them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from floodmark.adapters.connections.environment import LocalConnections
from floodmark.adapters.local_airflow.connections import AirflowsConnections
from floodmark.errors import RetriableError

SECRET = "s3cret/with@signs"


def test_without_an_airflow_that_is_set_up_there_are_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
    monkeypatch.delenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", raising=False)
    assert AirflowsConnections(["other"]).of("shop_db") == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_they_come_from_its_database_and_before_that_from_its_secrets_backend(
    airflow: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in airflow.settings.items():
        monkeypatch.setitem(os.environ, name, value)
    add = ("--conn-type", "postgres", "--conn-host", "db", "--conn-login", "me", "--conn-password", SECRET)
    airflow("connections", "add", "kept_db", *add, "--conn-extra", '{"sslmode": "verify-full"}')
    connections = LocalConnections({}, elsewhere=AirflowsConnections(["kept_db"]).of)
    kept = {"host": "db", "user": "me", "password": SECRET, "sslmode": "verify-full"}
    assert connections.libpq("kept_db") == kept
    assert not connections.knows("nobodys_db")
    file = tmp_path / "secrets.json"
    file.write_text(json.dumps({"kept_db": "postgres://vault/x", "secret_db": "mysql://me@vault/y"}))
    monkeypatch.setenv("AIRFLOW__SECRETS__BACKEND", "airflow.secrets.local_filesystem.LocalFilesystemBackend")
    monkeypatch.setenv("AIRFLOW__SECRETS__BACKEND_KWARGS", json.dumps({"connections_file_path": str(file)}))
    connections = LocalConnections({}, elsewhere=AirflowsConnections(["kept_db", "secret_db"]).of)
    assert connections.libpq("kept_db") == {"host": "vault", "dbname": "x"}
    assert connections.type_of("secret_db") == "mysql"


@pytest.mark.slow
def test_one_that_cant_be_asked_is_told_without_what_it_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
    monkeypatch.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", f"sqlite:///{tmp_path}/{SECRET}/none.db")
    with pytest.raises(RetriableError) as told:
        AirflowsConnections([]).of("kept_db")
    assert "can't be asked: " in str(told.value)
    assert SECRET not in str(told.value)
