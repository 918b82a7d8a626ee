"""The plugin as every process of Airflow loads it: found by its entry point, and light."""

from __future__ import annotations

from importlib import import_module

import pytest

from tests.airflow.conftest import AIRFLOW_2
from tests.airflow.web.plugin_as_installed import entry_points, python_path

AS_A_TASK = """
import json, sys
try:
    from airflow.sdk import plugins_manager  # a task of Airflow 3.3
except ImportError:
    from airflow import plugins_manager
before = set(sys.modules)
plugins_manager.integrate_macros_plugins()
import_errors, plugins = getattr(plugins_manager, "import_errors", None), getattr(plugins_manager, "plugins", None)
if hasattr(plugins_manager, "_get_plugins"):
    plugins, import_errors = plugins_manager._get_plugins()
print("ANSWER " + json.dumps({
    "plugins": [plugin.name for plugin in plugins], "errors": import_errors,
    "loaded": sorted(set(sys.modules) - before), "all": sorted(sys.modules),
}))
"""
LIGHT = {"airflow", "airflow.compat", "airflow.compat.plugin_base", "airflow.plugin"}


def test_the_entry_point_names_a_plugin_of_airflow():
    module, _, name = entry_points()["airflow.plugins"]["floodmark"].partition(":")
    plugin = getattr(import_module(module), name)
    assert plugin.name == "floodmark"
    assert "AirflowPlugin" in [base.__name__ for base in plugin.__mro__]


@pytest.mark.slow
def test_a_task_that_loads_it_loads_no_web_framework_and_nothing_else_of_ours(python, tmp_path):
    found = python(AS_A_TASK, PYTHONPATH=python_path(tmp_path / "installed"))
    assert found["errors"] == {}
    assert "floodmark" in found["plugins"]
    loaded = set(found["loaded"])
    assert {name.partition(".")[2] for name in loaded if name.startswith("floodmark.")} == LIGHT
    assert {name.split(".")[0] for name in loaded} & {"fastapi", "flask", "starlette", "jinja2", "pydantic"} == set()
    if not AIRFLOW_2:  # which imports Flask by itself
        assert {"fastapi", "flask"} & set(found["all"]) == set()


def test_links_have_no_leading_slash_so_that_a_proxys_prefix_comes_before_them():
    module, _, name = entry_points()["airflow.plugins"]["floodmark"].partition(":")
    views = getattr(import_module(module), name)().external_views
    assert {view["destination"]: view["href"] for view in views} == {
        "nav": "floodmark/", "dag": "floodmark/dag/{DAG_ID}", "dag_run": "floodmark/dag/{DAG_ID}/run/{RUN_ID}",
    }  # fmt: skip
    assert len({view["url_route"] for view in views}) == len(views)
