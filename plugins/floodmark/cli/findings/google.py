"""Cloud Storage and BigQuery, as far as the account may ask: each question by itself, with what mends it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from floodmark.cli.findings import bucket as buckets
from floodmark.cli.findings.bucket import Place
from floodmark.cli.findings.datasets import of_dataset, of_loading
from floodmark.cli.findings.finding import PATIENCE, Finding, examination, failed, note, ok, question
from floodmark.cli.findings.grants import BUCKET_READER, JOB_USER, Grants
from floodmark.core.bigquery.googlesql import statement
from floodmark.core.bigquery.jobs import marks
from floodmark.core.config.limits import BILLED_AT_LEAST
from floodmark.core.config.source import FolderLedger, SourceConfig

if TYPE_CHECKING:
    from floodmark.pipeline.wiring import Connections

_STEP = "doctor"
_MIDNIGHTS = ["2026-01-01 00:00:00", "2026-07-01 00:00:00"]


def of_google(config: SourceConfig, connections: Connections, *, probe: bool) -> list[Finding]:
    """The stage's bucket and the ledger's, the project, both datasets; ``probe``: a file may be written and deleted."""
    return [*_of_storage(config, connections, probe=probe), *_of_bigquery(config, connections)]


@examination("stage")
def _of_storage(config: SourceConfig, connections: Connections, *, probe: bool) -> Iterator[Finding]:
    client: Any = connections.storage(config.bigquery.connection)
    grants = Grants(account=connections.account(config.bigquery.connection))
    for place in _places(config):
        yield from examination(place.about)(_of_bucket)(place, client, grants, config.bigquery.location, probe=probe)
        yield from buckets.of_permissions(place, client, grants)


def _of_bucket(place: Place, client: Any, grants: Grants, location: str, *, probe: bool) -> Iterator[Finding]:
    """Its settings, as far as they may be seen, and whether the stage's can be written."""
    from google.api_core.exceptions import Forbidden, NotFound

    locked = False
    try:
        bucket = client.get_bucket(place.bucket, timeout=PATIENCE, retry=None)
    except NotFound:
        remedy = f"gcloud storage buckets create gs://{place.bucket} --location={location}; or mend {place.about}:"
        yield failed(place.about, f"there is no bucket gs://{place.bucket}", remedy)
        return
    except Forbidden:
        said = f"storage.buckets.get on gs://{place.bucket} is missing: load jobs need it, and its settings are unseen"
        yield failed(place.about, said, grants.on_bucket(place.bucket, BUCKET_READER))
    else:
        locked = buckets.locked(bucket)
        yield from buckets.of_settings(place, bucket)
    if place.about == "stage":
        yield from buckets.of_use(place, client, grants, write=probe and not locked)


def _places(config: SourceConfig) -> Iterator[Place]:
    stage = config.stage
    ends = (".parquet", ".json", ".ndjson", ".gz")
    yield Place(about="stage", bucket=stage.bucket, prefix=stage.prefix, keeps=config.retention.stage, suffixes=ends)
    if isinstance(config.ledger, FolderLedger):
        folder = config.ledger.folder
        yield Place(about="ledger", bucket=folder.bucket, prefix=folder.prefix, keeps=None, suffixes=(".json",))


@examination("bigquery")
def _of_bigquery(config: SourceConfig, connections: Connections) -> Iterator[Finding]:
    place = config.bigquery
    client: Any = connections.bigquery(place.connection, place.project, place.location)
    grants = Grants(account=connections.account(place.connection))
    yield from _jobs(config, client, grants)
    for name in (place.dataset, place.raw):
        yield from of_dataset(config, client, name, grants)
    yield from of_loading(config, client, connections)
    yield from _zone(config, client)


@question("bigquery", "whether jobs can be made")
def _jobs(config: SourceConfig, client: Any, grants: Grants) -> Iterator[Finding]:
    """``bigquery.jobs.create``, by a dry run in the project and location; nothing is billed."""
    from google.api_core.exceptions import BadRequest, Forbidden, NotFound
    from google.cloud.bigquery import QueryJobConfig

    place = config.bigquery
    asked = QueryJobConfig(dry_run=True, use_query_cache=False, labels=_labels(config))
    where = f"project {place.project} in {place.location}"
    try:
        client.query("SELECT 1", job_config=asked, location=place.location, retry=None, timeout=PATIENCE)
    except Forbidden:
        said = f"bigquery.jobs.create in project {place.project} is missing"
        yield failed("bigquery", said, grants.on_project(place.project, JOB_USER))
    except (BadRequest, NotFound) as error:
        yield failed("bigquery", f"no job can be made in {where}: {error.message}", "mend bigquery: project, location")
    else:
        yield ok("bigquery", f"jobs can be made in {where}")


@question("bigquery", "the project's default time zone")
def _zone(config: SourceConfig, client: Any) -> Iterator[Finding]:
    """By what a conversion shows that names no zone: a query that reads no table (page "Manage configuration")."""
    from google.cloud.bigquery import QueryJobConfig

    place = config.bigquery
    asked = QueryJobConfig(maximum_bytes_billed=BILLED_AT_LEAST, labels=_labels(config))
    job = client.query(
        statement("zone.sql", {}), job_config=asked, location=place.location, retry=None, job_retry=None,
        timeout=PATIENCE,
    )  # fmt: skip
    [row] = job.result(retry=None, timeout=PATIENCE)
    shown = [str(row["winter"]), str(row["summer"])]
    if [one[:19] for one in shown] == _MIDNIGHTS:
        yield ok("bigquery", f"project {place.project}: the default time zone is UTC")
    else:
        yield note(
            "bigquery",
            f"project {place.project}: the default time zone isn't UTC: midnight of 2026-01-01 UTC is {shown[0]}; "
            "Floodmark's statements name UTC wherever it matters, others' queries should, too",
        )


def _labels(config: SourceConfig) -> dict[str, str]:
    return {**config.bigquery.labels, **marks(config.source, "", _STEP)}
