"""The oldest Airflow and common-compat provider that Floodmark runs on; ``pyproject.toml`` says the same."""

from __future__ import annotations

import re
from dataclasses import dataclass

from floodmark.errors import Problem


@dataclass(frozen=True, kw_only=True)
class Floor:
    """The oldest version of a package, its first two numbers; why no older one; what to do about an older one."""

    oldest: tuple[int, int]
    why: str
    remedy: str

    def __str__(self) -> str:
        """As one writes it."""
        return ".".join(map(str, self.oldest))


AIRFLOW = "apache-airflow"
COMPAT = "apache-airflow-providers-common-compat"
FLOORS = {
    AIRFLOW: Floor(
        oldest=(2, 11),
        why="the provider common-compat, as it is for older ones, lacks names that it imports",
        remedy="upgrade Airflow (on Composer: choose an image with Airflow 2.11.1 or 3)",
    ),
    COMPAT: Floor(
        oldest=(1, 13),
        why="older ones lack names that it imports, or are not tested",
        remedy=f"pip install '{COMPAT}>=1.13' (on Composer: add it to the environment's PyPI packages)",
    ),
}


def problem(package: str, version: str | None) -> Problem | None:
    """Why this version of a package won't do; None where it will. ``version`` is None where it isn't installed.

    Only the first two numbers count: Composer's own builds are called ``2.11.1+composer``.
    """
    floor = FLOORS[package]
    if version is not None and tuple(map(int, re.findall(r"\d+", version)[:2])) >= floor.oldest:
        return None
    found = f"{version} is installed" if version else "is not installed"
    message = f"{found}, and Floodmark needs {floor} or later: {floor.why}"
    return Problem(file=package, path="", message=message, remedy=floor.remedy)
