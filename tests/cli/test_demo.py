"""``floodmark demo`` says before anything is started what it can't do without."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError

import pytest

from floodmark.cli import demo
from tests.cli.shop import floodmark


@pytest.mark.parametrize(
    ("words", "missing"), [(["--loss"], "pymysql"), ([], "pymysql, apache-airflow")], ids=["loss", "whole"]
)
def test_packages_that_are_missing_are_named_in_one_line_with_the_command_that_installs_them(
    monkeypatch: pytest.MonkeyPatch, words: list[str], missing: str
) -> None:
    found = demo.find_spec
    gone = {"pymysql", "airflow"}
    monkeypatch.setattr(demo, "find_spec", lambda module: None if module in gone else found(module))
    answer = floodmark("demo", *words)
    said = f"error: demo: needs packages that are not installed: {missing}; pip install 'floodmark[demo]'\n"
    assert (answer.code, answer.out, answer.err) == (2, "", said)


def test_a_folder_that_bears_airflows_name_is_no_airflow(monkeypatch: pytest.MonkeyPatch) -> None:
    def version(package: str) -> str:
        if package == "apache-airflow":
            raise PackageNotFoundError(package)
        return "1.0"

    monkeypatch.setattr(demo, "version", version)
    answer = floodmark("demo")
    said = "error: demo: needs packages that are not installed: apache-airflow; pip install 'floodmark[demo]'\n"
    assert (answer.code, answer.out, answer.err) == (2, "", said)


def test_an_airflow_that_is_too_old_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "version", lambda package: "2.11.1")
    answer = floodmark("demo")
    assert (answer.code, answer.out) == (2, "")
    assert "runs Airflow 3, and Airflow 2.11.1 is installed here; install it in an environment of its own" in answer.err
