"""Where a table stands, in words: what people read of its status."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from floodmark.core.ledger.forgotten import Forgotten
from floodmark.core.time.interval import Interval
from floodmark.pipeline.reports.status import TableStatus

IDLE = "idle"


def words_of(table: TableStatus) -> list[str]:
    """What there is to say of it, the worst first; ``idle`` where there is nothing."""
    words = []
    if table.error:
        words.append(f"blocked: {table.error}")
    if table.first_load:
        words.append(table.first_load)
    if table.under_way:
        words.append(f"open: {table.under_way}")
    if table.holder:
        words.append(f"lease: {table.holder}, renewed {table.renewed_at:%Y-%m-%d %H:%M:%S}")
    if not words and table.last_read_at is None:
        words.append("never read")
    if table.selects_none:
        words.append("current holds no row: see that its where, or its own SELECT, selects what is meant")
    words.extend(table.balance)
    words.extend(table.reasons)
    words.extend(
        f"column {one.column} added at {one.read_at:%Y-%m-%d %H:%M:%S}: older rows are NULL in it until a reload"
        for one in table.partial
    )
    words.extend(
        f"column {name} is filled by nothing of the source any more: rows read since are NULL in it"
        for name in table.retired
    )
    words.extend(_bad_values(table))
    words.extend(_forgotten(table.forgotten))
    words.extend([f"history: {table.history}"] if table.history else [])
    if table.behind:
        words.append(f"behind: {interval_words(table.behind)}")
    return words or [IDLE]


def _bad_values(table: TableStatus) -> Iterator[str]:
    """What of the source's rows is not in current as it is (R22, R31)."""
    if table.quarantined:
        yield f"{table.quarantined} rows held out for values that BigQuery can't hold: {_counted(table.held_out)}"
    if table.unheld:
        yield f"values that BigQuery can't hold stand in _floodmark_unheld: {_counted(table.unheld)}"
    if table.null_cursors:
        yield f"{table.null_cursors} rows without a cursor, or an infinite one: they lie in no slice"
    if table.future_cursors:
        yield f"{table.future_cursors} rows with a cursor in the future: read once it has come"


def _forgotten(forgotten: Forgotten) -> Iterator[str]:
    if forgotten.acts:
        yield f"{len(forgotten.digests)} keys forgotten, last on {forgotten.acts[-1].at:%Y-%m-%d %H:%M:%S}"
    if forgotten.returned_at:
        yield (
            f"{forgotten.returned} rows of forgotten keys came again, last in the read of "
            f"{forgotten.returned_at:%Y-%m-%d %H:%M:%S}: delete them in the source, then forget them again"
        )


def _counted(counts: Sequence[tuple[str, int]]) -> str:
    return ", ".join(f"{column}: {rows}" for column, rows in counts)


def interval_words(interval: Interval) -> str:
    """To the second, UTC."""
    return f"{interval.low:%Y-%m-%d %H:%M:%S} .. {interval.high:%Y-%m-%d %H:%M:%S}"
