"""A SQLite ledger is refused where tasks run on several machines."""

from __future__ import annotations

from pathlib import Path

import pytest

from floodmark.adapters import yaml_file
from floodmark.airflow import ledger_place
from floodmark.errors import ConfigurationError

ONE_MACHINE = ["LocalExecutor", "SequentialExecutor", "airflow.executors.local_executor.LocalExecutor"]
SEVERAL = [
    "CeleryExecutor",
    "KubernetesExecutor",
    "LocalExecutor,CeleryExecutor",
    "LocalExecutor,airflow.providers.cncf.kubernetes.executors.kubernetes_executor.KubernetesExecutor:k8s",
    "team_a=CeleryExecutor",
    "team_a=LocalExecutor;team_b=my.module.Executor",
    "my.module.LocalExecutor",
]


def config(write, **keys):
    return yaml_file.load(write(**keys).parent / "sources" / "shop.yml", {})


@pytest.mark.parametrize("executor", ONE_MACHINE)
@pytest.mark.parametrize("keys", [{}, {"ledger": "sqlite:///state/own.db"}])
def test_sqlite_serves_one_machine(write, monkeypatch, executor, keys):
    monkeypatch.setenv("AIRFLOW__CORE__EXECUTOR", executor)
    ledger_place.require(config(write, **keys), "shop.yml")


@pytest.mark.parametrize("executor", SEVERAL)
@pytest.mark.parametrize("keys", [{}, {"ledger": "sqlite:///state/own.db"}])
def test_sqlite_is_refused_on_several(write, monkeypatch, executor, keys):
    monkeypatch.setenv("AIRFLOW__CORE__EXECUTOR", executor)
    with pytest.raises(ConfigurationError, match=r"shop.yml: ledger: .*on several; write ledger: \{connection"):
        ledger_place.require(config(write, **keys), "shop.yml")


@pytest.mark.parametrize("ledger", [{"connection": "ledger_db"}, "gs://ledgers/shop"])
def test_other_ledgers_serve_any_executor(write, monkeypatch, ledger):
    monkeypatch.setenv("AIRFLOW__CORE__EXECUTOR", "CeleryExecutor")
    ledger_place.require(config(write, ledger=ledger), "shop.yml")


def test_the_default_ledger_lies_in_the_checkouts_state(monkeypatch):
    monkeypatch.delenv("FLOODMARK_STATE", raising=False)
    assert ledger_place.default_folder() == Path(__file__).resolve().parents[2] / "state"


def test_an_installed_wheel_keeps_it_under_airflow_home(monkeypatch, tmp_path):
    monkeypatch.delenv("FLOODMARK_STATE", raising=False)
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
    monkeypatch.setattr("floodmark.__file__", str(tmp_path / "lib" / "site-packages" / "floodmark" / "__init__.py"))
    assert ledger_place.default_folder() == tmp_path / "floodmark"


def test_the_environment_may_say_another_place(monkeypatch, tmp_path):
    monkeypatch.setenv("FLOODMARK_STATE", str(tmp_path / "elsewhere"))
    assert ledger_place.default_folder() == tmp_path / "elsewhere"
