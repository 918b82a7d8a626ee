"""The states of a read and the lease (R14-R17): two steps that may sleep, lose their lease, or be killed at any change.

The machine tells for itself which changes are lawful, from the rules' words and not from the code.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from floodmark.core.bigquery.jobs import job_id
from floodmark.core.ledger import closing, giving_up
from floodmark.core.ledger import head as heads
from floodmark.core.ledger.effect import EffectState
from floodmark.core.ledger.head import Head, Unlawful
from floodmark.core.ledger.manifest import Manifest
from floodmark.core.ledger.portion import Kind
from floodmark.core.ledger.read import Read, State
from floodmark.core.ports import Conflict
from floodmark.errors import LeaseLost
from tests.fakes.examples import ZERO, effect, hour, manifest, portion, reading
from tests.fakes.ledger import MemoryLedger

T = "p.d.t"
READ_KINDS = [kind for kind in Kind if kind is not Kind.SUMMARY]
"""Of what is read from a source; a summary's steps are others."""
NOW = ZERO + timedelta(days=1)
Changed = Head | tuple[Head, Read]

workers = st.sampled_from(["one", "two"]).flatmap(
    lambda name: st.sampled_from([name, f"{name}, awake", f"{name}, awake"])
)
crashes = st.sampled_from(["", "", "", "", "before", "after"])
steps = st.sampled_from(["alter", "load", "apply"])


class Killed(BaseException):
    """The process is gone."""


def held(head: Head) -> State | None:
    return head.open.state if head.open else None


def states(head: Head, step: str) -> list[EffectState]:
    return [one.state for one in head.open.effects if one.step == step] if head.open else []


