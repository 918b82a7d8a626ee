"""What is too old to run on, and what is said of it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from floodmark.adapters.local_airflow import floors

PYPROJECT = Path(__file__).parents[3] / "pyproject.toml"


@pytest.mark.parametrize("version", ["2.11.0", "2.11.1+composer", "2.11.0rc1", "3.0.0", "3.1.7+composer", "10.0"])
def test_an_airflow_of_the_floor_or_above_will_do(version: str) -> None:
    assert floors.problem(floors.AIRFLOW, version) is None


@pytest.mark.parametrize("version", ["2.10.5", "2.10.5+composer", "2.9.3", "1.10.15"])
def test_an_older_airflow_is_named_with_the_reason_and_the_remedy(version: str) -> None:
    assert str(floors.problem(floors.AIRFLOW, version)) == (
        f"apache-airflow: {version} is installed, and Floodmark needs 2.11 or later: "
        "the provider common-compat, as it is for older ones, lacks names that it imports; "
        "upgrade Airflow (on Composer: choose an image with Airflow 2.11.1 or 3)"
    )


@pytest.mark.parametrize(
    ("version", "found"), [("1.7.4", "1.7.4 is installed"), ("1.12.9", "1.12.9 is installed"), (None, "is not")]
)
def test_an_older_common_compat_or_none_is_named_with_the_remedy(version: str | None, found: str) -> None:
    said = str(floors.problem(floors.COMPAT, version))
    assert said.startswith(f"apache-airflow-providers-common-compat: {found}")
    assert "Floodmark needs 1.13 or later" in said
    assert said.partition("; ")[2].startswith("pip install 'apache-airflow-providers-common-compat>=1.13'")


def test_the_floors_are_those_of_the_distribution() -> None:
    wanted = tomllib.loads(PYPROJECT.read_text())["project"]["optional-dependencies"]["airflow"]
    declared = dict(re.fullmatch(r"([a-z-]+)>=([0-9.]+)", line).groups() for line in wanted if ">=" in line)  # type: ignore[union-attr]
    assert declared == {package: str(floor) for package, floor in floors.FLOORS.items()}
