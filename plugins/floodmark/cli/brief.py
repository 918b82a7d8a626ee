"""What would be long, in a line or three: lengths of time, sizes, lists, and who holds seals back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from floodmark.core.ledger.watermark import OpenTransaction

FEW = 3
"""So many of a list are told before it is cut."""


def length(time: timedelta) -> str:
    """``2m05s``, ``3h20m``; from two days on ``4713d6h``: nobody reads 113,118 hours."""
    seconds = int(time.total_seconds())
    if seconds >= 48 * 3600:
        return f"{seconds // 86_400:,}d{seconds % 86_400 // 3600}h"
    if seconds >= 3600:
        return f"{seconds // 3600}h{seconds % 3600 // 60:02}m"
    return f"{seconds // 60}m{seconds % 60:02}s"


def size(count: int) -> str:
    """Bytes in decimal units, as BigQuery bills them: ``812 B``, ``3.4 MB``."""
    value, unit = float(count), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if value < 1000:
            break
        value, unit = value / 1000, larger
    return f"{count} B" if unit == "B" else f"{value:.1f} {unit}"


def pace(count: int, seconds: float) -> str:
    """``3.4 MB in 2.0 s (1.7 MB/s)``; without a pace where it took no time to speak of."""
    told = f"{size(count)} in {seconds:.1f} s"
    return f"{told} ({size(round(count / seconds))}/s)" if seconds >= 0.1 and count else told


def few(words: Sequence[str]) -> list[str]:
    """The first of them, and how many more there are."""
    more = len(words) - FEW
    return [*words[:FEW], f"and {more:,} more"] if more > 0 else list(words)


def holders(tables: Iterable[tuple[str, Sequence[OpenTransaction]]], now: datetime) -> Iterator[str]:
    """Who holds seals back: the oldest, each once, with its age; ``tables`` are names and what was open."""
    whole: dict[tuple[object, ...], tuple[OpenTransaction, list[str]]] = {}
    for name, held_by in tables:
        for one in held_by:
            whole.setdefault(one.identity, (one, []))[1].append(name)
    oldest = sorted(whole.values(), key=lambda entry: _told_since(entry[0]) or datetime.max.replace(tzinfo=UTC))
    for transaction, names in oldest[:FEW]:
        since = _told_since(transaction)
        age = f", for {length(now - since)}" if since else ""
        yield f"held back by {transaction}{age}: {', '.join(few(names))}"
    if len(oldest) > FEW:
        yield f"and by {len(oldest) - FEW:,} younger ones: --json names them all"


def _told_since(transaction: OpenTransaction) -> datetime | None:
    """Since when it is known to be open: a prepared one since it was prepared."""
    return transaction.since or transaction.backend_start
