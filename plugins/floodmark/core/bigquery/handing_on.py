"""``_floodmark_tables``: where the tables of a dataset stand, for those who read them in BigQuery.

Each source writes a table of its own, whole, by a load job: BigQuery bills none (its page "Pricing", *Free
operations*). What people ask is a view of all of them, so that two sources which share a dataset never replace each
other's rows, and none has to know of the other. A wildcard (``_floodmark_tables_*``) would do without the view's text,
but not over tables with a key of one's own (BigQuery's page "Query multiple tables using a wildcard table").
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from floodmark.core.bigquery.fields import field
from floodmark.core.bigquery.googlesql import statement
from floodmark.core.bigquery.jobs import DIGEST_LABEL, label, whole
from floodmark.core.bigquery.tables import SOURCE_LABEL
from floodmark.core.config.source import SourceConfig
from floodmark.core.ports import Job, TargetTable
from floodmark.core.time.units import EPOCH, MICROSECOND

TABLES = "_floodmark_tables"
FIELDS = (
    ("source", "STRING", "The source that fills the table"),
    ("kind", "STRING", "table, or summary"),
    ("table", "STRING", "Its name in the file of the source"),
    ("target", "STRING", "project.dataset.table"),
    ("sealed_until", "TIMESTAMP", "No row before this can appear any more; NULL: nothing is sealed, or no cursor"),
    ("basis", "STRING", "What that rests on: proved, or assumed; NULL where sealed_until is"),
    ("as_of", "TIMESTAMP", "sealed_until; of a table without a cursor its last whole read"),
    ("provisional_since", "TIMESTAMP", "From here on rows that were read can still gain others; NULL: none can"),
    ("last_read_at", "TIMESTAMP", "The newest read that was applied; of a summary, its last build"),
    ("balanced_at", "TIMESTAMP", "When both ends were last counted"),
    ("rows_read", "INT64", "Rows of the last read; of a summary, of the table"),
    ("late", "INT64", "Rows that turned up where all was sealed"),
    ("held_out", "INT64", "Rows held out by the last whole read and those since, for a value that does not fit"),
    ("held_by", "STRING", "The open transactions that hold the seal back"),
    ("well", "BOOL", "Whether nobody has to do anything: not blocked, no gap, fresh, no row missing"),
    ("error", "STRING", "Why it is blocked; NULL where it is not"),
    ("lag_seconds", "INT64", "How old as_of was when this was written"),
    ("ledger", "STRING", "The uuid of the ledger"),
    ("run_id", "STRING", "The run that wrote this: dag_id/run_id"),
    ("written_at", "TIMESTAMP", "When this was written"),
)
"""``(name, type, description)``."""
_MEMBER = "floodmark_source_"


def view(config: SourceConfig) -> TargetTable:
    """``project.dataset._floodmark_tables``, as it should be described: a statement describes no columns."""
    place, said = config.bigquery, {name: description for name, _, description in FIELDS}
    return TargetTable(project=place.project, dataset=place.dataset, table=TABLES, fields=FIELDS, described=said)


def table_of(source: str) -> str:
    """What the table of one source is called."""
    return f"{TABLES}_{source}"


def table(config: SourceConfig) -> TargetTable:
    """The source's own, as it should be."""
    place = config.bigquery
    return TargetTable(
        project=place.project,
        dataset=place.dataset,
        table=table_of(config.source),
        fields=FIELDS,
        description=f"Where the tables of the source {config.source} stand, as of its last run; read {TABLES}",
        labels={**place.labels, SOURCE_LABEL: label(config.source)},
        kms_key=place.kms_key or "",
    )


def load_job(config: SourceConfig, uri: str, *, ledger: UUID, now: datetime, labels: Mapping[str, str]) -> Job:
    """Replace what the source's table holds by the lines of one object, and its columns by :data:`FIELDS`.

    A moment names the job: a second try of its insert finds the first, and whoever read the heads later writes anew.
    """
    into = table(config)
    load = {
        "sourceUris": [uri],
        "sourceFormat": "NEWLINE_DELIMITED_JSON",
        "encoding": "UTF-8",
        "schema": {"fields": [field(*each) for each in into.fields]},
        "destinationTable": {"projectId": into.project, "datasetId": into.dataset, "tableId": into.table},
        "writeDisposition": "WRITE_TRUNCATE",
        "createDisposition": "CREATE_NEVER",
    }
    if into.kms_key:
        load["destinationEncryptionConfiguration"] = {"kmsKeyName": into.kms_key}
    id = f"floodmark_{ledger.hex}_{config.source}_tables_{(now - EPOCH) // MICROSECOND}"
    return whole(id, {"load": load}, location=config.bigquery.location, labels=labels)


def sources_in(labels: Mapping[str, str]) -> tuple[str, ...]:
    """The sources whose tables the view shows, by the labels that it bears."""
    return tuple(sorted(value for name, value in labels.items() if name.startswith(_MEMBER)))


def create(home: str, sources: Iterable[str]) -> str:
    """The statement that makes the view over the tables of ``sources``, or makes it anew."""
    members = sorted(set(sources))
    labels = {f"{_MEMBER}{number}": source for number, source in enumerate(members, start=1)}
    return _rendered(home, members, sorted({**labels, DIGEST_LABEL: digest(home, members)}.items()))


def digest(home: str, sources: Iterable[str]) -> str:
    """What tells one text of the view from another."""
    return hashlib.sha256(_rendered(home, sorted(set(sources)), ()).encode()).hexdigest()[:32]


def _rendered(home: str, sources: Iterable[str], labels: Iterable[tuple[str, str]]) -> str:
    tables = [f"{home}.{table_of(source)}" for source in sources]
    values = {"view": f"{home}.{TABLES}", "tables": tables, "fields": FIELDS, "labels": list(labels)}
    return statement("handing_on.sql", values)
