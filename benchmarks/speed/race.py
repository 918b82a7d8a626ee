"""The measuring itself: servers, tables, rounds."""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import closing
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg2
from contestants import BASE, Contestant
from environments import environment
from machine import machine, versions
from measure import Failed, measured
from plan import Plan
from read_speed import psql
from shapes import SHAPES, Shape

from floodmark.adapters.adbc_library import NAME, OWN
from floodmark.demo.servers.all import FAST, PostgresServer, temporary_folder
from floodmark.errors import ServerFailed

PINS = Path(__file__).parent / "pins"
PYTHON = "3.13"
QUIET = {**FAST, "autovacuum": "off", "max_wal_size": "4GB"}
"""The server does nothing of its own meanwhile."""

BASES_OF_SLOW = 3
"""A COPY of few rows is over at once, so it is done so often in a round, and the median counts."""

TRIAL = "trial"


@dataclass(frozen=True, kw_only=True)
class Track:
    """One server, where files go, and what was found so far."""

    plan: Plan
    server: PostgresServer
    files: Path
    pythons: dict[str, Path]
    measures: list[dict[str, Any]] = field(default_factory=list)
    failures: list[dict[str, Any]] = field(default_factory=list)
    memory: list[dict[str, Any]] = field(default_factory=list)
    sizes: dict[str, dict[str, dict[str, int]]] = field(default_factory=dict)

    @property
    def dsn(self) -> str:
        """Of the database with all tables."""
        return self.server.database().dsn

    def read(self, contestant: Contestant, table: str) -> dict[str, Any]:
        """One measurement, its values rounded. Raises ``Failed``."""
        argument = contestant.argument
        if contestant.module == "by_psql":
            argument = f"{psql()},{argument}"
        found = measured(
            [str(self.pythons[contestant.pins]), contestant.module, argument],
            table=table,
            dsn=self.dsn,
            folder=self.files,
            server=self.server.pid,
            is_program=contestant.is_program,
            limit=self.plan.limit,
            settings={OWN: str(_library(self.pythons[contestant.driver]))} if contestant.driver else None,
        )
        return {name: round(value, 4) if isinstance(value, float) else value for name, value in asdict(found).items()}

    def note(self, contestant: Contestant, shape: Shape, rows: int, round_: int) -> None:
        """Measure, and keep what came of it; a read of other rows than there are is a failure."""
        where = {"shape": shape.name, "rows": rows, "contestant": contestant.name}
        try:
            found = self.read(contestant, _table(shape, rows))
            if (read := found.pop("rows")) not in (rows, None):
                raise Failed(f"it read {read:,} rows of {rows:,}")
        except Failed as error:
            self.failures.append({**where, "reason": str(error)})
            say(f"{shape.name}, {rows:,} rows: {contestant.label}: {error}")
            return
        self.measures.append({**where, "round": round_, **found})
        say(
            f"{shape.name}, {rows:,} rows, round {round_}: {contestant.label}: {found['seconds']:.2f} s, "
            f"CPU {found['cpu']:.2f} s, {found['peak']:.0f} MiB"
        )

    def failed(self, contestant: Contestant, shape: Shape, rows: int) -> bool:
        """Whether it did so with this table: it isn't asked again."""
        where = (shape.name, rows, contestant.name)
        return any((one["shape"], one["rows"], one["contestant"]) == where for one in self.failures)


def say(line: str) -> None:
    """One line of progress."""
    print(f"bench: {line}", flush=True)


def fill(dsn: str, shape: Shape, table: str, rows: int) -> None:
    """A table of a shape, anew."""
    _execute(dsn, shape.statements(table, rows))


def _execute(dsn: str, statements: list[str]) -> None:
    with closing(psycopg2.connect(dsn)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)


def _table(shape: Shape, rows: int) -> str:
    return f"{shape.name if shape.name.isalpha() else 'columns_' + shape.name}_{rows}"


def _pythons(plan: Plan, missing: dict[str, str]) -> dict[str, Path]:
    """The interpreter for each file of pins; who has none goes to ``missing``, with the reason."""
    found = {"": Path(sys.executable)}
    for name in dict.fromkeys(name for one in plan.contestants for name in (one.pins, one.driver) if name):
        try:
            found[name] = environment(PINS / f"{name}.txt", PYTHON, say)
        except ServerFailed as error:
            same = [one.name for one in plan.contestants if name in (one.pins, one.driver)]
            missing.update(dict.fromkeys(same, str(error).splitlines()[-1][:200]))
    return found


def _library(python: Path) -> Path:
    """ADBC's driver in an environment."""
    return next(python.parents[1].glob(f"lib/python*/site-packages/adbc_driver_postgresql/{NAME}"))


