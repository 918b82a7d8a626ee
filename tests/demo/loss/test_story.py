"""The ledger's story of a slice that was held back."""

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from rich.console import Console

from floodmark.core.ledger.portion import Slices, Span
from floodmark.core.ledger.read import Read, State
from floodmark.core.ledger.watermark import OpenTransaction
from floodmark.core.time.interval import Interval
from floodmark.demo.loss.story import tell

START = datetime(2026, 11, 1, 10, tzinfo=UTC)
SECOND = timedelta(seconds=1)
BATCH = OpenTransaction(pid=7, backend_start=START, since=START + 2 * SECOND, application="shop: batch")
YOUNGER = OpenTransaction(pid=8, backend_start=START, since=START + 3 * SECOND, application="shop: order")


def slice_of(number: int) -> Interval:
    return Interval(low=START + 4 * number * SECOND, high=START + 4 * (number + 1) * SECOND)


def read(number: int, *again: Span, watermark: datetime, held_by: tuple[OpenTransaction, ...] = ()) -> Read:
    """The read of one slice, at its end."""
    return Read(
        target="p.d.orders",
        read_at=slice_of(number).high,
        token=1,
        run_id=str(number),
        portion=Slices(spans=(*again, Span(interval=slice_of(number)))),
        state=State.APPLIED,
        watermark=watermark,
        held_by=held_by,
    )


HELD = read(0, watermark=START + 2 * SECOND, held_by=(YOUNGER, BATCH))
AGAIN = read(1, Span(interval=slice_of(0), base=100), watermark=START + 8 * SECOND)
EARLY = (START + SECOND, HELD.read_at)  # cursor, read_at
LATE = (START + 2 * SECOND, AGAIN.read_at)


def test_the_slice_that_gained_rows_is_told_of():
    raw = [(1, *EARLY), (2, *LATE), (3, *LATE), (1, EARLY[0], AGAIN.read_at)]
    story = tell([HELD, AGAIN], raw)
    assert story is not None
    assert (story.slice, story.first, story.again, story.rows) == (slice_of(0), HELD, AGAIN, 2)


def test_a_row_read_again_is_no_new_one():
    assert tell([HELD, AGAIN], [(1, *EARLY), (1, EARLY[0], AGAIN.read_at)]) is None


def test_a_sealed_slice_has_no_story():
    sealed = replace(HELD, watermark=slice_of(0).high)
    assert tell([sealed, AGAIN], [(1, *EARLY), (2, *LATE)]) is None


def test_the_table_names_the_oldest_holder_and_what_was_read_again():
    story = tell([HELD, AGAIN], [(1, *EARLY), (2, *LATE)])
    assert story is not None
    console = Console(width=140, file=io.StringIO())
    console.print(story.table())
    text = console.file.getvalue()
    assert "pid 7 (shop: batch), open since 10:00:02.000" in text
    assert "1 new" in text
    assert "only rows of transactions from 100 on" in text
