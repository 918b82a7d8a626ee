"""A bucket: what its settings do to files of the stage, or to a ledger that lies there, and what may be done in it.

See Cloud Storage's pages "Bucket Lock" (a file younger than the retention policy says can be neither deleted nor
replaced), "Object holds", "Soft delete", "Object Versioning", "Object Lifecycle Management" and "Requester Pays".
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from floodmark.cli.findings.finding import PATIENCE, Finding, examination, failed, note, ok, question, warning
from floodmark.cli.findings.grants import BUCKET_READER, OBJECT_USER, Grants
from floodmark.core.time import duration
from floodmark.core.time.units import DAY

PERMISSIONS = {
    "storage.buckets.get": BUCKET_READER,
    "storage.objects.create": OBJECT_USER,
    "storage.objects.get": OBJECT_USER,
    "storage.objects.list": OBJECT_USER,
    "storage.objects.delete": OBJECT_USER,
}
"""What a run needs on the bucket, and the role that has it; to replace a ledger's file is to delete the old one."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """What lies in a bucket. ``about`` is "stage" or "ledger"; ``keeps``: how long its files are kept, None for ever.

    ``suffixes`` are how its files' names end.
    """

    about: str
    bucket: str
    prefix: str
    keeps: timedelta | None
    suffixes: tuple[str, ...]

    @property
    def replaced(self) -> bool:
        """Whether its files are written again and again: a ledger's heads."""
        return self.about == "ledger"

    def __str__(self) -> str:
        """As the configuration names it."""
        return "/".join(filter(None, (f"gs://{self.bucket}", self.prefix)))


def of_settings(place: Place, bucket: Any) -> Iterator[Finding]:
    """All of them; ``bucket`` is Google's, as it stands."""
    yield from _retention(place, bucket)
    yield from _lifecycle(place, bucket)
    yield from _kept_copies(place, bucket)
    yield from _access(place, bucket)


def locked(bucket: Any) -> bool:
    """Whether a new file can't be deleted at once."""
    return bool(bucket.retention_period or bucket.default_event_based_hold)


def _retention(place: Place, bucket: Any) -> Iterator[Finding]:
    length = None if bucket.default_event_based_hold else timedelta(seconds=bucket.retention_period or 0)
    if length == timedelta():
        return
    what = "a hold" if length is None else f"a retention policy of {_length(length)}"
    clear = "--no-default-event-based-hold" if length is None else "--clear-retention-period"
    remedy = f"gcloud storage buckets update gs://{place.bucket} {clear}; or name another bucket"
    said = f"gs://{place.bucket} has {what} on its files, which till then can be neither deleted nor replaced"
    if place.replaced:
        yield failed(place.about, f"{said}: no read can be recorded, since that replaces {place}/heads/...", remedy)
    elif place.keeps is not None and (length is None or length > place.keeps):
        kept = duration.render(place.keeps)
        yield failed(place.about, f"{said}: the daily sweep fails at files as old as retention: stage, {kept}", remedy)
    else:
        yield warning(place.about, f"{said}: a read that fails leaves its files behind, and says an error more", remedy)


def _lifecycle(place: Place, bucket: Any) -> Iterator[Finding]:
    for rule in bucket.lifecycle_rules:
        if not _deletes(place, dict(rule), bucket.storage_class):
            continue
        age = dict(rule)["condition"].get("age")
        said = f"a lifecycle rule of gs://{place.bucket} deletes what lies under {place}" + (
            f" after {age} days" if age is not None else ""
        )
        remedy = f"mend it: gcloud storage buckets describe gs://{place.bucket} --format='json(lifecycle_config)'"
        if place.replaced:
            yield failed(place.about, f"{said}: the ledger goes with it, and with it every proof", remedy)
        elif place.keeps is None or age is None or age * DAY < place.keeps:
            kept = "forever" if place.keeps is None else duration.render(place.keeps)
            yield warning(
                place.about, f"{said}, retention: stage is {kept}: a read that waits longer has lost its rows", remedy
            )


def _deletes(place: Place, rule: Mapping[str, Any], storage_class: str) -> bool:
    """Whether a rule deletes live files of the place, some day.

    A rule's conditions hold together. Files have no custom time; versions that are no longer live are nobody's.
    """
    condition = rule.get("condition") or {}
    others = ("numNewerVersions", "daysSinceNoncurrentTime", "noncurrentTimeBefore", "daysSinceCustomTime",
              "customTimeBefore")  # fmt: skip
    if rule.get("action", {}).get("type") != "Delete" or any(condition.get(one) for one in others):
        return False
    prefixes, suffixes = condition.get("matchesPrefix"), condition.get("matchesSuffix")
    classes = condition.get("matchesStorageClass")
    folder = f"{place.prefix}/" if place.prefix else ""
    return (
        condition.get("isLive") is not False
        and (not classes or storage_class in classes)
        and (not prefixes or any(folder.startswith(one) or one.startswith(folder) for one in prefixes))
        and (not suffixes or any(ours.endswith(one) for one in suffixes for ours in place.suffixes))
    )


