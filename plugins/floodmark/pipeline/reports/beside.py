"""What is billed beside the merge (R20): every question that a run asks, and those of a day, with their prices."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from floodmark.core.balance import Depth, every
from floodmark.core.bigquery import checksum_sql, reconcile_sql
from floodmark.core.bigquery import merge as merges
from floodmark.core.bigquery.googlesql import statement
from floodmark.core.bigquery.price import MONTH, billed, price
from floodmark.core.ledger import coverage as coverages
from floodmark.core.ledger.head import Head
from floodmark.core.ledger.read import Read
from floodmark.core.reconcile import MOST_BITS
from floodmark.core.time.units import DAY
from floodmark.pipeline import extent, returned, verify
from floodmark.pipeline.check_keys import each_run
from floodmark.pipeline.table_run import TableRun


@dataclass(frozen=True, kw_only=True)
class Billed:
    """A question beside the merge (R25, R28): what it processes each time, and its price per month.

    ``seldom``: asked only where something is out of order; it has no price by the month. ``sized``: it comes as often
    as its bytes allow (R36); ``refused``: the table's ``reconcile_bytes`` never allow it, so that it costs nothing.
    It looks at so many ``tables``, each of which bills BigQuery's least.
    """

    what: str
    statement: str
    every: timedelta
    parameters: Mapping[str, str] = field(default_factory=dict)
    seldom: bool = False
    sized: bool = False
    refused: bool = False
    tables: int = 1
    bytes: int | None = None
    price: float | None = None


def beside(run: TableRun, head: Head, read: Read, merge: merges.Merge) -> Iterator[Billed]:
    """All of them, in the order in which they are asked."""
    yield from _each_run(run, head, read, merge)
    if merge.key:
        yield Billed(what="keys in all", statement=merges.keys_doubled(merge, whole=True), every=DAY)
    known = {column.name for column in head.last.columns} if head.last else set()
    columns = [column.name for column in merge.columns if column.name in {*merge.key, *known}]
    if run.table.deletes.how == "reconcile":
        sums, nothing = reconcile_sql.sums(merge, columns, MOST_BITS), reconcile_sql.leaving_out(())
        yield Billed(what="reconcile: counts", statement=reconcile_sql.extent(merge, run.start), every=DAY)
        yield Billed(what="reconcile: rows", statement=sums, every=DAY, parameters=nothing)
        yield Billed(
            what="where they differ", statement=reconcile_sql.rows(merge, columns, MOST_BITS), every=DAY,
            parameters=reconcile_sql.looking_into((0,)), seldom=True,
        )  # fmt: skip
    yield from _balance(run, head, read, merge, columns)


def _each_run(run: TableRun, head: Head, read: Read, merge: merges.Merge) -> Iterator[Billed]:
    each, level = run.table.cadence.mean, run.table.verify
    held = statement("raw_held.sql", {"raw": merge.raw, "read_at": read.read_at})
    yield Billed(what="raw held", statement=held, every=each)
    if merge.key and not read.unique:
        yield Billed(what="keys read", statement=merges.read_keys_doubled(merge), every=each)
    if recheck := [span.interval for span in read.portion.wanted or () if span.recheck]:
        yield Billed(what="late rows, if any", statement=merges.late(merge, recheck), every=each, seldom=True)
    for one in returned.questions(run, head, read):
        yield Billed(what="forgotten keys", statement=one.statement, parameters=one.parameters, every=each)
    if each_run(merge, head.target_rows):
        yield Billed(what="keys touched", statement=merges.keys_doubled(merge), every=each)
    if level != "none":
        for what, sql in verify.questions(merge, level):
            yield Billed(what=f"{level}, {what}", statement=sql, every=each)


def _balance(run: TableRun, head: Head, read: Read, merge: merges.Merge, columns: list[str]) -> Iterator[Billed]:
    """The daily comparison of both ends, as deep as the table's goes (R36)."""
    depth, nothing = Depth(run.table.balance), reconcile_sql.leaving_out(())
    sealed = coverages.sealed(head.coverage)
    if depth.reaches(Depth.COUNTS) and sealed:
        counts = extent.question(run, head)
        yield Billed(what="balance: counts", statement=counts, every=DAY)
    if read.portion.replaces and not read.spans and depth.reaches(Depth.ROWS):
        whole = checksum_sql.content(merge, read.read_at)
        yield Billed(what="balance: content", statement=whole, every=DAY, sized=True, tables=2)
    if not sealed:
        return
    if merge.key and depth.reaches(Depth.KEYS):
        keys = reconcile_sql.sums(merge, merge.key, MOST_BITS, keys_only=True)
        yield Billed(what="balance: keys", statement=keys, every=DAY, parameters=nothing, sized=True)
    if (merge.key or read.append) and depth.reaches(Depth.ROWS):
        rows = reconcile_sql.sums(merge, columns, MOST_BITS)
        yield Billed(what="balance: rows", statement=rows, every=DAY, parameters=nothing, sized=True)


def priced(one: Billed, dry_run: Callable[..., int], limit: int | None, price_per_tib: float) -> Billed:
    """With its bytes, how often it comes by them, and its price; ``limit`` is the table's ``reconcile_bytes``."""
    processed = dry_run(one.statement, one.parameters)
    interval = every(processed, limit) if one.sized else one.every
    if interval is None:
        return replace(one, bytes=processed, refused=True)
    if one.seldom:
        return replace(one, bytes=processed)
    each = price(billed(processed, one.tables if processed else 0), price_per_tib)
    return replace(one, bytes=processed, every=interval, price=each * (MONTH / interval))
