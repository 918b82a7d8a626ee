"""Columns without numbers in the catalog: what tells that a name stands for another one (R32)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from floodmark.core.ledger.fingerprint import Change, Consequence, Fingerprint, KnownColumn, changes


def columns(listed: str, *, number: int = 0) -> tuple[KnownColumn, ...]:
    """``id v:text``: names and types, in the table's order; a number for each where the first is given."""
    told = [one.partition(":") for one in listed.split()]
    return tuple(
        KnownColumn(name=name, type=kind or "bigint", number=number and number + place)
        for place, (name, _, kind) in enumerate(told)
    )


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        ("id v w", "id v w", ""),
        ("id v w", "id w v", 'columns "v", "w" stand in another order, so one may be another of its name'),
        ("id v w", "id v w x", ""),
        ("id v w", "id x v w", ""),
        ("id v w", "id w", ""),
        ("id v w", "id w x", 'column "v" is gone, and "x" of its type came: it may be its other name'),
        ("id v:text w", "id w x", ""),
        ("", "id v w", ""),
    ],
)
def test_a_column_is_its_place_and_name_where_it_has_no_number(before: str, now: str, words: str) -> None:
    was = Fingerprint(table="shop.t", columns=columns(before))
    told = changes(was, replace(was, columns=columns(now)))
    assert told == ((Change(words=words, consequence=Consequence.VOID),) if words else ())


def test_where_columns_have_numbers_their_order_is_nothing() -> None:
    was = Fingerprint(table="shop.t", columns=columns("id v w", number=1))
    turned = tuple(reversed(was.columns))
    assert changes(was, replace(was, columns=turned)) == ()
