"""One rule of CORRECTNESS.md broken at a time, in this process only."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from floodmark.adapters.postgres import catalog as postgres_catalog
from floodmark.adapters.postgres import look as postgres_look
from floodmark.adapters.postgres.reader import Reader
from floodmark.core import balance, reconcile
from floodmark.core.bigquery import googlesql, jobs
from floodmark.core.bigquery import merge as merges
from floodmark.core.ledger.balance import Balance, Census
from floodmark.core.ledger.watermark import Look, Watermark
from floodmark.pipeline import decide, first_load
from floodmark.pipeline.lease import Lease

Sabotage = Callable[[pytest.MonkeyPatch], None]


def clock_alone(patch: pytest.MonkeyPatch) -> None:
    """R4: the watermark is the clock, whoever is open."""

    def watermark_of(look: Look, **more: Any) -> Watermark:
        return Watermark(at=look.clock - more["settle"])

    patch.setattr(decide, "watermark_of", watermark_of)


def prepared_overlooked(patch: pytest.MonkeyPatch) -> None:
    """R4: nobody asks for prepared transactions."""
    patch.setattr(postgres_look, "_prepared", lambda found: ())
    patch.setattr(postgres_look, "_still_prepared", lambda found: ())


def cursor_orders(patch: pytest.MonkeyPatch) -> None:
    """R13: of two versions the one with the later cursor stands, not the one that was read later."""

    def statement(template: str, values: dict[str, Any]) -> str:
        text = googlesql.statement(template, values)
        return text.replace(
            "_floodmark_t.`_floodmark_read_at` < _floodmark_s.`_floodmark_read_at`",
            "_floodmark_t.`_floodmark_cursor` < _floodmark_s.`_floodmark_cursor`",
        )

    patch.setattr(merges, "statement", statement)


def base_too_high(patch: pytest.MonkeyPatch) -> None:
    """R10: a slice is read again from the snapshot's xmax on, so without what was in progress then."""
    take = Reader.take_snapshot

    def take_snapshot(self: Reader, *arguments: Any, **named: Any) -> None:
        take(self, *arguments, **named)
        self.xmin = self.xmax

    patch.setattr(Reader, "take_snapshot", take_snapshot)


def leaves_overlooked(patch: pytest.MonkeyPatch) -> None:
    """R11: nobody notes which physical tables a read touched."""
    patch.setattr(postgres_catalog, "leaves", lambda connection: ())


def lease_without_token(patch: pytest.MonkeyPatch) -> None:
    """R14: who writes to the ledger writes to whatever head stands there, whoever holds the lease."""
    swap = Lease._swap

    def forced(self: Lease, new: Any, closed: Any = None) -> None:
        stands = self._ledger.head(new.target)
        self._head = replace(self._head, version=stands.version, open=stands.open)
        swap(self, replace(new, version=stands.version + 1), closed)

    patch.setattr(Lease, "_swap", forced)


def ids_at_random(patch: pytest.MonkeyPatch) -> None:
    """R17: a job that is submitted again has another id than the one in the ledger."""
    recorded = jobs.recorded
    patch.setattr(jobs, "recorded", lambda effect: replace(recorded(effect), id=f"job_{secrets.token_hex(8)}"))


def last_part_proves(patch: pytest.MonkeyPatch) -> None:
    """R24: the slices take over from the last part of a first load, not from its first."""
    patch.setattr(first_load, "proving_what_the_first_did", lambda read, last: read)


def gone_overlooked(patch: pytest.MonkeyPatch) -> None:
    """R25: a reconcile looks for what is missing or changed only, and calls itself complete."""
    compare = reconcile.compare
    patch.setattr(reconcile, "compare", lambda source, target: replace(compare(source, target), deleted=()))


def missing_forgotten(patch: pytest.MonkeyPatch) -> None:
    """R36: what the comparison of both ends found to be missing, or another, is not written down."""
    patch.setattr(Balance, "missing", 0)
    patch.setattr(Balance, "differing", 0)


def deleted_forgotten(patch: pytest.MonkeyPatch) -> None:
    """R36: rows that are marked as deleted are counted as if they had to stand in current."""
    counted = balance.counted

    def all_expected(at: Any, source: Census, **more: Any) -> Any:
        return counted(at, replace(source, settled=source.settled + source.deleted, deleted=0), **more)

    patch.setattr(balance, "counted", all_expected)


@contextmanager
def sabotaged(sabotage: Sabotage) -> Iterator[None]:
    """With this rule broken."""
    with pytest.MonkeyPatch.context() as patch:
        sabotage(patch)
        yield
