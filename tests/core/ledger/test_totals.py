"""What a table's applied reads come to."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from floodmark.core.ledger.manifest import Manifest
from floodmark.core.ledger.portion import Kind, Reconcile, Reconciled
from floodmark.core.ledger.read import Read
from floodmark.core.ledger.totals import NO_TOTALS, RELOADED, RELOADS, Reloaded, totals_after
from floodmark.core.unheld import Tally
from tests.fakes.examples import ZERO, reading

HOUR = timedelta(hours=1)


def _read(number: int = 0, **changes: object) -> Read:
    return replace(reading("p.d.t", at=ZERO + number * HOUR), **changes)  # type: ignore[arg-type]


def test_late_rows_add_up_and_the_last_read_that_had_some_is_named() -> None:
    totals = NO_TOTALS
    for number, late in enumerate((2, 3, 0)):
        totals = totals_after(totals, _read(number, late=late))
    assert (totals.reads, totals.late, totals.late_at) == (3, 5, ZERO + HOUR)


def test_a_whole_read_begins_what_is_held_out_anew() -> None:
    bad = Manifest(quarantined=2, tally=Tally(held_out=(("due", 2),), unheld=(("born", 1),)))
    twice = totals_after(totals_after(NO_TOTALS, _read(manifest=bad)), _read(1, manifest=bad))
    assert (twice.quarantined, twice.held_out, twice.unheld) == (4, (("due", 4),), (("born", 2),))
    whole = totals_after(twice, reading("p.d.t", at=ZERO + 2 * HOUR, kind=Kind.RELOAD))
    assert (whole.quarantined, whole.held_out, whole.unheld) == (0, (), ())


def test_a_reconcile_says_nothing_of_cursors_nor_of_what_is_proved() -> None:
    seen = Manifest(null_cursors=7, future_cursors=1)
    before = totals_after(NO_TOTALS, _read(manifest=seen, reasons=("a reason",)))
    reconciled = Reconcile(reconciled=Reconciled())
    after = totals_after(before, _read(1, portion=reconciled, manifest=Manifest(), reasons=("another",)))
    assert (after.null_cursors, after.future_cursors, after.reasons) == (7, 1, ("a reason",))
    assert totals_after(after, _read(2)).reasons == ()


def test_the_newest_reloads_that_the_source_made_necessary_are_remembered() -> None:
    totals = NO_TOTALS
    for number in range(RELOADS + 2):
        totals = totals_after(totals, _read(number, reasons=(f"{RELOADED}{number}", "something else")))
    assert len(totals.reloads) == RELOADS
    assert totals.reloads[-1] == Reloaded(read_at=ZERO + 9 * HOUR, reason=f"{RELOADED}9")
