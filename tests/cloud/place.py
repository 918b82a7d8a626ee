"""Where the suite works: a project, a bucket, a location; and in them datasets and a prefix of its own."""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from floodmark.adapters.connections.environment import LocalConnections
from floodmark.adapters.google_errors import brief
from tests.cloud.bill import MOST_PER_QUERY, Bill

if TYPE_CHECKING:
    from google.cloud.bigquery import Client as BigQuery
    from google.cloud.bigquery import QueryJob
    from google.cloud.storage import Client as Storage

PROJECT, BUCKET, LOCATION = "FLOODMARK_CLOUD_PROJECT", "FLOODMARK_CLOUD_BUCKET", "FLOODMARK_CLOUD_LOCATION"
KMS_KEY = "FLOODMARK_CLOUD_KMS_KEY"
MARK = "floodmark_cloud"
"""How the names of its datasets and objects begin."""
LABEL = "cloud_check"
"""The label that its datasets and jobs bear."""
LABELS = {LABEL: "yes"}


class NotSetUp(Exception):
    """Something must be set before it can run: what, in one line."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """One run of the suite in a Google project. ``name`` is unlike any other's."""

    project: str
    bucket: str
    location: str
    kms_key: str = ""
    name: str = field(default_factory=lambda: f"{MARK}_{datetime.now(UTC):%Y%m%dt%H%M%S}_{secrets.token_hex(3)}")
    bill: Bill = field(default_factory=Bill)

    @property
    def prefix(self) -> str:
        """Of all its objects in the bucket, without a ``/`` at the end."""
        return self.name

    @property
    def datasets(self) -> dict[str, str]:
        """Its datasets by what they are for: ``current``, ``raw``, ``checks``, and one that has ``defaults``."""
        return {
            "current": self.name, "raw": f"{self.name}_raw", "checks": f"{self.name}_checks",
            "defaults": f"{self.name}_defaults",
        }  # fmt: skip

    @cached_property
    def connections(self) -> LocalConnections:
        """As ``floodmark run`` has them: Application Default Credentials, or the servers of this machine."""
        return LocalConnections(os.environ)

    @cached_property
    def bigquery(self) -> BigQuery:
        """A client none of whose queries bills more than a GiB."""
        from google.cloud.bigquery import QueryJobConfig

        client: BigQuery = self.connections.bigquery("google_cloud_default", self.project, self.location)
        client.default_query_job_config = QueryJobConfig(
            maximum_bytes_billed=MOST_PER_QUERY, labels=LABELS, use_query_cache=False
        )
        return client

    @cached_property
    def storage(self) -> Storage:
        """A client."""
        client: Storage = self.connections.storage("google_cloud_default")
        return client

    @property
    def is_local(self) -> bool:
        """Whether the servers are some of this machine's, and not Google's."""
        return bool(os.environ.get("BIGQUERY_EMULATOR_HOST"))

    def table(self, name: str, dataset: str = "checks") -> str:
        """``project.dataset.table`` of a table in one of its datasets."""
        return f"{self.project}.{self.datasets[dataset]}.{name}"

    def query(self, sql: str, **config: Any) -> QueryJob:
        """A statement's job when it is done. Raises what Google's client raises."""
        from google.cloud.bigquery import QueryJobConfig

        job = self.bigquery.query(sql, job_config=QueryJobConfig(**config))
        job.result()
        return job

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """A query's rows."""
        return [tuple(row.values()) for row in self.bigquery.query(sql).result()]

    def would_process(self, sql: str) -> int:
        """The bytes that a statement would process, by a dry run."""
        from google.cloud.bigquery import QueryJobConfig

        return int(self.bigquery.query(sql, job_config=QueryJobConfig(dry_run=True)).total_bytes_processed or 0)

    def refusal(self, act: Callable[..., Any], *words: Any, **named: Any) -> str:
        """What is said to a call; empty where it is done. Raises what isn't a refusal of what was asked."""
        from google.api_core.exceptions import GoogleAPICallError

        try:
            act(*words, **named)
        except GoogleAPICallError as error:
            if error.code in (401, 403, 429, 502, 503, 504):  # of the account or the moment, not of what was asked
                raise
            told = [str(each.get("message", "")) for each in error.errors if isinstance(each, dict)]
            return (told[0] if told else brief(error))[:200]
        return ""

    def redacted(self, text: str) -> str:
        """A text without the names of project, bucket, key and account, fit to be shown to anybody."""
        hidden = {self.project: "PROJECT", self.bucket: "BUCKET", self.kms_key: "KEY", os.path.expanduser("~"): "HOME"}
        for name, shown in hidden.items():
            if len(name) > 1:
                text = re.sub(rf"(?<![\w-]){re.escape(name)}(?![\w-])", shown, text)
        text = re.sub(r"[\w.+-]+@[\w-]+(\.[\w-]+)+", "ACCOUNT", text)
        return re.sub(r"(projects?\W{1,3})\d{6,}", r"\1NUMBER", text)


def place_of(environ: Mapping[str, str]) -> Place:
    """Where the variables say. Raises ``NotSetUp``."""
    if missing := [name for name in (PROJECT, BUCKET, LOCATION) if not environ.get(name)]:
        raise NotSetUp(
            f"not set: {', '.join(missing)}; set {PROJECT}=<a project>, {BUCKET}=<a bucket in the same location>, "
            f"{LOCATION}=<such as EU>, log in by `gcloud auth application-default login`, and read docs/cloud.md"
        )
    return Place(
        project=environ[PROJECT],
        bucket=environ[BUCKET].removeprefix("gs://").rstrip("/"),
        location=environ[LOCATION],
        kms_key=environ.get(KMS_KEY, ""),
    )


def quoted(text: str) -> str:
    """A text as YAML takes it."""
    return json.dumps(text)
