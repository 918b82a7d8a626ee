"""No difference is silent. ``SILENCE_SHARE=ci`` tries one case of each rule, and every sixth of the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from floodmark.demo.servers.all import Database, GoogleServers
from tests.conftest import Datasets
from tests.silence.case import Case
from tests.silence.cases import CASES
from tests.silence.shop import Shop
from tests.silence.verdict import ends_as_wanted, share

pytestmark = pytest.mark.long


@pytest.fixture
def shop(
    tmp_path: Path, database: Database, datasets: Datasets, google: GoogleServers, bucket: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Shop:  # fmt: skip
    """An empty source."""
    monkeypatch.setenv("AIRFLOW_CONN_SHOP_DB", database.dsn)
    monkeypatch.delenv("FLOODMARK_DSN", raising=False)
    return Shop(folder=tmp_path, database=database, datasets=datasets, google=google, bucket=bucket)


@pytest.mark.parametrize("case", share(CASES), ids=str)
def test_no_difference_is_silent(case: Case, shop: Shop) -> None:
    ends_as_wanted(case, shop)


def test_every_rule_of_the_account_has_cases_and_none_stands_twice() -> None:
    names = [str(case) for case in CASES]
    assert len(set(names)) == len(names)
    assert {f"R{number}" for number in range(29, 38)} <= {case.rule for case in CASES}
    assert len(CASES) >= 160
