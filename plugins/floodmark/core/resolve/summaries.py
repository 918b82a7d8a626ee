"""The summaries of a source held together: what each reads, in which order they are built, and what is wrong."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from floodmark.core.config.names import OURS
from floodmark.core.config.source import SourceConfig
from floodmark.core.config.summary import END, START, Summary
from floodmark.core.refused import Refused
from floodmark.core.resolve.googlesql_text import bare_query, parameters_named, tables_named
from floodmark.errors import Problem


@dataclass(frozen=True, kw_only=True)
class ResolvedSummary:
    """A summary with the targets, ``project.dataset.table``, that it reads, and the summaries among them by name.

    ``foreign`` are tables of other datasets that it reads: what changes in them doesn't run it.
    """

    summary: Summary
    inputs: tuple[str, ...]
    after: tuple[str, ...]
    foreign: tuple[str, ...] = ()


def resolve(config: SourceConfig, summaries: Sequence[Summary]) -> tuple[tuple[ResolvedSummary, ...], list[Problem]]:
    """Those that can be used, each after those that it reads; and every problem there is."""
    problems: list[Problem] = []
    known = _known(config, summaries)
    resolved: dict[str, ResolvedSummary] = {}
    for summary in summaries:
        found = [*_of_name(config, summaries, summary), *_of_query(summary), *_of_assertions(summary)]
        named, unnamed = _inputs(config, summary, known)
        problems += [*found, *unnamed]
        if named is not None and not found and not unnamed:
            resolved[summary.name] = named
    ordered, circles = _ordered(resolved)
    return ordered, [*problems, *circles]


def _known(config: SourceConfig, summaries: Sequence[Summary]) -> dict[str, str]:
    """What each table that a summary may read stands for: a head's name in the ledger."""
    place = config.bigquery
    targets = [place.summary_table(one.name) for one in summaries]
    known = dict(zip(targets, targets, strict=True))
    for table in config.tables.values():
        current = place.current_table(table)
        known |= {current: current, place.raw_table(table): current}
        if table.history:
            known[place.history_view(table)] = current
    return known


def _inputs(
    config: SourceConfig, summary: Summary, known: Mapping[str, str]
) -> tuple[ResolvedSummary | None, list[Problem]]:
    place = config.bigquery
    datasets = (place.home, f"{place.project}.{place.raw}")
    try:
        names = _declared(config, summary) or tables_named(summary.query)
    except Refused as refused:
        return None, [summary.problem("query", refused.message, refused.remedy, summary.line)]
    whole = [_whole(config, name) for name in names]
    foreign = tuple(name for name in whole if name not in known and name.rpartition(".")[0] not in datasets)
    unknown = [name for name in whole if name not in known and name not in foreign]
    problems = [_unknown(config, summary, name, known) for name in unknown]
    inputs = tuple(dict.fromkeys(known[name] for name in whole if name in known))
    if not inputs and not problems:
        there = ", ".join(table.to for table in config.tables.values())
        message = f"reads no table of the source {config.source}, so nothing would ever run it"
        problems.append(summary.problem("query", message, f"read one of: {there}", summary.line))
    after = tuple(name.rpartition(".")[2] for name in inputs if name in _targets(config, known))
    return ResolvedSummary(summary=summary, inputs=inputs, after=after, foreign=foreign), problems


def _declared(config: SourceConfig, summary: Summary) -> tuple[str, ...]:
    """The header's own list, in which a table may be called as in the source's file too."""
    return tuple(config.tables[name].to if name in config.tables else name for name in summary.tables)


def _targets(config: SourceConfig, known: Mapping[str, str]) -> frozenset[str]:
    """The heads of summaries."""
    return frozenset(known.values()) - {config.bigquery.current_table(table) for table in config.tables.values()}


