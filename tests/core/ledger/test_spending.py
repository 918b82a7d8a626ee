"""An account of bytes by day and step: nothing is lost or counted twice, and long ago is forgotten."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from floodmark.core.ledger.spending import KEPT, NOTHING_SPENT, RUNS, Bill, Spent, spend

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
TODAY = NOON.date()
bills = st.dictionaries(
    st.sampled_from(["apply", "late"]), st.builds(Bill, bytes=st.integers(1, 9), jobs=st.integers(1, 3)), min_size=1
)


@given(st.lists(st.tuples(bills, st.sampled_from(["one", "two", ""]), st.integers(0, 30))))
def test_days_and_steps_add_up(entries: list[tuple[dict[str, Bill], str, int]]) -> None:
    account = NOTHING_SPENT
    for found, run_id, day in sorted(entries, key=lambda entry: entry[2]):
        account = spend(account, found, run_id=run_id, now=NOON + timedelta(days=day))
    for day in {entry[2] for entry in entries}:
        total = sum(bill.bytes for found, _, on in entries if on == day for bill in found.values())
        assert account.on(TODAY + timedelta(days=day)) == total
    assert [(one.day, one.step) for one in account.days] == sorted({(one.day, one.step) for one in account.days})


def test_each_of_the_newest_runs_is_counted() -> None:
    account = spend(NOTHING_SPENT, {"apply": Bill(bytes=5, jobs=1)}, run_id="one", now=NOON)
    account = spend(account, {"keys": Bill(bytes=2, jobs=1)}, run_id="one", now=NOON)
    assert (account.of("one"), account.of("two"), account.of("")) == (7, 0, 0)
    account = spend(account, {"balance": Bill(bytes=9, jobs=1)}, run_id="", now=NOON)
    assert account.of("one") == 7, "a check of its own belongs to no run"
    account = spend(account, {"apply": Bill(bytes=1, jobs=1)}, run_id="two", now=NOON)
    assert (account.of("one"), account.of("two"), account.on(TODAY)) == (7, 1, 17), "runs may be under way side by side"
    for number in range(RUNS):
        account = spend(account, {"apply": Bill(bytes=1, jobs=1)}, run_id=str(number), now=NOON)
    assert (account.of("two"), account.of("0"), len(account.runs)) == (0, 1, RUNS)


def test_days_are_utc_and_long_ago_is_forgotten() -> None:
    late = datetime(2026, 11, 28, 23, 30, tzinfo=UTC).astimezone(tz=None)
    account = spend(NOTHING_SPENT, {"apply": Bill(bytes=5, jobs=1)}, run_id="", now=late)
    assert account.days == (Spent(day=date(2026, 11, 28), step="apply", bill=Bill(bytes=5, jobs=1)),)
    for later, kept in ((KEPT - timedelta(days=1), 2), (KEPT, 1)):
        assert len(spend(account, {"apply": Bill(bytes=1, jobs=1)}, run_id="", now=NOON + later).days) == kept