class Steps(RuleBasedStateMachine):
    """Two steps over one ledger. ``known`` is each one's head, which may be old; None after it was killed."""

    def __init__(self) -> None:
        super().__init__()
        self.crash = ""
        self.ledger = MemoryLedger(before=self._before, after=self._after)
        self.known: dict[str, Head | None] = {"one": None, "two": None}
        self.begun: list[tuple[object, int]] = []
        self.staged_by: dict[object, int] = {}

    def _before(self, *_: Head) -> None:
        if self.crash == "before":
            raise Killed

    def _after(self, *_: Head) -> None:
        if self.crash == "after":
            raise Killed

    def head(self, who: str) -> Head:
        """What a step knows: the head as it last saw it, or the newest if it looks again first (``awake``)."""
        name, _, awake = who.partition(", ")
        if awake or self.known[name] is None:
            self.known[name] = self.ledger.head(T)
        found = self.known[name]
        assert found is not None
        return found

    def change(
        self, who: str, crash: str, change: Callable[[Head], Changed], wrong: type[Exception] | None = None
    ) -> Head | None:
        """Try a change; it must be refused with ``wrong``, or succeed. The head that is stored, if it was."""
        who = who.partition(", ")[0]
        mine = self.head(who)
        if wrong is not None:
            with pytest.raises(wrong):
                change(mine)
            return None
        changed = change(mine)
        new, closed = changed if isinstance(changed, tuple) else (changed, None)
        assert new.version == mine.version + 1
        assert new.token == mine.token + (change.__name__ == "take")
        before = self.ledger.head(T)
        fits = before.version == mine.version
        self.crash = crash
        try:
            self.ledger.swap(mine, new, closed)
        except Conflict:
            assert not fits
            self.known[who] = None
        except Killed:
            assert crash == "before" or fits
            self.known[who] = None
        else:
            assert fits
            self.known[who] = new
        finally:
            self.crash = ""
        happened = fits and crash != "before"
        assert self.ledger.head(T) == (new if happened else before)
        if happened and closed:
            assert self.ledger.reads(T)[-1] == closed
        return new if happened else None

    @rule(who=workers, crash=crashes)
    def takes(self, who: str, crash: str) -> None:
        def take(head: Head) -> Head:
            return heads.take(head, holder=who, now=NOW)

        self.head(who)
        self.change(who, crash, take)

    @rule(who=workers, crash=crashes, which=st.sampled_from(["renew", "release", "block", "unblock"]))
    def small(self, who: str, crash: str, which: str) -> None:
        self.head(who)
        more = {"renew": {"now": NOW}, "block": {"error": "no"}}.get(which, {})
        self.change(who, crash, lambda head: getattr(heads, which)(head, **more))

    @rule(
        who=workers,
        crash=crashes,
        later=st.sampled_from([1, 1, 1, 0]),
        older=st.sampled_from([False, False, False, True]),
        kind=st.sampled_from(READ_KINDS),
    )
    def begins(self, who: str, crash: str, later: int, older: bool, kind: Kind) -> None:
        head = self.head(who)
        at = (head.last_read_at or ZERO) + timedelta(microseconds=later)
        read = reading(T, at=at, token=head.token - older, kind=kind, watermark=at)
        wrong: type[Exception] | None = None
        if head.open:
            wrong = Unlawful
        elif older or not head.holder:
            wrong = LeaseLost
        elif head.last_read_at and later == 0:
            wrong = Unlawful
        if self.change(who, crash, lambda head: heads.begin(head, read), wrong):
            self.begun.append((at, head.token))

    @rule(who=workers, crash=crashes, rows=st.integers(0, 2))
    def stages(self, who: str, crash: str, rows: int) -> None:
        head = self.head(who)
        wrong: type[Exception] | None = None
        if held(head) is not State.READING:
            wrong = Unlawful
        elif head.open and head.open.token != head.token:
            wrong = LeaseLost
        found = manifest(rows) if rows else Manifest()
        new = self.change(who, crash, lambda head: heads.stage(head, found, now=NOW), wrong)
        if new and new.open:
            self.staged_by[new.open.read_at] = new.token

    @rule(who=workers, crash=crashes, step=steps, skip=st.sampled_from([0, 0, 0, 1]))
    def intends(self, who: str, crash: str, step: str, skip: int) -> None:
        head = self.head(who)
        fitting = {"load": [State.STAGED], "apply": [State.LOADED]}.get(step, [State.STAGED, State.LOADED])
        under_way = {EffectState.INTENDED, EffectState.DONE} & set(states(head, step))
        lawful = held(head) in fitting and not under_way and not skip
        attempt = len(states(head, step)) + 1 + skip
        self.change(who, crash, lambda head: heads.intend(head, effect(step, attempt)), None if lawful else Unlawful)

    @rule(
        who=workers,
        crash=crashes,
        step=steps,
        became=st.sampled_from(EffectState),
        other=st.sampled_from([False, False, False, True]),
    )
    def concludes(self, who: str, crash: str, step: str, became: EffectState, other: bool) -> None:
        head = self.head(who)
        mine = [one for one in (head.open.effects if head.open else ()) if one.step == step]
        concluded = (mine[-1] if mine else effect(step)).concluded(became, statistics={"rows": 1})
        if other:
            concluded = replace(concluded, configuration={"another": "job"})
        lawful = (
            bool(mine)
            and held(head) in (State.STAGED, State.LOADED)
            and mine[-1].state is EffectState.INTENDED
            and became is not EffectState.INTENDED
            and not other
        )
        self.change(who, crash, lambda head: heads.conclude(head, concluded), None if lawful else Unlawful)

    @rule(who=workers, crash=crashes)
    def loads(self, who: str, crash: str) -> None:
        head = self.head(who)
        done = EffectState.DONE in states(head, "load")
        lawful = held(head) is State.STAGED and head.open and (done or not head.open.rows)
        self.change(who, crash, heads.load, None if lawful else Unlawful)

    @rule(who=workers, crash=crashes)
    def applies(self, who: str, crash: str) -> None:
        """Any holder may, whoever began the read."""
        head = self.head(who)
        done = EffectState.DONE in states(head, "apply")
        nothing_to_do = bool(head.open) and not head.open.rows and head.open.kind in (Kind.SLICE, Kind.RECONCILE)
        lawful = held(head) is State.LOADED and (done or nothing_to_do)
        new = self.change(who, crash, lambda head: heads.apply(head, now=NOW), None if lawful else Unlawful)
        if new and head.open:
            assert new.last
            assert (new.last.state, new.last.read_at, new.error) == (State.APPLIED, head.open.read_at, "")
            grown = head.open.portion.covers
            assert (new.coverage != ()) or not grown
            assert new.coverage == head.coverage or grown

    @rule(who=workers, crash=crashes)
    def voids(self, who: str, crash: str) -> None:
        head = self.head(who)
        may_run = any(EffectState.INTENDED in states(head, step) for step in ("alter", "load"))
        loaded = EffectState.DONE in states(head, "load")
        lawful = held(head) in (State.READING, State.STAGED) and not may_run and not loaded
        new = self.change(who, crash, lambda head: giving_up.void(head, "why"), None if lawful else Unlawful)
        assert new is None or (new.coverage, new.last) == (head.coverage, head.last)

    @rule(who=workers, crash=crashes, kind=st.sampled_from(READ_KINDS), rows=st.sampled_from([1, 1, 0]))
    def goes_on(self, who: str, crash: str, kind: Kind, rows: int) -> None:
        """The next change on the way to an applied read: without it, few histories get that far."""
        head = self.head(who)
        state, name = held(head), {State.STAGED: "load", State.LOADED: "apply"}.get(held(head) or State.VOID, "")
        jobs = states(head, name)
        if state is None and not head.holder:
            self.takes(who=who, crash=crash)
        elif state is None:
            self.begins(who=who, crash=crash, later=1, older=False, kind=kind)
        elif state is State.READING and head.open and head.open.token == head.token:
            self.stages(who=who, crash=crash, rows=rows)
        elif state is State.READING:
            self.voids(who=who, crash=crash)
        elif EffectState.DONE in jobs:
            (self.loads if name == "load" else self.applies)(who=who, crash=crash)
        elif EffectState.INTENDED in jobs:
            self.concludes(who=who, crash=crash, step=name, became=EffectState.DONE, other=False)
        else:
            self.intends(who=who, crash=crash, step=name, skip=0)

    @rule(who=workers, kind=st.sampled_from(READ_KINDS))
    def goes_far(self, who: str, kind: Kind) -> None:
        """Several of them undisturbed."""
        for _ in range(4):
            self.goes_on(who=who, crash="", kind=kind, rows=1)

    @invariant()
    def one_read_at_a_time_and_each_under_its_own_token(self) -> None:
        head, closed = self.ledger.head(T), list(self.ledger.reads(T))
        found = [(read.read_at, read.token) for read in (*closed, *((head.open,) if head.open else ()))]
        assert found == self.begun
        assert [at for at, _ in found] == sorted({at for at, _ in found})
        tokens = dict(self.begun)
        assert all(tokens[at] == token for at, token in self.staged_by.items())
        for read in closed:
            assert read.state in (State.APPLIED, State.VOID)
            assert read.state is State.VOID or read.read_at in self.staged_by
            if read.state is State.APPLIED and read.rows:
                done = {one.step for one in read.effects if one.state is EffectState.DONE}
                assert done >= {"load", "apply"}


