"""What is said of an Airflow that broke off."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from floodmark.adapters.local_airflow.home import python, reason

TRACEBACK = """\
Traceback (most recent call last):
  File "make.py", line 3, in <module>
psycopg2.OperationalError: connection failed

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "make.py", line 9, in <module>
    raise exc.ArgumentError(
"""


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("", "no word"),
        ("a warning\nNo module named airflow\n", "No module named airflow"),
        (f"{TRACEBACK}sqlalchemy.exc.ArgumentError: Could not parse 'u:s3cret@h'", "sqlalchemy.exc.ArgumentError"),
        (f"{TRACEBACK}sqlalchemy.exc.OperationalError: no\n(Background: s3cret)", "sqlalchemy.exc.OperationalError"),
        (f"{TRACEBACK}KeyError: 's3cret'", "KeyError"),
        ("Traceback (most recent call last):\ns3cret", "it broke off"),
    ],
)  # fmt: skip
def test_of_a_traceback_the_kind_of_error_alone_is_said(said: str, why: str) -> None:
    assert reason(said) == why


@pytest.mark.parametrize("looked_into", [True, False])
def test_a_folder_called_airflow_where_the_command_is_typed_hides_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, looked_into: bool
) -> None:
    (tmp_path / "airflow").mkdir()
    (tmp_path / "airflow" / "__init__.py").touch()
    monkeypatch.chdir(tmp_path)
    if looked_into:
        monkeypatch.syspath_prepend(str(tmp_path))
    found = "import importlib.util as it; print(it.find_spec('airflow').origin)"
    answer = subprocess.run(python("-c", found), capture_output=True, text=True, check=True).stdout
    assert answer.startswith(str(tmp_path)) is looked_into
