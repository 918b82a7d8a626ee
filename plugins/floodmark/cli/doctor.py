"""``floodmark doctor``: is everything there that a run needs, and what to do where it isn't."""

from __future__ import annotations

from typing import Annotated

import typer

from floodmark.cli import sources
from floodmark.cli.exits import Exit
from floodmark.cli.findings.dags import of_dags
from floodmark.cli.findings.driver import of_driver
from floodmark.cli.findings.environment import environment
from floodmark.cli.findings.finding import Finding, Level
from floodmark.cli.findings.google import of_google
from floodmark.cli.findings.pool import of_pool
from floodmark.cli.findings.source import of_ledger, of_source
from floodmark.cli.findings.statements import of_statements
from floodmark.cli.screen import Json, Screen
from floodmark.cli.sources import Dsn, Files

_STYLES = {Level.OK: "green", Level.NOTE: "cyan", Level.WARNING: "yellow", Level.FAILED: "red"}


def doctor(
    *,
    files: Files = None,
    no_write: Annotated[
        bool, typer.Option("--no-write", help="Don't write and delete a probe object in the bucket.")
    ] = False,
    dsn: Dsn = "",
    as_json: Json = False,
) -> None:
    """Examine this environment and each source's database, ledger, bucket and datasets, and what the account may do
    there; dry-run what the next run would send to BigQuery; say the remedy of each fault.

    In the bucket one small probe object is written and deleted again (see --no-write). BigQuery bills nothing for what
    it is asked. Exit 1 where something failed.
    """
    screen = Screen(json=as_json)
    found = [*environment(), *of_driver()]
    for file in sources.read_all(files):
        connections = file.connections(dsn)
        found += of_ledger(file, dsn)
        found += of_source(file.config, connections)
        found += of_pool(file.config, file.said)
        found += of_dags(file.config)
        found += of_google(file.config, connections, probe=not no_write)
        found += of_statements(file, dsn)
    failed = any(finding.level is Level.FAILED for finding in found)
    findings = [{"level": one.level.value, "about": one.about, "said": one.said, "remedy": one.remedy} for one in found]
    screen.document({"ok": not failed, "findings": findings})
    if not as_json:
        for finding in found:
            _show(screen, finding)
    if failed:
        raise typer.Exit(Exit.FINDINGS)


def _show(screen: Screen, finding: Finding) -> None:
    remedy = f"; {finding.remedy}" if finding.remedy else ""
    screen.line(f"{finding.level.value:<8} {finding.about}: {finding.said}{remedy}", style=_STYLES[finding.level])
