"""Cloud Storage: writes on a condition, one object written often, and what the bucket does by itself."""

from __future__ import annotations

import time
from collections.abc import Iterator

from floodmark.adapters.ledger.objects import GenerationMoved, Objects
from tests.cloud.finding import Check, Finding, held
from tests.cloud.place import Place

WRITES = 18
"""Of the ledger, in one run of one table."""


def conditions(place: Place) -> Iterator[Finding]:
    """What a ledger in Cloud Storage rests on: a write goes through only on what the writer has seen."""
    objects = Objects(place.storage, place.bucket, f"{place.prefix}/checks")
    first = objects.write("head", b"1", generation=0)
    came = []
    for generation in (0, first - 1, first):
        try:
            objects.write("head", b"2", generation=generation)
            came.append("written")
        except GenerationMoved:
            came.append("refused")
    expected = ["refused", "refused", "written"]
    yield held(
        "writes on a condition",
        asked="an object that is there written: if there were none, at an older generation, at its own",
        expected=", ".join(expected), came=", ".join(came), well=came == expected,
    )  # fmt: skip


def often(place: Place) -> Iterator[Finding]:
    """About one write a second is documented for one object; a run writes its head more often."""
    objects = Objects(place.storage, place.bucket, f"{place.prefix}/checks")
    began, generation = time.monotonic(), 0
    for number in range(WRITES):
        generation = objects.write("often", str(number).encode(), generation=generation)
    took = time.monotonic() - began
    body, _ = objects.read("often")
    yield held(
        "one object written often", asked=f"{WRITES} writes, one after another, as a run writes its ledger's head",
        expected="all go through, within a minute", well=body == str(WRITES - 1).encode() and took < 60,
        came=f"all went through in {took:.1f} s, {WRITES / took:.1f} a second",
    )  # fmt: skip


def bucket(place: Place) -> Iterator[Finding]:
    """Where the bucket lies, what it keeps, and what forbids to replace an object."""
    found = place.storage.get_bucket(place.bucket)
    kept = int((found.soft_delete_policy.retention_duration_seconds if found.soft_delete_policy else 0) or 0)
    came = f"{found.location}, retention {found.retention_period or 'none'}, soft delete {kept // 86_400} days"
    yield held(
        "the bucket", asked="its location, its retention policy, its soft delete",
        expected=f"in {place.location}, retention none; soft delete none, else what is replaced is billed on",
        came=came, well=_inside(str(found.location), place.location) and not found.retention_period,
    )  # fmt: skip


def _inside(bucket: str, location: str) -> bool:
    """Whether loads into datasets in a location may come from a bucket: from the very same, or from within EU or US.

    BigQuery's page "Loading data", "Location considerations".
    """
    return bucket.casefold() == location.casefold() or bucket.startswith(
        {"EU": "EUROPE-", "US": "US-"}.get(location.upper(), "-")
    )


CHECKS = (
    Check(name="writes on a condition", ask=conditions),
    Check(name="one object written often", ask=often),
    Check(name="the bucket", ask=bucket, here="its buckets lie anywhere"),
)
