"""What became of columns in the source, by kind (R26, R32)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from floodmark.core.ledger.fingerprint import Fingerprint, KnownColumn
from floodmark.core.ledger.portion import Slices
from floodmark.core.ledger.read import Read, State
from floodmark.core.ledger.schema_change import retired, returning, schema_changes
from floodmark.core.schema import Carried


def column(name: str, number: int = 0, type_: str = "int8", written: str = "", *, carried: bool = True) -> KnownColumn:
    return KnownColumn(name=name, number=number, type=type_, written=written or type_, carried=carried)


def known(*columns: KnownColumn, relation: str = "1") -> Fingerprint:
    return Fingerprint(relation_id=relation, columns=columns)


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        (column("v", 2), None, 'column "v" is gone from the source'),
        (column("v", 2), column("w", 2), ""),
        (column("v", 2, carried=False), None, ""),
        (column("v", 2), column("v", 2, "text"), 'column "v" is text, and was int8'),
        (column("v", 2), column("w", 2, "text"), 'column "w" is text, and was int8'),
        (column("v", 2, "numeric", "numeric(9,2)"), column("v", 2, "numeric", "numeric(9,4)"),
         'column "v" is numeric(9,4), and was numeric(9,2)'),
        (column("v", 2, "varchar", "varchar(9)"), column("v", 2, "varchar", "varchar(3)"), ""),
        (column("v", 2, "varchar", "varchar(9)"), column("v", 2, "text", "text"), ""),
        (column("v", 2), column("v", 2, "text", carried=False), ""),
        (column("v", 2, "bpchar", "char(9)"), column("v", 2, "bpchar", "char(12)"),
         'column "v" is char(12), and was char(9)'),
        (KnownColumn(name="v", number=2), column("v", 2, "text"), ""),
        (KnownColumn(name="v", number=2, type="int8"), column("v", 2, "int8", "bigint"), ""),
    ],
)  # fmt: skip
def test_each_change_is_of_one_kind(before: KnownColumn, now: KnownColumn | None, words: str) -> None:
    changes = schema_changes(known(before), known(*([now] if now else [])))
    assert [one.words for one in changes] == ([words] if words else [])


def test_a_number_tells_nothing_of_another_table() -> None:
    [change] = schema_changes(known(column("v", 2)), known(column("w", 2), relation="9"))
    assert change.kind == "dropped"


LAST = Read(
    target="p.d.t", read_at=datetime(2026, 11, 1, tzinfo=UTC), token=1, run_id="r", portion=Slices(spans=()),
    state=State.APPLIED, watermark=None,
    columns=tuple(Carried(name=name, landing="INT64", target="INT64") for name in ("id", "v", "w")),
)  # fmt: skip
V = LAST.columns[1]


def test_what_a_read_does_not_fill_is_retired_until_it_fills_it_again_or_it_is_removed() -> None:
    some = LAST.columns[:1]
    assert retired(None, some) == ()
    assert retired(LAST, LAST.columns) == ()
    assert retired(LAST, some, ("w",)) == (V,)
    later = replace(LAST, columns=some, retired=(V,))
    assert retired(later, some) == (V,)
    assert retired(later, (*some, Carried(name="V", landing="INT64", target="INT64"))) == ()


def test_a_column_that_takes_the_place_of_a_retired_one_returns() -> None:
    later = replace(LAST, retired=(V,))
    assert returning(None, known(column("v", 9))) == ()
    assert returning(LAST, known(column("v", 9))) == ()
    assert returning(later, known(column("V", 9), column("w", 3))) == ("V",)
    assert returning(later, known(column("v", 9, carried=False))) == ()
