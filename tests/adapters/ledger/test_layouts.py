"""Documents of an older layout are read as if this program had written them, and go back to what they were."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from floodmark.adapters.ledger import layouts
from floodmark.adapters.ledger import schema as ledger_schema
from floodmark.adapters.ledger.documents import document, restore
from floodmark.adapters.ledger.engine import engine_for, transaction
from floodmark.adapters.ledger.gcs import GcsLedger
from floodmark.adapters.ledger.sql import SqlLedger
from floodmark.adapters.ledger.tables import VERSION
from floodmark.core.ledger import giving_up
from floodmark.core.ledger import head as heads
from floodmark.core.ledger.head import Head
from floodmark.core.ledger.portion import Kind, Part, Reconciled
from floodmark.core.ledger.read import Read, State
from floodmark.core.ledger.snapshot import Leaf, Snapshot
from floodmark.core.ledger.totals import NO_TOTALS
from floodmark.demo.servers.all import GoogleServers
from tests.fakes.examples import ZERO, hour, manifest, reading

T = "proj.shop.orders"
PLACE = {"timeline": "00000001", "lsn": "0/16B3748", "era": "2026-11-01"}
SNAPSHOT = Snapshot(base=7, server="762", durable=False, place=PLACE)
SLICE = replace(reading(T, prefetched=(hour(2),)), snapshot=SNAPSHOT, leaves=(Leaf(id=16385, kind="r"),))
OTHERS = (
    reading(T, kind=Kind.REFRESH, spans=()),
    reading(T, kind=Kind.RELOAD),
    reading(T, kind=Kind.FIRST),
    reading(T, kind=Kind.FIRST_PART, part=Part(high=("9",), total=20, since=ZERO)),
    reading(T, kind=Kind.RECONCILE, reconciled=Reconciled(missing=1, deleted=3)),
)
OLD_SLICE = {"mark": ZERO.isoformat(), "kind": "slice", "ahead": document(tuple, (hour(2),)), "part": None}
OLD_SNAPSHOT = {"xmin": 7, "system_id": "762", "durable": False, **PLACE}


@pytest.mark.parametrize("read", [SLICE, *OTHERS], ids=lambda read: read.kind.value)
def test_a_read_goes_down_to_layout_2_and_up_again(read: Read) -> None:
    old = layouts.read_to_2(document(Read, read))
    assert not {"portion", "watermark"} & set(old)
    assert old["kind"] == ("first" if read.kind is Kind.FIRST_PART else read.kind.value)
    assert restore(Read, layouts.read_to_3(old), where="here") == read


def test_the_words_of_layout_2_are_what_it_wrote() -> None:
    old = layouts.read_to_2(document(Read, SLICE))
    assert {name: old[name] for name in OLD_SLICE} == json.loads(json.dumps(OLD_SLICE).replace("+00:00", "Z"))
    assert old["snapshot"] == OLD_SNAPSHOT
    staged = layouts.read_to_2(document(Read, replace(SLICE, manifest=manifest(3))))
    assert "format" not in staged["manifest"]
    assert restore(Read, layouts.read_to_3(staged), where="here").manifest == manifest(3)
    assert old["leaves"] == [{"oid": 16385, "kind": "r", "access_method": ""}]
    found = layouts.read_to_2(document(Read, OTHERS[-1]))["reconciled"]
    assert (found["missing"], found["gone"]) == (1, 3)


def filled(head: Head) -> tuple[Head, Read]:
    """A head that has applied a slice, and has a reconcile open."""
    head = heads.begin(heads.take(head, holder="h", now=ZERO), replace(SLICE, token=1))
    head = heads.load(heads.stage(head, manifest(0), now=ZERO))
    head, applied = heads.apply(head, changed=False, now=ZERO)
    later = replace(OTHERS[-1], token=1, read_at=hour(5).low)
    return heads.begin(head, later), applied


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> str:
    """The address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{request.getfixturevalue('tmp_path')}/ledger.db"
    return request.getfixturevalue("database").dsn


def test_a_sql_ledger_goes_down_to_layout_2_and_up_again_with_all_that_it_holds(url: str) -> None:
    ledger = SqlLedger(url)
    head, applied = filled(ledger.head(T))
    ledger.swap(ledger.head(T), head, applied)
    ledger.close()
    engine = engine_for(url)
    with transaction(engine, "EXCLUSIVE") as connection:
        ledger_schema.migrate(connection, "0002")
        rows = connection.execute(sa.text("SELECT kind, mark, document FROM floodmark_read ORDER BY read_at")).all()
        [(prefetched, coverage)] = connection.execute(sa.text("SELECT ahead, coverage FROM floodmark_head")).all()
    engine.dispose()
    assert [row[0] for row in rows] == ["slice", "reconcile"]
    assert "portion" not in str(rows[0][2])
    assert "mark" in str(coverage)
    assert "interval" in str(prefetched)
    again = SqlLedger(url)
    assert (again.head(T), list(again.reads(T))) == (_unsummed(head), [applied])
    again.close()


def _unsummed(head: Head) -> Head:
    """Sums over reads begin with layout 3."""
    return replace(head, totals=NO_TOTALS)


def _older(record: dict[str, Any]) -> dict[str, Any]:
    """An object as layout 2 wrote it."""
    if "read" in record:
        return layouts.read_to_2(record["read"])
    closed = record["closed"]
    return {
        "nonce": record["nonce"],
        "head": layouts.head_to_2(record["head"]),
        "closed": None if closed is None else layouts.read_to_2(closed),
    }


def test_a_bucket_of_layout_2_is_read_written_on_and_refused_by_an_older_program(
    google: GoogleServers, bucket: str
) -> None:
    client = google.storage_client()
    ledger = GcsLedger(client, bucket)
    head, applied = filled(ledger.head(T))
    ledger.swap(ledger.head(T), head, applied)
    for blob in list(client.list_blobs(bucket)):
        record = json.loads(blob.download_as_bytes())
        older = {**record, "version": 2} if blob.name == "ledger.json" else _older(record)
        blob.upload_from_string(json.dumps(older))
    again = GcsLedger(client, bucket)
    assert (again.uuid, again.head(T), list(again.reads(T))) == (ledger.uuid, _unsummed(head), [applied])
    made = json.loads(client.bucket(bucket).blob("ledger.json").download_as_bytes())
    assert made == {"uuid": str(ledger.uuid), "version": VERSION}
    given_up, void = giving_up.void(head, "why")
    again.swap(head, given_up, void)
    assert [read.state for read in GcsLedger(client, bucket).reads(T)] == [State.APPLIED, State.VOID]
