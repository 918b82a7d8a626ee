"""A DAG that is paused is named by doctor and status: what one triggers of it stays queued, and nobody is told."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from floodmark.adapters.ledger import open_ledger
from floodmark.adapters.local_airflow import dags, home
from floodmark.cli.findings.dags import of_dags
from floodmark.cli.findings.finding import Level
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
    answer = floodmark("status", file)
    assert (answer.code, "couldn't be asked" in answer.err) == (0, True)


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
    finally:
        code.unlink()
        file.unlink()
