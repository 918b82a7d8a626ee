"""Sources of many tables, with heads of a year: well, and with holes. In memory, made head by head."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from floodmark.core.config import source_file
from floodmark.core.config.source import SourceConfig
from floodmark.core.ledger.balance import Balance, Census, Counts, Keys
from floodmark.core.ledger.coverage import Segment
from floodmark.core.ledger.effect import EffectState
from floodmark.core.ledger.head import Head, fresh
from floodmark.core.ledger.portion import Kind, Span, Whole
from floodmark.core.ledger.read import Read, State
from floodmark.core.ledger.snapshot import Snapshot
from floodmark.core.ledger.totals import Totals
from floodmark.core.ledger.watermark import Basis, OpenTransaction
from floodmark.core.time.interval import Interval
from tests.fakes.examples import ZERO, effect, manifest, reading
from tests.fakes.ledger import MemoryLedger

HOUR = timedelta(hours=1)
YEAR = 8_760
NOW = ZERO + YEAR * HOUR + timedelta(minutes=20)


def config(*tables: str, start: str = "2026-11-01") -> SourceConfig:
    """A source of these tables, hourly, read since ``start``. Lines of YAML, without the two spaces before each."""
    return source_file.parse(
        "version: 1\nsource: shop\nconnection: shop_db\nstage: gs://bucket\n"
        f"bigquery: {{project: proj, location: EU, dataset: shop}}\nstart: {start}\ntables:\n"
        + "".join(f"  {table}\n" for table in tables),
        "shop.yml",
        {},
    )


def segment(low: float, high: float, *, sealed: bool = True, **more: Any) -> Segment:
    """Hours after the start."""
    interval = Interval(low=ZERO + low * HOUR, high=ZERO + high * HOUR)
    return Segment(interval=interval, watermark=interval.high if sealed else interval.low, **more)


def odd(hours: int, every: int) -> tuple[Segment, ...]:
    """Every so manieth hour is missing, or provisional."""
    segments = []
    for low in range(0, hours, every):
        segments.append(segment(low, low + every - 1))
        if low // every % 2:
            segments.append(segment(low + every - 1, low + every, sealed=False))
    return tuple(segments)


class Shelf:
    """A ledger of such heads."""

    def __init__(self) -> None:
        self.ledger = MemoryLedger()

    def put(self, table: str, *coverage: Segment, reads: int = 0, **more: Any) -> Head:
        """A table that stands so, and has been read so often."""
        target = f"proj.shop.{table}"
        closed = [applied(target, number) for number in range(reads)]
        last = replace(closed[-1], effects=()) if closed else None
        head = replace(fresh(target, self.ledger.uuid), **{"version": 1, "coverage": coverage, "last": last, **more})
        self.ledger._heads[target] = head
        self.ledger._closed[target] = {read.read_at: read for read in closed}
        return head


def applied(target: str, number: int, **more: Any) -> Read:
    """The read of an hour, applied, two minutes after its end."""
    low = ZERO + number * HOUR
    at = low + HOUR + timedelta(minutes=2)
    jobs = tuple(
        effect(step, job_id=f"floodmark_{number:08d}_{step}_1").concluded(
            EffectState.DONE, statistics={"bytes_billed": 10_485_760}
        )
        for step in ("load", "apply")
    )
    read = reading(
        target, at=at,
        spans=(Span(interval=Interval(low=low, high=low + HOUR)),), manifest=manifest(1234), effects=jobs,
        snapshot=Snapshot(base=48_210 + number, place={"lsn": "0/4BB3F20", "timeline": "1"}), began_at=at,
        applied_at=at + timedelta(seconds=9),
    )  # fmt: skip
    return replace(read, state=State.APPLIED, **more)


def holder(pid: int = 7, application: str = "billing", since: datetime = ZERO) -> OpenTransaction:
    """A transaction that is open."""
    return OpenTransaction(pid=pid, backend_start=since, since=since, application=application, user="app")


def five_hundred(*, ill: int = 0) -> tuple[SourceConfig, Shelf]:
    """Five hundred tables of a year; so many of them have a hole or a provisional hour in every day of it."""
    names = [f"some_schema_of_theirs_{number:03d}" for number in range(500)]
    shelf = Shelf()
    for number, name in enumerate(names):
        coverage = odd(YEAR, 25) if number < ill else (segment(0, YEAR),)
        shelf.put(name, *coverage, reads=3)
    return config(*(f"{name}: {{}}" for name in names)), shelf


def shop() -> tuple[SourceConfig, Shelf]:
    """Few tables, one of each kind, on the third day."""
    at = ZERO + timedelta(days=2, hours=3)
    shelf, dawdler = Shelf(), holder(4711, "billing worker 3", since=at - timedelta(hours=2, minutes=14))
    late = Totals(reads=51, late=3, late_at=at - HOUR, quarantined=2, held_out=(("amount", 2),))
    counts = Counts(at=at, source=Census(settled=9_120), current=9_100, expected=9_120, movable=0, standing=9_100)
    shelf.put("orders", segment(0, 51), reads=12, balance=_even(at))
    held = segment(48.8, 51, sealed=False, held_by=(dawdler,))
    shelf.put("items", segment(0, 48.8), held, reads=12, balance=_even(at))
    shelf.put("payments", segment(0, 20), segment(23, 51), reads=12, balance=_even(at))
    shelf.put("events", segment(0, 30, basis=Basis.ASSUMED), segment(30, 51), reads=4, totals=late, balance=_even(at))
    shelf.put("customers", segment(0, 51), reads=12, balance=Balance(counts=counts))
    shelf.put("refunds", segment(0, 40), reads=3, error="column refunds.reason is gone; write renamed, or exclude it")
    countries = applied("proj.shop.countries", 50, portion=Whole(kind=Kind.REFRESH), manifest=manifest(250))
    shelf.put("countries", last=replace(countries, effects=()), balance=_even(at))
    names = ("orders", "items", "payments", "events", "customers", "refunds", "countries", "invoices")
    return config(*(f"{name}: {{freshness: 6h}}" if name == "items" else f"{name}: {{}}" for name in names)), shelf


def _even(at: datetime) -> Balance:
    counts = Counts(at=at, source=Census(settled=9_120), current=9_120, expected=9_120, movable=0, standing=9_120)
    return Balance(counts=counts, keys=Keys(at=at))
