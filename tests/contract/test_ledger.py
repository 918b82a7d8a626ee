"""What every ledger keeps: heads by compare-and-swap, closed reads for good, everything exactly as it was given."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from uuid import uuid5

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from floodmark.core.bigquery.jobs import job_id
from floodmark.core.ledger import giving_up
from floodmark.core.ledger import head as heads
from floodmark.core.ledger.coverage import Coverage
from floodmark.core.ledger.effect import EffectState
from floodmark.core.ledger.head import Head, Unlawful
from floodmark.core.ledger.read import Read, State
from floodmark.core.ledger.swap import check_swap
from floodmark.core.ports import Conflict, Ledger
from floodmark.errors import LedgerMissing
from tests.fakes.examples import ZERO, anything, effect, manifest, reading

T = "proj.shop.orders"
NOW = datetime(2026, 11, 2, 3, 4, 5, 678901, tzinfo=UTC)


class Keeper:
    """Changes a head step by step, each stored at once."""

    def __init__(self, ledger: Ledger, target: str = T) -> None:
        self.ledger, self.head = ledger, ledger.head(target)

    def do(self, changed: Head | tuple[Head, Read]) -> Read | None:
        new, closed = changed if isinstance(changed, tuple) else (changed, None)
        self.ledger.swap(self.head, new, closed)
        self.head = new
        assert self.ledger.head(new.target) == new
        return closed

    def begin(self, hours: int = 0) -> None:
        self.do(heads.take(self.head, holder="host/1", now=NOW))
        at = ZERO + timedelta(hours=hours, microseconds=1)
        self.do(heads.begin(self.head, reading(T, at=at, token=self.head.token)))

    def finish(self) -> Read:
        """From reading to applied, with every effect before and after."""
        self.do(heads.stage(self.head, manifest(), now=NOW))
        for step in ("load", "apply"):
            assert self.head.open
            configuration = {"query": {"x": [1, 2.5, None, "é"]}, "labels": {}}
            job = effect(step, job_id=job_id(self.head, self.head.open, step, 1), configuration=configuration)
            self.do(heads.intend(self.head, job))
            self.do(heads.conclude(self.head, job.concluded(EffectState.DONE, statistics={"rows": 3})))
            if step == "load":
                self.do(heads.load(self.head))
        closed = self.do(heads.apply(self.head, now=NOW))
        assert closed
        return closed


def test_a_ledger_keeps_its_name_over_openings(place) -> None:
    first, second = place.open(), place.open()
    assert first.uuid == second.uuid
    assert first.targets() == []


def test_a_look_makes_no_ledger_and_finds_one_that_is_there(shared) -> None:
    for _ in range(2):
        with pytest.raises(LedgerMissing, match="there is none"):
            shared.look()
    made = shared.open()
    assert shared.look().uuid == made.uuid


def test_a_target_never_seen_has_a_fresh_head_and_nothing_is_written(ledger: Ledger) -> None:
    assert ledger.head(T) == Head(target=T, uuid=uuid5(ledger.uuid, T))
    assert (list(ledger.targets()), list(ledger.reads(T))) == ([], [])


def test_every_step_of_a_read_is_stored_exactly(place) -> None:
    keeper = Keeper(place.open())
    closed = []
    for number in range(3):
        keeper.begin(number)
        closed.append(keeper.finish())
        keeper.do(heads.release(keeper.head))
    other = place.open()
    assert other.head(T) == keeper.head
    assert list(other.reads(T)) == closed
    assert list(other.reads(T, newest=2)) == closed[1:]
    assert list(other.targets()) == [T]


def test_several_heads_come_in_the_order_asked_for_each_with_its_open_read(place) -> None:
    ledger = place.open()
    begun, freed = Keeper(ledger), Keeper(ledger, "p.d.b")
    begun.begin()
    begun.do(heads.stage(begun.head, manifest(), now=NOW))
    for step in ("load", "alter"):
        begun.do(heads.intend(begun.head, effect(step, job_id=f"job_{step}")))
    freed.do(heads.take(freed.head, holder="h", now=NOW))
    names = ["p.d.never", "p.d.b", T]
    assert list(place.open().heads(names)) == [ledger.head("p.d.never"), freed.head, begun.head]
    assert list(ledger.heads([])) == []


def test_a_head_stored_in_another_zone_comes_back_as_the_same_moment(ledger: Ledger) -> None:
    keeper = Keeper(ledger)
    keeper.do(heads.take(keeper.head, holder="h", now=NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))))
    found = ledger.head(T).renewed_at
    assert found == NOW


def test_of_two_changes_of_one_head_the_second_is_refused_and_changes_nothing(place) -> None:
    mine, theirs = place.open(), place.open()
    seen = mine.head(T)
    winner = heads.take(seen, holder="winner", now=NOW)
    theirs.swap(seen, winner)
    with pytest.raises(Conflict):
        mine.swap(seen, heads.take(seen, holder="loser", now=NOW))
    assert mine.head(T) == winner
    after = heads.take(winner, holder="next", now=NOW)
    mine.swap(winner, after)
    with pytest.raises(Conflict):
        theirs.swap(winner, heads.renew(winner, now=NOW))
    assert theirs.head(T) == after


def test_a_refused_swap_leaves_no_read_and_no_effect_behind(place) -> None:
    ledger = place.open()
    keeper = Keeper(ledger)
    keeper.begin()
    stale = keeper.head
    keeper.do(heads.renew(keeper.head, now=NOW))
    new, closed = giving_up.void(stale, "too late")
    with pytest.raises(Conflict):
        ledger.swap(stale, new, closed)
    assert list(ledger.reads(T)) == []
    assert ledger.head(T) == keeper.head
    closed = keeper.finish()
    assert list(ledger.reads(T)) == [closed]


def test_a_step_that_slept_through_its_lease_can_write_nothing(place) -> None:
    """R14, R16: it neither stages nor closes the read that it began."""
    ledger = place.open()
    sleeper, waker = Keeper(ledger), Keeper(ledger)
    sleeper.begin()
    waker.head = ledger.head(T)
    waker.do(heads.take(waker.head, holder="other", now=NOW))
    voided = waker.do(giving_up.void(waker.head, "its step is gone"))
    for change in (heads.stage(sleeper.head, manifest(), now=NOW), heads.release(sleeper.head)):
        with pytest.raises(Conflict):
            ledger.swap(sleeper.head, change)
    assert ledger.head(T) == waker.head
    assert list(ledger.reads(T)) == [voided]


def test_an_open_read_is_not_among_the_closed_ones(ledger: Ledger) -> None:
    keeper = Keeper(ledger)
    keeper.begin()
    assert list(ledger.reads(T)) == []
    voided = keeper.do(giving_up.void(keeper.head, "no"))
    keeper.begin(1)
    assert list(ledger.reads(T)) == [voided]
    assert voided
    assert voided.state is State.VOID


def test_targets_do_not_touch_each_other(ledger: Ledger) -> None:
    names = ["p.d.a", "p.d.a_b", "p.d.ab", "p.d.a%b", "p.d/x.é"]
    kept = {}
    for number, name in enumerate(names):
        keeper = Keeper(ledger, name)
        keeper.do(heads.take(keeper.head, holder=f"h{number}", now=NOW))
        keeper.do(heads.begin(keeper.head, reading(name, at=ZERO, token=1)))
        kept[name] = keeper.do(giving_up.void(keeper.head, name))
    assert list(ledger.targets()) == sorted(names)
    assert {name: list(ledger.reads(name)) for name in names} == {name: [kept[name]] for name in names}
    assert [ledger.head(name).holder for name in names] == ["h0", "h1", "h2", "h3", "h4"]


def test_many_reads_come_in_the_order_of_read_at(ledger: Ledger) -> None:
    keeper = Keeper(ledger)
    keeper.do(heads.take(keeper.head, holder="h", now=NOW))
    moments = [ZERO + timedelta(microseconds=step) for step in (0, 1, 10, 100_000, 1_000_000, 36_000_000_000)]
    for at in moments:
        keeper.do(heads.begin(keeper.head, reading(T, at=at, token=1)))
        keeper.do(giving_up.void(keeper.head, "x"))
    assert [read.read_at for read in ledger.reads(T)] == moments
    for newest in (0, 1, 4, 6, 7):
        assert [read.read_at for read in ledger.reads(T, newest=newest)] == moments[len(moments) - min(newest, 6) :]


def test_a_swap_that_would_lose_the_open_read_is_refused(ledger: Ledger) -> None:
    keeper = Keeper(ledger)
    keeper.begin()
    lost = replace(keeper.head, version=keeper.head.version + 1, open=None)
    with pytest.raises(Unlawful):
        ledger.swap(keeper.head, lost)
    assert ledger.head(T) == keeper.head


def test_a_swap_that_would_forget_an_intent_is_refused(ledger: Ledger) -> None:
    """R17: its job may run."""
    keeper = Keeper(ledger)
    keeper.begin()
    keeper.do(heads.stage(keeper.head, manifest(), now=NOW))
    keeper.do(heads.intend(keeper.head, effect()))
    assert keeper.head.open
    forgetful = replace(keeper.head, version=99, open=replace(keeper.head.open, effects=()))
    with pytest.raises(Unlawful):
        ledger.swap(keeper.head, forgetful)
    assert ledger.head(T) == keeper.head


def test_several_changes_may_be_stored_as_one(ledger: Ledger) -> None:
    keeper = Keeper(ledger)
    taken = heads.take(keeper.head, holder="h", now=NOW)
    begun = heads.begin(taken, reading(T, token=1))
    voided, closed = giving_up.void(begun, "at once")
    keeper.do((voided, closed))
    assert list(ledger.reads(T)) == [closed]


def _heads() -> st.SearchStrategy[tuple[Head, Read | None]]:
    opened = anything(Read, target=st.just(T), state=st.sampled_from([State.READING, State.STAGED, State.LOADED]))
    closed = anything(Read, target=st.just(T), state=st.sampled_from([State.APPLIED, State.VOID]))
    head = anything(
        Head,
        target=st.just(T),
        version=st.integers(1, 2**40),
        open=st.none() | _distinct(opened),
        last=st.none() | closed,
        coverage=anything(Coverage),
    )
    return st.tuples(head, st.none() | _distinct(closed)).filter(
        lambda pair: not (pair[0].open and pair[1] and pair[0].open.read_at == pair[1].read_at)
    )


def _distinct(reads: st.SearchStrategy[Read]) -> st.SearchStrategy[Read]:
    """Effects with a key of their own, as :func:`floodmark.core.ledger.head.intend` sees to."""

    def number(read: Read) -> Read:
        effects = tuple(replace(one, attempt=number) for number, one in enumerate(read.effects))
        return replace(read, effects=effects)

    return reads.map(number)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(pair=_heads(), next_one=_heads(), number=st.integers(0, 2**60))
def test_whatever_a_head_holds_comes_back_equal(ledger: Ledger, pair, next_one, number: int) -> None:
    target = f"{T}{number}"
    old = ledger.head(target)
    for head, closed in (pair, next_one):
        new = _named(replace(head, version=old.version + 1, uuid=old.uuid), target)
        done = replace(closed, target=target) if closed else None
        try:
            check_swap(old, new, done)
        except Unlawful:
            continue
        closed_before = {read.read_at for read in ledger.reads(target)}
        if closed_before & {read.read_at for read in (new.open, done) if read}:
            continue
        ledger.swap(old, new, done)
        assert ledger.head(target) == new
        assert done is None or done in list(ledger.reads(target))
        old = new


def _named(head: Head, target: str) -> Head:
    return replace(
        head,
        target=target,
        open=replace(head.open, target=target) if head.open else None,
        last=replace(head.last, target=target) if head.last else None,
    )
