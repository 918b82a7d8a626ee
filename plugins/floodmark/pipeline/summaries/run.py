"""One summary in one run, wired; what a run wants of it, and what became of that."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from floodmark.core.command_line import command_line
from floodmark.core.config.summary import Summary
from floodmark.core.ledger.built import Built
from floodmark.core.ledger.head import Head
from floodmark.core.ledger.read import Read
from floodmark.core.time.interval import Interval
from floodmark.pipeline.table_run import TargetRun

LEASE_WAIT = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True)
class SummaryRun(TargetRun):
    """One summary of one source. ``inputs`` are the targets that it reads: tables of the source, or summaries."""

    summary: Summary
    inputs: tuple[str, ...]

    @property
    def name(self) -> str:
        """The summary's name: its file's."""
        return self.summary.name

    @property
    def target(self) -> str:
        """``project.dataset.table`` of the table: the head's name in the ledger."""
        return self.config.bigquery.summary_table(self.name)

    @property
    def lease_wait(self) -> timedelta:
        """As tables have it where they don't say."""
        return LEASE_WAIT

    @property
    def tried_again(self) -> str:
        """Nothing of a failed build stays under way: the next one is another. Positions are those of the file."""
        return f"{self.command('summarize')} (lines are those of {self.summary.file})"

    @property
    def spent_shown(self) -> str:
        """Of the whole source, its summaries with it."""
        return command_line("cost", self.named or self.config.source)

    @property
    def dataset(self) -> str:
        """``project.dataset`` of names without one."""
        return self.config.bigquery.home


@dataclass(frozen=True, kw_only=True)
class BuildRequest:
    """What a run wants of a summary. ``window`` (UTC) is what to build anew; None: as the header says, or all of it.

    ``asked``: by a person, so it is built though nothing changed. ``anew``: its table is dropped and made again.
    """

    run_id: str
    asked: bool = False
    window: Interval | None = None
    anew: bool = False


@dataclass(frozen=True, kw_only=True)
class BuildOutcome:
    """What became of a summary: plain, and fit for XCom. ``state`` is ``built``, ``unchanged`` or ``waiting``.

    ``why`` says what it waits for, or what somebody did to the table before it was built. ``inputs`` are what it was
    built from: up to when each was sealed (ISO, UTC), empty where nothing of it is. ``window`` is empty where all of it
    was built.
    """

    summary: str
    target: str
    state: str
    why: str = ""
    read_at: str = ""
    rows: int = 0
    window: str = ""
    inputs: dict[str, str]

    @property
    def changed(self) -> bool:
        """Whether the table is another than before."""
        return self.state == "built"

    def document(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)


def outcome(run: SummaryRun, head: Head, read: Read | None, *, state: str = "built", why: str = "") -> BuildOutcome:
    """What became of ``read``; of nothing, where there was nothing to do."""
    built = read.portion if read and isinstance(read.portion, Built) else None
    return BuildOutcome(
        summary=run.name,
        target=run.target,
        state=state,
        why=why,
        read_at=read.read_at.isoformat() if read else "",
        rows=head.target_rows or 0,
        window=str(built.window) if built and built.window else "",
        inputs={
            one.target: one.sealed_up_to.isoformat() if one.sealed_up_to else "" for one in built.inputs
        } if built else {},
    )  # fmt: skip
