"""One rule says where the default ledger lies."""

from __future__ import annotations

from pathlib import Path

import pytest

from floodmark.adapters.connections import state


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As from a wheel: there is no checkout around the package."""
    monkeypatch.setattr("floodmark.__file__", str(tmp_path / "lib" / "site-packages" / "floodmark" / "__init__.py"))


def test_it_lies_in_the_checkouts_state() -> None:
    assert state.folder({"AIRFLOW_HOME": "/elsewhere"}) == Path(__file__).resolve().parents[3] / "state"


def test_the_environment_may_say_another_place(tmp_path: Path) -> None:
    assert state.folder({"FLOODMARK_STATE": str(tmp_path), "AIRFLOW_HOME": "/elsewhere"}) == tmp_path
    assert state.ledger({"FLOODMARK_STATE": str(tmp_path)}) == f"sqlite:///{tmp_path}/floodmark.db"


def test_a_relative_path_lies_in_the_same_folder(tmp_path: Path) -> None:
    environ = {"FLOODMARK_STATE": str(tmp_path)}
    assert state.ledger(environ, "own/ledger.db") == f"sqlite:///{tmp_path}/own/ledger.db"
    assert state.ledger(environ, "/var/ledger.db") == "sqlite:////var/ledger.db"


@pytest.mark.usefixtures("installed")
def test_an_installed_wheel_keeps_it_in_airflows_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert state.folder({"AIRFLOW_HOME": str(tmp_path)}) == tmp_path / "floodmark"
    monkeypatch.setenv("HOME", str(tmp_path))
    assert state.folder({}) == tmp_path / "airflow" / "floodmark"


@pytest.mark.usefixtures("installed")
def test_it_does_not_depend_on_where_a_command_is_called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    here = state.folder({})
    (tmp_path / "state").mkdir()
    monkeypatch.chdir(tmp_path / "state")
    assert state.folder({}) == here
