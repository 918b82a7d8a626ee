"""No difference is silent. ``SILENCE_SHARE=ci`` tries one case of each rule, and every sixth of the others."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from floodmark.demo.servers.all import Database, GoogleServers
from tests.conftest import Datasets
from tests.silence.case import Case, Equal, Refused, Told
from tests.silence.cases import CASES
from tests.silence.shop import Shop

pytestmark = pytest.mark.long


def share(cases: tuple[Case, ...]) -> list[Case]:
    """The cases to try."""
    if not os.environ.get("SILENCE_SHARE"):
        return list(cases)
    first = {case.rule: case for case in reversed(cases)}
    return [case for number, case in enumerate(cases) if case is first[case.rule] or number % 6 == 0]


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
    shop.sql(f"CREATE TABLE t ({case.columns})")
    shop.write(table=case.table, source=case.source)
    for step in case.steps:
        step(shop)
    proof, status, words = shop.verdict()
    differs = ""
    if not (isinstance(case.want, Equal) and case.want.columns):
        differs = shop.differences(key=case.key, where=case.where, deleted=case.deleted, left_out=case.left_out)
    refused = [answer.err + answer.out for answer in shop.said if answer.code]
    told = proof.code or any("all but" in one["says"] for one in proof.document["tables"])
    assert not differs or told or status.code or not shop.current_columns(), f"silent: {differs}\n{words}"
    match case.want:
        case Equal(columns=""):
            assert not differs, f"{differs}\n{words}"
        case Equal(columns=columns, rows=rows):
            assert shop.current(columns) == list(rows), words
        case Refused(words=pattern):
            assert any(re.search(pattern, text) for text in refused), f"nobody said {pattern!r}: {refused}"
        case Told(words=pattern):
            assert told, words
            assert re.search(pattern, words), f"nobody said {pattern!r}: {words}"


def test_every_rule_of_the_account_has_cases_and_none_stands_twice() -> None:
    names = [str(case) for case in CASES]
    assert len(set(names)) == len(names)
    assert {f"R{number}" for number in range(29, 38)} <= {case.rule for case in CASES}
    assert len(CASES) >= 160
