"""No difference is silent over MySQL either; ``SILENCE_SHARE=ci`` tries every tenth case."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from floodmark.demo.servers.all import Database, GoogleServers
from floodmark.demo.servers.mariadb import MySQLDatabase
from tests.conftest import Datasets
from tests.silence.case import Case
from tests.silence.mysql.cases import CASES
from tests.silence.mysql.shop import MySQLShop
from tests.silence.verdict import ends_as_wanted, share

pytestmark = pytest.mark.long

GLOBALS = (
    "sql_select_limit", "system_versioning_asof", "time_zone", "sql_mode", "init_connect", "read_only",
    "tx_isolation", "max_statement_time", "max_join_size",
)  # fmt: skip


@pytest.fixture
def shop(
    tmp_path: Path, mysql_database: MySQLDatabase, datasets: Datasets, google: GoogleServers, bucket: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[MySQLShop]:  # fmt: skip
    """An empty source; what a case sets for the whole server is set back."""
    monkeypatch.setenv("AIRFLOW_CONN_SHOP_DB", mysql_database.dsn)
    monkeypatch.delenv("FLOODMARK_DSN", raising=False)
    listed = ", ".join(f"'{name}'" for name in GLOBALS)
    before = mysql_database.sql(f"SHOW GLOBAL VARIABLES WHERE variable_name IN ({listed})")
    yield MySQLShop(
        folder=tmp_path, database=cast("Database", mysql_database), datasets=datasets, google=google, bucket=bucket
    )
    for name, value in before:
        shown = value if value == "DEFAULT" or re.fullmatch(r"[\d.]+", value) else f"'{value}'"
        mysql_database.sql(f"SET GLOBAL {name} = {shown}")
    for _, _, _, name in mysql_database.sql("XA RECOVER"):
        told = name.decode() if isinstance(name, bytes) else name
        mysql_database.sql(f"XA ROLLBACK '{told}'")


@pytest.mark.parametrize("case", share(CASES, every=10, of_each_rule=False), ids=str)
def test_no_difference_is_silent(case: Case, shop: MySQLShop) -> None:
    ends_as_wanted(case, shop)


def test_no_case_stands_twice() -> None:
    names = [str(case) for case in CASES]
    assert len(set(names)) == len(names)
    assert len(CASES) >= 70
