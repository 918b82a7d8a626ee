"""The watermark: what a look proves, and what it doesn't (R4-R7)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from floodmark.core.ledger.watermark import Basis, Look, OpenTransaction, Watermark, holding, watermark_of

CLOCK = datetime(2026, 11, 1, 12, tzinfo=UTC)
SETTLE = timedelta(seconds=60)


def ago(seconds: float) -> datetime:
    return CLOCK - timedelta(seconds=seconds)


def transaction(since: datetime | None, pid: int = 1) -> OpenTransaction:
    return OpenTransaction(pid=pid, backend_start=ago(9999), since=since)


open_transactions = st.lists(st.integers(-200, 4000).map(lambda s: transaction(ago(s))), max_size=4).map(tuple)
durations = st.integers(0, 600).map(lambda s: timedelta(seconds=s))


def test_with_nothing_open_everything_older_than_settle_is_sealed() -> None:
    assert watermark_of(Look(clock=CLOCK), settle=SETTLE) == Watermark(at=ago(60))


def test_the_oldest_open_transaction_holds_the_mark_back() -> None:
    """12:00:00 - 300 s; the one that began 10 s ago holds nothing back, as settle does so already."""
    old, young = transaction(ago(300), 1), transaction(ago(10), 2)
    assert watermark_of(Look(clock=CLOCK, open_transactions=(young, old)), settle=SETTLE) == Watermark(
        at=ago(300), held_by=(old,)
    )


def test_skew_lies_below_both() -> None:
    """R7: an application's clock may lie behind: 300 s + 20 s."""
    look = Look(clock=CLOCK, open_transactions=(transaction(ago(300)),))
    assert watermark_of(look, settle=SETTLE, skew=timedelta(seconds=20)).at == ago(320)
    assert watermark_of(Look(clock=CLOCK), settle=SETTLE, skew=timedelta(seconds=20)).at == ago(80)


def test_a_cursor_of_whole_seconds_may_lie_a_part_of_one_before_its_start() -> None:
    """12:00:00 - 299.3 s is 11:55:00.7: who began then writes 11:55:00, cut or rounded."""
    look = Look(clock=CLOCK, open_transactions=(transaction(ago(299.3)),))
    assert watermark_of(look, settle=SETTLE, tick=timedelta(seconds=1)).at == ago(300)
    assert watermark_of(look, settle=SETTLE, tick=timedelta(milliseconds=1)).at == ago(299.3)
    assert watermark_of(Look(clock=ago(0.1)), settle=timedelta(0), tick=timedelta(seconds=1)).at == ago(1)


def test_a_blocker_means_that_nothing_is_proved() -> None:
    found = watermark_of(
        Look(clock=CLOCK, blockers=("a prepared transaction",), open_transactions=(transaction(ago(1)),)), settle=SETTLE
    )
    assert (found.at, found.reasons) == (None, ("a prepared transaction",))
    assert found.held_by == (transaction(ago(1)),)


def test_a_holder_whose_start_is_hidden_means_that_nothing_is_proved() -> None:
    assert (
        watermark_of(Look(clock=CLOCK, open_transactions=(transaction(None), transaction(ago(1)))), settle=SETTLE).at
        is None
    )


def test_what_is_taken_on_trust_makes_a_mark_assumed_and_is_named() -> None:
    assert watermark_of(Look(clock=CLOCK), settle=SETTLE).basis is Basis.PROVED
    for found in (
        watermark_of(Look(clock=CLOCK, assumptions=("hidden sessions",)), settle=SETTLE),
        watermark_of(Look(clock=CLOCK), settle=SETTLE, assumed=("hidden sessions",)),
    ):
        assert (found.basis, found.reasons) == (Basis.ASSUMED, ("hidden sessions",))


@settings(deadline=None)
@given(open_transactions, durations, durations)
def test_nothing_at_or_after_an_open_start_is_ever_sealed(open_: tuple[OpenTransaction, ...], settle, skew) -> None:
    found = watermark_of(Look(clock=CLOCK, open_transactions=open_), settle=settle, skew=skew)
    bounds = [CLOCK - settle - skew, *(one.since - skew for one in open_ if one.since)]
    assert found.at == min(bounds)


@settings(deadline=None)
@given(open_transactions, durations)
def test_whoever_holds_the_mark_back_is_named(open_: tuple[OpenTransaction, ...], settle) -> None:
    found = watermark_of(Look(clock=CLOCK, open_transactions=open_), settle=settle)
    rest = tuple(one for one in open_ if one not in found.held_by)
    assert watermark_of(Look(clock=CLOCK, open_transactions=rest), settle=settle).at == CLOCK - settle
    assert all(one.since and one.since <= CLOCK - settle for one in found.held_by)


def test_one_that_began_just_where_settle_ends_is_named_too() -> None:
    """Once the clock moves on, it is the one that holds the watermark back."""
    look = Look(clock=CLOCK, open_transactions=(transaction(ago(60)),))
    assert watermark_of(look, settle=SETTLE) == Watermark(at=ago(60), held_by=look.open_transactions)


def test_only_those_that_began_before_a_slices_end_hold_it_back() -> None:
    """And the prepared ones, whose start can't be known; with a skew, those that began so much after its end."""
    old, young, prepared = transaction(ago(300), 1), transaction(ago(100), 2), transaction(None, 0)
    assert holding((old, young, prepared), ago(300), ago(200)) == (old, prepared)
    assert holding((old, young), ago(300), ago(300)) == ()
    assert holding((old, young, prepared), None, ago(200)) == (old, prepared)
    assert holding((old, young), ago(300 + 150), ago(200)) == (old, young)
