"""``floodmark check``: is what was written right, and what was derived of it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import Annotated, Any

import typer

from floodmark.adapters import summary_files, yaml_file
from floodmark.cli import sources
from floodmark.cli.catalog import of_catalog
from floodmark.cli.exits import Exit
from floodmark.cli.screen import Json, Screen
from floodmark.cli.sources import Dsn, Files, SourceFile
from floodmark.core.resolve.summaries import ResolvedSummary
from floodmark.errors import ConfigurationError, Problem, reason
from floodmark.pipeline.reports.check import TableCheck, offline
from floodmark.pipeline.reports.summaries import lacking, tried
from floodmark.pipeline.reports.unmatched import unmatched
from floodmark.pipeline.table_run import closing as closing_ports


def check(
    *,
    files: Files = None,
    on_line: Annotated[
        bool, typer.Option("--online", help="Against the source's catalog too; --dsn implies it.")
    ] = False,
    dsn: Dsn = "",
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 where there is a warning.")] = False,
    as_json: Json = False,
) -> None:
    """Validate sources' files, every problem at once; with --online, print what the catalog says of each table.

    Without --online nothing is connected to, which is what CI wants.
    """
    screen = Screen(json=as_json)
    documents = [_checked(screen, file, dsn, on_line or bool(dsn)) for file in sources.read_all(files)]
    problems = any(document["problems"] for document in documents)
    warnings = any(document["warnings"] or _table_warnings(document) for document in documents)
    if as_json:
        screen.document({"ok": not problems, "sources": documents})
    if problems:
        raise typer.Exit(Exit.USAGE)
    if warnings and strict:
        raise typer.Exit(Exit.FINDINGS)


def _table_warnings(document: dict[str, Any]) -> bool:
    return any(table["warnings"] for table in document["tables"])


def _checked(screen: Screen, file: SourceFile, dsn: str, on_line: bool) -> dict[str, Any]:
    notes: list[str] = []
    if on_line:
        tables, warnings = _against_catalog(file, dsn, notes)
    else:
        tables, warnings = offline(file.config, file.path.name, file.own_select), []
    problems = [problem for table in tables for problem in table.problems]
    summaries, wrong = file.summaries_as_they_are()
    problems += wrong
    if on_line and summaries and not wrong:
        problems += _tried(file, dsn, summaries, warnings, notes)
    warnings += [
        f"{one.summary.file}: reads {name}, whose changes don't run it: it is no table of this source"
        for one in summaries
        for name in one.foreign
    ]
    warnings += [
        f"{name}: is of the source {owner}, and no file beside {file.path.name} is that: nobody builds it, unless a "
        "Variable holds that source; mend source in its header"
        for name, owner in summary_files.of_nobody(file.path)
    ]
    warnings += [f"{name}: is not read: write its ending in lower case" for name in summary_files.unread(file.path)]
    warnings += _unused(file, problems)
    document = {
        "file": file.place,
        "source": file.config.source,
        "online": on_line,
        "tables": [_document(table) for table in tables],
        "summaries": [{"name": one.summary.name, "reads": list(one.inputs)} for one in summaries],
        "warnings": warnings,
        "notes": notes,
        "problems": [str(problem) for problem in problems],
    }
    if not screen.json:
        _show(screen, file, tables, document)
    return document


def _unused(file: SourceFile, problems: list[Problem]) -> list[str]:
    """Files of the source that are taken for none of its tables."""
    try:
        return [
            f"{name}: no table of {file.config.source} takes it" for name in yaml_file.unused(file.path, file.config)
        ]
    except ConfigurationError as error:
        problems += error.problems
        return []


def _tried(
    file: SourceFile, dsn: str, summaries: Sequence[ResolvedSummary], warnings: list[str], notes: list[str]
) -> Sequence[Problem]:
    """What BigQuery says to the summaries, where it can be reached; else a warning. A note, where it can't say yet."""
    with closing_ports(file.ports(dsn, missing="empty")) as ports:
        try:
            missing = lacking(summaries, ports)
            notes += [
                f"{name}: was not tried in BigQuery, where there is no {table} yet" for name, table in missing.items()
            ]
            return tried(file.config, [one for one in summaries if one.summary.file not in missing], ports)
        except Exception as error:  # whatever keeps it away: there is nothing to hold against the file
            warnings.append(f"summaries were not tried in BigQuery: {reason(error)}")
            return ()


def _against_catalog(file: SourceFile, dsn: str, notes: list[str]) -> tuple[list[TableCheck], list[str]]:
    from floodmark.pipeline import wiring

    inspection = wiring.inspection_of(file.config, file.connections(dsn))
    with closing(inspection) as source, closing(file.ports(dsn, missing="empty")) as ports:
        tables = of_catalog(file, source, ports, declared=True)
        notes += unmatched(file.config, tables)
        if not ports.ledger.uuid.int:
            notes.append(f"what was read before isn't known: ledger {ports.ledger}")
        return tables, [str(one) for one in source.server().unproved]


def _document(found: TableCheck) -> dict[str, Any]:
    table, resolved = found.table, found.resolved
    document: dict[str, Any] = {
        "name": table.name,
        "from": str(table.relation),
        "to": table.to,
        "warnings": list(found.warnings),
        "problems": [str(problem) for problem in found.problems],
    }
    if resolved:
        document |= {
            "sync": resolved.sync,
            "key": list(resolved.key),
            "cursor": list(resolved.cursor),
            "columns": list(resolved.columns),
            "derived": list(resolved.derived),
        }
    return document


def _show(screen: Screen, file: SourceFile, tables: list[TableCheck], said: dict[str, Any]) -> None:
    screen.line(f"{file.place}: source {file.config.source}, {len(tables)} table{'s' if len(tables) != 1 else ''}")
    if any(found.resolved for found in tables):
        rows = [_row(found) for found in tables if found.resolved]
        screen.table(("table", "sync", "key", "cursor", "columns", "derived"), rows)
    for note in said["notes"]:
        screen.line(f"note: {note}", style="cyan")
    for warning in said["warnings"]:
        screen.line(f"warning: {warning}", style="yellow")
    for found in tables:
        for warning in found.warnings:
            screen.line(f"warning: tables.{found.table.name}: {warning}", style="yellow")
    for problem in said["problems"]:
        screen.line(problem, style="red")
    screen.line("not ok" if said["problems"] else "ok", style="red" if said["problems"] else "green")


def _row(found: TableCheck) -> tuple[object, ...]:
    resolved = found.resolved
    if resolved is None:
        return (found.table.name,)
    key, cursor = ", ".join(resolved.key), ", ".join(resolved.cursor)
    return found.table.name, resolved.sync, key, cursor, len(resolved.columns), resolved.derived
