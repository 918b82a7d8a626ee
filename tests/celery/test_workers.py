"""Two workers under live writers, both ledgers: each is killed, and the scheduler; current is the source at the end.

``CELERY_TABLES`` is how many tables share tasks: 200 by default.
"""

from __future__ import annotations

import os
import signal

import pytest

from floodmark.demo.servers.airflow import USER
from floodmark.demo.servers.airflow_client import AirflowClient
from floodmark.demo.servers.sessions import Session
from tests.celery.conftest import CADENCE, TABLES
from tests.celery.plant import Plant, Writers
from tests.celery.workers import CeleryAirflow, Worker
from tests.schedulers.end import now
from tests.schedulers.source import until

WITHIN = 240 + 5 * TABLES
"""Seconds for one of the things that are waited for, on a busy machine."""
pytestmark = [pytest.mark.long, pytest.mark.timeout(8 * WITHIN)]


def evidence(airflow: CeleryAirflow) -> str:
    """The ends of the logs that tell most."""
    tasks = sorted((airflow.folder / "logs").glob("dag_id=*/**/*.log"), key=lambda path: path.stat().st_mtime)[-3:]
    paths = [*tasks, airflow.folder / "scheduler.log", *(worker.log for worker in airflow.workers.values())]
    return "\n".join(
        f"=== {path}\n" + "\n".join(line[:400] for line in path.read_text(errors="replace").splitlines()[-12:])
        for path in paths
        if path.exists()
    )


def caught(airflow: CeleryAirflow, plant: Plant, task: str, *, loading: bool = False) -> Worker:
    """The worker whose process of this task holds a lease, once there is one."""

    def holding() -> Worker | None:
        pid = plant.working(task, loading=loading)
        return next((worker for worker in airflow.workers.values() if pid and worker.runs(pid)), None)

    told = f"a lease of {task}"
    worker: Worker = until(told, holding, WITHIN, lambda: f"{plant.uneasy()}\n{evidence(airflow)}", every=0.02)
    return worker


def test_each_worker_and_the_scheduler_are_killed_and_current_is_the_source(
    airflow: CeleryAirflow, plants: dict[str, Plant]
) -> None:
    batched, single = plants["batched"], plants["single"]
    client = AirflowClient(airflow.url, USER, airflow.password)

    def known() -> bool:
        return all(client.schedule(plant.name) for plant in plants.values())

    for plant in plants.values():
        plant.create(cadence=f"{CADENCE.total_seconds() / 60:.0f}m")
    until("parsing both", known, WITHIN, lambda: evidence(airflow))
    for plant in plants.values():
        client.pause(plant.name, False)

    def read() -> bool:
        return all(head.last for plant in plants.values() for head in plant.heads())

    until("a first read of each table", read, WITHIN, lambda: evidence(airflow), every=1)
    with Writers(batched, single) as writers:
        with batched.locked():  # in the middle of reads, of several tables
            first = caught(airflow, batched, "sync")
            first.kill()
        second = caught(airflow, single, "load", loading=True)  # by the one that is left
        assert second is not first
        second.kill()
        first.begin()
        second.begin()
        with single.locked():
            third = caught(airflow, single, "extract")
            third.kill()
        third.begin()
        fourth = caught(airflow, batched, "sync", loading=True)  # and the scheduler with it
        fourth.kill()
        for pid in list(Session(leader=airflow.scheduler.pid).members()):
            os.kill(pid, signal.SIGKILL)
        airflow.scheduler.stop()
        airflow.scheduler.start()
        fourth.begin()
        before = writers.done["transactions"]
        until("more writes", lambda: writers.done["transactions"] > before + 20, WITHIN)
    ended = now()
    for plant in plants.values():

        def behind(plant: Plant = plant) -> list[str]:
            return [name for name in plant.names if plant.sealed_up_to(name) < ended] or plant.uneasy()

        until(f"{plant.name} sealed, at rest", lambda: not behind(), WITHIN, lambda: f"{behind()}", every=2)
    for plant in plants.values():
        until("no lease", lambda plant=plant: not plant.uneasy(), WITHIN, every=1)
        assert list(plant.wrong(ended, list(plant.compared()))) == []
