"""An Airflow, or a common-compat provider, that is too old is refused with the reason and the remedy, before the rest.

A real Airflow 2.10 is in ``tests/airflow210``; here only the numbers are false, and what may be missing is missing.
"""

from __future__ import annotations

import json

import pytest

PARSE = """
import json, os, sys
from importlib import metadata
import airflow  # once; each case is a child of its own, which has loaded nothing else

def parsed(file, airflow_version, compat_version):
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
        exec(compile(open(file).read(), file, "exec"), {"__file__": file})
    except Exception as error:
        return [type(error).__name__, str(error).splitlines()]
    return ["parsed", []]

def in_a_child(*case):
    reading, writing = os.pipe()
    if os.fork() == 0:
        os.write(writing, json.dumps(parsed(*case)).encode())
        os._exit(0)
    os.close(writing)
    with open(reading) as answer:
        said = json.load(answer)
    os.wait()
    return said

print("ANSWER " + json.dumps([in_a_child(sys.argv[1], *case) for case in json.loads(sys.argv[2])]))
"""
AIRFLOW = "apache-airflow: {} is installed, and Floodmark needs 2.11 or later: "
COMPAT = "apache-airflow-providers-common-compat: {}, and Floodmark needs 1.13 or later: "


CASES = [
    ("2.10.5", "", [AIRFLOW.format("2.10.5")]),
    ("2.10.5+composer", "1.8.0", [AIRFLOW.format("2.10.5+composer"), COMPAT.format("1.8.0 is installed")]),
    ("", "1.11.0", [COMPAT.format("1.11.0 is installed")]),
    ("", "none", [COMPAT.format("is not installed")]),
]


@pytest.mark.slow
def test_what_is_too_old_is_the_dag_files_error_and_nothing_else_is(write, python) -> None:
    versions = [(airflow, compat) for airflow, compat, _ in CASES]
    *refusals, here = python(PARSE, write(), json.dumps([*versions, ("", "")]))
    for (*case, said), (kind, lines) in zip(CASES, refusals, strict=True):
        assert kind == "ConfigurationError", case
        assert [line[: len(start)] for line, start in zip(lines, said, strict=True)] == said, case
    assert here == ["parsed", []]
