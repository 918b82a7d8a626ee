"""Take the rows of some keys out of current, of raw and of the stage, for good: what a person has a right to.

The order is such that whoever dies on the way does it again by the same command: nothing of it has to be undone. While
rows go, the ledger knows no number of rows, so that no run takes what is missing for somebody else's deed (R36).
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

from floodmark.core.bigquery import forget_sql
from floodmark.core.ledger import forgetting
from floodmark.core.ledger.forgotten import MOST, Act, digest, key_of
from floodmark.core.ledger.head import Head
from floodmark.core.ledger.manifest import Manifest
from floodmark.core.ledger.step import Question
from floodmark.core.refused import Refused
from floodmark.core.schema import Carried
from floodmark.core.time.units import DAY, WEEK
from floodmark.errors import ConfigurationError, FatalError, Problem
from floodmark.pipeline.clock import now
from floodmark.pipeline.lease import Lease
from floodmark.pipeline.staging import files_of, folder
from floodmark.pipeline.table_run import TableRun
from floodmark.pipeline.touched import counted

log = logging.getLogger(__name__)

TIME_TRAVEL = FAIL_SAFE = WEEK
"""How long BigQuery keeps deleted rows: two to seven days by ``max_time_travel_hours`` of the dataset, and seven more.

See its page "Data retention with time travel and fail-safe".
"""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Rows of the named keys, by digest, before anything goes.

    ``digests`` are of different keys; ``unknown`` are the places, from 1, of those that stand in neither table, among
    all that was named.
    """

    salt: str
    digests: tuple[str, ...]
    unknown: tuple[int, ...]
    current: dict[str, int]
    raw: dict[str, int]


def standing(run: TableRun, written: Sequence[str]) -> Standing:
    """How many rows these keys have. ``written`` is one key each: a value, or a JSON list of the key's columns.

    Raises:
        ConfigurationError: a key that can't be one; its place is named, not its value.
        FatalError: the table has no key, or was never read.
    """
    return _standing(run, run.ports.ledger.head(run.target), written)


def forget(run: TableRun, written: Sequence[str]) -> tuple[Act, Standing]:
    """Take these keys' rows out, under the table's lease, and see that none is left.

    Raises what :func:`standing` does, and ``FatalError`` while a read is open, of this table or of another one of the
    same relation: its file may hold such rows, and is in the same folder.
    """
    with run.lease() as lease:
        _refuse_open(run, lease.head)
        before = _standing(run, lease.head, written)
        files = run.ports.stage.delete_before(folder(run), now() + DAY) + _remove_elsewhere(run)
        lease.write(forgetting.uncounted)
        _delete(run, lease, before)
        rows = counted(run)
        act = Act(
            at=now(),
            keys=len(before.digests),
            unknown=len(before.unknown),
            current=sum(before.current.values()),
            raw=sum(before.raw.values()),
            files=files,
        )
        lease.write(lambda head: forgetting.forget(head, act, before.salt, before.digests, rows))
        log.info("%s: %d keys forgotten: %d rows of current, %d of raw", run.target, act.keys, act.current, act.raw)
        return act, before


def _remove_elsewhere(run: TableRun) -> int:
    """Delete what its reads staged in another folder than its own of now, as the stage was another then: no sweep looks
    there. How many files the ledger names; some may be gone already.
    """
    here = f"{run.config.stage}/{folder(run)}/"
    uris = {uri for read in run.ports.ledger.reads(run.target) for uri in files_of(read) if not uri.startswith(here)}
    for uri in sorted(uris):
        run.ports.stage.remove(Manifest(uri=uri))
    return len(uris)


def _refuse_open(run: TableRun, head: Head) -> None:
    """Neither this table nor another one of the same relation, whose files lie beside, may have a read under way."""
    beside = [one for one in run.config.tables.values() if one.relation == run.table.relation and one != run.table]
    _refuse_read(run, head)
    for other in beside:
        run_of_it = replace(run, table=other)
        _refuse_read(run_of_it, run.ports.ledger.head(run_of_it.target))


def _refuse_read(run: TableRun, head: Head) -> None:
    if head.open is not None:
        raise FatalError(
            f"{run.target}: the read of {head.open.read_at.isoformat()} is under way and may bring such rows: finish "
            f"it first: {run.command('run', '--table')}"
        )


def _standing(run: TableRun, head: Head, written: Sequence[str]) -> Standing:
    key = _key(run, head)
    salt = head.forgotten.salt or secrets.token_hex(16)
    places: dict[str, int] = {}
    for place, texts in enumerate(_keys(written, key), start=1):
        places.setdefault(digest(salt, texts), place)
    raw, current = (_counted(run, *one, salt, tuple(places)) for one in _both(run, key))
    unknown = tuple(place for one, place in places.items() if one not in raw and one not in current)
    return Standing(salt=salt, digests=tuple(places), unknown=unknown, current=current, raw=raw)


def _key(run: TableRun, head: Head) -> tuple[Carried, ...]:
    if head.last is None:
        raise FatalError(f"{run.target}: nothing was read into it yet; there is nothing to forget")
    if not head.last.key or head.last.append:
        raise FatalError(
            f"{run.target}: has no key by which rows could be named; delete them in the source, then: "
            f"{run.command('reload')}"
        )
    return head.last.key_columns


def _keys(written: Sequence[str], key: Sequence[Carried]) -> list[tuple[str, ...]]:
    if len(written) > MOST:
        problem = Problem(
            file="--keys", path="", message=f"names {len(written)} keys", remedy=f"at most {MOST} at once"
        )
        raise ConfigurationError([problem])
    texts, problems = [], []
    for place, one in enumerate(written, start=1):
        try:
            texts.append(key_of(one, [column.target for column in key]))
        except Refused as refused:
            columns = ", ".join(column.name for column in key)
            problems.append(Problem(file=f"key {place}", path=columns, message=refused.message, remedy=refused.remedy))
    if problems:
        raise ConfigurationError(problems)
    return texts


def _both(run: TableRun, key: tuple[Carried, ...]) -> tuple[tuple[str, tuple[Carried, ...]], ...]:
    """Raw and current, each with the key's columns as they stand there."""
    return (run.config.bigquery.raw_table(run.table), key), (run.target, forget_sql.converted(key))


def _counted(
    run: TableRun, table: str, key: tuple[Carried, ...], salt: str, digests: tuple[str, ...]
) -> dict[str, int]:
    rows = run.ask(Question.FORGET, *forget_sql.standing(table, key, salt, digests, None))
    return {row["digest"]: int(row["rows"]) for row in rows}


def _delete(run: TableRun, lease: Lease, before: Standing) -> None:
    if lease.head.last is None:
        return
    for table, key in _both(run, lease.head.last.key_columns):
        run.ask(Question.FORGET, *forget_sql.delete(table, key, before.salt, before.digests))
        if left := sum(_counted(run, table, key, before.salt, before.digests).values()):
            raise FatalError(
                f"{table}: {left} rows of the named keys are still there after they were deleted: somebody else writes "
                "to it; see who does, then say it again"
            )
