"""A dataset: where it lies, what it gives to new tables, and what may be done in it.

See BigQuery's pages "Update dataset properties", "Work with collation" and "REST resource: datasets".
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from floodmark.cli.findings.finding import PATIENCE, Finding, examination, failed, note, ok, question, warning
from floodmark.cli.findings.grants import Grants
from floodmark.core.bigquery.locations import loads_from
from floodmark.core.config.source import SourceConfig
from floodmark.core.time.units import DAY

if TYPE_CHECKING:
    from floodmark.pipeline.wiring import Connections

PERMISSIONS = (
    "bigquery.tables.get", "bigquery.tables.getData", "bigquery.tables.update", "bigquery.tables.updateData",
    "bigquery.tables.delete",
)  # fmt: skip
"""What a run needs on a table; all of them are in ``roles/bigquery.dataEditor``."""


@examination("bigquery")
def of_dataset(config: SourceConfig, client: Any, name: str, grants: Grants) -> Iterator[Finding]:
    """One dataset: whether it stands, where it should, and the rest of it."""
    from google.api_core.exceptions import Forbidden, NotFound

    place = config.bigquery
    reference = f"{place.project}.{name}"
    try:
        dataset = client.get_dataset(reference, retry=None, timeout=PATIENCE)
    except NotFound:
        remedy = f"bq mk --location={place.location} --dataset {place.project}:{name}"
        yield failed("bigquery", f"dataset {reference} does not exist", remedy)
        return
    except Forbidden:
        missing = f"bigquery.datasets.get on dataset {reference} is missing, or there is no such dataset"
        yield failed("bigquery", missing, grants.on_dataset(place.project, name))
        return
    location = str(dataset.location)
    if location.casefold() == place.location.casefold():
        yield ok("bigquery", f"dataset {reference} in {location}")
    else:
        yield failed(
            "bigquery",
            f"dataset {reference} lies in {location}, the file says {place.location}",
            f"write location: {location}, or name another dataset",
        )
    yield from _defaults(config, dataset, reference)
    yield from _permissions(config, client, name, grants)


@question("bigquery", "whether BigQuery loads from the bucket's location")
def of_loading(config: SourceConfig, client: Any, connections: Connections) -> Iterator[Finding]:
    """Whether a load job takes the stage's files into the raw dataset, wherever both lie."""
    storage: Any = connections.storage(config.bigquery.connection)
    bucket = storage.get_bucket(config.stage.bucket, timeout=PATIENCE, retry=None)
    reference = f"{config.bigquery.project}.{config.bigquery.raw}"
    location = str(client.get_dataset(reference, retry=None, timeout=PATIENCE).location)
    regions = tuple(bucket.data_locations or ())
    loads = loads_from(location, str(bucket.location), regions)
    said = f"gs://{bucket.name} lies in {'+'.join(regions) or bucket.location}, dataset {reference} in {location}"
    remedy = f"name a bucket in {location}: gcloud storage buckets create gs://NAME --location={location}"
    if loads:
        yield ok("stage", said)
    elif loads is None:
        yield warning("stage", f"{said}: whether BigQuery loads from a bucket of two regions isn't documented", remedy)
    else:
        yield failed("stage", f"{said}: BigQuery doesn't load from there", remedy)


@question("bigquery", "a dataset's defaults")
def _defaults(config: SourceConfig, dataset: Any, reference: str) -> Iterator[Finding]:
    """All of them are taken off our own tables (R34), or refused by name where they can't be."""
    given = dataset.to_api_repr()
    for key, what in (("defaultTableExpirationMs", "tables"), ("defaultPartitionExpirationMs", "partitions")):
        if length := int(given.get(key) or 0):
            days = timedelta(milliseconds=length) / DAY
            option = "default_table_expiration" if what == "tables" else "default_partition_expiration"
            yield note(
                "bigquery",
                f"dataset {reference} lets new {what} expire after {days:g} days; Floodmark takes that off its own",
                f"bq update --{option}=0 {config.bigquery.project}:{reference.rpartition('.')[2]}",
            )
    if collation := given.get("defaultCollation"):
        yield note(
            "bigquery",
            f"dataset {reference} compares new texts by {collation}; Floodmark's own tables compare byte by byte, and "
            "one that was made otherwise is refused",
            f"ALTER SCHEMA `{reference}` SET DEFAULT COLLATE ''",
        )
    if given.get("isCaseInsensitive"):
        yield note("bigquery", f"dataset {reference} takes names of tables that differ in case for one")


@question("bigquery", "what the account may do with tables")
def _permissions(config: SourceConfig, client: Any, name: str, grants: Grants) -> Iterator[Finding]:
    """As ``tables.testIamPermissions`` says of the first table that stands; BigQuery's API offers none for datasets."""
    from google.api_core.exceptions import Forbidden, NotFound

    project = config.bigquery.project
    for table in config.tables.values():
        reference = f"{project}.{name}.{table.to}"
        try:
            client.get_table(reference, retry=None, timeout=PATIENCE)
        except NotFound:
            continue
        except Forbidden:
            yield failed("bigquery", f"{PERMISSIONS[0]} on {reference} is missing", grants.on_dataset(project, name))
            return
        answer = client.test_iam_permissions(reference, PERMISSIONS, retry=None, timeout=PATIENCE)
        held = answer.get("permissions", ())
        missing = [one for one in PERMISSIONS if one not in held]
        for permission in missing:
            yield failed("bigquery", f"{permission} on {reference} is missing", grants.on_dataset(project, name))
        if not missing:
            yield ok("bigquery", f"{reference}: {', '.join(PERMISSIONS)}")
        return
    said = f"bigquery.tables.create in {project}.{name} can't be asked: BigQuery tells of tables only, none stands yet"
    yield note("bigquery", said, f"if it is missing: {grants.on_dataset(project, name)}")
