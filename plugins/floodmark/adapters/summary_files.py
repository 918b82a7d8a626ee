"""The summaries of a source: ``summaries/*.sql`` beside its file."""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from pathlib import Path

from floodmark.adapters import beside, source_folder
from floodmark.core.config import summary as summaries
from floodmark.core.config.source import SourceConfig
from floodmark.core.config.summary import Summary
from floodmark.core.resolve.summaries import ResolvedSummary, resolve
from floodmark.errors import ConfigurationError, Problem

FOLDER = "summaries"

log = logging.getLogger(__name__)


def files(path: Path) -> tuple[list[Path], list[Problem]]:
    """The files of summaries beside a source's file, in order of name; those of other sources too.

    And why their folder can't be looked into, where it can't.
    """
    try:
        return beside.files(path.parent / FOLDER, ".sql"), []
    except ConfigurationError as error:
        return [], [replace(one, file=FOLDER) for one in error.problems]


def targets(path: Path, config: SourceConfig) -> list[str]:
    """Every summary that may be the source's, ``project.dataset.table``, whatever is wrong in its file."""
    found, problems = files(path)
    for problem in problems:
        log.warning("%s: what its summaries billed can't be counted: %s", config.source, problem)
    read = ((file, _read(file)[0]) for file in found)
    return [config.bigquery.summary_table(file.stem) for file, summary in read
            if summary is None or summary.source in ("", config.source)]  # fmt: skip


_SOURCE = re.compile(r"""^source:[ ]*["']?([^\s"'#]+)""", re.MULTILINE)


def of_nobody(path: Path) -> list[tuple[str, str]]:
    """The files whose ``source`` no file beside ``path`` is, with that source: nothing builds them.

    Only where ``path`` is the first of those files, so that each is told once.
    """
    sources = source_folder.files(path.parent)
    if sources[:1] != [path]:
        return []
    try:
        named = {name for one in sources for name in _SOURCE.findall(one.read_text(encoding="utf-8", errors="replace"))}
    except OSError:  # which source that file is isn't known; who checks it is told that it can't be read
        return []
    found = [_read(file)[0] for file in files(path)[0]]
    return [(one.file, one.source) for one in found if one is not None and one.source not in ("", *named)]


def unread(path: Path) -> list[str]:
    """Files that nobody reads, as their names end with .SQL or .YML; where ``path`` is the first file of its folder."""
    if source_folder.files(path.parent)[:1] != [path] or files(path)[1]:
        return []
    found = [*beside.otherwise(path.parent, *source_folder.ENDINGS), *beside.otherwise(path.parent / FOLDER, ".sql")]
    return [one.relative_to(path.parent).as_posix() for one in found]


def load(path: Path, config: SourceConfig) -> tuple[tuple[ResolvedSummary, ...], list[Problem]]:
    """The source's summaries, each after those that it reads; and every problem in them. ``path`` is its file."""
    written: list[Summary] = []
    there, problems = files(path)
    if not there:
        return (), problems
    alone = all(one == path for one in source_folder.files(path.parent))
    for file in there:
        summary, found = _read(file)
        if summary is None:
            problems += found
        elif summary.source == config.source or (alone and not summary.source):
            written.append(summary)
        elif not summary.source:
            message = "doesn't say of which source it is, and several sources' files lie beside it"
            problems.append(summary.problem("source", message, f"write source: {config.source} into its header"))
    resolved, wrong = resolve(config, written)
    return resolved, [*problems, *wrong]


def require(path: Path, config: SourceConfig) -> tuple[ResolvedSummary, ...]:
    """The same. Raises ``ConfigurationError`` where there is any problem."""
    resolved, problems = load(path, config)
    if problems:
        raise ConfigurationError(problems)
    return resolved


def _read(file: Path) -> tuple[Summary | None, list[Problem]]:
    name = f"{FOLDER}/{file.name}"
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        message = f"is not UTF-8 (byte {error.start})"
        return None, [Problem(file=name, path="", message=message, remedy="save it as UTF-8")]
    except OSError as error:
        return None, [Problem(file=name, path="", message=f"can't be read: {error.strerror}")]
    return summaries.parse(text, name, file.stem)
