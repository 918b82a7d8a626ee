"""A run that meets every fault, over tables that hide values: then these are searched for, as bytes, all over (R38)."""

from __future__ import annotations

import io
import logging
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from floodmark.adapters.connections.environment import LocalConnections
from floodmark.airflow.shown_sql import template
from floodmark.airflow.work import Work
from floodmark.core.ledger.portion import Kind
from floodmark.core.time.cadence import Every
from floodmark.errors import ConfigurationError, FloodmarkError
from floodmark.pipeline import wiring
from floodmark.pipeline.balance import balance
from floodmark.pipeline.clock import now
from floodmark.pipeline.extract import extract
from floodmark.pipeline.load import load
from floodmark.pipeline.reports.check import Known, online
from floodmark.pipeline.reports.plan import plan
from floodmark.pipeline.reports.prove import prove
from floodmark.pipeline.reports.status import status
from floodmark.pipeline.table_run import Request
from tests.fakes.watched import watching
from tests.pipeline.conftest import World, hour
from tests.pipeline.reconciling import compared, healed

pytestmark = pytest.mark.slow

NEEDLE = "Qz7clear"
"""Stands in every value that must not travel, behind what a mask may leave of it."""
KEY = f"{NEEDLE}: the key of the masks is no value, and must not travel either"
MASKS = (
    "mask: {email: {hmac: pii_key}, phone: redact, name: {truncate: 3}, ssn: 'null', tags: sha256, more: sha256}, "
    "columns: {exclude: [token, photo]}"
)
COLUMNS = (
    "email text NOT NULL, phone text, name text, ssn text, tags text[], more jsonb, token text, photo bytea, "
    "born date, updated_at timestamptz"
)
PERSON = (
    "INSERT INTO {table} SELECT '{number} {needle}', '{needle}', 'Ann{needle}', '{needle}', ARRAY['{needle}'], "
    "'{{\"a\": \"{needle}\"}}', '{needle}', '{needle}', {born}, {moment}"
)
FAULTS = {
    "encodes": "",
    "quarantines": "bad_values: quarantine",
    "fails": "bad_values: fail",
    "casts": "where: token::int > 0",
    "raises": "where: checked(token)",
    "nulls": "key: [email, born]",
    "timeless": "",
    "doubles": "key: [email]",
}
"""Tables by what goes wrong with them, and what is written for that."""


