"""A SQLite ledger is refused where tasks run on several machines."""

from __future__ import annotations

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
