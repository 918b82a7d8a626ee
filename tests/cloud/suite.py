"""All of it: each kind of table through the product, and each doubt asked, some at a time."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from floodmark.demo.servers.all import PostgresServer
from tests.cloud.bill import watched
from tests.cloud.finding import Check, Finding, answers
from tests.cloud.journey import Journey
from tests.cloud.kinds import KINDS, Kind
from tests.cloud.place import Place
from tests.cloud.tidy import made

if TYPE_CHECKING:
    from concurrent.futures import Future

Say = Callable[[str], None]
Asking = Callable[[], Iterator[Finding]]


def run(
    place: Place,
    postgres: PostgresServer,
    folder: Path,
    say: Say,
    *,
    kinds: Sequence[Kind] = KINDS,
    checks: Sequence[Check] = (),
    workers: int = 6,
) -> list[Finding]:
    """Every finding, in the order of kinds and checks. Whatever ends it, datasets and objects are removed first."""
    with watched(place.bill), made(place, say):
        tasks = [(kind.name, _journey(place, postgres, folder, kind)) for kind in kinds]
        tasks += [(check.name, _check(place, check)) for check in checks]
        return [finding for found in _side_by_side(place, tasks, say, workers) for finding in found]


def _journey(place: Place, postgres: PostgresServer, folder: Path, kind: Kind) -> Asking:
    def asked() -> Iterator[Finding]:
        with _database(postgres, re.sub(r"\W+", "_", f"{place.name}_{kind.name}")[:63]) as dsn:
            yield from Journey(place, kind, dsn, folder / kind.name.replace(" ", "_")).findings()

    return lambda: answers(kind.name, asked, here=kind.here if place.is_local else "")


def _check(place: Place, check: Check) -> Asking:
    return lambda: answers(check.name, lambda: check.ask(place), here=check.here if place.is_local else "")


@contextmanager
def _database(postgres: PostgresServer, name: str) -> Iterator[str]:
    """A database of its own: another's open transactions would hold its seals back."""
    database = postgres.create_database(name)
    try:
        yield database.dsn
    finally:
        postgres.drop_database(name)


def _side_by_side(place: Place, tasks: Sequence[tuple[str, Asking]], say: Say, workers: int) -> list[list[Finding]]:
    """Each task's findings. When a person stops it, nothing more is begun, and what is under way is waited for."""
    lock = threading.Lock()

    def done(name: str, asking: Asking) -> list[Finding]:
        found = []
        for finding in answers(name, lambda: _allowed(place, asking)):
            found.append(finding)
            with lock:
                say(f"{finding.verdict}: {finding.about}")
        return found

    with ExitStack() as stack:
        pool = stack.enter_context(ThreadPoolExecutor(workers))
        stack.callback(pool.shutdown, cancel_futures=True)
        futures: list[Future[list[Finding]]] = [pool.submit(done, *task) for task in tasks]
        try:
            return [future.result() for future in futures]
        except BaseException:
            place.bill.stopped = True
            say("stopping: what is under way is waited for")
            raise


def _allowed(place: Place, asking: Asking) -> Iterator[Finding]:
    place.bill.allow()
    yield from asking()