class TestSteps(Steps.TestCase):
    settings = settings(max_examples=60, stateful_step_count=50, deadline=None)


@pytest.mark.long
class TestStepsInFull(Steps.TestCase):
    settings = settings(max_examples=400, stateful_step_count=50, deadline=None)


def head_with(read: Read | None = None, **more) -> Head:
    given = {"target": T, "uuid": UUID(int=5), "version": 3, "token": 1, "holder": "me", "open": read}
    return Head(**(given | more))


def staged(kind: Kind = Kind.SLICE, rows: int = 1, **more) -> Read:
    return replace(reading(T, kind=kind, **more), state=State.STAGED, manifest=manifest(rows))


def test_a_lease_without_a_name_is_refused() -> None:
    """An empty holder means that the lease is free."""
    with pytest.raises(Unlawful, match="holder's name"):
        heads.take(head_with(), holder="", now=NOW)


@pytest.mark.parametrize(
    "read",
    [reading("p.d.other"), replace(reading(T), state=State.APPLIED), reading(T, effects=(effect(),))],
    ids=["another target's", "closed", "with effects"],
)
def test_only_a_fresh_read_of_this_target_can_be_begun(read: Read) -> None:
    with pytest.raises(Unlawful, match="can't be begun"):
        heads.begin(head_with(), read)


