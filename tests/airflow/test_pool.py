"""The one-slot pool of a Cloud SQL instance: made by a command, examined by doctor, on this very Airflow."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from floodmark.adapters.local_airflow import pool as pools
from floodmark.cli.findings.finding import Level
from floodmark.cli.findings.pool import of_pool
from floodmark.core.config.source_file import parse
from tests.airflow.conftest import SOURCE
from tests.cli.shop import floodmark

CLOUD = SOURCE | {"adapter": "cloudsql", "cloudsql": {"instance": "shop", "database": "shop"}, "pool": "one-by-one"}


def config(**changes: Any) -> Any:
    kept = {name: value for name, value in (CLOUD | changes).items() if value is not None}
    return parse(yaml.safe_dump(kept), "shop.yml", {})


def test_a_source_without_a_pool_is_told_how_to_have_one_and_another_source_nothing() -> None:
    [found] = of_pool(config(pool=None))
    assert (found.level, found.remedy) == (Level.WARNING, "write pool: cloudsql-shop, then: floodmark pool shop")
    assert of_pool(config(adapter=None, cloudsql=None)) == []


def test_a_source_without_an_instance_or_a_pool_needs_none(tmp_path: Path) -> None:
    for changes, words in (({"pool": None}, "pool: is not there"), ({"adapter": None, "cloudsql": None}, "cloudsql")):
        file = tmp_path / "shop.yml"
        file.write_text(yaml.safe_dump({name: one for name, one in (CLOUD | changes).items() if one is not None}))
        answer = floodmark("pool", file)
        assert (answer.code, words in answer.err) == (2, True)


@pytest.mark.slow
def test_the_command_makes_it_and_doctor_sees_its_slots(
    airflow: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in airflow.settings.items():
        monkeypatch.setitem(os.environ, name, value)
    file = tmp_path / "shop.yml"
    file.write_text(yaml.safe_dump(CLOUD))
    [missing] = of_pool(config())
    assert (missing.level, missing.remedy) == (Level.FAILED, "floodmark pool shop")
    airflow("pools", "set", "one-by-one", 5, "too many")
    [many] = of_pool(config())
    assert (many.level, many.said) == (Level.WARNING, "one-by-one has 5 slots, an instance does one operation")
    assert floodmark("pool", file).out == "pool one-by-one has 1 slot\n"
    assert pools.slots("one-by-one") == 1
    assert [found.level for found in of_pool(config())] == [Level.OK]
