"""Every setting of Airflow's that the documentation names is one that Airflow 3 knows, the Helm values among them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml
from airflow.configuration import conf

from tests.airflow.conftest import AIRFLOW

DOCS = Path(__file__).parents[2] / "docs"
NAMED = re.compile(r"\[([a-z_]+)\] ([a-z_]+)`")
OF_PROVIDERS = ("celery", "celery_broker_transport_options", "kubernetes_executor")
"""Sections that only a provider brings, which is not installed here."""


def helm() -> dict[str, Any]:
    """The values for Airflow's official chart, as docs/deploy.md has them."""
    [block] = re.findall(r"```text\n(executor: .*?)```", (DOCS / "deploy.md").read_text(encoding="utf-8"), re.DOTALL)
    found = yaml.safe_load(block)
    assert isinstance(found, dict)
    return found


def named() -> set[tuple[str, str]]:
    """Section and option of each setting that stands in any page."""
    pages = "\n".join(page.read_text(encoding="utf-8") for page in DOCS.rglob("*.md"))
    of_helm = {(section, option) for section, options in helm()["config"].items() for option in options}
    return {*NAMED.findall(pages), *of_helm}


def test_the_helm_values_are_a_document_whose_texts_are_documents_too() -> None:
    values = helm()
    assert {"executor", "images", "dags", "extraEnvFrom", "workers", "config"} == set(values)
    assert yaml.safe_load(str(values["extraEnvFrom"])) == [{"secretRef": {"name": "floodmark-connections"}}]


def test_airflow_knows_each_setting() -> None:
    found = {(section, option) for section, option in named() if section not in OF_PROVIDERS}
    assert ("scheduler", "task_instance_heartbeat_timeout") in found
    assert len(found) >= 5
    if AIRFLOW >= (3, 0):  # Airflow 2 has other names for some
        assert [each for each in sorted(found) if not conf.has_option(*each)] == []