def test_a_stale_token_never_stages() -> None:
    """R16: the step that took the lease over voids the read; the one that woke up can't stage it under that lease."""
    with pytest.raises(LeaseLost, match="begun under token 1, the lease is at 2"):
        heads.stage(head_with(reading(T), token=2), manifest(), now=NOW)


def test_any_holder_may_finish_what_another_staged() -> None:
    job = effect("load").concluded(EffectState.DONE)
    head = heads.load(head_with(staged(effects=(job,)), token=2))
    head = heads.conclude(heads.intend(head, effect("apply")), effect("apply").concluded(EffectState.DONE))
    assert heads.apply(head, now=NOW)[1].state is State.APPLIED


def test_a_verdict_on_another_read_is_refused() -> None:
    with pytest.raises(Unlawful, match="verdict"):
        heads.stage(head_with(reading(T)), manifest(), verdict=reading(T, at=NOW), now=NOW)


def test_a_verdict_replaces_the_mark_and_nothing_else() -> None:
    """R3: what was seen may not be durable yet."""
    read = reading(T)
    found = heads.stage(head_with(read), manifest(), verdict=replace(read, watermark=None), now=NOW).open
    assert found == replace(read, watermark=None, state=State.STAGED, manifest=manifest(), staged_at=NOW)


def test_an_altered_table_does_not_keep_a_read_from_being_void() -> None:
    """An added column does no harm; only what was loaded, or may be, does."""
    altered = staged(effects=(effect("alter").concluded(EffectState.DONE),))
    assert giving_up.void(head_with(altered), "why")[1].state is State.VOID


def test_a_read_whose_load_is_done_is_never_void() -> None:
    done = staged(effects=(effect("load").concluded(EffectState.DONE),))
    with pytest.raises(Unlawful, match="can't be void any more"):
        giving_up.void(head_with(done), "why")


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({}, True),
        ({"portion": portion(Kind.RELOAD)}, False),
        ({"key": ("id",)}, False),
        ({"manifest": replace(manifest(), digest="e")}, False),
        ({"manifest": manifest(2)}, False),
        ({"effects": (effect(),)}, False),
    ],
    ids=["equal", "on demand", "another key", "other rows", "another count", "begun to load"],
)
def test_a_refresh_is_skipped_only_if_it_read_what_the_target_holds(change: dict, same: bool) -> None:
    """R23."""
    last = replace(staged(Kind.REFRESH, 3), state=State.APPLIED)
    head = head_with(replace(staged(Kind.REFRESH, 3, at=NOW), **change), last=last)
    assert closing.is_same(head.open, head.last) is same
    if same:
        new, closed = heads.same(head, now=NOW)
        assert (closed.state, closed.changed, new.open) == (State.APPLIED, False, None)
    else:
        with pytest.raises(Unlawful):
            heads.same(head, now=NOW)


def test_a_replacing_read_without_rows_still_has_to_be_applied() -> None:
    """R23: the source is empty now; the target is not."""
    loaded = replace(staged(Kind.REFRESH, 0), state=State.LOADED)
    with pytest.raises(Unlawful, match="no apply"):
        heads.apply(head_with(loaded), now=NOW)


def test_a_job_id_names_the_target_the_read_the_step_and_the_attempt() -> None:
    read = reading(T, at=ZERO + timedelta(microseconds=7), spans=(), watermark=hour(1).low)
    micros = int(ZERO.timestamp()) * 1_000_000 + 7
    expected = f"floodmark_{UUID(int=5).hex}_{micros}_load_2"
    assert job_id(head_with(), read, "load", 2) == expected


@pytest.mark.parametrize(
    "other", [{"configuration": {}}, {"digest": "1"}, {"location": "US"}, {"attempt": 2}, {"step": "alter"}], ids=str
)
def test_what_is_concluded_is_the_job_that_was_intended(other: dict) -> None:
    """R17: the whole job stands in the ledger; another one under its id is another's."""
    job = effect("load")
    head = head_with(staged(effects=(job,)))
    with pytest.raises(Unlawful, match="not the job that was intended"):
        heads.conclude(head, replace(job, **other).concluded(EffectState.DONE))
    assert heads.conclude(head, job.concluded(EffectState.DONE)).open
