"""``floodmark balance``: both ends of a table counted and compared, and what came of it written down (R36)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from floodmark.cli import sources
from floodmark.cli.exits import Exit, code, worst
from floodmark.cli.screen import Json, Screen, described, report
from floodmark.cli.sources import Dsn, File
from floodmark.cli.steps import ended_by_signals, patiently
from floodmark.cli.summaries import file_summaries
from floodmark.core.balance import Depth
from floodmark.errors import FloodmarkError
from floodmark.pipeline.table_run import TableRun, closing

if TYPE_CHECKING:
    from floodmark.pipeline.balance import Balanced
    from floodmark.pipeline.summaries.run import SummaryRun


@dataclass(frozen=True, kw_only=True)
class Done:
    """One table: what was found, or an error."""

    table: str
    found: Balanced | None = None
    error: FloodmarkError | None = None

    @property
    def exit(self) -> Exit:
        """The exit code that it stands for."""
        if self.error is not None:
            return code(self.error)
        return Exit.OK if self.found is None or self.found.well else Exit.FINDINGS

    def document(self) -> dict[str, Any]:
        """As plain values."""
        error = {"error": described(self.error) if self.error else None}
        if self.found is None:
            return {"table": self.table} | error
        found = self.found.balance
        counts = found.counts
        return {
            "table": self.table,
            "balanced": None if self.found.left_alone else self.found.well,
            "source": vars(counts.source) | {"rows": counts.source.rows} if counts else None,
            "current": counts.current if counts else None,
            "missing": found.missing,
            "surplus": found.surplus,
            "differing": found.differing,
            "changed": found.content.rows if found.content and not found.content.other else None,
            "left_alone": self.found.left_alone,
            "not_looked_at": list(found.skipped),
        } | error


@dataclass(frozen=True, kw_only=True)
class Looked:
    """One summary: whether it was found as it was built, or an error. Neither: it never was, or one is under way."""

    summary: str
    found: bool = False
    error: FloodmarkError | None = None

    @property
    def exit(self) -> Exit:
        """The exit code that it stands for."""
        return code(self.error) if self.error else Exit.OK

    @property
    def state(self) -> str:
        """In words."""
        if self.error:
            return str(self.error)
        return "as it was built" if self.found else "not looked at: it was never built, or a build is under way"

    def document(self) -> dict[str, Any]:
        """As plain values."""
        return {"summary": self.summary, "looked_at": self.found or self.error is not None,
                "error": described(self.error) if self.error else None}  # fmt: skip


def balance(
    *,
    file: File,
    tables: Annotated[
        list[str] | None, typer.Argument(metavar="[TABLE...]", help="The tables. Default: all of the file.")
    ] = None,
    depth: Annotated[
        Depth | None, typer.Option("--depth", help="How deep, instead of what the configuration says.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all-rows", help="Compare the content of all rows, not the share of one day.")
    ] = False,
    dsn: Dsn = "",
    as_json: Json = False,
) -> None:
    """Count both ends, compare their keys, and a share of their rows; status and prove say what was found.

    Of summaries it sees whether somebody else changed them. Nothing is read or healed. Exit 1 where rows are missing
    from current, or differ there.
    """
    screen = Screen(json=as_json)
    source = sources.read(file)
    results: list[Done] = []
    with ended_by_signals(), closing(source.ports(dsn)) as ports:
        place = screen.ledger(ports.ledger)
        for table in source.tables(tables):
            results.append(_one(screen, source.table_run(table, ports, "balance"), depth, everything=everything))
        summaries, unread = file_summaries(source, tables)
        looked = [_look(screen, source.summary_run(one, ports, "balance")) for one in summaries]
    unread_code = [Exit.USAGE] if unread else []
    exit_code = worst([*(one.exit for one in results), *(one.exit for one in looked), *unread_code])
    documents = [one.document() for one in results]
    document = {"ok": exit_code is Exit.OK, "source": source.config.source, "ledger": place}
    told = {"summaries": [one.document() for one in looked], "problems": list(map(str, unread))}
    screen.document({**document, "tables": documents, **told})
    if not as_json:
        columns = ("table", "source", "current", "held out", "missing", "too many", "ranges of rows differ", "state")
        screen.table(columns, [_row(one) for one in results], title=source.config.source)
        if looked:
            screen.table(("summary", "state"), [(one.summary, one.state) for one in looked], title="summaries")
        for problem in unread:
            screen.line(str(problem), style="red")
    if exit_code is not Exit.OK:
        raise typer.Exit(exit_code)


def _one(screen: Screen, run: TableRun, depth: Depth | None, *, everything: bool) -> Done:
    from floodmark.pipeline.balance import balance as balanced

    name = run.table.name
    screen.say(f"{name}: counting both ends")
    try:
        return Done(table=name, found=patiently(lambda: balanced(run, depth, everything=everything), name, screen))
    except FloodmarkError as error:
        if not screen.json:
            report(error, as_json=False)
        return Done(table=name, error=error)


def _look(screen: Screen, run: SummaryRun) -> Looked:
    from floodmark.pipeline.summaries.touched import check

    try:
        return Looked(summary=run.name, found=patiently(lambda: check(run), run.name, screen))
    except FloodmarkError as error:
        if not screen.json:
            report(error, as_json=False)
        return Looked(summary=run.name, error=error)


def _row(one: Done) -> tuple[object, ...]:
    if one.found is None:
        return one.table, "", "", "", "", "", "", f"failed: {type(one.error).__name__}"
    found = one.found.balance
    counts = found.counts
    if counts is None:
        return one.table, "", "", "", "", "", "", f"not compared: {one.found.left_alone}"
    said = "balances" if one.found.well else "does not balance; what heals it, see: floodmark status"
    return (
        one.table, counts.source.rows, counts.current, counts.source.bad, found.missing, found.surplus,
        found.differing, [said, *found.skipped],
    )  # fmt: skip
