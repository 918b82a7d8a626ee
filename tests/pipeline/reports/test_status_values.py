"""What of a source's rows is not in current as it is: told from the ledger alone (R22, R31)."""

from __future__ import annotations

from typing import Any

import pytest

from floodmark.core.ledger.portion import Kind
from floodmark.core.unheld import Tally
from floodmark.pipeline.reports.document import document
from floodmark.pipeline.reports.status import TableStatus, status
from floodmark.pipeline.reports.words import words_of
from tests.pipeline.applied_reads import Book, at, between, config
from tests.pipeline.page.many import NOW, Shelf, applied, segment


def _status(book: Book) -> TableStatus:
    [found] = status(config(), book.ledger, at(5))
    return found


def test_a_status_says_what_is_not_in_current_as_it_is() -> None:
    book = Book()
    out, beside = (("due", 2),), (("born", 1), ("due", 1))
    staged: tuple[dict[str, Any], ...] = (
        {"quarantined": 9, "tally": Tally(held_out=(("due", 9),))},
        {"quarantined": 2, "tally": Tally(held_out=out)},
        {"quarantined": 2, "tally": Tally(held_out=out, unheld=beside), "null_cursors": 7},
        {"tally": Tally(unheld=beside), "null_cursors": 3, "future_cursors": 1},
    )
    for number, fields in enumerate(staged):
        book.apply(
            between(number, number + 1), read_at=number + 1.1, watermark=number + 1, staged=fields,
            kind=Kind.RELOAD if number == 1 else Kind.SLICE,
        )  # fmt: skip
    found = _status(book)
    assert (found.quarantined, found.held_out, found.unheld) == (4, (("due", 4),), (("born", 2), ("due", 2)))
    assert (found.null_cursors, found.future_cursors) == (3, 1)
    said = words_of(found)
    assert "4 rows held out for values that BigQuery can't hold: due: 4" in said
    assert "values that BigQuery can't hold stand in _floodmark_unheld: born: 2, due: 2" in said
    assert "3 rows without a cursor, or an infinite one: they lie in no slice" in said
    assert "1 rows with a cursor in the future: read once it has come" in said


@pytest.mark.parametrize(
    ("table", "rows", "told"),
    [("{where: paid}", 0, True), ("{where: paid}", 3, False), ("{}", 0, False), ("{where: paid}", None, False)],
)
def test_a_where_that_selects_nothing_is_told(table: str, rows: int | None, told: bool) -> None:
    """A word of another case: the source may have a million rows. ``require_rows`` would refuse it."""
    shelf = Shelf()
    shelf.put("orders", segment(0, 1), target_rows=rows, last=applied("proj.shop.orders", 0))
    [found] = status(config(table), shelf.ledger, NOW)
    said = "current holds no row: see that its where, or its own SELECT, selects what is meant"
    assert (said in words_of(found), document(found)["selects_none"]) == (told, told)