def _tried(track: Track, missing: dict[str, str]) -> None:
    """Let each read a few rows, unmeasured: that compiles and warms what it imports, and shows who can't at all."""
    shape = SHAPES["narrow"]
    fill(track.dsn, shape, TRIAL, 1000)
    for one in track.plan.contestants:
        if one.pins and one.name not in missing:
            try:
                track.read(one, TRIAL)
            except Failed as error:
                missing[one.name] = str(error)
                say(f"{one.label} can't be had here: {error}")


def _rounds(track: Track, shape: Shape, sizes: dict[str, int], contestants: list[Contestant]) -> None:
    """All rounds with one shape: each begins with another contestant."""
    base = next(one for one in contestants if one.name == BASE)
    slow_bases = [base] * BASES_OF_SLOW if sizes["slow"] != sizes["all"] else []
    for round_ in range(track.plan.tries):
        shift = round_ * len(contestants) // track.plan.tries
        those = [one for one in contestants if round_ < track.plan.tries_of(one, shape)]
        runs = [(one, sizes["slow"] if one.is_slow else sizes["all"]) for one in those[shift:] + those[:shift]]
        if any(one.is_slow for one in those):
            runs += [(one, sizes["slow"]) for one in slow_bases]
        for one, rows in runs:
            if not track.failed(one, shape, rows):
                track.note(one, shape, rows, round_)


def _measured(track: Track, contestants: list[Contestant]) -> bool:
    """Everything in turn; False where Ctrl-C ended it, once there is something to tell."""
    try:
        for shape in track.plan.shapes:
            for rows in track.plan.rows:
                size = track.plan.sizes(shape, rows)
                numbers = set(size.values())
                say(f"making {size['all']:,} rows of {shape.what}")
                for number in numbers:
                    fill(track.dsn, shape, _table(shape, number), number)
                track.sizes.setdefault(shape.name, {})[str(size["all"])] = size
                _rounds(track, shape, size, contestants)
                _execute(track.dsn, [f"DROP TABLE {_table(shape, number)}" for number in numbers])
        _memory(track)
    except KeyboardInterrupt:
        if not track.measures:
            raise
        say("interrupted: the report holds what was measured until now")
        return False
    return True


def _memory(track: Track) -> None:
    """Floodmark's memory at several sizes, once each."""
    shape = SHAPES["ten"]
    for rows in track.plan.memory:
        fill(track.dsn, shape, "memory", rows)
        for one in track.plan.contestants:
            if one.module == "by_floodmark":
                try:
                    told = track.read(one, "memory")
                except Failed as error:
                    track.failures.append(
                        {"shape": "memory", "rows": rows, "contestant": one.name, "reason": str(error)}
                    )
                    continue
                track.memory.append({**told, "rows": rows, "contestant": one.name})
                say(f"memory, {rows:,} rows: {one.label}: {told['peak']:.0f} MiB, {told['seconds']:.2f} s")


def _files_in_memory() -> Path | None:
    """Where files are written without a disk that would be measured too, if there is room."""
    folder = Path("/dev/shm")
    return folder if os.access(folder, os.W_OK) and shutil.disk_usage(folder).free >= 4 << 30 else None


def race(plan: Plan, began: datetime) -> dict[str, Any]:
    """Measure all of the plan; the report's document. Raises ``ServerFailed``."""
    from mysql_section import mysql_section

    load, missing = os.getloadavg(), dict[str, str]()
    pythons = _pythons(plan, missing)
    in_memory = _files_in_memory()
    with (
        temporary_folder() as folder,
        temporary_folder(in_memory) as files,
        PostgresServer(folder=folder, settings=QUIET) as server,
    ):
        track = Track(plan=plan, server=server, files=files, pythons=pythons)
        _tried(track, missing)
        contestants = [one for one in plan.contestants if one.name not in missing]
        whole = _measured(track, contestants)
        about = machine(server.database().dsn, files_in_memory=in_memory is not None)
    return {
        "began": began.isoformat(timespec="seconds"),
        "ended": datetime.now(UTC).isoformat(timespec="seconds"),
        "load": {"before": round(load[0], 2), "after": round(os.getloadavg()[0], 2)},
        "machine": about,
        "versions": {one.name: versions(pythons[one.pins], one.versions) for one in contestants},
        "tries": plan.tries,
        "whole": whole,
        "shapes": {shape.name: shape.what for shape in plan.shapes if shape.name in track.sizes},
        "sizes": track.sizes,
        "contestants": {
            one.name: {"label": one.label, "writes": one.writes, "how": one.how, "is_slow": one.is_slow}
            for one in plan.contestants
        },
        "missing": missing,
        "failures": track.failures,
        "measures": track.measures,
        "memory": track.memory,
        "mysql": mysql_section(plan.mysql_rows, plan.tries, say) if plan.mysql_rows and whole else None,
    }
