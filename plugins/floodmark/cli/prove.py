"""``floodmark prove``: is what the ledger promises borne out by its records."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from floodmark.cli import sources
from floodmark.cli.exits import Exit
from floodmark.cli.screen import Json, Screen, shown
from floodmark.cli.sources import File, Tables
from floodmark.cli.summaries import file_summaries, show_summaries
from floodmark.core.ledger.watermark import Basis
from floodmark.pipeline.reports.document import interval_document
from floodmark.pipeline.reports.prove import Proof
from floodmark.pipeline.reports.prove import prove as proofs
from floodmark.pipeline.reports.summaries import statuses
from floodmark.pipeline.table_run import closing


def prove(
    file: File,
    table: Tables = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 also where a seal rests on an assumption.")] = False,
    as_json: Json = False,
) -> None:
    """Exit 0 only if every table is covered without a hole from its start to its watermark, each read's evidence fits,
    and both ends were counted and balance. It says what it looked at, and what it didn't."""
    screen = Screen(json=as_json)
    source = sources.read(file)
    with closing(source.ports()) as ports:
        place = screen.ledger(ports.ledger)
        found = proofs(
            source.config, source.tables(table), ports.ledger, named=source.said, own_select=source.own_select
        )
        summaries, unread = file_summaries(source, table)
        built = statuses(source.config, summaries, ports.ledger)
    shown_to_hold = all(_holds(proof, strict) for proof in found) and not unread
    shown_to_hold = shown_to_hold and not any(one.doubts for one in built)
    document = {"ok": shown_to_hold, "source": source.config.source, "ledger": place}
    tables = [_document(proof, strict) for proof in found]
    told = {"summaries": [one.document() for one in built], "problems": list(map(str, unread))}
    screen.document({**document, "tables": tables, **told})
    if not as_json:
        rows = [_row(proof) for proof in found]
        columns = ("table", "holds up to", "check", "reads", "verdict", "looked at", "not looked at")
        screen.table(columns, rows, title=source.config.source)
        show_summaries(screen, source.config.source, built, unread)
    if not shown_to_hold:
        raise typer.Exit(Exit.FINDINGS)


def _holds(proof: Proof, strict: bool) -> bool:
    return not proof.doubts and (proof.basis is Basis.PROVED or not strict)


def _document(proof: Proof, strict: bool) -> dict[str, Any]:
    return {
        "table": proof.table, "target": proof.target, "proved": _holds(proof, strict),
        "sealed_up_to": proof.sealed_up_to, "as_of": proof.as_of, "basis": proof.basis.value, "level": proof.level,
        "levels": [{"interval": interval_document(one), "level": level} for one, level in proof.levels],
        "reads": proof.reads, "doubts": list(proof.doubts), "verdict": proof.verdict.value, "says": proof.says,
        "held_out": proof.held_out, "looked_at": list(proof.looked), "not_looked_at": list(proof.unlooked),
        "told": list(proof.told),
    }  # fmt: skip


def _row(proof: Proof) -> tuple[object, ...]:
    moment = f"{shown(proof.as_of)} (whole)" if proof.as_of else proof.sealed_up_to
    looked = [*proof.looked, *proof.told]
    return proof.table, moment, _levels(proof), proof.reads, proof.says, looked, list(proof.unlooked)


def _levels(proof: Proof) -> object:
    """One word where every slice has the same level, else a line for each."""
    if all(level == proof.level for _, level in proof.levels):
        return proof.level
    return [f"{level}: {one.low:%Y-%m-%d %H:%M} .. {one.high:%Y-%m-%d %H:%M}" for one, level in proof.levels]
