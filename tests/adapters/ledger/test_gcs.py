"""The ledger in object storage: lost answers, crashes between its two writes, and what its objects look like."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from floodmark.adapters.ledger import objects as gcs_objects
from floodmark.adapters.ledger.gcs import GcsLedger
from floodmark.adapters.ledger.objects import Objects
from floodmark.adapters.ledger.pace import AT_ONCE, Pace
from floodmark.adapters.ledger.tables import VERSION
from floodmark.core.ledger import giving_up
from floodmark.core.ledger import head as heads
from floodmark.core.ledger.head import Head
from floodmark.core.ports import Conflict
from floodmark.errors import LedgerUnavailable, LedgerUnusable
from tests.fakes.examples import ZERO, reading

T = "proj.shop.orders"


@pytest.fixture
def make(google, bucket: str) -> Callable[[], GcsLedger]:
    """Opens one ledger again and again."""
    return lambda: GcsLedger(google.storage_client(), bucket, "some/ledger")


@pytest.fixture
def objects(google, bucket: str) -> Callable[[], dict[str, Any]]:
    """Every object below the ledger's prefix, by name."""
    client = google.storage_client()
    return lambda: {
        blob.name.removeprefix("some/ledger/"): json.loads(blob.download_as_bytes())
        for blob in client.list_blobs(bucket, prefix="some/ledger/")
    }


@pytest.fixture
def blob(google, bucket: str) -> Callable[[str], Any]:
    """An object of the ledger, by its name."""
    return lambda name: google.storage_client().bucket(bucket).blob(f"some/ledger/{name}")


class Wire:
    """Stands between a ledger and its objects: loses answers or requests, and counts."""

    def __init__(self, ledger: GcsLedger, monkeypatch: pytest.MonkeyPatch) -> None:
        self.writes: list[str] = []
        self.answer: Callable[[str, Callable[[], int]], int] = lambda name, write: write()
        inner = ledger._objects.write

        def write(name: str, body: bytes, *, generation: int) -> int:
            self.writes.append(name)
            return self.answer(name, lambda: inner(name, body, generation=generation))

        monkeypatch.setattr(ledger._objects, "write", write)


def taken(ledger: GcsLedger) -> Head:
    head = ledger.head(T)
    new = heads.take(head, holder="h", now=ZERO)
    ledger.swap(head, new)
    return new


def begun(ledger: GcsLedger) -> Head:
    head = taken(ledger)
    new = heads.begin(head, reading(T, token=head.token))
    ledger.swap(head, new)
    return new


def test_its_objects_are_one_head_and_one_record_per_closed_read(make, objects) -> None:
    ledger = make()
    head = begun(ledger)
    ledger.swap(head, *giving_up.void(head, "no"))
    found = objects()
    assert sorted(found) == [
        "heads/proj.shop.orders.json",
        "ledger.json",
        "reads/proj.shop.orders/2026-11-01T00:00:00.000000Z.json",
    ]
    assert found["ledger.json"] == {"uuid": str(ledger.uuid), "version": VERSION}
    assert found["reads/proj.shop.orders/2026-11-01T00:00:00.000000Z.json"]["read"]["state"] == "void"


def test_a_change_is_one_write_and_a_closing_one_two(make, monkeypatch) -> None:
    ledger = make()
    wire = Wire(ledger, monkeypatch)
    head = begun(ledger)
    assert wire.writes == ["heads/proj.shop.orders.json"] * 2
    ledger.swap(head, *giving_up.void(head, "no"))
    assert wire.writes[2:] == ["heads/proj.shop.orders.json", "reads/proj.shop.orders/2026-11-01T00:00:00.000000Z.json"]


def test_who_changes_a_head_again_and_again_is_held_back_to_one_write_a_second(make) -> None:
    """With a clock that stands still."""
    ledger, slept = make(), []
    ledger._pace = Pace(lambda: 0.0, slept.append)
    head = taken(ledger)
    for _ in range(AT_ONCE + 2):
        renewed = heads.renew(head, now=ZERO)
        ledger.swap(head, renewed)
        head = renewed
    assert slept == [1.0, 2.0, 3.0]


@pytest.mark.parametrize("error", [gcs_objects.GenerationMoved, LedgerUnavailable])
def test_a_write_that_went_through_though_its_answer_was_lost_is_known_by_its_nonce(make, monkeypatch, error) -> None:
    """The client tries again by itself and is refused (412), or gives up (no answer)."""
    ledger = make()
    wire = Wire(ledger, monkeypatch)

    def lost(_: str, write: Callable[[], int]) -> int:
        write()
        raise error("heads")

    wire.answer = lost
    head = taken(ledger)
    assert make().head(T) == head
    wire.answer = lambda _, write: write()
    ledger.swap(head, heads.renew(head, now=ZERO))


def test_a_write_that_was_never_done_can_be_tried_again(make, monkeypatch) -> None:
    ledger = make()
    wire = Wire(ledger, monkeypatch)
    head = taken(ledger)

    def deleted(_: str, __: Callable[[], int]) -> int:
        raise LedgerUnavailable("no route")

    wire.answer = deleted
    new = heads.renew(head, now=ZERO)
    with pytest.raises(LedgerUnavailable):
        ledger.swap(head, new)
    assert make().head(T) == head
    wire.answer = lambda _, write: write()
    ledger.swap(head, new)
    assert make().head(T) == new


