"""A DAG that is paused is named by doctor and status: what one triggers of it stays queued, and nobody is told."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest
import yaml

from floodmark.adapters.ledger import open_ledger
from floodmark.adapters.local_airflow import dags, home
from floodmark.airflow.compat.version import AIRFLOW_2
from floodmark.cli.findings.dags import of_dags
from floodmark.cli.findings.finding import Level
from floodmark.core.config import dag_ids
from floodmark.core.config.source_file import parse
from floodmark.errors import RetriableError
from tests.airflow.conftest import SOURCE
from tests.cli.shop import floodmark

NAME = "pausable"
SHOP = SOURCE | {"source": NAME}
FILE = """
from floodmark.airflow import dags
globals().update(dags(__file__, is_paused_upon_creation=False))
"""


def test_no_airflow_is_asked_that_was_never_set_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
    monkeypatch.delenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", raising=False)
    assert not home.is_set_up()
    assert of_dags(parse(yaml.safe_dump(SHOP), "shop.yml", {})) == []
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "airflow.cfg").touch()
    assert home.is_set_up()


@pytest.mark.parametrize("how", ["SQL_ALCHEMY_CONN", "SQL_ALCHEMY_CONN_CMD", "SQL_ALCHEMY_CONN_SECRET", ""])
def test_an_airflow_without_a_file_in_its_home_is_set_up_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """Else its connections count as not set, and nobody asks it for paused DAGs."""
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
    monkeypatch.delenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", raising=False)
    monkeypatch.setenv("AIRFLOW_CONFIG", str(tmp_path / "elsewhere.cfg"))
    assert not home.is_set_up()
    if how:
        monkeypatch.setenv(f"AIRFLOW__DATABASE__{how}", "x")
    else:
        (tmp_path / "elsewhere.cfg").touch()
    assert home.is_set_up()


def test_one_that_airflow_has_lost_is_told_from_one_that_it_has_never_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    config = parse(yaml.safe_dump(SHOP), "shop.yml", {})
    monkeypatch.setattr(home, "is_set_up", lambda: True)
    names = dag_ids.of_source(config)
    assert names == (NAME, f"{NAME}__reload", f"{NAME}__upkeep", f"{NAME}__ops")
    monkeypatch.setattr(dags, "seen", lambda source: dict.fromkeys(names))
    assert [(one.level, one.said.partition(" ")[0]) for one in of_dags(config)] == [
        (Level.WARNING, one) for one in names
    ]
    monkeypatch.setattr(dags, "seen", lambda source: {NAME: True, names[1]: False})
    assert [one.said.partition(":")[0] for one in of_dags(config)] == [
        f"{NAME}__upkeep is not there", f"{NAME}__ops is not there", f"{NAME} is paused, so its runs stay queued",
        "not paused",
    ]  # fmt: skip
    monkeypatch.setattr(dags, "seen", lambda source: {})
    assert [one.level for one in of_dags(config)] == [Level.NOTE]


@pytest.mark.slow
def test_an_airflow_that_does_not_answer_breaks_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
    monkeypatch.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", f"sqlite:///{tmp_path}/none/airflow.db")
    with pytest.raises(RetriableError, match="Airflow's database"):
        dags.seen(NAME)
    [found] = of_dags(parse(yaml.safe_dump(SHOP), "shop.yml", {}))
    assert (found.level, "couldn't be asked" in found.said) == (Level.WARNING, True)
    file = tmp_path / "shop.yml"
    file.write_text(yaml.safe_dump(SHOP))
    open_ledger(f"sqlite:///{tmp_path}/state/floodmark.db").close()
    monkeypatch.setenv("FLOODMARK_STATE", str(tmp_path / "state"))
    answer = floodmark("status", file, "--json")
    assert (answer.code, "couldn't be asked" in answer.err) == (0, True)
    said = answer.document["sources"][0]
    assert (said["paused_dags"], said["missing_dags"]) == (None, None), "nobody knows whether any is"


@pytest.mark.slow
def test_doctor_and_status_name_those_that_are_paused(
    airflow: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in airflow.settings.items():
        monkeypatch.setitem(os.environ, name, value)
    config = parse(yaml.safe_dump(SHOP), "shop.yml", {})
    [unseen] = of_dags(config)
    assert unseen.level is Level.NOTE
    file = airflow.home / "dags" / "sources" / f"{NAME}.yml"
    file.write_text(yaml.safe_dump(SHOP))
    code = airflow.home / "dags" / f"{NAME}.py"
    code.write_text(FILE)
    open_ledger(f"sqlite:///{airflow.home}/state/floodmark.db").close()
    try:
        airflow("dags", "reserialize")
        [well] = of_dags(config)
        assert (well.level, f"{NAME}__upkeep" in well.said) == (Level.OK, True)
        assert floodmark("status", file, "--json").document["sources"][0]["paused_dags"] == []
        airflow("dags", "pause", f"{NAME}__upkeep")
        paused, _ = of_dags(config)
        assert (paused.level, paused.remedy) == (Level.WARNING, f"airflow dags unpause {NAME}__upkeep")
        assert floodmark("status", file, "--json").document["sources"][0]["paused_dags"] == [f"{NAME}__upkeep"]
        assert paused.remedy in floodmark("status", file).out
        airflow(*paused.remedy.split()[1:])
        assert [one.level for one in of_dags(config)] == [Level.OK]
        with sqlite3.connect(airflow.home / "airflow.db") as database:  # as its DAG processor does after a while
            gone = "is_active = 0" if AIRFLOW_2 else "is_stale = 1"
            database.execute(f"UPDATE dag SET {gone} WHERE dag_id LIKE '{NAME}%'")
        assert {one.said.partition(" ")[0] for one in of_dags(config)} == set(dag_ids.of_source(config))
        said = floodmark("status", file, "--json").document["sources"][0]
        assert (said["paused_dags"], said["missing_dags"]) == ([], [*dag_ids.of_source(config)])
    finally:
        code.unlink()
        file.unlink()
