"""What the ledger says of one read, for who checks it. No query, no key, no value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from floodmark.core.ledger.effect import Effect
from floodmark.core.ledger.portion import Span
from floodmark.core.ledger.read import Read

TOLD = 3
"""So many intervals, transactions and reasons of a read are told."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """One BigQuery job. ``billed`` is in bytes; None where the service didn't tell."""

    step: str
    state: str
    id: str
    billed: int | None


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One read. Moments are UTC."""

    read_at: datetime
    kind: str
    state: str
    intervals: tuple[str, ...]
    sealed_up_to: datetime | None
    basis: str
    why: tuple[str, ...]
    rows: int
    late: int
    held_out: int
    check: str
    took: timedelta | None
    snapshot: str
    jobs: tuple[Job, ...]
    run: str


def evidence(read: Read) -> Evidence:
    """What is shown of it."""
    place = " ".join(f"{name} {value}" for name, value in read.snapshot.place.items())
    base = "" if read.snapshot.base is None else f"xmin {read.snapshot.base} "
    return Evidence(
        read_at=read.read_at,
        kind=read.kind.value.replace("_", " "),
        state=read.state.value,
        intervals=_few(map(_interval, read.spans)),
        sealed_up_to=read.watermark,
        basis=read.basis.value,
        why=_few((*map(str, read.held_by), *read.reasons)),
        rows=read.rows,
        late=read.late,
        held_out=read.manifest.quarantined if read.manifest else 0,
        check=read.verified or "counts",
        took=read.applied_at - read.began_at if read.applied_at and read.began_at else None,
        snapshot=f"{base}{place}".strip(),
        jobs=tuple(map(_job, read.effects)),
        run=read.run_id,
    )


def _interval(span: Span) -> str:
    low, high = span.interval.low, span.interval.high
    end = f"{high:%H:%M:%S}" if high - low < timedelta(days=1) else f"{high:%d %b %H:%M:%S}"
    return f"{low:%d %b %H:%M:%S} to {end}{' again' if span.base is not None else ''}"


def _few(several: Iterable[str]) -> tuple[str, ...]:
    listed = tuple(several)
    more = len(listed) - TOLD
    return (*listed[:TOLD], *([f"and {more} more"] if more > 0 else []))


def _job(effect: Effect) -> Job:
    billed = effect.statistics.get("bytes_billed")
    return Job(
        step=effect.step, state=effect.state.value, id=effect.job_id, billed=billed if isinstance(billed, int) else None
    )
