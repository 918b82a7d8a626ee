"""A source's pool, examined by doctor on this very Airflow; of a Cloud SQL instance it is made by a command."""

from __future__ import annotations

import os
import shlex
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
PLAIN = {"adapter": None, "cloudsql": None}


def config(**changes: Any) -> Any:
    kept = {name: value for name, value in (CLOUD | changes).items() if value is not None}
    return parse(yaml.safe_dump(kept), "shop.yml", {})


def test_a_source_without_a_pool_is_told_how_to_have_one_and_another_source_nothing() -> None:
    [found] = of_pool(config(pool=None))
    assert (found.level, found.remedy) == (Level.WARNING, "write pool: cloudsql-shop, then: floodmark pool shop")
    assert of_pool(config(**PLAIN, pool=None)) == []


def test_a_source_without_an_instance_or_a_pool_needs_none(tmp_path: Path) -> None:
    for changes, words in (({"pool": None}, "pool: is not there"), ({"adapter": None, "cloudsql": None}, "cloudsql")):
        file = tmp_path / "shop.yml"
        file.write_text(yaml.safe_dump({name: one for name, one in (CLOUD | changes).items() if one is not None}))
        answer = floodmark("pool", file)
        assert (answer.code, words in answer.err) == (2, True)


def test_an_airflow_that_was_never_set_up_is_not_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
    [found] = of_pool(config())
    assert (found.level, found.remedy) == (Level.NOTE, "floodmark pool shop")
    assert list(tmp_path.iterdir()) == []


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


@pytest.mark.slow
def test_any_pool_that_is_named_must_be_there_with_the_slots_that_a_task_takes(
    airflow: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in airflow.settings.items():
        monkeypatch.setitem(os.environ, name, value)
    [missing] = of_pool(config(**PLAIN, pool="our own"))
    assert (missing.level, missing.said) == (Level.FAILED, "our own is not there, so no task of the source begins")
    airflow(*shlex.split(missing.remedy)[1:])
    assert [found.said for found in of_pool(config(**PLAIN, pool="our own"))] == ["our own has 8 slots"]
    wide = SOURCE["tables"] | {"orders": {"pool_slots": 9}}
    [narrow] = of_pool(config(**PLAIN, pool="our own", tables=wide))
    assert (narrow.level, "orders takes 9" in narrow.said) == (Level.FAILED, True)
    airflow(*shlex.split(narrow.remedy.partition(", or")[0])[1:])
    assert [found.level for found in of_pool(config(**PLAIN, pool="our own", tables=wide))] == [Level.OK]
    wider = SOURCE["tables"] | {"orders": {"pool_slots": 129}}
    [of_airflow] = of_pool(config(**PLAIN, pool=None, tables=wider))
    assert "default_pool has 128 slots" in of_airflow.said
