"""The demo's phases: hours by backfill, the rest of the running hour by hand, minutes by the scheduler, comparison."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial

from floodmark.adapters.connections.environment import LocalConnections
from floodmark.core.ledger.coverage import gaps
from floodmark.core.time.cadence import Cadence, Every
from floodmark.core.time.interval import Interval
from floodmark.demo.compare import compare
from floodmark.demo.machine import HOUR, METADATA, MINUTE, SHOP, SOURCES, Machine
from floodmark.demo.pairs import Synced, late_commits, synced
from floodmark.demo.report import Line
from floodmark.demo.servers.airflow_client import Run
from floodmark.errors import ServerFailed
from floodmark.pipeline.table_run import closing
from floodmark.pipeline.wiring import ports

PATIENCE = timedelta(minutes=10)
LOOK_EVERY = 0.5
RUNS_AT_ONCE = 2
BY_BACKFILL, BY_HAND, BY_SCHEDULE = "backfill", "manual", "scheduled"


class Watch:
    """The runs of a DAG, each told once when it has ended."""

    def __init__(self, machine: Machine, dag: str) -> None:
        self._machine, self._dag = machine, dag
        self._told: set[str] = set()

    def runs(self) -> list[Run]:
        """All runs. Raises ServerFailed for one that failed."""
        found = self._machine.client.runs(self._dag)
        for run in found:
            if run.ended and run.id not in self._told and run.interval:
                self._told.add(run.id)
                self._machine.say(f"{self._dag}: {run.interval.low:%H:%M} to {run.interval.high:%H:%M} by {run.kind}")
            if run.state == "failed":
                tasks = ", ".join(self._machine.client.failed_tasks(self._dag, run.id))
                logs = self._machine.airflow.folder / "logs" / f"dag_id={self._dag}"
                raise ServerFailed(f"Airflow's run {run.id} of {self._dag} failed in {tasks}; the logs are in {logs}")
        return found

    def ended(self, kind: str, *, since: datetime) -> int:
        """How many runs of a kind, with intervals that end after ``since``, have succeeded."""
        ran = [run for run in self.runs() if run.state == "success" and run.kind == kind]
        return sum(run.interval is not None and run.interval.high > since for run in ran)

    def first(self, width: timedelta) -> Interval | None:
        """The first scheduled interval that is so wide."""
        return next((run.interval for run in self.runs() if run.kind == BY_SCHEDULE and _width(run) == width), None)


def _width(run: Run) -> timedelta | None:
    return run.interval.width if run.interval else None


def _until(machine: Machine, what: str, condition: Callable[[], bool]) -> None:
    """Wait. Raises ServerFailed where it takes longer than anyone would."""
    deadline = time.monotonic() + PATIENCE.total_seconds()
    while not condition():
        machine.check()
        if time.monotonic() > deadline:
            raise ServerFailed(f"{what}: not within {PATIENCE}; Airflow's logs are in {machine.airflow.folder}")
        time.sleep(LOOK_EVERY)


def _parsed(machine: Machine, dag: str, cadence: Cadence) -> bool:
    if errors := machine.client.import_errors():
        raise ServerFailed("Airflow can't import the demo's DAGs: " + "; ".join(errors))
    return machine.client.schedule(dag) == cadence.cron


def watches(machine: Machine) -> dict[str, Watch]:
    """One for the DAG of each source."""
    return {source: Watch(machine, source) for source in SOURCES}


def backfill(machine: Machine, watch: Watch) -> None:
    """The shop's full hours, by Airflow's own backfill."""
    client, hours = machine.client, machine.options.hours
    _until(machine, "parsing the DAGs", lambda: _parsed(machine, SHOP, Every(HOUR)))
    first, last = machine.start, machine.hour - HOUR
    client.backfill(SHOP, first, last, RUNS_AT_ONCE)
    machine.say(f"airflow backfill create --dag-id {SHOP} --from-date {first:%FT%TZ} --to-date {last:%FT%TZ}")
    client.pause(SHOP, False)
    _until(machine, "the backfill", lambda: watch.ended(BY_BACKFILL, since=first) >= hours)


def live(machine: Machine, watches: Mapping[str, Watch]) -> None:
    """From hours to minutes: the cadence is changed, what lies between is run by hand, the scheduler does the rest."""
    machine.dags.edit(SHOP, {"FLOODMARK_SHOP_CADENCE": "1m", "FLOODMARK_SHOP_CATCHUP": "false"})
    machine.say(f"{machine.dags.source(SHOP).name} is edited: cadence 1m from here on")
    _until(machine, "parsing the changed DAG", lambda: _parsed(machine, SHOP, Every(MINUTE)))
    switched = datetime.now(UTC)
    machine.client.pause(METADATA, False)
    since = {SHOP: machine.hour, METADATA: machine.config(METADATA).start}
    for source, watch in watches.items():
        _until(machine, f"a live minute of {source}", partial(_begun, watch))
        first = watch.first(MINUTE)
        if first and since[source] < first.low:
            machine.client.trigger(source, Interval(low=since[source], high=first.low))
    for source, watch in watches.items():
        _until(machine, f"the first live minute of {source}", partial(_lived, watch, switched, 1))
    held = machine.workload.hold_prices()  # a table without a timestamp can only be compared as it was read
    for source, watch in watches.items():
        _until(machine, f"the live minutes of {source}", partial(_lived, watch, switched, machine.options.minutes))
        _until(machine, f"every slice of {source}", partial(_whole, machine, watch, source, held))


def _begun(watch: Watch) -> bool:
    return watch.first(MINUTE) is not None


def _lived(watch: Watch, since: datetime, minutes: int) -> bool:
    """Whether so many minutes that ended after ``since`` have been synced: each as soon as it was over."""
    return watch.ended(BY_SCHEDULE, since=since) >= minutes


def _whole(machine: Machine, watch: Watch, source: str, held: datetime) -> bool:
    """Whether no slice is missing, and tables without a cursor were read after ``held``.

    A scheduler that is late by more than a minute skips one, as ``catchup: false`` wants; that is run by hand.
    """
    runs = watch.runs()
    if any(not run.ended and run.kind == BY_HAND for run in runs):
        return False
    tables = synced_tables(machine, source)
    missing = {gap for one in tables if one.coverage and one.pair.start for gap in _gaps(one)}
    done = {run.interval for run in runs if run.kind == BY_HAND or not run.ended}
    for gap in missing - done:
        machine.client.trigger(source, gap)
    late = any(not one.pair.cursor and (one.last_read_at is None or one.last_read_at < held) for one in tables)
    return not missing and not late


def _gaps(table: Synced) -> tuple[Interval, ...]:
    start = table.pair.start or table.coverage[0].interval.low
    return gaps(table.coverage, start, table.coverage[-1].interval.high)


def synced_tables(machine: Machine, source: str) -> list[Synced]:
    """Every table of a source, as the ledger has it now."""
    config = machine.config(source)
    with closing(ports(config, LocalConnections(machine.variables()))) as wired:
        return list(synced(config, wired.source, wired.ledger, machine.dags.source(source).name))


def compare_all(machine: Machine) -> list[Line]:
    """Every table of every source, row by row, while the shop and Airflow go on writing."""
    return [_line(machine, source, table) for source in SOURCES for table in synced_tables(machine, source)]


def _line(machine: Machine, source: str, table: Synced) -> Line:
    client = machine.google.bigquery_client()
    return Line(
        comparison=compare(machine.dsn(source), client, table.pair),
        slices=table.slices,
        sealed_up_to=table.pair.up_to,
        as_of=table.last_read_at if not table.pair.cursor else None,
        late_commits=late_commits(client, table) if table.pair.cursor else None,
    )
