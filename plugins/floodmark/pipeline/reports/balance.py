"""The balance in words: what was held against the source, what wasn't, and what came of it (R36)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from floodmark.core.balance import Depth
from floodmark.core.bigquery import reconcile_sql
from floodmark.core.command_line import command_line
from floodmark.core.config.table import TableConfig
from floodmark.core.ledger.balance import Content
from floodmark.core.ledger.head import Head
from floodmark.core.time.units import DAY
from floodmark.pipeline.extent import may_hold_more

STALE = 3 * DAY
"""A table that is balanced each day, and was last counted before that, isn't looked after."""


def faults(table: TableConfig, head: Head, now: datetime, named: str) -> Iterator[str]:
    """Why the account does not balance, each with the command that helps. ``named``: how that names the source."""
    found, source, name = head.balance, named, table.name
    reload, anew = command_line("reload", source, name), command_line("reload --anew", source, name)
    heal = reload if _whole(head) or _appended(head) else command_line("reconcile --heal", source, name)
    if _appended(head) and found.surplus:
        heal = f"{heal}, which leaves out the {found.surplus:,} rows that the source has no more"
    count = command_line("balance", source, name)
    if found.strayed:
        said = "in {} rows of current _floodmark_cursor is another moment than in the source, which has the same keys"
        yield f"{said.format(f'{found.strayed:,}')}: {reload}"
    elif found.missing:
        yield f"at least {found.missing:,} rows of the source are missing from current: {heal}"
    if found.differing:
        yield f"{found.differing:,} ranges of rows differ from the source: {heal}"
    if found.counts and found.counts.untimely:
        said = "bear no read's time, or one to come, so that no merge changes them"
        yield f"{found.counts.untimely:,} rows of current {said}: {anew}"
    if found.counts and found.counts.misflagged:
        said = "says of {} rows something else than the column by which the source marks them"
        yield f"_floodmark_deleted {said.format(f'{found.counts.misflagged:,}')}: {reload}"
    if found.content:
        yield from _changed(found.content, named, table)
    if found.surplus and _whole(head):
        yield f"current holds at least {found.surplus:,} rows too many: {heal}"
    elif found.surplus and not may_hold_more(table, head):
        outside = found.counts and (found.counts.source.early or found.counts.source.timeless)
        also = f"; where their cursor lies in no slice any more: {reload}" if outside else ""
        yield f"{_too_many(table, head)[0]}: the source deletes rows for good, or marks them unseen: {heal}{also}"
    if Depth(table.balance) is Depth.NONE:
        return
    if not found.looked:
        yield f"its rows were never counted at both ends: {count}"
    elif (counted := newest(head)) is not None and now - counted > STALE:
        yield f"its rows were last counted at both ends on {_moment(counted)}: {count}"


def _changed(content: Content, named: str, table: TableConfig) -> Iterator[str]:
    """What of current is not what was read, of a table that is read whole."""
    reload, read = command_line("reload", named, table.name), f"the read of {_moment(content.read_at)}"
    if content.ahead:
        anew = command_line("reload --anew", named, table.name)
        yield f"{content.ahead:,} rows of current bear a time after the last read, so no read replaces them: {anew}"
    elif content.other:
        yield f"current is not what {read} brought, in rows that raw can't name any more: {reload}"
    elif content.rows:
        yield f"{content.rows:,} rows of current are not what {read} brought: {reload}"


def held_out(head: Head) -> int:
    """Rows with a value that BigQuery can't hold."""
    return head.balance.counts.source.bad if head.balance.counts else 0


def looked(head: Head, now: datetime) -> tuple[str, ...]:
    """What both ends were held against each other by: counts at a time, keys at a time, a share of the rows."""
    found = head.balance
    said = []
    if found.counts:
        said.append(f"counts at {_moment(found.counts.at)}")
    if found.keys:
        said.append(f"keys at {_moment(found.keys.at)}")
    if found.content and found.content.at:
        said.append(f"content at {_moment(found.content.at)}")
    share, age = found.share(now)
    if share:
        said.append(f"rows {share:.0%} within {max(1, -(-age // DAY))} days")
    return tuple(said)


def unlooked(table: TableConfig, head: Head, now: datetime) -> tuple[str, ...]:
    """What was not looked at."""
    found = head.balance
    share, _ = found.share(now)
    missing = [
        *(["counts"] if found.counts is None else []),
        *(["keys"] if found.keys is None and not (_whole(head) or _appended(head)) else []),
        *([f"{1 - share:.0%} of the rows' content"] if share < 1 and not _whole(head) else []),
        *(_uncompared(found.content) if _whole(head) else _documents(head)),
    ]
    declared = [f"balance: {table.balance}"] if Depth(table.balance) is not Depth.ROWS else []
    return (*missing, *declared, *found.skipped)


def _documents(head: Head) -> list[str]:
    """JSON, of which the two ends have no text in common: its own and what raw holds are compared by ``verify``."""
    names = ", ".join(reconcile_sql.unlike(head.last.columns if head.last else ()))
    return [f"what stands in {names} (JSON)"] if names else []


def _uncompared(content: Content | None) -> list[str]:
    """What may have changed in current, of a table that is read whole, without anybody having looked."""
    if content and content.at:
        return []
    since = f"the read of {_moment(content.read_at)}" if content else "it was read"
    return [f"values that somebody changed in current since {since}"]


def but(table: TableConfig, head: Head) -> tuple[str, ...]:
    """By which rows both ends differ without a fault: those that a proof has to name."""
    future = head.balance.counts.source.future if head.balance.counts else 0
    return (
        *_too_many(table, head),
        *([f"{future:,} rows with a cursor in the future"] if future else []),
    )


def _too_many(table: TableConfig, head: Head) -> list[str]:
    if not head.balance.surplus or _whole(head):
        return []
    return [f"{head.balance.surplus:,} rows too many in current (deletes: {table.deletes.how})"]


def told(table: TableConfig, head: Head) -> tuple[str, ...]:
    """What is no fault, in numbers: rows in flight, of no slice, before the start, deleted, too many."""
    counts, said = head.balance.counts, _too_many(table, head)
    if counts is None:
        return tuple(said)
    source = counts.source
    for rows, what in (
        (source.deleted, "marked as deleted"), (source.early, "from before the start"),
        (source.timeless, f"without a cursor (null_cursor: {table.null_cursor})"),
        (source.future, "with a cursor in the future"), (source.loose, "not sealed yet"),
    ):  # fmt: skip
        if rows:
            said.append(f"{rows:,} rows {what}")
    return tuple(said)


def sums(head: Head) -> str:
    """Both ends' numbers: source rows = current + held out."""
    counts = head.balance.counts
    if counts is None:
        return ""
    held = f" + {counts.source.bad:,} held out" if counts.source.bad else ""
    sign = "=" if counts.source.rows == counts.current + counts.source.bad else "/"
    return f"source {counts.source.rows:,} {sign} current {counts.current:,}{held}"


def _whole(head: Head) -> bool:
    """Whether the table is read whole each time: that counts and compares it."""
    return not head.coverage


def _appended(head: Head) -> bool:
    """Whether the table is only appended to: its rows have no key by which one could be healed."""
    return head.last is not None and head.last.append


def newest(head: Head) -> datetime | None:
    found = head.balance
    return max((one.at for one in (found.counts, found.keys) if one), default=None)


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"
