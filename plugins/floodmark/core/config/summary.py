"""A summary table as it is written: one SELECT in GoogleSQL, with a header in YAML in the comment that begins it.

/* floodmark
description: Sales of each day.
keys: day
require_rows: true
partition_by: day
assert:
  nothing_is_negative: SELECT * FROM summary WHERE amount < 0
*/
SELECT DATE(created_at, 'UTC') AS day, SUM(amount) AS amount FROM orders GROUP BY day
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta

from pydantic import Field, ValidationError

from floodmark.core.config import values as v
from floodmark.core.config import yaml_tree
from floodmark.core.config.names import table as table_name
from floodmark.core.config.readable import shortened
from floodmark.core.refused import Refused
from floodmark.errors import Problem

_HEADER = re.compile(r"\A\s*/\*\s*floodmark\b(?P<yaml>.*?)\*/", re.DOTALL)
_MISTAKEN = re.compile(r"\A\s*(?:--[^\n]*\n\s*)*/\*\s*floodmark\b")
START, END = "start", "end"
"""The parameters that a query may name: the window that is built, as TIMESTAMP, its end outside."""
THIS = "summary"
"""What an assertion calls the rows that were built."""
_LONGEST = 200


@dataclass(frozen=True, kw_only=True)
class Assertion:
    """A query that must give no rows. ``line`` is where it stands in its file."""

    name: str
    sql: str
    line: int = 0


@dataclass(frozen=True, kw_only=True)
class Summary:
    """A summary table with everything that decides what it holds.

    ``file`` is the file's name, for messages, ``query`` its SELECT, which begins on ``line``. ``window`` is how far
    before what changed a run by schedule builds anew; None: all of it. ``tables`` are those that it reads, where the
    header names them; ``named`` whether it does.
    """

    name: str
    file: str
    query: str
    line: int = 1
    source: str = ""
    keys: tuple[str, ...] = ()
    require_rows: bool = False
    assertions: tuple[Assertion, ...] = ()
    partition_by: str = ""
    partition_unit: str = ""
    cluster_by: tuple[str, ...] = ()
    window: timedelta | None = None
    tables: tuple[str, ...] = ()
    description: str = ""
    owner: str = ""

    @property
    def placed_query(self) -> str:
        """The query, so far down that BigQuery's positions in it are those in its file."""
        return "\n" * (self.line - 1) + self.query

    def is_as(self, other: Summary) -> bool:
        """Whether what the other has built is what this one would: the same query, in a table of the same shape."""
        return _shape(self) == _shape(other)

    def problem(self, path: str, message: str, remedy: str = "", line: int = 0) -> Problem:
        """Something wrong in its file."""
        return Problem(file=f"{self.file}:{line}" if line else self.file, path=path, message=message, remedy=remedy)


def _shape(one: Summary) -> tuple[object, ...]:
    return one.query, one.partition_by, one.partition_unit, one.cluster_by


class SummaryKeys(v.Keys):
    """The keys of a summary's header. All are optional."""

    source: v.SourceName | None = Field(
        None, description="The source whose tables it reads; needed where several sources' files lie in the folder."
    )
    description: v.Text | None = Field(None, description="Of the table.")
    keys: v.Columns = Field((), description="Columns that are unique together and never NULL.")
    require_rows: bool = Field(False, description="Whether it fails where the query gives no rows.")
    assert_: dict[str, v.Text] = Field(
        {}, alias="assert", description="Queries by name that must give no rows; they read what was built as `summary`."
    )
    partition_by: v.Partition | None = Field(None, description="Column that partitions it, or {column, by}.")
    cluster_by: v.Cluster = Field((), description="Up to four columns that it is clustered by.")
    window: v.Duration | None = Field(
        None, description="How far before a change its rows may lie: 3d. A run by schedule builds only from there on, "
        "where the query names @start and @end. Default: all of it, each time.")  # fmt: skip
    tables: v.Texts = Field(
        (), description="Tables of the source, or summaries, that it reads. Default: those that the query names."
    )
    owner: v.Text | None = Field(None, description="Whom to ask. Default: the source's owner.")


def parse(text: str, file: str, name: str) -> tuple[Summary | None, list[Problem]]:
    """One file, ``file`` for messages; the summary, unless something is wrong, and everything that is."""
    problems = _of_name(name, file)
    header = _HEADER.match(text)
    if header is None and _MISTAKEN.match(text):
        remedy = "let the file begin with /* floodmark, and end the header with */"
        return None, [*problems, Problem(file=file, path="", message="has a header that isn't read", remedy=remedy)]
    keys, lines = SummaryKeys(), {}
    if header:
        before = "\n" * text[: header.start("yaml")].count("\n")
        tree = yaml_tree.read(before + header["yaml"], file, {})
        problems += tree.problems
        try:
            keys = SummaryKeys.model_validate(_without_nulls(tree.value) if tree.value is not None else {})
        except ValidationError as error:
            problems += [_problem(tree, one) for one in error.errors(include_url=False) if not tree.judged(one["loc"])]
        lines = {str(path[1]): line for path, line in tree.lines.items() if len(path) == 2 and path[0] == "assert"}
    head = header.end() if header else 0
    query = text[head:]
    line = text[: head + len(query) - len(query.lstrip())].count("\n") + 1
    if not query.strip() or "\0" in query:
        message = "holds a NUL character" if query.strip() else "has no query"
        problems.append(Problem(file=file, path="", message=message, remedy="write one SELECT below the header"))
    if problems:
        return None, problems
    return _filled(Summary(name=name, file=file, query=query.strip(), line=line), keys, lines), []


def _filled(bare: Summary, keys: SummaryKeys, lines: dict[str, int]) -> Summary:
    cut = keys.partition_by
    return replace(
        bare, source=keys.source or "", keys=keys.keys, require_rows=keys.require_rows,
        assertions=tuple(Assertion(name=one, sql=sql, line=lines.get(one, 0)) for one, sql in keys.assert_.items()),
        partition_by=cut.column if cut else "", partition_unit=cut.by if cut else "",
        cluster_by=keys.cluster_by, window=keys.window, tables=keys.tables,
        description=keys.description or "", owner=keys.owner or "",
    )  # fmt: skip


def _of_name(name: str, file: str) -> list[Problem]:
    try:
        table_name(name)
    except Refused as refused:
        message = f'"{shortened(name, _LONGEST)}" {refused.message}'
        return [Problem(file=file, path="", message=message, remedy="letters, digits, - and _, at most 200")]
    return []


def _without_nulls(value: object) -> object:
    return {key: one for key, one in value.items() if one is not None} if isinstance(value, dict) else value


def _problem(tree: yaml_tree.Tree, error: object) -> Problem:
    assert isinstance(error, dict)
    path = tuple(part for part in error["loc"] if part != "[key]")
    refused = (error.get("ctx") or {}).get("error")
    if error["type"] == "extra_forbidden":
        known = ", ".join(sorted(field.alias or key for key, field in SummaryKeys.model_fields.items()))
        return tree.problem(path, "unknown key", f"known here: {known}")
    if isinstance(refused, Refused):
        written = tree.written.get(path)
        shown = f'"{shortened(written, _LONGEST)}" ' if written is not None else ""
        return tree.problem(path, shown + refused.message, refused.remedy)
    return tree.problem(path, str(error["msg"]), "see docs/summaries.md")