def _whole(config: SourceConfig, name: str) -> str:
    parts, place = name.count("."), config.bigquery
    if parts == 0:
        return f"{place.home}.{name}"
    return f"{place.project}.{name}" if parts == 1 else name


def _unknown(config: SourceConfig, summary: Summary, name: str, known: Mapping[str, str]) -> Problem:
    message = f'"{name}", which is no table of the source {config.source}, and no summary'
    near = difflib.get_close_matches(name, known, n=1)
    remedy = f'did you mean "{near[0]}"? ' if near else ""
    if summary.tables:
        there = ", ".join(table.to for table in config.tables.values())
        return summary.problem("tables", f"names {message}", remedy.strip() or f"the source has: {there}")
    message = f"reads {message}"
    remedy += "if it is a table or view of your own, name in the header which of the source's it goes by: tables: [...]"
    return summary.problem("query", message, remedy, summary.line)


def _of_name(config: SourceConfig, summaries: Sequence[Summary], summary: Summary) -> Iterator[Problem]:
    for table in config.tables.values():
        if table.to.casefold() == summary.name.casefold():
            message = f'"{summary.name}" is the target of tables.{table.name} already'
            yield summary.problem("", message, "give the file another name")
    if summary.name.casefold().startswith(OURS):
        message = f'"{summary.name}" begins with "{OURS}", as Floodmark\'s own tables do'
        yield summary.problem("", message, "give the file another name")
    if any(one is not summary and one.name.casefold() == summary.name.casefold() for one in summaries):
        yield summary.problem("", "another file differs from it by case only", "give one of them another name")


def _of_query(summary: Summary) -> Iterator[Problem]:
    try:
        bare_query(summary.query)
        named = parameters_named(summary.query)
    except Refused as refused:
        if summary.tables:  # else it is told where its tables are looked for
            yield summary.problem("query", refused.message, refused.remedy, summary.line)
        return
    yield from _of_parameters(summary, "query", named, summary.line)
    if len(named & {START, END}) == 1:
        missing = next(iter({START, END} - named))
        message = f"names @{next(iter(named & {START, END}))} without @{missing}"
        yield summary.problem("query", message, "name both, or none", summary.line)
    if named & {START, END} and not summary.partition_by:
        message = "names @start and @end, and a window replaces partitions"
        yield summary.problem("query", message, "write partition_by into the header", summary.line)
    if summary.window is not None and not {START, END} <= named:
        message = "a window needs a query that names @start and @end"
        yield summary.problem("window", message, "name them in it, or take window out")


def _of_parameters(summary: Summary, path: str, named: frozenset[str], line: int) -> Iterator[Problem]:
    for name in sorted(named - {START, END}):
        yield summary.problem(
            path, f"names the parameter @{name}, and there is none", "there are @start and @end", line
        )


def _of_assertions(summary: Summary) -> Iterator[Problem]:
    for one in summary.assertions:
        try:
            tables_named(one.sql)
            yield from _of_parameters(summary, f"assert.{one.name}", parameters_named(one.sql), one.line)
        except Refused as refused:
            yield summary.problem(f"assert.{one.name}", refused.message, refused.remedy, one.line)


def _ordered(resolved: Mapping[str, ResolvedSummary]) -> tuple[tuple[ResolvedSummary, ...], list[Problem]]:
    """Each after those that it reads. A circle is told once, by the first of those in it."""
    done: dict[str, ResolvedSummary] = {}
    problems: list[Problem] = []
    in_circles: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in done or name in in_circles or name not in resolved:
            return
        if name in path:
            circle = path[path.index(name) :]
            in_circles.update(circle)
            said = " -> ".join((*circle, name))
            problems.append(resolved[name].summary.problem("query", f"reads itself in a circle: {said}", "break it"))
            return
        for other in resolved[name].after:
            visit(other, (*path, name))
        if name not in in_circles:
            done[name] = resolved[name]

    for name in sorted(resolved):
        visit(name, ())
    return tuple(done.values()), problems
