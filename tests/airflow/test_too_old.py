"""An Airflow, or a common-compat provider, that is too old is refused with the reason and the remedy, before the rest.

A real Airflow 2.10 is in ``tests/airflow210``; here only the numbers are false, and what may be missing is missing.
"""

from __future__ import annotations

import pytest

PARSE = """
import json, sys
from importlib import metadata
airflow_version, compat_version = sys.argv[2:]
import airflow
airflow.__version__ = airflow_version or airflow.__version__
if compat_version:
    of = metadata.version
    def version(name):
        if name != "apache-airflow-providers-common-compat":
            return of(name)
        if compat_version == "none":
            raise metadata.PackageNotFoundError(name)
        return compat_version
    metadata.version = version
    sys.modules["airflow.providers.common.compat.sdk"] = None
try:
    exec(compile(open(sys.argv[1]).read(), sys.argv[1], "exec"), {"__file__": sys.argv[1]})
except Exception as error:
    print("ANSWER " + json.dumps([type(error).__name__, str(error).splitlines()]))
else:
    print("ANSWER " + json.dumps(["parsed", []]))
"""
AIRFLOW = "apache-airflow: {} is installed, and Floodmark needs 2.11 or later: "
COMPAT = "apache-airflow-providers-common-compat: {}, and Floodmark needs 1.13 or later: "


@pytest.mark.parametrize(
    ("airflow", "compat", "said"),
    [
        ("2.10.5", "", [AIRFLOW.format("2.10.5")]),
        ("2.10.5+composer", "1.8.0", [AIRFLOW.format("2.10.5+composer"), COMPAT.format("1.8.0 is installed")]),
        ("", "1.11.0", [COMPAT.format("1.11.0 is installed")]),
        ("", "none", [COMPAT.format("is not installed")]),
    ],
)
def test_what_is_too_old_is_the_dag_files_error_and_nothing_else_is(
    write, python, airflow: str, compat: str, said: list[str]
) -> None:
    kind, lines = python(PARSE, write(), airflow, compat)
    assert kind == "ConfigurationError"
    assert [line[: len(start)] for line, start in zip(lines, said, strict=True)] == said


def test_what_is_here_is_not_too_old(write, python) -> None:
    assert python(PARSE, write(), "", "") == ["parsed", []]
