"""The loss benchmark: how many rows each way of syncing by ``updated_at`` loses beside the same concurrent workload.

    make loss                              the whole of it, about seven minutes; rewrites docs/loss-benchmark.md
    make loss-mysql                        the same of MariaDB; rewrites its section there
    python benchmarks/loss/run.py --quick  under two minutes, nothing is written
    python benchmarks/loss/run.py --help   every parameter

Ends with 0 only if Floodmark's target is exactly the source and sealed up to the workload's end, and no row turned up
in a slice that was called sealed.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from contextlib import ExitStack
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from dlt_contestant import Dlt, dlt_python
from page import rewrite
from report import Report, machine, show
from rich.console import Console

from floodmark.core.time.interval import Interval
from floodmark.demo.databases import Place
from floodmark.demo.loss.contestants import Contestant, FixedSlice, Floodmark
from floodmark.demo.loss.databases import create_table
from floodmark.demo.loss.race import race, results
from floodmark.demo.loss.workload import Parameters, Workload, grid
from floodmark.demo.servers.all import PostgresServer, google_servers, stopped_by_signals, temporary_folder
from floodmark.demo.servers.mariadb import MariaDBServer
from floodmark.errors import FloodmarkError, ServerFailed

MINUTE_PER_HOUR = 1 / 60
QUICK = {"slices": 10, "width": timedelta(seconds=4), "rate": 120.0}
LEAD = timedelta(seconds=3)
"""From the moment at which everybody is ready to the first slice's beginning."""


def closing_runs(parameters: Parameters) -> int:
    """Runs after the workload's last slice: until its longest transaction is over, and two more."""
    return math.ceil(parameters.long_to) + 2


def benchmark(parameters: Parameters, *, mysql: bool, with_dlt: bool, console: Console) -> Report:
    """Start the servers, run the workload and everybody beside it, compare. A plain slice's target is PostgreSQL's."""
    python = dlt_python(console.print) if with_dlt else None
    with ExitStack() as stack:
        folder = stack.enter_context(temporary_folder())
        postgres = stack.enter_context(PostgresServer(folder=folder / "postgres"))
        google = stack.enter_context(google_servers(folder=folder / "google", say=console.print))
        source: Place = postgres.create_database("shop")
        if mysql:
            mariadb = stack.enter_context(MariaDBServer(folder=folder / "mariadb"))
            source = mariadb.database().create_database("shop")
        create_table(source.dsn)

        contestants: list[Contestant] = []
        minute = parameters.width * MINUTE_PER_HOUR
        looks = (("plain slice", 0), ("look-back 1 min/h", 1), ("look-back 10 min/h", 10))
        for name, minutes in looks:
            target = postgres.create_database(f"target_{minutes}")
            contestants.append(FixedSlice(name, source=source, target=target, look_back=minute * minutes))
        if python:
            for name, lag in (("dlt", None), ("dlt, lag 10 min/h", minute * 10)):
                place = folder / f"dlt_{'lag' if lag else 'plain'}"
                contestants.append(Dlt(name, python=python, source=source, folder=place, lag=lag))

        first = datetime.now(UTC) + LEAD
        workload = Workload(source.dsn, parameters, first)
        stack.callback(workload.stop)
        workload.ready()
        floodmark = Floodmark(
            source=source, google=google, folder=folder, first=first, width=parameters.width, place="loss"
        )
        contestants.insert(0, floodmark)
        for one in contestants:
            stack.callback(one.close)

        slices = grid(first, parameters, more=closing_runs(parameters))
        with console.status("the workload begins") as status:

            def ran(one: Contestant, interval: Interval) -> None:
                if one is floodmark:
                    status.update(f"slice {slices.index(interval) + 1} of {len(slices)}")

            lanes = race(contestants, slices, ran)
        written = workload.written(timeout=60)
        behind = written.ended - slices[-2].high.timestamp()
        if behind > 0:
            raise ServerFailed(
                f"the workload ended {behind:.0f} s after the last run but one: this machine is too slow for its rate; "
                "lower it with --rate"
            )
        return Report(
            parameters=parameters,
            closing=closing_runs(parameters),
            written=written,
            results=results(lanes, source),
            sealed=floodmark.sealed_up_to() >= slices[parameters.slices - 1].high,
            late=floodmark.late(),
            machine=machine(source, python),
            began=first,
            mysql=mysql,
        )


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a small one, under two minutes")
    parser.add_argument("--mysql", action="store_true", help="the source is MariaDB")
    parser.add_argument("--without-dlt", action="store_true", help="don't run dlt, which is installed for this")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the result as JSON")
    parser.add_argument("--docs", type=Path, metavar="FOLDER", help="rewrite the page and its picture there")
    for field in fields(Parameters):
        kind = float if field.name == "width" else type(field.default)
        parser.add_argument(
            f"--{field.name.replace('_', '-')}", type=kind, metavar="N", help=f"default {field.default}"
        )
    return parser.parse_args(words)


def parameters(given: argparse.Namespace) -> Parameters:
    """The workload that the command line asks for."""
    chosen = dict(QUICK) if given.quick else {}
    for field in fields(Parameters):
        value = getattr(given, field.name)
        if value is not None:
            chosen[field.name] = timedelta(seconds=value) if field.name == "width" else value
    return Parameters(**chosen)


def main() -> int:
    """Run it; the process's exit."""
    given = arguments()
    console = Console()
    try:
        with stopped_by_signals():
            report = benchmark(parameters(given), mysql=given.mysql, with_dlt=not given.without_dlt, console=console)
    except FloodmarkError as error:
        console.print(f"loss benchmark: {error}", style="red", markup=False)
        return 2
    show(report, console)
    if given.json:
        given.json.write_text(json.dumps(report.document(), indent=2) + "\n")
    if given.docs:
        rewrite(given.docs, report)
    return 0 if report.proved else 1


if __name__ == "__main__":
    sys.exit(main())
