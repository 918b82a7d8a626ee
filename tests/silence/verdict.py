"""Whether a case ended as it must, whatever its source."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

from tests.silence.case import Case, Equal, Refused, Told
from tests.silence.shop import Shop


def share(cases: Sequence[Case], every: int = 6, *, of_each_rule: bool = True) -> list[Case]:
    """The cases to try; with ``SILENCE_SHARE`` one in so many, and one of each rule."""
    if not os.environ.get("SILENCE_SHARE"):
        return list(cases)
    first = [case for case in {case.rule: case for case in reversed(cases)}.values() if of_each_rule]
    return [case for number, case in enumerate(cases) if case in first or number % every == 0]


def ends_as_wanted(case: Case, shop: Shop) -> None:
    """Play the case: whatever it expects, where current differs, somebody is told."""
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
