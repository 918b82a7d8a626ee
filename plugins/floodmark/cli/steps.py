"""Extract and load one table in this process, as Airflow's tasks do in theirs."""

from __future__ import annotations

import secrets
import select
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from types import FrameType
from typing import TYPE_CHECKING, Any, TypeVar

from floodmark.cli.brief import pace
from floodmark.cli.screen import Screen, shown
from floodmark.core.ledger.portion import Kind
from floodmark.core.time.interval import Interval
from floodmark.pipeline.clock import now
from floodmark.pipeline.table_run import Request, TableRun
from floodmark.pipeline.waiting import until_done, until_settled

if TYPE_CHECKING:
    from floodmark.pipeline.outcome import Outcome

T = TypeVar("T")


def run_id() -> str:
    """A name for this call of the command, unlike any other."""
    return f"cli__{now():%Y%m%dT%H%M%SZ}_{secrets.token_hex(4)}"


def carry(run: TableRun, request: Request, screen: Screen) -> Outcome:
    """Extract, then load what there is. Raises what the pipeline raises; the lease is released whatever happens."""
    from floodmark.pipeline.extract import extract

    name, began = run.table.name, time.monotonic()
    screen.say(f"{name}: reading {_what(request)}")
    read = patiently(lambda: extract(run, request), name, screen)
    outcome = loaded(run, read, screen, time.monotonic() - began)
    screen.say(f"{name}: {_became(outcome)}, after {time.monotonic() - began:.1f} s")
    return outcome


def loaded(run: TableRun, outcome: Outcome, screen: Screen, seconds: float = 0.0) -> Outcome:
    """Load what was staged, in so many seconds; what became of it."""
    from floodmark.pipeline.load import load

    if not outcome.pending:
        return outcome
    name = run.table.name
    screen.say(f"{name}: {outcome.rows:,} rows staged, {pace(outcome.bytes, seconds)}; loading")
    return patiently(lambda: load(run, outcome.read_at), name, screen)


def settled(interval: Interval | None, settle: timedelta, name: str, screen: Screen) -> None:
    """Wait until a slice's end is ``settle`` ago, so that its look can seal it (R6)."""
    if interval is None:
        return
    until_settled(
        interval,
        settle,
        lambda left: screen.say(
            f"{name}: waiting {left.total_seconds():.0f} s for the slice to settle (--no-wait reads at once)"
        ),
    )


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Let TERM and HUP end the command as Ctrl-C does, through every ``with``: leases are released.

    And let all three end a statement that the database is still working on: psycopg2 by itself waits in C.
    """
    from psycopg2 import extensions

    def leave(number: int, _: FrameType | None) -> None:
        sys.exit(128 + number)

    before = {number: signal.signal(number, leave) for number in (signal.SIGTERM, signal.SIGHUP)}
    waiting = extensions.get_wait_callback()
    extensions.set_wait_callback(_wait)
    try:
        yield
    finally:
        extensions.set_wait_callback(waiting)
        for number, handler in before.items():
            signal.signal(number, handler)


def _wait(connection: Any) -> None:
    """Wait for the database where Python can hear signals; one that ends us cancels the statement first."""
    from psycopg2 import extensions

    try:
        while (state := connection.poll()) != extensions.POLL_OK:
            reading = [connection] if state == extensions.POLL_READ else []
            writing = [connection] if state == extensions.POLL_WRITE else []
            select.select(reading, writing, [])
    except (KeyboardInterrupt, SystemExit):
        with suppress(Exception):  # a connection that is not made yet has nothing to cancel
            connection.cancel()
        raise


def patiently(step: Callable[[], T], name: str, screen: Screen) -> T:
    """A job that runs longer than a step waits is waited for by the next step, under a new token (R14)."""
    return until_done(
        step, lambda running: screen.say(f"{name}: job {running.job_id} in {running.location} still runs")
    )


def _what(request: Request) -> str:
    if request.kind is not Kind.SLICE or request.interval is None:
        return "the whole table"
    return f"{shown(request.interval.low)} .. {shown(request.interval.high)} UTC"


def _became(outcome: Outcome) -> str:
    if not outcome.read_at:
        return "nothing to read"
    held = f", held back by {outcome.held_by}" if outcome.held_by else ""
    late = f", {outcome.late:,} late" if outcome.late else ""
    return f"{outcome.state}, {outcome.rows:,} rows{late}; {standing(outcome.document())}{held}"


def standing(outcome: Mapping[str, Any]) -> str:
    """Up to when a table holds what was promised, by an outcome's document: to the second, UTC."""
    if outcome["sealed_up_to"]:
        return f"sealed up to {_moment(outcome['sealed_up_to'])} ({outcome['sealed_basis']})"
    return f"as of {_moment(outcome['as_of'])} (whole)" if outcome["as_of"] else "nothing sealed yet"


def _moment(text: str) -> str:
    return f"{shown(datetime.fromisoformat(text))} UTC"
