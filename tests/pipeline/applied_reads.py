"""A ledger in memory with applied reads, made by the ledger's own lawful changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from floodmark.core.config import source_file
from floodmark.core.config.source import SourceConfig
from floodmark.core.ledger import head as heads
from floodmark.core.ledger.balance import Balance, Census, Counts
from floodmark.core.ledger.effect import EffectState
from floodmark.core.ledger.head import Head
from floodmark.core.ledger.portion import Span
from floodmark.core.ledger.read import Read
from floodmark.core.time.interval import Interval
from tests.fakes.examples import ZERO, effect, manifest, reading
from tests.fakes.ledger import MemoryLedger

TARGET = "proj.shop.orders"
START = ZERO


def config(table: str = "{}") -> SourceConfig:
    """A source of one table, hourly, from the first of November 2026 on."""
    return source_file.parse(
        "version: 1\nsource: shop\nconnection: shop_db\nstage: gs://bucket\n"
        "bigquery: {project: proj, location: EU, dataset: shop}\nstart: 2026-11-01\n"
        f"tables:\n  orders: {table}\n",
        "shop.yml",
        {},
    )


def at(hours: float) -> datetime:
    """So many hours after the start, UTC."""
    return START + timedelta(hours=hours)


def between(low: float, high: float) -> Interval:
    """From so many hours after the start to so many."""
    return Interval(low=at(low), high=at(high))


class Book:
    """The ledger and its one target."""

    def __init__(self) -> None:
        self.ledger = MemoryLedger()

    def _do(self, new: Head, closed: Read | None = None) -> Head:
        self.ledger.swap(self.ledger.head(TARGET), new, closed)
        return self.ledger.head(TARGET)

    def take(self) -> Head:
        """The lease, for ``me``."""
        return self._do(heads.take(self.ledger.head(TARGET), holder="me", now=datetime.now(UTC)))

    def block(self, error: str) -> None:
        """An error that stops the table."""
        self._do(heads.block(self.take(), error))

    def balance(self, **found: Any) -> None:
        """Both ends compared just now: they balance, unless ``found`` says otherwise."""
        moment = datetime.now(UTC)
        counts = Counts(at=moment, source=Census(settled=3), current=3, expected=3, movable=0, standing=3)
        self._do(heads.balanced(self.take(), Balance(**{"counts": counts, **found})))
        self._do(heads.release(self.ledger.head(TARGET)))

    def begin(self, *spans: Interval, read_at: float, watermark: float | None, **more: Any) -> Head:
        """A read of some intervals, open; moments are hours after the start."""
        head = self.take()
        read = reading(
            TARGET, at=at(read_at), token=head.token, spans=tuple(Span(interval=one) for one in spans), **more
        )
        return self._do(heads.begin(head, replace(read, watermark=None if watermark is None else at(watermark))))

    def apply(
        self,
        *spans: Interval,
        read_at: float,
        watermark: float | None,
        rows: int = 3,
        late: int = 0,
        staged: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> None:
        """The same, carried to its end; ``staged`` are fields of its manifest."""
        head = self.begin(*spans, read_at=read_at, watermark=watermark, **more)
        head = self._do(heads.stage(head, replace(manifest(rows), **(staged or {})), now=at(read_at)))
        for step, statistics in (("load", {"output_rows": rows}), ("apply", {"inserted": rows})):
            if rows:
                one = effect(step, job_id=f"job_{step}_{read_at}")
                head = self._do(heads.intend(head, one))
                head = self._do(heads.conclude(head, one.concluded(EffectState.DONE, statistics=statistics)))
            if step == "load":
                head = self._do(heads.load(head))
        head = self._do(*heads.apply(head, late=late, changed=bool(rows), now=at(read_at)))
        self._do(heads.release(head))

    def forge(self, read_at: float, **changes: Any) -> None:
        """Change a closed read behind the ledger's back."""
        closed = self.ledger._closed[TARGET]
        closed[at(read_at)] = replace(closed[at(read_at)], **changes)