def _kept_copies(place: Place, bucket: Any) -> Iterator[Finding]:
    what = "every replaced head" if place.replaced else "every deleted file, with the rows in it,"
    policy = getattr(bucket, "soft_delete_policy", None)  # google-cloud-storage has known it since 2.17
    length = timedelta(seconds=policy.retention_duration_seconds or 0) if policy else timedelta()
    if length:
        yield note(
            place.about, f"gs://{place.bucket} has soft delete: {what} is kept, and billed, for {_length(length)} more",
            f"gcloud storage buckets update gs://{place.bucket} --clear-soft-delete",
        )  # fmt: skip
    if bucket.versioning_enabled:
        clears = any(_clears_versions(dict(rule)) for rule in bucket.lifecycle_rules)
        till = "until a lifecycle rule takes it" if clears else "for ever"
        yield (note if clears else warning)(
            place.about, f"gs://{place.bucket} keeps versions: {what} is kept, and billed, {till}",
            f"gcloud storage buckets update gs://{place.bucket} --no-versioning",
        )  # fmt: skip


def _clears_versions(rule: Mapping[str, Any]) -> bool:
    condition = rule.get("condition") or {}
    named = any(condition.get(one) for one in ("numNewerVersions", "daysSinceNoncurrentTime", "noncurrentTimeBefore"))
    return rule.get("action", {}).get("type") == "Delete" and (named or condition.get("isLive") is False)


def _access(place: Place, bucket: Any) -> Iterator[Finding]:
    if bucket.requester_pays:
        yield failed(
            place.about, f"gs://{place.bucket} lets requesters pay, and Floodmark's requests name no project that does",
            f"gcloud storage buckets update gs://{place.bucket} --no-requester-pays",
        )  # fmt: skip
    if not bucket.iam_configuration.uniform_bucket_level_access_enabled:
        yield note(
            place.about, f"gs://{place.bucket} has no uniform access: lists of single files count beside its roles",
            f"gcloud storage buckets update gs://{place.bucket} --uniform-bucket-level-access",
        )  # fmt: skip


def of_permissions(place: Place, client: Any, grants: Grants) -> list[Finding]:
    """What the account may do in the bucket, as ``buckets.testIamPermissions`` says."""

    @question(place.about, f"what the account may do in gs://{place.bucket}")
    def ask() -> Iterator[Finding]:
        asked = client.bucket(place.bucket)
        held = asked.test_iam_permissions(list(PERMISSIONS), timeout=PATIENCE, retry=None)
        missing = [one for one in PERMISSIONS if one not in held]
        for permission in missing:
            command = grants.on_bucket(place.bucket, PERMISSIONS[permission])
            yield failed(place.about, f"{permission} on gs://{place.bucket} is missing", command)
        if not missing:
            yield ok(place.about, f"gs://{place.bucket}: {', '.join(PERMISSIONS)}")

    return ask()


def of_use(place: Place, client: Any, grants: Grants, *, write: bool) -> list[Finding]:
    """Whether files can be listed, or a small one written and deleted."""

    @examination(place.about)
    def use() -> Iterator[Finding]:
        from google.api_core.exceptions import Forbidden

        try:
            yield from (_probe if write else _listing)(place, client)
        except Forbidden as error:
            refused = f"{place} can't be {'written' if write else 'listed'}: {error.message}"
            yield failed(place.about, refused, grants.on_bucket(place.bucket, OBJECT_USER))

    return use()


def _listing(place: Place, client: Any) -> Iterator[Finding]:
    next(iter(client.list_blobs(place.bucket, prefix=place.prefix, max_results=1, timeout=PATIENCE, retry=None)), None)
    yield ok(place.about, f"{place} can be listed; nothing was written")


def _probe(place: Place, client: Any) -> Iterator[Finding]:
    name = "/".join(filter(None, [place.prefix, f"floodmark-doctor-{secrets.token_hex(8)}"]))
    blob = client.bucket(place.bucket).blob(name)
    blob.upload_from_string(b"", if_generation_match=0)
    blob.delete()
    yield ok(place.about, f"{place}: a probe object was written and deleted")


def _length(length: timedelta) -> str:
    days = length / DAY
    return f"{days:g} days" if days >= 1 else str(length)