def test_a_lost_answer_is_no_excuse_where_another_holder_came_first(make, monkeypatch) -> None:
    mine, theirs = make(), make()
    head = taken(mine)
    other = heads.take(head, holder="other", now=ZERO)
    theirs.swap(head, other)
    wire = Wire(mine, monkeypatch)

    def deleted(_: str, __: Callable[[], int]) -> int:
        raise LedgerUnavailable("no route")

    wire.answer = deleted
    with pytest.raises(Conflict):
        mine.swap(head, heads.renew(head, now=ZERO))
    assert make().head(T) == other


def test_a_read_closed_just_before_a_crash_gets_its_record_from_whoever_comes_next(make, objects, monkeypatch) -> None:
    crashing = make()
    head = begun(crashing)
    wire = Wire(crashing, monkeypatch)

    def crash(name: str, write: Callable[[], int]) -> int:
        if name.startswith("reads/"):
            raise KeyboardInterrupt
        return write()

    wire.answer = crash
    new, closed = giving_up.void(head, "no")
    with pytest.raises(KeyboardInterrupt):
        crashing.swap(head, new, closed)
    assert not [name for name in objects() if name.startswith("reads/")]
    other = make()
    assert list(other.reads(T)) == [closed]
    found = other.head(T)
    assert found == new
    again = heads.begin(found, reading(T, at=ZERO.replace(hour=1), token=found.token))
    other.swap(found, again)
    assert [name for name in objects() if name.startswith("reads/")] == [
        "reads/proj.shop.orders/2026-11-01T00:00:00.000000Z.json"
    ]
    assert list(make().reads(T)) == [closed]


def test_a_step_that_lost_its_lease_leaves_no_record_of_a_read_it_would_have_closed(make, objects) -> None:
    mine, theirs = make(), make()
    head = begun(mine)
    renewed = heads.renew(theirs.head(T), now=ZERO)
    theirs.swap(theirs.head(T), renewed)
    with pytest.raises(Conflict):
        mine.swap(head, *giving_up.void(head, "no"))
    assert not [name for name in objects() if name.startswith("reads/")]


def test_a_record_out_of_reach_does_not_undo_the_swap(make, monkeypatch) -> None:
    ledger = make()
    head = begun(ledger)
    wire = Wire(ledger, monkeypatch)

    def deleted(name: str, write: Callable[[], int]) -> int:
        if name.startswith("reads/"):
            raise LedgerUnavailable("no route")
        return write()

    wire.answer = deleted
    new, closed = giving_up.void(head, "no")
    ledger.swap(head, new, closed)
    assert list(ledger.reads(T)) == [closed]
    wire.answer = lambda _, write: write()
    ledger.swap(new, heads.release(new))
    assert list(make().reads(T)) == [closed]


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("ledger.json", lambda found: found | {"version": VERSION + 1}, "its layout is 4, this program knows up to 3"),
        ("ledger.json", lambda found: {"name": "x"}, r"ledger\.json is not a ledger's; name another prefix"),
        (
            "heads/proj.shop.orders.json",
            lambda found: found | {"head": found["head"] | {"colour": "red"}},
            "unknown field 'colour'",
        ),
        (
            "heads/proj.shop.orders.json",
            lambda found: found | {"layout": VERSION + 1},
            r"head of proj\.shop\.orders: its layout is 4, this program knows up to 3; .* upgrade this one",
        ),
        (
            "heads/proj.shop.orders.json",
            lambda found: found | {"head": found["head"] | {"version": "x"}},
            r"head of proj\.shop\.orders: version: ",
        ),
    ],
)
def test_objects_that_this_program_did_not_write_are_refused(make, blob, name, change, message) -> None:
    begun(make())
    blob = blob(name)
    blob.upload_from_string(json.dumps(change(json.loads(blob.download_as_bytes()))))
    with pytest.raises(LedgerUnusable, match=message):
        make().head(T)


def test_a_bucket_that_is_missing_is_told_from_an_object_that_is(google, bucket) -> None:
    with pytest.raises(LedgerUnusable, match=r"gs://none-such/p: .*there is no such bucket"):
        GcsLedger(google.storage_client(), "none-such", "p")
    assert Objects(google.storage_client(), bucket, "p").read("x") == (None, 0)
    with pytest.raises(LedgerUnusable, match="there is no such bucket"):
        Objects(google.storage_client(), "none-such", "p").read("x")


def test_a_client_that_keeps_no_generation_from_a_download_is_asked_for_it(make, monkeypatch) -> None:
    from google.cloud.storage import Blob

    head = begun(make())
    monkeypatch.setattr(Blob, "_extract_headers_from_download", lambda blob, response: None)
    ledger = make()
    assert ledger.head(T) == head
    ledger.swap(head, heads.renew(head, now=ZERO))
    with pytest.raises(Conflict):
        make().swap(head, heads.renew(head, now=ZERO))


def test_a_server_out_of_reach_is_worth_a_retry(monkeypatch) -> None:
    from google.api_core.retry import Retry
    from google.auth.credentials import AnonymousCredentials
    from google.cloud import storage

    client = storage.Client(
        project="p", credentials=AnonymousCredentials(), client_options={"api_endpoint": "http://127.0.0.1:1"}
    )
    monkeypatch.setattr(Retry, "__call__", lambda self, func, on_error=None: func)
    with pytest.raises(LedgerUnavailable, match="check that Cloud Storage can be reached"):
        Objects(client, "b", "p").names("heads/")
