"""What is said of an Airflow that broke off."""

from __future__ import annotations

import pytest

from floodmark.adapters.local_airflow.home import reason

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
