"""Checksums at both ends, where ``verify`` asks for them (R28): billed, and by column.

The source's side is what the worker computed while it read; it is in the manifest, so that any holder may compare.
Before the merge raw is compared with it: a mismatch leaves current as it was. After the merge, the rows that this read
wrote to current are compared with raw.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

from floodmark.core.bigquery import checksum_sql
from floodmark.core.bigquery.merge import Merge, SoftMode
from floodmark.core.checksum import ROW, SAMPLE, SAMPLED, Checksum, differing
from floodmark.core.ledger.read import Read
from floodmark.core.ledger.step import Question
from floodmark.errors import ChecksumMismatch
from floodmark.pipeline.table_run import TableRun

log = logging.getLogger(__name__)


def raw(run: TableRun, read: Read, merge: Merge) -> str:
    """Compare what the source held with raw; the level that was compared, empty for counts alone.

    Raises ``ChecksumMismatch``, naming the columns that differ.
    """
    wanted = _of_source(read)
    if wanted is None:
        return ""
    found = _asked(run, merge, wanted.level, checksum_sql.of_raw(merge, wanted.level))
    moment = read.read_at.isoformat()
    if said := _difference(wanted, found):
        raise ChecksumMismatch(
            f"{run.target}: {merge.raw} doesn't hold what was read from the source at {moment}: {said}; current is "
            f"as it was; give the read up: {run.command('void')}; then read its slices again: "
            f"{run.command('run --gaps', '--table')}",
            columns=differing(wanted, found),
        )
    log.info("%s: the read of %s: %s of %d rows agree at both ends", run.target, moment, wanted.level, wanted.rows)
    return wanted.level


def current(run: TableRun, read: Read, merge: Merge) -> ChecksumMismatch | None:
    """Compare raw with the rows of current that this read wrote: what is wrong with them, if anything."""
    wanted = _of_source(read)
    if wanted is None:
        return None
    if not _as_landed(merge):
        wanted = _asked(run, merge, wanted.level, checksum_sql.of_wanted(merge, wanted.level))
    found = _asked(run, merge, wanted.level, checksum_sql.of_current(merge, wanted.level))
    if said := _difference(wanted, found):
        return ChecksumMismatch(
            f"{merge.current} doesn't hold what was read at {read.read_at.isoformat()} and lies in raw: {said}; "
            f"see that nobody else writes to it, then: {run.command('reload')}",
            columns=differing(wanted, found),
        )
    return None


def level(read: Read) -> str:
    """The level that the worker computed a checksum at; empty for counts alone."""
    wanted = _of_source(read)
    return wanted.level if wanted else ""


def questions(merge: Merge, level: str) -> Iterator[tuple[str, str]]:
    """What :func:`raw` and :func:`current` ask at a level, each with what it is of."""
    yield "raw", checksum_sql.of_raw(merge, level)
    if not _as_landed(merge):
        yield "to be", checksum_sql.of_wanted(merge, level)
    yield "current", checksum_sql.of_current(merge, level)


def _of_source(read: Read) -> Checksum | None:
    return read.manifest.checksum if read.manifest and read.rows else None


def _as_landed(merge: Merge) -> bool:
    """Whether current holds every row of the read, and each value as it landed."""
    removes = merge.soft_delete is not None and merge.soft_delete.mode is SoftMode.REMOVE
    return not removes and not merge.deleted and all(column.convert == "{col}" for column in merge.columns)


def _asked(run: TableRun, merge: Merge, level: str, sql: str) -> Checksum:
    return checksum_sql.checksum(merge, level, run.ask(Question.VERIFY, sql)[0])


def _difference(wanted: Checksum, found: Checksum) -> str:
    """What differs, in words; empty where nothing does."""
    columns = differing(wanted, found)
    if not columns:
        return ""
    rows = f"{wanted.rows} rows" if wanted.rows == found.rows else f"{wanted.rows} rows against {found.rows}"
    named = "whole rows" if columns == (ROW,) else f"column {', '.join(columns)}"
    share = f"one row in {SAMPLED}: " if wanted.level == SAMPLE else ""
    return f"{named} ({share}{rows})"
