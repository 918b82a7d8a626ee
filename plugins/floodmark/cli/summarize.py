"""``floodmark summarize``: build a source's summary tables, without Airflow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from floodmark.adapters.summary_files import FOLDER
from floodmark.cli import sources
from floodmark.cli.anew import at_a_terminal
from floodmark.cli.exits import Exit, code, worst
from floodmark.cli.options import instant, refused
from floodmark.cli.screen import Json, Screen, described, report
from floodmark.cli.sources import File, SourceFile
from floodmark.cli.steps import ended_by_signals, patiently, run_id
from floodmark.core.command_line import command_line
from floodmark.core.resolve.summaries import ResolvedSummary
from floodmark.core.time.interval import Interval
from floodmark.errors import ConfigurationError, Problem, SummaryRefused
from floodmark.pipeline.table_run import closing

if TYPE_CHECKING:
    from floodmark.pipeline.summaries.run import BuildOutcome, BuildRequest, SummaryRun


@dataclass(frozen=True, kw_only=True)
class Done:
    """One summary: what became of it, or an error."""

    summary: str
    outcome: BuildOutcome | None = None
    error: Exception | None = None

    @property
    def exit(self) -> Exit:
        """The exit code that it stands for."""
        return Exit.OK if self.error is None else code(self.error)

    def document(self) -> dict[str, Any]:
        """As plain values."""
        became = self.outcome.document() if self.outcome else {}
        return {"summary": self.summary} | became | {"error": described(self.error) if self.error else None}


def summarize(
    *,
    file: File,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME...]", help="The summaries. Default: all of the source.")
    ] = None,
    low: Annotated[
        str, typer.Option("--from", metavar="TIME", help="Only from here: @start of the query.", show_default=False)
    ] = "",
    high: Annotated[
        str, typer.Option("--to", metavar="TIME", help="To here, without it: @end of the query.", show_default=False)
    ] = "",
    anew: Annotated[
        bool, typer.Option("--anew", help="Drop the tables first, for another partition_by or cluster_by.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask whether what --anew drops may go.")] = False,
    as_json: Json = False,
) -> None:
    """Build summary tables (summaries/*.sql beside the source's file): aside, checked, put in place in one statement.

    Those that others read come first. One that fails leaves its table as it was, and doesn't stop those that don't
    read it. With --from only the partitions from there on are replaced.
    """
    screen, source = Screen(json=as_json), sources.read(file)
    chosen = source.summaries(names)
    if not chosen:
        raise refused(
            "summaries", f"there is none of the source {source.config.source}", f"write one: {FOLDER}/NAME.sql"
        )
    window = _window(low, high)
    if anew and window:
        raise refused("--anew and --from", "can't be had together", "give one of them")
    if anew and not yes:
        _confirm(screen, source, chosen)
    results = _built(screen, source, chosen, window, anew=anew)
    exit_code = worst([one.exit for one in results])
    if as_json:
        documents = [one.document() for one in results]
        screen.document({"ok": exit_code is Exit.OK, "source": source.config.source, "summaries": documents})
    else:
        screen.table(("summary", "state", "rows", "window", "from what is sealed up to"), map(_row, results))
    if exit_code is not Exit.OK:
        raise typer.Exit(exit_code)


def _built(
    screen: Screen, source: SourceFile, chosen: Sequence[ResolvedSummary], window: Interval | None, *, anew: bool
) -> list[Done]:
    from floodmark.pipeline.summaries.run import BuildRequest

    request = BuildRequest(run_id=run_id(), asked=True, window=window, anew=anew)
    results: dict[str, Done] = {}
    with ended_by_signals(), closing(source.ports(missing="made")) as ports:
        screen.ledger(ports.ledger)
        for one in chosen:
            failed = [name for name in one.after if name in results and results[name].error]
            if failed:
                error = SummaryRefused(f"{one.summary.file}: it reads {failed[0]}, which could not be built: mend that")
                results[one.summary.name] = _failed(screen, one.summary.name, error)
                continue
            results[one.summary.name] = _one(screen, source.summary_run(one, ports, "summarize"), request)
    return list(results.values())


def _one(screen: Screen, run: SummaryRun, request: BuildRequest) -> Done:
    from floodmark.pipeline.summaries.build import build

    screen.say(f"{run.name}: building {request.window or 'all of it'}")
    try:
        outcome = patiently(lambda: build(run, request), run.name, screen)
    except Exception as error:  # a defect too is this summary's alone
        return _failed(screen, run.name, error)
    screen.say(f"{run.name}: {outcome.state}, {outcome.rows:,} rows{f'; {outcome.why}' if outcome.why else ''}")
    return Done(summary=run.name, outcome=outcome)


def _failed(screen: Screen, name: str, error: Exception) -> Done:
    if not screen.json:
        report(error, as_json=False)
    return Done(summary=name, error=error)


def _window(low: str, high: str) -> Interval | None:
    from floodmark.core.bigquery.summary_sql import LAST

    if high and not low:
        raise refused("--to", "has no --from", "give both")
    begin, end = instant("--from", low), instant("--to", high) or LAST
    if begin is None:
        return None
    if begin >= end:
        raise refused("--from, --to", f"{begin:%Y-%m-%dT%H:%MZ} is not before {end:%Y-%m-%dT%H:%MZ}", "exchange them")
    return Interval(low=begin, high=end)


def _confirm(screen: Screen, source: SourceFile, chosen: Sequence[ResolvedSummary]) -> None:
    names = [one.summary.name for one in chosen]
    screen.say(f"{', '.join(names)}: dropped and made again; people miss them in between, and grants on them go")
    if at_a_terminal() and not screen.json:
        typer.confirm("Drop them?", abort=True, err=True)
        return
    again = command_line("summarize --anew --yes", source.said, *names)
    remedy = f"if they may go: {again}"
    raise ConfigurationError([Problem(file="--anew", path="", message="drops tables, so it asks", remedy=remedy)])


def _row(one: Done) -> tuple[object, ...]:
    if one.outcome is None:
        return one.summary, f"failed: {type(one.error).__name__}"
    seals = [f"{target.rpartition('.')[2]}: {seal or 'nothing'}" for target, seal in one.outcome.inputs.items()]
    return one.summary, one.outcome.state, one.outcome.rows, one.outcome.window, seals
