"""Changes of the head around a target that is wrong, another ledger's, or given up by a person (R16, R19, R26)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from floodmark.core.ledger import closing, giving_up
from floodmark.core.ledger import head as heads
from floodmark.core.ledger.effect import EffectState
from floodmark.core.ledger.head import Head, Unlawful
from floodmark.core.ledger.portion import Kind, Span
from floodmark.core.ledger.read import Added, State
from floodmark.core.schema import Carried
from tests.fakes.examples import ZERO, effect, manifest, reading


def at(hours: float) -> datetime:
    return ZERO + timedelta(hours=hours)


def held() -> Head:
    return heads.take(heads.fresh("p.d.t", UUID(int=1)), holder="me", now=ZERO)


def staged(head: Head, hours: float, *columns: str, kind: Kind = Kind.SLICE) -> Head:
    carried = tuple(Carried(name=name, landing="INT64", target="INT64") for name in columns)
    head = heads.begin(head, replace(reading(at=at(hours), token=head.token, kind=kind), columns=carried))
    return heads.stage(head, manifest(), now=at(hours))


def done(head: Head, step: str) -> Head:
    assert head.open is not None
    one = effect(step, job_id=f"{step} {head.open.read_at}")
    return heads.conclude(heads.intend(head, one), one.concluded(EffectState.DONE))


def applied(head: Head, hours: float, *columns: str, kind: Kind = Kind.SLICE) -> Head:
    head = done(heads.load(done(staged(head, hours, *columns, kind=kind), "load")), "apply")
    return heads.apply(head, now=at(hours))[0]


def test_what_makes_current_wrong_stays_until_all_of_it_is_replaced() -> None:
    head = heads.block(applied(held(), 1), "doubled", wrong=True)
    assert applied(head, 2).error == "doubled"
    assert applied(applied(head, 2), 3).error == "doubled"
    assert applied(applied(head, 2), 3, kind=Kind.RELOAD).error == ""
    assert heads.unblock(applied(head, 2)).error == ""
    assert applied(heads.unblock(head), 2).error == ""


def test_any_other_error_goes_with_the_next_read() -> None:
    assert applied(heads.block(applied(held(), 1), "no privilege"), 2).error == ""


def test_an_equal_refresh_does_not_pass_over_a_target_that_is_wrong() -> None:
    head = applied(held(), 1, kind=Kind.REFRESH)
    refreshed = staged(head, 2, kind=Kind.REFRESH)
    assert closing.is_same(refreshed.open, refreshed.last)
    wrong = staged(heads.block(head, "doubled", wrong=True), 2, kind=Kind.REFRESH)
    assert not closing.is_same(wrong.open, wrong.last)


def test_an_equal_refresh_is_as_well_verified_as_what_it_equals() -> None:
    head = done(heads.load(done(staged(held(), 1, kind=Kind.REFRESH), "load")), "apply")
    head = heads.apply(head, verified="full", now=at(1))[0]
    assert heads.same(staged(head, 2, kind=Kind.REFRESH), now=at(2))[1].verified == "full"


def test_columns_that_came_are_remembered_until_a_whole_read_or_until_they_are_gone() -> None:
    head = applied(applied(held(), 1, "a"), 2, "a", "b")
    assert head.last is not None
    assert head.last.partial == (Added(column="b", read_at=at(2)),)
    for columns, partial in ((("a", "b"), head.last.partial), (("a",), ())):
        later = applied(head, 3, *columns).last
        assert later is not None
        assert later.partial == partial
    reloaded = applied(head, 3, "a", "b", kind=Kind.RELOAD).last
    assert reloaded is not None
    assert reloaded.partial == ()


@pytest.mark.parametrize(
    ("mine", "theirs", "then"), [(None, 5, 5), (3, 5, 5), (5, 3, 5), (3, None, 3), (None, None, None)]
)
def test_an_adopted_target_is_read_after_all_that_stands_there(
    mine: float | None, theirs: float | None, then: float | None
) -> None:
    head = replace(held(), last_read_at=None if mine is None else at(mine), error="another ledger's")
    adopted = heads.adopt(head, None if theirs is None else at(theirs))
    assert (adopted.last_read_at, adopted.error) == (None if then is None else at(then), "")
    assert (adopted.coverage, adopted.version) == ((), head.version + 1)
    if then is not None:
        with pytest.raises(Unlawful, match="not after"):
            heads.begin(adopted, reading(at=at(then), token=adopted.token))


@pytest.mark.parametrize(
    "head",
    [
        heads.release(held()),
        staged(held(), 1),
        heads.begin(held(), reading(token=1)),
        heads.release(applied(held(), 1)),
        applied(held(), 1),
    ],
    ids=["without a lease", "staged", "reading", "filled and free", "filled"],
)
def test_a_head_at_work_or_with_reads_of_its_own_adopts_nothing(head: Head) -> None:
    with pytest.raises(Unlawful, match="can't be adopted"):
        heads.adopt(head, at(9))


def test_a_person_may_give_up_what_is_in_raw_but_not_what_reaches_current() -> None:
    loaded = heads.load(done(staged(held(), 1), "load"))
    with pytest.raises(Unlawful):
        giving_up.void(loaded, "no")
    assert giving_up.void(loaded, "by hand", loaded=True)[1].state is State.VOID
    assert giving_up.void(done(staged(held(), 1), "load"), "by hand", loaded=True)[1].state is State.VOID
    for stuck in (heads.intend(loaded, effect("apply")), done(loaded, "apply")):
        with pytest.raises(Unlawful):
            giving_up.void(stuck, "by hand", loaded=True)


def test_slices_that_raw_lost_are_due_until_they_are_read_whole() -> None:
    head, read = giving_up.lose(heads.load(done(staged(held(), 1), "load")), "expired")
    assert (head.open, read.state, read.error, head.error) == (None, State.VOID, "expired", "expired")
    assert head.due == tuple(span.interval for span in read.spans)
    [first] = head.due
    part = replace(reading(at=at(2), token=head.token, spans=(Span(interval=first, base=7),)))
    again = heads.stage(heads.begin(head, part), manifest(0), now=at(2))
    assert heads.apply(heads.load(again), now=at(2))[0].due == (first,)
    assert applied(head, 2).due == ()


def test_a_read_that_raw_lost_is_not_given_up_while_a_job_of_it_may_run() -> None:
    head = heads.intend(heads.load(done(staged(held(), 1), "load")), effect("apply", job_id="apply 1"))
    with pytest.raises(Unlawful, match="may still run"):
        giving_up.lose(head, "expired")


def test_a_whole_table_of_which_raw_lost_a_part_is_wrong_until_it_is_replaced() -> None:
    whole = heads.load(done(staged(applied(held(), 1), 2, kind=Kind.RELOAD), "load"))
    assert giving_up.lose(whole, "expired")[0].due == ()
    assert applied(giving_up.lose(whole, "expired")[0], 3).error == ""
    partly = giving_up.lose(done(whole, "apply"), "expired")[0]
    assert applied(partly, 3).error == "expired"
    assert applied(partly, 3, kind=Kind.RELOAD).error == ""