@pytest.fixture
def hiding(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("AIRFLOW_CONN_PII_KEY", f"generic://:{KEY.replace(' ', '%20').replace(':', '%3A')}@")
    given = "key: email, deletes: reconcile, cursor: updated_at"
    tables = [
        f"{name}: {{{given if 'key:' not in said else 'cursor: updated_at'}, {said + ', ' if said else ''}{MASKS}}}"
        for name, said in FAULTS.items()
    ]
    world.tables = f"{{{', '.join(tables)}}}"
    world.sql(
        "CREATE FUNCTION checked(text) RETURNS boolean LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'no good: %', $1 USING DETAIL = $1, HINT = $1; END $$"
    )
    for name in FAULTS:
        unique = ", PRIMARY KEY (email)" if name not in ("nulls", "doubles") else ""
        world.sql(f"CREATE TABLE {name} ({COLUMNS}{unique})")
        person(world, name, 1)
        person(world, name, 2, born="'infinity'")
    world.sql(
        "ALTER TABLE nulls RENAME TO beneath",
        "CREATE VIEW nulls AS SELECT * FROM beneath",
        "INSERT INTO doubles SELECT * FROM doubles LIMIT 1",
        "UPDATE timeless SET updated_at = NULL",
    )
    return world


def person(world: World, table: str, number: int, *, born: str = "NULL", minute: int = 10) -> None:
    moment = f"'2026-11-01T00:{minute}Z'"
    world.sql(PERSON.format(table=table, number=number, needle=NEEDLE, born=born, moment=moment))


def objects(world: World) -> Iterator[tuple[str, bytes]]:
    """Everything in the bucket: bytes as they are, and what is written in Parquet in the clear."""
    for blob in world.google.storage_client().bucket(world.bucket).list_blobs():
        content = blob.download_as_bytes()
        yield blob.name, content
        if blob.name.endswith(".parquet"):
            yield f"{blob.name}, its rows", str(pq.read_table(io.BytesIO(content)).to_pylist()).encode()


def tables(world: World) -> Iterator[tuple[str, bytes]]:
    """Every table of both datasets, and every job that BigQuery was given."""
    client = world.google.bigquery_client()
    for dataset in (world.datasets.current, world.datasets.raw):
        for table in client.list_tables(dataset):
            rows = client.query(f"SELECT * FROM `{dataset}.{table.table_id}`", location="EU").result()
            yield f"{dataset}.{table.table_id}", str([tuple(row.values()) for row in rows]).encode()


def files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """The ledger's file, and whatever else was written."""
    for path in folder.rglob("*"):
        if path.is_file():
            yield path.name, path.read_bytes()


def told(what: Callable[[], Any]) -> str:
    """What a step says for itself, or its error as a log shows it."""
    try:
        return repr(what())
    except ConfigurationError:
        raise  # of this test's own file: then nothing was tried
    except FloodmarkError as error:
        return "".join(traceback.format_exception(error))


def rerun(world: World, table: str, number: int) -> str:
    return told(lambda: world.run(table, hour(number)))


def losing_raw(world: World, table: str) -> str:
    """A load behind whose back raw loses its rows, so that the merge is not run."""

    def after(call: str, found: Any) -> None:
        if call == "wait" and "output_rows" in found.statistics:
            statement = f"DELETE FROM `{world.datasets.raw}.{table}` WHERE TRUE"
            world.google.bigquery_client().query(statement, location="EU").result()

    def run() -> Any:
        read = extract(world.table_run(table), Request(kind=Kind.SLICE, run_id="loses", interval=hour(0)))
        return load(watching(world.table_run(table), "warehouse", after=after), read.read_at)

    return told(run)


def reported(world: World) -> str:
    """Whatever looks at a table without changing it."""
    run = world.table_run("encodes")
    said = [repr(status(run.config, run.ports.ledger, now()))]
    connections = LocalConnections({}, dsns={"shop_db": world.database.dsn})
    with closing(wiring.inspection(connections, "shop_db")) as source:
        known = Known(
            source=source, own_select=lambda _: "", heads=lambda table: world.head(table.name), secret=run.ports.secret
        )
        said.append(told(lambda: online(run.config, "shop.yml", known)))
        for name in FAULTS:
            planned = world.table_run(name)
            request = Request(kind=Kind.SLICE, run_id="plan", interval=hour(1))
            said.append(told(lambda: plan(planned, request, source.estimate)))  # noqa: B023
            said.append(told(lambda: prove(planned.config, [planned.table], planned.ports.ledger)))  # noqa: B023
    work = Work(config=run.config, file=world.folder / "shop.yml", cadence=Every(timedelta(hours=1)))
    return "\n".join([*said, template(work, tuple(FAULTS))])


@pytest.mark.parametrize("ledger", ["sqlite", pytest.param("gs", marks=pytest.mark.slow)])
def test_no_clear_value_is_found_anywhere(hiding: World, ledger: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="floodmark")
    hiding.ledger = f"gs://{hiding.bucket}/ledger" if ledger == "gs" else ""
    first = {name: rerun(hiding, name, 0) for name in FAULTS}
    for table in ("encodes", "quarantines"):
        person(hiding, table, 3, minute=20)  # late, in a slice that was sealed
        hiding.sql(
            f"UPDATE {table} SET phone = phone || '!', email = email || '!' WHERE email LIKE '1%'",
            f"UPDATE {table} SET name = '{NEEDLE}' WHERE email LIKE '3%'",
        )
    said = [*first.values(), *(rerun(hiding, table, 1) for table in ("encodes", "quarantines"))]
    said.append(losing_raw(hiding, "encodes"))
    for table in ("encodes", "quarantines"):
        said += [told(lambda: compared(hiding, table)), told(lambda: healed(hiding, table))]  # noqa: B023
        said.append(told(lambda: balance(hiding.table_run(table), everything=True)))  # noqa: B023
    said.append(reported(hiding))

    assert [name for name, text in first.items() if "Traceback" in text or "Error" in text or "Refused" in text] == [
        "fails", "casts", "raises", "nulls", "timeless", "doubles"
    ]  # fmt: skip
    for words in ("raw.encodes holds 0", "late=2", "quarantined=1", "unheld={'born': 1}", "changed=0, deleted=1"):
        assert any(words in text for text in said), words
    places = [
        *objects(hiding), *tables(hiding), *files(hiding.folder), ("the log", caplog.text.encode()),
        *((f"what was said, {number}", text.encode()) for number, text in enumerate(said)),
    ]  # fmt: skip
    assert len(places) > 20
    variants = (NEEDLE.encode(), NEEDLE.encode().hex().encode(), NEEDLE.encode("utf-16-le"))
    assert [name for name, content in places if any(one in content for one in variants)] == []
    people = str(hiding.current("encodes", "email, phone, name")).encode()
    assert b"Ann" in people
    assert b"redacted" in people
