"""Datasets and objects of the suite: made at the beginning, removed at the end, whatever ends it."""

from __future__ import annotations

import re
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.cloud.finding import first_line
from tests.cloud.place import LABEL, MARK, Place

DAY = timedelta(days=1)
DAY_MS = DAY // timedelta(milliseconds=1)
_NAME = re.compile(rf"{MARK}_(\d{{8}}t\d{{6}})_[0-9a-f]{{6}}(?:_raw|_checks|_defaults)?")


@contextmanager
def made(place: Place, say: Callable[[str], None]) -> Iterator[None]:
    """All that the suite works in, removed at the end; and what a killed run left more than a day ago, too.

    What the suite's own checks make expires after a day by itself. What the product makes doesn't: it takes off what a
    dataset would give to its tables (R34).
    """
    for name in left_over(place, datetime.now(UTC) - DAY):
        say(f"removing what an earlier run left: {name}")
        _remove(place, name)
    try:
        for what, name in place.datasets.items():
            _make(place, name, expires=what in ("checks", "defaults"), defaults=what == "defaults")
        yield
    finally:
        with _undisturbed(say):
            removed(place)


def removed(place: Place) -> None:
    """Remove its datasets and its objects. Raises, with the names, where some of it stays."""
    failed = []
    for name in place.datasets.values():
        try:
            place.bigquery.delete_dataset(name, delete_contents=True, not_found_ok=True)
        except Exception as error:
            failed.append(f"the dataset {name} ({first_line(error)})")
    try:
        _remove_objects(place, f"{place.prefix}/")
    except Exception as error:
        failed.append(f"the objects gs://{place.bucket}/{place.prefix}/ ({first_line(error)})")
    if failed:
        raise RuntimeError(f"could not be removed, remove it by hand: {'; '.join(failed)}")


def left_over(place: Place, before: datetime) -> list[str]:
    """Names of runs that began before a moment and left a dataset or an object."""
    found = {item.dataset_id for item in place.bigquery.list_datasets() if LABEL in item.labels}
    found |= {blob.name.partition("/")[0] for blob in place.storage.list_blobs(place.bucket, prefix=f"{MARK}_")}
    return sorted(name for name in found if (began := _began(name)) is not None and began < before)


def _began(name: str) -> datetime | None:
    match = _NAME.fullmatch(name)
    return datetime.strptime(match[1], "%Y%m%dt%H%M%S").replace(tzinfo=UTC) if match else None


def _remove(place: Place, name: str) -> None:
    place.bigquery.delete_dataset(name, delete_contents=True, not_found_ok=True)
    _remove_objects(place, f"{name}/")


def _remove_objects(place: Place, prefix: str) -> None:
    for blob in place.storage.list_blobs(place.bucket, prefix=prefix):
        blob.delete()


def _make(place: Place, name: str, *, expires: bool, defaults: bool) -> None:
    """A dataset; ``defaults`` gives it all that a table could inherit."""
    from google.cloud.bigquery import Dataset

    resource: dict[str, Any] = {
        "datasetReference": {"projectId": place.project, "datasetId": name},
        "location": place.location,
        "labels": {LABEL: "yes"},
        "description": "Of a run of Floodmark's `make cloud`, which drops it; may be dropped at any time.",
    }
    resource |= {"defaultTableExpirationMs": str(DAY_MS)} if expires else {}
    resource |= {"defaultPartitionExpirationMs": str(DAY_MS), "defaultCollation": "und:ci"} if defaults else {}
    place.bigquery.create_dataset(Dataset.from_api_repr(resource))


@contextmanager
def _undisturbed(say: Callable[[str], None]) -> Iterator[None]:
    """A second Ctrl-C doesn't leave half of it behind."""
    say("removing its datasets and objects")
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, signal.SIG_IGN) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
