"""Cloud SQL's exports: what only a real instance shows. Asked of the one that FLOODMARK_CLOUD_SQL names.

Its operations take a minute or so each, and cost nothing but the instance's own time.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

from floodmark.adapters.cloudsql.api import ENDPOINT, AdminApi, Answered
from floodmark.adapters.cloudsql.api import Place as Where
from floodmark.adapters.cloudsql.inspection import CloudSqlInspection
from floodmark.adapters.cloudsql.query import context, questions
from floodmark.adapters.cloudsql.source import CloudSqlSource
from floodmark.core.ports import Selection
from tests.cloud.finding import Check, Finding, NotAskable, held
from tests.cloud.place import Place

INSTANCE, ADDRESS = "FLOODMARK_CLOUD_SQL", "FLOODMARK_CLOUD_SQL_ENDPOINT"
LENGTHS = (20_000, 60_000)
"""Bytes of a query. The limit is documented nowhere; a table of 300 columns needs about the larger."""


def _where() -> Where:
    parts = os.environ.get(INSTANCE, "").split(":")
    if len(parts) != 3:
        raise NotAskable(f"set {INSTANCE}=project:instance:database to an instance of PostgreSQL with the Data API on")
    project, instance, database = parts
    endpoint = os.environ.get(ADDRESS, ENDPOINT)
    return Where(project=project, instance=instance, database=database, endpoint=endpoint)


def _session(place: Place, where: Where) -> object:
    return place.connections.session("google_cloud_default", local=where.endpoint.startswith("http://"))


def _uri(place: Place) -> str:
    return f"gs://{place.bucket}/{place.prefix}/cloud-sql/{uuid.uuid4()}.csv"


def export(place: Place) -> Iterator[Finding]:
    """A whole read of the first table that there is, from the look to its last line."""
    where = _where()
    server = CloudSqlInspection(where, lambda: _session(place, where))
    schema, table = server.tables()[0]
    folder = f"gs://{place.bucket}/{place.prefix}"
    source = CloudSqlSource(where, lambda: _session(place, where), lambda: place.storage, folder=folder)
    look = source.look()
    columns = source.describe(schema, table).names
    selection = Selection(schema=schema, name=table, key=columns[:1], cursor=(), columns=columns)
    with source.open(selection) as reading:
        request = reading.exporter.request(_uri(place), reading.query(None, datetime.now(UTC)))
        began = time.monotonic()
        reading.exporter.carry_out(request, sent=False)
        took = time.monotonic() - began
        rows = reading.exporter.rows(request, reading.snapshot, None, datetime.now(UTC))
        count = sum(batch.num_rows for batch in rows)
        durable = reading.durable()
    yield held(
        "an export proves itself",
        asked=f"{schema}.{table} of {server.server().name}, after a look with {len(look.open_transactions)} open",
        expected="its evidence is believed: role, settings, server, order of lines; what it saw is on disk",
        came=f"{count} rows in {took:.0f} s, {'' if durable else 'not '}durable, blocked by {look.blockers or '-'}",
        well=durable and not look.blockers,
    )  # fmt: skip


def lengths(place: Place) -> Iterator[Finding]:
    """How long a query may be; and whether executeSql answers, and an operation is listed, while one is exported."""
    where = _where()
    api = AdminApi(where, lambda: _session(place, where))
    for length in LENGTHS:
        text = questions([f"SELECT '{'x' * length}' FROM pg_catalog.pg_class WHERE oid = 1259"], "the check")
        uri = _uri(place)
        try:
            operation = api.export(context(uri, text, where.database, offload=False))
        except Answered as error:
            yield held(
                "a query's length", asked=f"an export of {length:,} bytes of SQL", expected="is begun",
                came=str(error), well=False,
            )  # fmt: skip
            return
        began = time.monotonic()
        listed = uri in {one.uri for one in api.operations()}
        [[answer]] = api.execute("SELECT 1")
        while not (found := api.operation(operation.name)).done:
            time.sleep(1)
        yield held(
            "a query's length",
            asked=f"an export of {length:,} bytes of SQL; its URI among the operations at once; executeSql meanwhile",
            expected="is done, is listed, is answered",
            came=f"{found.error or 'done'} in {time.monotonic() - began:.0f} s, listed: {listed}, {answer}",
            well=listed and not found.error and answer == ("1",),
        )  # fmt: skip


CHECKS = (
    Check(name="an export proves itself", ask=export),
    Check(name="a query's length", ask=lengths),
)
