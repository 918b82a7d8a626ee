"""What ``bigquery: max_bytes_billed`` would stop in the next run (R20): told before the run, which it would block."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from floodmark.core.bigquery.price import billed
from floodmark.core.ports import TargetTable
from floodmark.pipeline.table_run import TableRun


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A statement that the next run sends: a step's name or a check's, with the bytes that it would process.

    ``is_job``: it changes a table, and ``what`` is its step.
    """

    what: str
    statement: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    bytes: int | None = None
    is_job: bool = False


@dataclass(frozen=True, kw_only=True)
class TooDear:
    """A statement that would bill more bytes than one job may: BigQuery refuses it, and bills nothing."""

    what: str
    statement: str
    bytes: int
    billed: int
    most: int

    def __str__(self) -> str:
        """What is too much; ``ALLOW_MORE`` says what to do."""
        return f"{self.what} would bill {self.billed:,} bytes, bigquery.max_bytes_billed is {self.most:,}"


def too_dear(run: TableRun, tables: Sequence[TargetTable], statements: Iterable[Sent]) -> tuple[TooDear, ...]:
    """Those of the statements that bill too much, where their bytes are known.

    BigQuery bills a least for each table that a statement reads (page "Pricing"), and compares the sum with
    ``maximumBytesBilled`` (page "REST resource: jobs").
    """
    most = run.config.bigquery.max_bytes_billed
    if most is None:
        return ()
    return tuple(
        TooDear(what=one.what, statement=one.statement, bytes=one.bytes, billed=bill, most=most)
        for one in statements
        if one.bytes and (bill := billed(one.bytes, _named(one.statement, tables))) > most
    )


def _named(statement: str, tables: Sequence[TargetTable]) -> int:
    return sum(table.reference in statement for table in tables)
