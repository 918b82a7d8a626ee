"""``floodmark demo --loss``: rows get lost before one's eyes, in under 90 seconds, without Airflow.

A plain hourly slice, one with a look-back, and Floodmark sync the same table while transactions write to it, some of
which end later than the slice they began in; an hour lasts four seconds. Then the ledger tells of one such slice.
"""

from __future__ import annotations

import threading
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from floodmark.core.time.interval import Interval
from floodmark.demo.loss.compare import Difference, compare
from floodmark.demo.loss.contestants import Contestant, FixedSlice, Floodmark
from floodmark.demo.loss.databases import create_table, versions
from floodmark.demo.loss.race import race, results
from floodmark.demo.loss.story import tell
from floodmark.demo.loss.workload import Parameters, Workload, grid
from floodmark.demo.servers.all import (
    FAST,
    Database,
    PostgresServer,
    google_servers,
    stopped_by_signals,
    temporary_folder,
)
from floodmark.errors import FloodmarkError

LIKE = Parameters(slices=9, rate=80.0, long=0.02, long_to=1.5)
CLOSING = 4
LEAD = timedelta(seconds=2)


class Board:
    """What is known of each contestant so far; drawn anew after each run."""

    def __init__(self, source: Database, names: list[str]) -> None:
        self._source = source
        self._names = names
        self._lost = dict.fromkeys(names, 0)
        self._waiting = 0
        self._slice = "the first slice is being written"
        self._lock = threading.Lock()

    def ran(self, one: Contestant, interval: Interval) -> None:
        """Count what ``one`` lacks of the rows that none of its later runs will look at."""
        if isinstance(one, FixedSlice):
            settled = interval.high - one.look_back
        elif isinstance(one, Floodmark):
            settled = one.sealed_up_to()
        else:
            raise TypeError(f"{one.name}: nobody knows what its next run will look at")
        before, target = versions(self._source, settled), one.rows()
        lacking = compare(versions(self._source, interval.high), target)
        found = compare(before, target)
        with self._lock:
            self._lost[one.name] = found.lost + found.stale
            if isinstance(one, Floodmark):
                self._waiting = lacking.lost + lacking.stale - found.lost - found.stale
                self._slice = f"slice {interval.low:%H:%M:%S} .. {interval.high:%H:%M:%S} UTC"

    def close(self, differences: dict[str, Difference]) -> None:
        """The last count: whole targets against the source at rest."""
        with self._lock:
            self._lost = {name: found.lost + found.stale + found.doubled for name, found in differences.items()}
            self._waiting = 0
            self._slice = "the workload has ended; every table against the source, row by row"

    def __rich__(self) -> Group:
        """Three columns and what they are about."""
        with self._lock:
            table = Table(title="rows lost, or left in an old version", min_width=72)
            for name in self._names:
                table.add_column(name, justify="center")
            style = {False: "bold green", True: "bold red"}
            table.add_row(*(Text(f"{self._lost[name]:,}", style=style[self._lost[name] > 0]) for name in self._names))
            waiting = f"Floodmark knows that rows may be missing, and reads again: {self._waiting:,} now"
            return Group(Text(self._slice, style="dim"), table, Text(waiting, style="dim"))


def show(console: Console | None = None, like: Parameters = LIKE) -> int:
    """Play it; the process's exit: 0 where Floodmark's table is exactly the source."""
    console = console or Console()
    try:
        with stopped_by_signals():
            return _play(console, like)
    except FloodmarkError as error:
        console.print(f"floodmark demo --loss: {error}", style="red", markup=False)
        return 2


def _play(console: Console, like: Parameters) -> int:
    console.print(
        "Transactions write to one table; each row's updated_at is now(), the time at which its transaction began. "
        f"An hour lasts {like.width.total_seconds():g} s. Three ways of copying it, run whenever a slice has ended:\n"
    )
    with ExitStack() as stack:
        folder = stack.enter_context(temporary_folder())
        postgres = stack.enter_context(PostgresServer(folder=folder / "postgres", settings=FAST))
        google = stack.enter_context(google_servers(folder=folder / "google", say=console.print))
        source = postgres.create_database("shop")
        create_table(source.dsn)
        plain, back = (postgres.create_database(name) for name in ("plain", "look_back"))
        first = datetime.now(UTC) + LEAD
        workload = Workload(source.dsn, like, first)
        stack.callback(workload.stop)
        workload.ready()
        minutes = like.width / 60
        contestants: list[Contestant] = [
            FixedSlice("plain slice", source=source, target=plain),
            FixedSlice("look-back of 10 minutes", source=source, target=back, look_back=minutes * 10),
        ]
        floodmark = Floodmark(source=source, google=google, folder=folder, first=first, width=like.width, place="loss")
        contestants.append(floodmark)
        for one in contestants:
            stack.callback(one.close)
        board = Board(source, [one.name for one in contestants])
        with Live(board, console=console, refresh_per_second=4):
            lanes = race(contestants, grid(first, like, more=CLOSING), board.ran)
            written = workload.written(timeout=60)
            found = {one.name: one.difference for one in results(lanes, source)}
            board.close(found)
        console.print(f"\n{written.rows:,} rows written, {written.spanning:,} transactions open over a slice's end.\n")
        if story := tell(floodmark.ledger(), floodmark.raw()):
            console.print(story.table())
        return 0 if found[floodmark.name].none else 1
