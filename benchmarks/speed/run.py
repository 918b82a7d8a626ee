"""The benchmark of reading: a slice to Parquet by Floodmark and by others, beside a raw COPY of the same query.

    make bench                                    all of it; rewrites benchmarks/report.md, its chart and its JSON
    make bench ARGS="--only floodmark-1 duckdb"   some contestants; the COPY as text is always among them
    make bench ARGS="--shapes ten wide --rows 1000 100000 --tries 5"
    make bench ARGS="--memory 1000000 50000000"   is memory flat?
    python benchmarks/speed/run.py --help         every option

Every measurement is a process of its own. A round measures everybody once, and each round begins with another one, so
that nobody has the warmer machine. Each contestant's environment is made once on a machine, from pins. Ctrl-C ends it
with a report of what was measured until then. Linux only: it reads /proc.
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import contestants  # noqa: E402
import document  # noqa: E402
import shapes  # noqa: E402
from goals import goals  # noqa: E402
from plan import Plan  # noqa: E402
from race import race  # noqa: E402
from results import Results  # noqa: E402

from floodmark.demo.servers.all import stopped_by_signals  # noqa: E402
from floodmark.errors import FloodmarkError  # noqa: E402


def count(words: str, least: int = 1) -> int:
    """A number of rows or tries: ``100_000`` and ``100,000`` too."""
    try:
        number = int(words.replace(",", ""))
    except ValueError:
        number = -1
    if number < least:
        raise argparse.ArgumentTypeError(f"{words!r} is no whole number from {least} on")
    return number


def count_or_none(words: str) -> int:
    """The same, or zero."""
    return count(words, 0)


def share(words: str) -> float:
    """A part of the rows."""
    try:
        number = float(words)
    except ValueError:
        number = 0.0
    if not 0 < number <= 1:
        raise argparse.ArgumentTypeError(f"{words!r} is no number above 0 up to 1")
    return number


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names, tables = list(contestants.CONTESTANTS), list(shapes.SHAPES)
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="NAME", help=", ".join(names))
    parser.add_argument("--shapes", nargs="+", choices=tables, default=tables, metavar="NAME", help=", ".join(tables))
    parser.add_argument(
        "--rows",
        nargs="+",
        type=count,
        default=[2_000_000],
        metavar="N",
        help="of the ten columns; other shapes in proportion",
    )
    parser.add_argument("--tries", type=count, default=3, metavar="N", help="rounds; default 3")
    parser.add_argument(
        "--slow-share", type=share, default=0.1, metavar="PART", help="of the rows, for the slow ones; default 0.1"
    )
    parser.add_argument(
        "--slow-tries",
        type=count_or_none,
        default=1,
        metavar="N",
        help="of the slow ones, but for the ten columns; default 1, 0: with these only",
    )
    parser.add_argument(
        "--memory", nargs="*", type=count, default=[1_000_000, 5_000_000], metavar="N",
        help="rows of ten columns at which Floodmark's memory is measured; none: not at all",
    )  # fmt: skip
    parser.add_argument("--mysql-rows", type=count, default=1_000_000, metavar="N", help="of MariaDB's table")
    parser.add_argument("--without-mysql", action="store_true", help="leave MariaDB's section out")
    parser.add_argument("--limit", type=count, default=300, metavar="SECONDS", help="for one read; default 300")
    parser.add_argument(
        "--to", type=Path, default=HERE.parent, metavar="FOLDER", help="of the report; default benchmarks"
    )
    parser.add_argument(
        "--redraw", action="store_true", help="measure nothing: write text and chart from its JSON anew"
    )
    parser.add_argument("--hold", action="store_true", help="end with 1 where a goal that was measured is not met")
    return parser.parse_args(words)


def plan(asked: argparse.Namespace) -> Plan:
    """What is to be measured; the COPY that all are compared with is always in it."""
    only = [name for name in contestants.CONTESTANTS if name in (*asked.only, contestants.BASE)]
    return Plan(
        contestants=tuple(contestants.CONTESTANTS[name] for name in only),
        shapes=tuple(shape for shape in shapes.SHAPES.values() if shape.name in asked.shapes),
        rows=tuple(sorted(set(asked.rows))),
        tries=asked.tries,
        slow_share=asked.slow_share,
        slow_tries=min(asked.slow_tries, asked.tries),
        memory=tuple(sorted(set(asked.memory))),
        mysql_rows=0 if asked.without_mysql else asked.mysql_rows,
        limit=float(asked.limit),
    )


def measured(asked: argparse.Namespace) -> dict[str, Any]:
    """The document of a run. Raises ``FloodmarkError``."""
    if not asked.to.is_dir():
        raise FloodmarkError(f"--to {asked.to}: there is no such folder; make it first")
    if not Path("/proc/self/status").exists():
        raise FloodmarkError("/proc is missing: memory and CPU are measured on Linux only")
    with stopped_by_signals():
        return race(plan(asked), datetime.now(UTC))


def main(words: list[str] | None = None) -> int:
    """Run it; the process's exit."""
    asked = arguments(words)
    try:
        found = document.read(asked.to) if asked.redraw else measured(asked)
        document.write(asked.to, found)
    except FloodmarkError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    print(f"bench: the report is {asked.to / document.TEXT}")
    missed = [f"{words}: found {told}" for words, told, met in goals(Results(found)) if met is False]
    if asked.hold and missed:
        print("\n".join(["bench: not met:", *missed]), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
