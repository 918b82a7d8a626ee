"""What is another by now than it was at the last applied read, and what follows of it (R29, R32)."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

from floodmark.core.config.table import TableConfig
from floodmark.core.ledger import fingerprint as fingerprints
from floodmark.core.ledger.fingerprint import Consequence, Fingerprint, KnownColumn
from floodmark.core.ledger.head import Head
from floodmark.core.ledger.portion import Kind
from floodmark.core.ledger.schema_change import returning
from floodmark.core.ports import Reading
from floodmark.core.resolve.work import ResolvedTable
from floodmark.core.schema import Column, TableSchema
from floodmark.errors import SettingChanged
from floodmark.pipeline.mask_keys import Secret, digests, no_secret
from floodmark.pipeline.table_run import Request, TableRun


def fingerprint(
    source: str,
    table: TableConfig,
    own_select: str,
    resolved: ResolvedTable,
    schema: TableSchema,
    *,
    secret: Secret = no_secret,
) -> Fingerprint:
    """What decides which rows and values come into current, as file and catalog have it now; no catalog's parts.

    ``secret`` gives the password of a connection that holds the key of a mask.
    """
    cursor, numbers = resolved.cursor, dict(schema.identity.columns)
    zoned = all(schema.column(name).base_type in ("timestamptz", "timestamp with time zone") for name in cursor)
    derived = Fingerprint(
        table=f"{source}.{table.name}",
        relation_id=schema.identity.relation,
        sync=resolved.sync,
        key=resolved.key,
        key_texts=tuple(schema.column(name).key.expression for name in resolved.key),
        cursor=cursor,
        derived=resolved.unwritten,
        timezone="" if zoned else table.timezone,
        mask_keys=digests(table.mask.among(resolved.columns), secret),
        columns=tuple(
            KnownColumn(
                name=column.name,
                number=numbers.get(column.name, 0),
                type=column.base_type,
                carried=column.name in resolved.columns,
                held=column.name in resolved.held,
                filled=column.filled,
                renamed=table.rename.get(column.name, ""),
                written=column.type,
                chosen=column.chosen,
                target=column.carriage.target,
                variant=resolved.variants.get(column.name, ""),
            )
            for column in schema.columns
        ),
    )
    return in_file(table, derived, own_select)


def _digest(own_select: str) -> str:
    return sha256(own_select.strip().encode()).hexdigest()[:32] if own_select else ""


def in_file(table: TableConfig, before: Fingerprint, own_select: str | None = None) -> Fingerprint:
    """A fingerprint with all that the file alone says of a table, and the rest as it was ``before``.

    ``own_select`` is the text of its own SELECT, empty without one; None where nobody looked.
    """
    partition, deletes, cursor = table.partition_by, table.deletes, table.cursor or before.cursor
    return replace(
        before,
        relation=str(table.relation),
        own_select=before.own_select if own_select is None else _digest(own_select),
        where=(table.where or "").strip(),
        sync=table.sync or before.sync,
        key=table.key or before.key,
        cursor=cursor,
        timezone=table.timezone if before.timezone else "",
        clock=table.clock if cursor else "",
        start=table.start if cursor else None,
        soft=", ".join(filter(None, (deletes.soft, deletes.mode, deletes.live))) if deletes.how == "soft" else "",
        null_cursor=table.null_cursor if cursor else "",
        bad_values=table.bad_values,
        leaving=table.leaving if table.where else "",
        partition_by=f"{partition.column} by {partition.by}" if partition else "",
        columns=tuple(
            replace(
                _typed(table, column),
                carried=_is_carried(table, column),
                renamed=table.rename.get(column.name, ""),
                mask=str(table.mask.of(column.name) or ""),
            )
            for column in before.columns
        ),
    )


def _typed(table: TableConfig, column: KnownColumn) -> KnownColumn:
    """The column with the type that the file chooses for it. One that is its own anyway is none."""
    described = Column(
        name=column.name, type=column.written, base_type=column.type, array=column.written.endswith("[]")
    )
    choice = table.choices.of(described)
    own = choice is None or (choice.target == column.target and not choice.rounds)
    words = "" if choice is None or (own and not column.chosen) else table.choices.words(choice)
    if words == column.chosen:
        return column
    return replace(column, chosen=words, target=choice.target if choice else "")


def _is_carried(table: TableConfig, column: KnownColumn) -> bool:
    """Whether the file's globs choose it; one that is held waits to be named."""
    globs = table.columns
    return globs.choose(column.name) and (not column.held or column.name in globs.include)


def reason(run: TableRun, head: Head, now: Fingerprint, request: Request) -> str:
    """Why what is covered counts no more; empty where it stands.

    Raises:
        SettingChanged: the target itself must be made anew; or ``on_change: fail``, and a run of the schedule asks.
    """
    before = head.last.fingerprint if head.last else None
    if before is None:
        return ""
    found = fingerprints.changes(before, now)
    _refuse_clustered(run, before, now, request)
    if (rebuilt := fingerprints.followed_by(found, Consequence.REBUILT)) and not request.anew:
        raise SettingChanged(
            f"{run.target}: {rebuilt}: write it as it was, or have both tables made anew (raw's history is lost): "
            f"{run.command('reload --anew')}"
        )
    voids = fingerprints.followed_by(found, Consequence.VOID)
    if names := returning(head.last, now):
        stands = f"{', '.join(names)} of the target was another column's, and has its values still"
        voids = "; ".join(filter(None, (voids, stands)))
    if voids:
        refuse_under_fail(run, voids, request)
    return voids


def _refuse_clustered(run: TableRun, before: Fingerprint, now: Fingerprint, request: Request) -> None:
    """BigQuery drops no column that its table is clustered by (its page "Modifying table schemas")."""
    clustered = run.table.all_in_target(run.table.cluster_by)
    stuck = [name for name in fingerprints.excluded(before, now) if name in clustered]
    if stuck and not request.anew:
        raise SettingChanged(
            f"{run.target}: {', '.join(stuck)} is masked otherwise, and clusters the tables, so its values can't leave "
            f"them: have both made anew (raw's history is lost): {run.command('reload --anew')}"
        )


def refuse_under_fail(run: TableRun, voids: str, request: Request) -> None:
    """Raise ``SettingChanged`` under ``on_change: fail``, unless a person asks for the whole table."""
    if run.table.on_change == "fail" and request.kind is Kind.SLICE:
        raise SettingChanged(
            f"{run.target}: {voids}: what was read counts no more, and on_change is fail; write it as it was, or read "
            f"the table whole: {run.command('reload')}"
        )


def reason_in_snapshot(run: TableRun, head: Head, reading: Reading, now: Fingerprint, request: Request) -> str:
    """The same once the table is held still, and the catalog's parts are known. Raises ``SettingChanged``."""
    return reason(run, head, replace(now, catalog=reading.catalog), request)


def upserts(head: Head, now: Fingerprint, resolved: ResolvedTable) -> bool:
    """Whether rows read anew find the old ones by their key, so that a large table can be replaced in parts (R24)."""
    last = head.last
    if last is None or last.error or not resolved.key:
        return False
    before = last.fingerprint
    if before is None or not before.columns:
        return last.key == resolved.key
    if before.key != resolved.key:
        return False
    numbers = [(before.column(name), now.column(name)) for name in resolved.key]
    return all(old and new and old.number == new.number for old, new in numbers)
