"""What ``floodmark doctor`` examines. Every examination ends in findings, never in an exception of a service."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, ParamSpec

from floodmark import __version__
from floodmark.airflow.compat import floors
from floodmark.core.config.source import SourceConfig
from floodmark.errors import FloodmarkError

if TYPE_CHECKING:
    from floodmark.adapters.connections.environment import LocalConnections
    from floodmark.cli.sources import SourceFile
    from floodmark.core.ports import Inspection

P = ParamSpec("P")

OLDEST_PYTHON = (3, 11)
PACKAGES = (
    "adbc-driver-postgresql", "psycopg2-binary", "pyarrow", "sqlalchemy", "google-cloud-bigquery",
    "google-cloud-storage",
)  # fmt: skip
AIRFLOWS = (
    floors.AIRFLOW, "apache-airflow-providers-google", "apache-airflow-providers-postgres", floors.COMPAT,
)  # fmt: skip


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was examined."""

    level: Level
    about: str
    said: str
    remedy: str = ""


def _ok(about: str, said: str) -> Finding:
    return Finding(level=Level.OK, about=about, said=said)


def _failed(about: str, said: str, remedy: str) -> Finding:
    return Finding(level=Level.FAILED, about=about, said=said, remedy=remedy)


def _warned(about: str, said: str, remedy: str = "") -> Finding:
    return Finding(level=Level.WARNING, about=about, said=said, remedy=remedy)


def _caught(about: str) -> Callable[[Callable[P, Iterator[Finding]]], Callable[P, list[Finding]]]:
    """An examination whose error is its last finding."""

    def decorate(examine: Callable[P, Iterator[Finding]]) -> Callable[P, list[Finding]]:
        @wraps(examine)
        def examined(*args: P.args, **kwargs: P.kwargs) -> list[Finding]:
            found: list[Finding] = []
            try:
                found.extend(examine(*args, **kwargs))
            except FloodmarkError as error:
                found.append(_failed(about, str(error), ""))
            except Exception as error:  # a service's own: whatever it is, it is the finding
                found.append(_failed(about, f"{type(error).__name__}: {error}", ""))
            return found

        return examined

    return decorate


def environment() -> Iterator[Finding]:
    """Python and packages."""
    python = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info >= OLDEST_PYTHON:
        yield _ok("python", python)
    else:
        yield _failed("python", python, "use 3.11 or later")
    yield _ok("floodmark", __version__)
    for name in PACKAGES:
        yield _package(name) or _failed(name, "is not installed", "pip install floodmark")
    for name in AIRFLOWS:
        found = _package(name)
        if found is None:
            yield _warned(name, "is not installed", "only DAGs need it: pip install 'floodmark[airflow]'")
        elif name in floors.FLOORS and (problem := floors.problem(name, found.said)):
            yield _failed(name, problem.message, problem.remedy)
        else:
            yield found


def _package(name: str) -> Finding | None:
    for installed in (name, name.removesuffix("-binary")):
        try:
            return _ok(name, version(installed))
        except PackageNotFoundError:
            continue
    return None


@_caught("ledger")
def of_ledger(file: SourceFile, dsn: str = "") -> Iterator[Finding]:
    """Whether it can be opened, and what it is."""
    with closing(file.ports(dsn, missing="empty")) as ports:
        ledger = ports.ledger
        counted = f", {len(ledger.targets())} targets, {ledger.uuid}" if ledger.uuid.int else ""
        yield _ok("ledger", f"{ledger}{counted}")


@_caught("source")
def of_source(config: SourceConfig, connections: LocalConnections) -> Iterator[Finding]:
    """Whether the database answers, what the role may read, and whether seals can be proved (R5)."""
    from floodmark.pipeline import wiring

    has_primary = config.seal_connection is not None
    with closing(wiring.inspection(connections, config.connection, has_primary=has_primary)) as source:
        server = source.server()
        yield _ok("source", f"{server.place}: {server.name}")
        for one in (*server.unproved, *server.advice):
            yield _warned(one.about, one.said, one.remedy)
        yield from _tables(config, source)


def _tables(config: SourceConfig, source: Inspection) -> Iterator[Finding]:
    there = set(source.tables())
    for table in config.tables.values():
        relation = table.relation
        if (relation.schema, relation.name) in there:
            yield _ok("source", f"{relation} can be read")
        else:
            remedy = f"GRANT SELECT ON {relation} TO its role, or mend tables.{table.name}.from"
            yield _failed("source", f"{relation} is not there, or may not be read", remedy)


def of_google(config: SourceConfig, connections: LocalConnections, *, probe: bool) -> list[Finding]:
    """The bucket, and both datasets with their location."""
    return [*_bucket(config, connections, probe=probe), *_datasets(config, connections)]


@_caught("stage")
def _bucket(config: SourceConfig, connections: LocalConnections, *, probe: bool) -> Iterator[Finding]:
    import secrets

    client: Any = connections.storage(config.bigquery.connection)
    bucket = client.bucket(config.stage.bucket)
    if not probe:
        next(iter(client.list_blobs(bucket, prefix=config.stage.prefix, max_results=1)), None)
        yield _ok("stage", f"{config.stage} can be listed; nothing was written")
        return
    blob = bucket.blob("/".join(filter(None, [config.stage.prefix, f"floodmark-doctor-{secrets.token_hex(8)}"])))
    blob.upload_from_string(b"", if_generation_match=0)
    blob.delete()
    yield _ok("stage", f"{config.stage}: a probe object was written and deleted")


@_caught("bigquery")
def _datasets(config: SourceConfig, connections: LocalConnections) -> Iterator[Finding]:
    from google.api_core.exceptions import NotFound

    place = config.bigquery
    client: Any = connections.bigquery(place.connection, place.project, place.location)
    for name in (place.dataset, place.raw):
        reference = f"{place.project}.{name}"
        try:
            location = str(client.get_dataset(reference).location)
        except NotFound:
            remedy = f"bq mk --location={place.location} --dataset {place.project}:{name}"
            yield _failed("bigquery", f"dataset {reference} does not exist", remedy)
            continue
        if location.casefold() == place.location.casefold():
            yield _ok("bigquery", f"dataset {reference} in {location}")
        else:
            yield _failed(
                "bigquery",
                f"dataset {reference} lies in {location}, the file says {place.location}",
                f"write location: {location}, or name another dataset",
            )
