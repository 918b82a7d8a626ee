"""A column that the source calls otherwise is followed, or it is said why it can't be (R32)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from floodmark.core.ledger.fingerprint import Fingerprint, KnownColumn
from floodmark.core.ledger.portion import Slices
from floodmark.core.ledger.read import Added, Read, Renamed, State
from floodmark.core.ledger.renaming import Names, Renaming, in_new_names, renaming
from floodmark.core.schema import Carried

AT = datetime(2026, 11, 1, tzinfo=UTC)
KNOWN = (
    KnownColumn(name="id", number=1), KnownColumn(name="v", number=2), KnownColumn(name="w", number=3),
    KnownColumn(name="secret", number=4, carried=False), KnownColumn(name="at", number=5),
)  # fmt: skip
LAST = Read(
    target="p.d.t", read_at=AT, token=1, run_id="r", portion=Slices(spans=()), state=State.APPLIED, watermark=None,
    key=("id",), columns=tuple(Carried(name=one, landing="INT64", target="INT64") for one in ("id", "v", "w", "at")),
    partial=(Added(column="v", read_at=AT),), retired=(Carried(name="old", landing="INT64", target="INT64"),),
    fingerprint=Fingerprint(
        relation_id="7", key=("id",), cursor=("at",), soft="v, remove", partition_by="at by day", columns=KNOWN,
    ),
)  # fmt: skip
NOW = {"id": 1, "x": 2, "w": 3, "secret": 4, "at": 5}


def found(written: dict[str, str], now: dict[str, int] | None = None, target: dict[str, str] | None = None) -> Renaming:
    names = Names(relation="7", numbers=NOW if now is None else now, target=target or {})
    return renaming(LAST, written, names, frozenset({"nr"}))


def test_what_is_as_it_was_written_is_followed() -> None:
    assert found({"v": "x"}).followed == (Renamed(old="v", new="x", column="v", becomes="x"),)
    assert found({"v": "x"}, target={"x": "v"}).followed == (Renamed(old="v", new="x", column="v", becomes="v"),)


@pytest.mark.parametrize(
    ("written", "now", "reason"),
    [
        ({"v": "x"}, {"id": 1, "v": 2, "w": 3}, 'is still called so, and there is no "x"'),
        ({"v": "x"}, {"id": 1, "w": 3}, 'there is no column "x" that the catalog tells by a number'),
        ({"v": "x"}, {"id": 1, "x": 9, "w": 3}, '"x" is another column than the one that was read: take it out'),
        ({"v": "x"}, {"id": 1, "x": 9, "v": 2}, 'which is there still, "v"'),
        ({"v": "w"}, {"id": 1, "w": 2, "v": 3}, '"w" stood beside it, and took its place'),
        ({"v": "old"}, {"id": 1, "old": 2}, 'the target has a column "old" already'),
        ({"id": "nr"}, {"nr": 1}, 'rename: {"nr": "id"}'),
    ],
)
def test_what_is_not_as_it_was_written_is_refused(written: dict[str, str], now: dict[str, int], reason: str) -> None:
    refused = found(written, now)
    assert refused.followed == ()
    [(old, said)] = refused.refused
    assert old == next(iter(written))
    assert reason in said


@pytest.mark.parametrize(
    "written",
    [{}, {"never": "x"}, {"secret": "x"}, {"gone": "v"}],
    ids=["nothing", "unknown", "not carried", "followed before"],
)
def test_what_is_done_or_never_was_is_nothing(written: dict[str, str]) -> None:
    assert found(written) == Renaming()
    names = Names(relation="7", numbers=NOW, target={})
    assert renaming(None, {"v": "x"}, names) == Renaming()
    assert renaming(LAST, {"v": "x"}, replace(names, relation="8")) == Renaming()


def test_a_followed_column_whose_old_name_another_bears_since_is_nothing() -> None:
    later = in_new_names(LAST, found({"v": "x"}).followed)
    assert later.fingerprint is not None
    again = replace(later.fingerprint, columns=(*later.fingerprint.columns, KnownColumn(name="v", number=9)))
    names = Names(relation="7", numbers={**NOW, "v": 9}, target={})
    assert renaming(replace(later, fingerprint=again), {"v": "x"}, names) == Renaming()


def test_a_key_keeps_its_name_in_bigquery_where_rename_says_so() -> None:
    followed = found({"id": "nr"}, {"nr": 1}, {"nr": "id"}).followed
    later = in_new_names(LAST, followed)
    assert later.key == ("id",)
    assert later.fingerprint is not None
    assert later.fingerprint.key == ("nr",)
    assert later.fingerprint.columns[0] == KnownColumn(name="nr", number=1, renamed="id")


def test_the_last_read_is_put_in_the_names_of_now() -> None:
    followed = (*found({"v": "x"}).followed, Renamed(old="at", new="moved", column="at", becomes="moved"))
    later = in_new_names(LAST, followed)
    assert [one.name for one in later.columns] == ["id", "x", "w", "moved"]
    assert later.partial[0].column == "x"
    before = later.fingerprint
    assert before is not None
    assert (before.cursor, before.soft, before.partition_by) == (("moved",), "x, remove", "moved by day")
    assert [one.name for one in before.columns] == ["id", "x", "w", "secret", "moved"]
    assert [one.in_target for one in before.columns] == ["id", "x", "w", "secret", "moved"]
    assert in_new_names(LAST, ()) is LAST


def test_without_numbers_a_column_is_followed_by_its_place() -> None:
    assert LAST.fingerprint is not None
    known = tuple(replace(one, number=0, type="text") for one in KNOWN)
    last = replace(LAST, fingerprint=replace(LAST.fingerprint, columns=known))
    listed = tuple(replace(one, name="x" if one.name == "v" else one.name) for one in known)
    names = Names(relation="7", numbers={}, target={}, listed=listed)
    assert renaming(last, {"v": "x"}, names).followed == (Renamed(old="v", new="x", column="v", becomes="x"),)
    beside = replace(names, listed=known)
    assert renaming(last, {"v": "w"}, beside) == Renaming(), "both stand there still: a line that was left"
    of_select = replace(last, fingerprint=replace(last.fingerprint, own_select="digest"))
    [(_, said)] = renaming(of_select, {"v": "x"}, names).refused
    assert "that the catalog tells by a number" in said
    assert renaming(of_select, {"v": "w"}, beside) == Renaming()
