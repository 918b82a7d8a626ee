"""Columns without numbers in the catalog: what tells that a name stands for another one (R32)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from floodmark.core.ledger.fingerprint import Change, Consequence, Fingerprint, KnownColumn, changes
from floodmark.core.ledger.unnumbered import not_renamed


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


@pytest.mark.parametrize(
    ("before", "now", "written", "reason"),
    [
        ("id v w", "id x w", {"v": "x"}, ""),
        ("id v w", "id x y w", {"v": "x"}, ""),
        ("id v w", "a id x w b", {"v": "x"}, ""),
        ("id v w", "id x", {"v": "x"}, ""),
        ("id v w", "id x y", {"v": "x", "w": "y"}, ""),
        ("id v w", "id v w", {"v": "w"}, ""),
        ("id v w", "id v w", {"v": "x"}, 'it is still called so, and there is no "x": write it once it is renamed'),
        ("id v w", "id w", {"v": "x"}, 'there is no column "x"'),
        ("id v w", "id v w x", {"v": "x"}, '"x" is another column, since "v" is there still: take it out'),
        ("id v w", "id w", {"v": "w"}, '"v" and "w" stood beside each other, and nothing tells which of them "w" is'),
        ("id v w", "id x:text w", {"v": "x"}, '"x" is text, and it was bigint, so it may be another column'),
        ("id v w", "id w x", {"v": "x"}, '"x" stands elsewhere than "v" stood: take it out'),
        ("id v w", "id y x", {"v": "x", "w": "y"}, '"x" stands elsewhere than "v" stood: take it out'),
    ],
)
def test_a_column_is_called_otherwise_where_its_place_and_type_say_so_too(
    before: str, now: str, written: dict[str, str], reason: str
) -> None:
    told = not_renamed(columns(before), columns(now), written, "v")
    assert told.startswith(reason)
    assert bool(told) == bool(reason)
