"""What follows of each change of what decided the rows (R29, R32)."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from floodmark.core.ledger.fingerprint import (
    FOLLOWS,
    CatalogPart,
    Change,
    Consequence,
    Fingerprint,
    KnownColumn,
    changes,
    excluded,
)

START = datetime(2026, 11, 1, tzinfo=UTC)
BEFORE = Fingerprint(
    table="shop.orders",
    relation="public.orders",
    relation_id="16400",
    where="id < 8",
    sync="incremental",
    key=("id",),
    key_texts=("{}",),
    cursor=("updated_at",),
    derived=("key", "sync"),
    clock="database",
    start=START,
    null_cursor="fail",
    bad_values="encode",
    columns=(KnownColumn(name="id", number=1), KnownColumn(name="email", number=2)),
    catalog=(CatalogPart(what="view public.v", digest="a"),),
)
VOID, NOTHING, REBUILT = Consequence.VOID, Consequence.NOTHING, Consequence.REBUILT


@pytest.mark.parametrize(
    ("field", "before", "now", "consequence"),
    [
        ("relation", "public.orders", "public.sales", VOID),
        ("relation_id", "16400", "16500", VOID),
        ("where", "id < 8", "", VOID),
        ("own_select", "", "digest", VOID),
        ("sync", "full", "incremental", VOID),
        ("key", ("id",), ("id", "region"), VOID),
        ("key_texts", ("{}",), ("lower({})",), VOID),
        ("cursor", ("updated_at",), ("modified_at",), VOID),
        ("timezone", "UTC", "Europe/Berlin", VOID),
        ("clock", "database", "application", VOID),
        ("clock", "application", "database", NOTHING),
        ("start", START, START - timedelta(days=1), VOID),
        ("start", START, START + timedelta(days=1), NOTHING),
        ("soft", "", "deleted_at, remove", VOID),
        ("null_cursor", "include", "ignore", VOID),
        ("null_cursor", "ignore", "include", NOTHING),
        ("bad_values", "quarantine", "encode", VOID),
        ("bad_values", "fail", "encode", NOTHING),
        ("leaving", "ignore", "delete", VOID),
        ("leaving", "delete", "ignore", NOTHING),
        ("partition_by", "", "created_at by day", REBUILT),
    ],
)
def test_each_setting_has_its_consequence(field: str, before: Any, now: Any, consequence: Consequence) -> None:
    [change] = changes(replace(BEFORE, **{field: before}), replace(BEFORE, **{field: now}))
    assert change.consequence is consequence
    assert change.words.startswith(FOLLOWS[field][0])


def test_every_field_is_judged_or_known_to_change_nothing() -> None:
    judged = {*FOLLOWS, "columns", "catalog"}
    assert {field.name for field in fields(Fingerprint)} - judged == {"table", "derived"}


def test_nothing_follows_of_what_is_the_same_or_was_unknown() -> None:
    assert changes(BEFORE, BEFORE) == ()
    assert changes(replace(BEFORE, relation_id="", start=None, key_texts=(), columns=(), catalog=()), BEFORE) == ()


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ([("id", 1), ("email", 3)], '"email" is another column of that name'),
        ([("id", 1), ("mail", 2)], 'column "email" is called "mail"'),
        ([("id", 2), ("email", 1)], '"id" is another column of that name'),
    ],
)
def test_a_column_is_its_number_not_its_name(columns: list[tuple[str, int]], words: str) -> None:
    now = replace(BEFORE, columns=tuple(KnownColumn(name=name, number=number) for name, number in columns))
    assert changes(BEFORE, now)[0] == Change(words=words, consequence=VOID)


def test_a_column_that_is_new_changes_nothing_and_one_that_was_left_out_does() -> None:
    new = replace(BEFORE, columns=(*BEFORE.columns, KnownColumn(name="phone", number=3)))
    assert changes(BEFORE, new) == ()
    without = replace(BEFORE, columns=(BEFORE.columns[0], replace(BEFORE.columns[1], carried=False)))
    assert excluded(BEFORE, without) == ("email",)
    assert changes(BEFORE, without) == ()
    assert [change.consequence for change in changes(without, BEFORE)] == [VOID]


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        ("int4", "oid", ['column "email" is oid, and was int4']),
        ("text", "public.citext", ['column "email" is public.citext, and was text']),
        ("varchar", "text", []),
        ("", "text", []),
    ],
)
def test_a_column_of_another_type_has_other_values_also_where_nothing_is_written_anew(
    before: str, now: str, words: list[str]
) -> None:
    def typed(kind: str) -> Fingerprint:
        return replace(BEFORE, columns=(BEFORE.columns[0], replace(BEFORE.columns[1], type=kind)))

    assert [change.words for change in changes(typed(before), typed(now))] == words


@pytest.mark.parametrize(
    ("changed", "counts"),
    [({"where": "email <> ''"}, True), ({"cursor": ("email",)}, True), ({"where": "emails <> ''"}, False)],
)
def test_a_column_that_is_not_carried_counts_where_it_decides_rows(changed: dict[str, Any], counts: bool) -> None:
    before = replace(BEFORE, columns=(KnownColumn(name="email", number=2, carried=False),), **changed)
    now = replace(before, columns=(KnownColumn(name="email", number=3, carried=False),))
    assert bool(changes(before, now)) is counts


def test_the_catalogs_parts_are_judged_by_their_digests() -> None:
    now = replace(BEFORE, catalog=(CatalogPart(what="view public.v", digest="b"), CatalogPart(what="x", digest="c")))
    assert changes(BEFORE, now) == (Change(words="view public.v is another now", consequence=VOID),)


def renamed(*columns: tuple[str, int, str]) -> Fingerprint:
    known = (KnownColumn(name=name, number=number, renamed=target) for name, number, target in columns)
    return replace(BEFORE, columns=tuple(known))


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        ([("a°", 1, "a")], [("a°", 1, "b")], 'rename: "a°" was called "a", and is to be "b"'),
        ([("id", 1, "")], [("id", 1, "nr")], 'rename: "id" was called "id", and is to be "nr"'),
        ([("x", 1, "y")], [("x", 1, "")], 'rename: "x" was called "y", and is to be "x"'),
        ([("x", 1, "y")], [("z", 2, "Y")], 'rename: "z" takes the name of "x", "Y"'),
        ([("x", 1, "y")], [("y", 2, "")], 'rename: "y" takes the name of "x", "y"'),
    ],
)
def test_another_name_in_the_target_has_it_made_anew(
    before: list[tuple[str, int, str]], now: list[tuple[str, int, str]], words: str
) -> None:
    assert Change(words=words, consequence=REBUILT) in changes(renamed(*before), renamed(*now))


def test_a_name_for_a_column_that_is_new_or_was_left_out_changes_nothing_that_stands() -> None:
    before, now = renamed(("id", 1, "")), renamed(("id", 1, ""), ("a°", 2, "a"))
    assert changes(before, now) == ()
    left_out = replace(before, columns=(*before.columns, KnownColumn(name="a°", number=2, carried=False)))
    assert [change.consequence for change in changes(left_out, now)] == [VOID]  # its values are in no row yet


def test_a_column_that_keeps_its_name_in_the_target_is_no_other_for_being_renamed_in_the_source() -> None:
    assert [one.consequence for one in changes(renamed(("x", 1, "y")), renamed(("z", 1, "y")))] == [VOID]


def test_what_leaves_is_named_as_the_target_calls_it() -> None:
    now = replace(BEFORE, columns=(KnownColumn(name="a°", number=1, carried=False, renamed="a"),))
    assert excluded(renamed(("a°", 1, "a")), now) == ("a",)


@pytest.mark.parametrize(
    ("before", "now", "consequence"),
    [
        (("", "STRING"), ("NUMERIC", "NUMERIC"), REBUILT),
        (("NUMERIC", "NUMERIC"), ("", "STRING"), REBUILT),
        (("NUMERIC", "NUMERIC"), ("BIGNUMERIC", "BIGNUMERIC"), VOID),
        (("BIGNUMERIC", "BIGNUMERIC"), ("NUMERIC", "NUMERIC"), REBUILT),
        (("", "INT64"), ("NUMERIC", "NUMERIC"), VOID),
        (("NUMERIC", "NUMERIC"), ("NUMERIC(12, 2)", "NUMERIC(12, 2)"), REBUILT),
        (("NUMERIC(12, 2)", "NUMERIC(12, 2)"), ("NUMERIC(14, 4)", "NUMERIC(14, 4)"), VOID),
        (("NUMERIC(12, 2)", "NUMERIC(12, 2)"), ("BIGNUMERIC", "BIGNUMERIC"), VOID),
        (("NUMERIC(12, 2)", "NUMERIC(12, 2)"), ("NUMERIC(5, 2)", "NUMERIC(5, 2)"), REBUILT),
        (("JSON", "JSON"), ("JSON (round)", "JSON"), VOID),
        (("TIMESTAMP (UTC)", "TIMESTAMP"), ("TIMESTAMP (Europe/Berlin)", "TIMESTAMP"), VOID),
        (("", ""), ("NUMERIC", "NUMERIC"), REBUILT),
    ],
)
def test_another_chosen_type_has_the_target_made_anew_unless_it_can_be_widened(
    before: tuple[str, str], now: tuple[str, str], consequence: Consequence
) -> None:
    def typed(chosen: tuple[str, str], mask: str = "") -> Fingerprint:
        column = replace(BEFORE.columns[1], chosen=chosen[0], target=chosen[1], mask=mask)
        return replace(BEFORE, columns=(BEFORE.columns[0], column))

    words = f'types: "email": {before[0] or before[1] or "its own"} -> {now[0] or now[1]}'
    assert changes(typed(before), typed(now)) == (Change(words=words, consequence=consequence),)
    assert changes(typed(before), typed(before)) == ()
    assert changes(typed(before, "redact"), typed(now, "redact")) == ()


def test_a_column_that_comes_or_goes_with_its_chosen_type_is_no_other_type() -> None:
    typed = replace(BEFORE.columns[1], chosen="JSON", target="JSON")
    new = replace(BEFORE, columns=(*BEFORE.columns, replace(typed, name="payload", number=9)))
    assert changes(BEFORE, new) == ()
    left_out = replace(BEFORE, columns=(BEFORE.columns[0], replace(typed, carried=False)))
    assert [one.words for one in changes(BEFORE, left_out)] == []
