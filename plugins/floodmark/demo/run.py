"""``floodmark demo``: everything on this machine, from the first server to the comparison of every table.

Nothing here is known to the rest of Floodmark: the same DAGs, hooks and steps run as anywhere else; only connections,
the environment and the DAGs' cadence are the demo's.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from rich.markup import escape

from floodmark.demo.machine import SHOP, Machine, Options
from floodmark.demo.phases import backfill, compare_all, live, watches
from floodmark.demo.report import Screen
from floodmark.demo.servers.all import stopped_by_signals, temporary_folder
from floodmark.errors import FloodmarkError

HOLDS, DIFFERS, FAILED, INTERRUPTED = 0, 1, 3, 130
HOURS, MINUTES = 3, 2


def demo(
    *,
    keep: bool = False,
    hours: int = HOURS,
    minutes: int = MINUTES,
    seed: int = 1,
    mysql: bool = False,
    cloudsql: bool = False,
    as_json: bool = False,
) -> int:
    """Run it; the exit code: 0 only if every table is equal.

    ``hours`` of history are backfilled, ``minutes`` lived through the scheduler. ``keep`` leaves all running until
    Ctrl-C. ``mysql``: the shop is MariaDB's; Airflow's own database is PostgreSQL's anyway. ``cloudsql``: the shop is
    read by exports only.
    """
    screen = Screen(as_json=as_json)
    options = Options(hours=hours, minutes=minutes, seed=seed, mysql=mysql, cloudsql=cloudsql)
    try:
        with stopped_by_signals(), temporary_folder() as folder:
            try:
                with Machine(folder, options, screen.say) as machine:
                    return _play(machine, screen, keep=keep)
            except FloodmarkError as error:
                screen.say(f"[bold red]failed[/bold red]: {escape(kept_logs(str(error), folder))}")
                return FAILED
    except KeyboardInterrupt:
        screen.say("stopped")
        return INTERRUPTED


def kept_logs(message: str, folder: Path) -> str:
    """The message of an error, whose logs are copied to a folder that stays; it names them there."""
    kept = Path(tempfile.mkdtemp(prefix="floodmark-logs-"))
    for log in folder.rglob("*.log"):
        place = kept / log.relative_to(folder)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(log, place)
    named = message.replace(str(folder), str(kept))
    return named if str(kept) in named else f"{named}; all logs are in {kept}"


def _play(machine: Machine, screen: Screen, *, keep: bool) -> int:
    runs = watches(machine)
    backfill(machine, runs[SHOP])
    live(machine, runs)
    lines = compare_all(machine)
    holds = all(line.holds for line in lines)
    screen.show(lines, machine.summary(lines, keep=keep), machine.document(lines, screen.elapsed))
    if keep:
        with contextlib.suppress(KeyboardInterrupt):
            while True:
                machine.check()
                time.sleep(timedelta(seconds=2).total_seconds())
    screen.say("stopping every server")
    return HOLDS if holds else DIFFERS
