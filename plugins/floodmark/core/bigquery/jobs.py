"""BigQuery jobs, whole: what the ledger records before anything is submitted (R17).

Configurations are in the form of the REST API (its page "Job", ``JobConfiguration``), so that what was recorded is
what any holder submits again, to the letter.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from floodmark.core.bigquery.fields import field
from floodmark.core.bigquery.tables import SOURCE_LABEL
from floodmark.core.ledger.effect import Effect
from floodmark.core.ledger.head import Head
from floodmark.core.ledger.manifest import Manifest
from floodmark.core.ledger.read import Read
from floodmark.core.ledger.step import Step
from floodmark.core.ports import Job, TargetTable
from floodmark.core.time.units import EPOCH, MICROSECOND

DIGEST_LABEL, TABLE_LABEL, STEP_LABEL = "floodmark_digest", "floodmark_table", "floodmark_step"
_FORMATS: dict[str, dict[str, Any]] = {
    "parquet": {
        "sourceFormat": "PARQUET",
        "parquetOptions": {"enableListInference": True, "enumAsString": True},
        "decimalTargetTypes": ["NUMERIC", "BIGNUMERIC"],
        "columnNameCharacterMap": "V2",
    },
    "ndjson": {"sourceFormat": "NEWLINE_DELIMITED_JSON", "encoding": "UTF-8"},
    "csv": {
        "sourceFormat": "CSV",
        "encoding": "UTF-8",
        "fieldDelimiter": ",",
        "quote": '"',
        "allowQuotedNewlines": True,
        "preserveAsciiControlCharacters": True,
        "columnNameCharacterMap": "V2",
    },
}
"""How a load job is told a manifest's format. Without ``allowQuotedNewlines`` a text of two lines ends the job, and
without ``preserveAsciiControlCharacters`` a tab's neighbours are lost (BigQuery's page "Job", JobConfigurationLoad);
``columnNameCharacterMap`` is an error with JSON."""
_LABEL_LENGTH = 63
_NOT_IN_A_LABEL = re.compile(r"[^\w-]")


def load_job(
    head: Head,
    read: Read,
    *,
    raw: TargetTable,
    location: str,
    attempt: int = 1,
    labels: Mapping[str, str] | None = None,
) -> Job:
    """Append the read's objects to raw. Raises ``ValueError`` for a read that staged none, or in an unknown format.

    The table stands already and gives the types; of texts the job has them too, in the file's order of columns.
    ``columnNameCharacterMap`` keeps names as they are (the default replaces characters), ``decimalTargetTypes`` must
    name BIGNUMERIC, or wide decimals fail.
    """
    if read.manifest is None or not read.manifest.objects:
        raise ValueError(
            f"{head.target}: the read of {read.read_at.isoformat()} staged nothing: there is nothing to load"
        )
    load = {
        "sourceUris": [staged.uri for staged in read.manifest.objects],
        "destinationTable": _reference(raw),
        "writeDisposition": "WRITE_APPEND",
        "createDisposition": "CREATE_NEVER",
        **_format(head, read.manifest, raw),
    }
    return _job(head, read, {"load": load}, step=Step.LOAD, attempt=attempt, location=location, labels=labels)


def merge_job(
    head: Head,
    read: Read,
    sql: str,
    *,
    location: str,
    step: str = Step.APPLY,
    attempt: int = 1,
    max_bytes_billed: int | None = None,
    labels: Mapping[str, str] | None = None,
) -> Job:
    """Run a statement that changes a table: a MERGE, an ALTER. ``max_bytes_billed`` stops a surprise (R20)."""
    query = _limited(sql, max_bytes_billed)
    return _job(head, read, {"query": query}, step=step, attempt=attempt, location=location, labels=labels)


def build_job(
    head: Head,
    read: Read,
    sql: str,
    *,
    into: TargetTable,
    dataset: str,
    parameters: Mapping[str, datetime],
    location: str,
    attempt: int = 1,
    max_bytes_billed: int | None = None,
    labels: Mapping[str, str] | None = None,
) -> Job:
    """Put a query's rows into a table that stands, and is empty. Names without a dataset are of ``dataset``."""
    query = _limited(sql, max_bytes_billed) | {
        "destinationTable": _reference(into),
        "writeDisposition": "WRITE_APPEND",
        "createDisposition": "CREATE_NEVER",
        "defaultDataset": {"projectId": into.project, "datasetId": dataset},
    }
    if parameters:
        query |= {"parameterMode": "NAMED", "queryParameters": [_timestamp(*one) for one in parameters.items()]}
    return _job(head, read, {"query": query}, step=Step.BUILD, attempt=attempt, location=location, labels=labels)


def copy_job(
    head: Head,
    read: Read,
    *,
    source: str,
    into: TargetTable,
    location: str,
    attempt: int = 1,
    labels: Mapping[str, str] | None = None,
) -> Job:
    """Replace what a table holds, its columns too, by what ``source`` (``project.dataset.table``) holds.

    One atomic update, which bills nothing (BigQuery's pages "Job", ``JobConfigurationTableCopy``, and "Managing
    tables"). Both must be cut and clustered alike.
    """
    project, dataset, table = source.rsplit(".", 2)
    copy: dict[str, Any] = {
        "sourceTable": {"projectId": project, "datasetId": dataset, "tableId": table},
        "destinationTable": _reference(into),
        "writeDisposition": "WRITE_TRUNCATE",
        "createDisposition": "CREATE_NEVER",
    }
    if into.kms_key:
        copy["destinationEncryptionConfiguration"] = {"kmsKeyName": into.kms_key}
    return _job(head, read, {"copy": copy}, step=Step.APPLY, attempt=attempt, location=location, labels=labels)


def _limited(sql: str, max_bytes_billed: int | None) -> dict[str, Any]:
    query: dict[str, Any] = {"query": sql, "useLegacySql": False, "priority": "INTERACTIVE"}
    if max_bytes_billed is not None:
        query["maximumBytesBilled"] = str(max_bytes_billed)
    return query


def _reference(table: TargetTable) -> dict[str, str]:
    return {"projectId": table.project, "datasetId": table.dataset, "tableId": table.table}


def _timestamp(name: str, value: datetime) -> dict[str, Any]:
    text = value.isoformat(sep=" ", timespec="microseconds")
    return {"name": name, "parameterType": {"type": "TIMESTAMP"}, "parameterValue": {"value": text}}


def _format(head: Head, manifest: Manifest, raw: TargetTable) -> dict[str, Any]:
    name = manifest.format
    if name not in _FORMATS:
        raise ValueError(
            f"{head.target}: staged as {name!r}, which no load job is made of; known: {', '.join(_FORMATS)}"
        )
    if not manifest.header:
        return _FORMATS[name]
    columns = {each[0]: each for each in raw.fields}
    fields = [
        {key: said for key, said in field(*columns[one]).items() if key != "description"} for one in manifest.header
    ]
    marker = {"nullMarker": manifest.null_marker} if manifest.null_marker else {}
    return {**_FORMATS[name], **marker, "schema": {"fields": fields}}


def effect(job: Job, *, step: str, attempt: int) -> Effect:
    """The job as the ledger records it."""
    return Effect(
        step=str(step),
        attempt=attempt,
        job_id=job.id,
        location=job.location,
        configuration=job.configuration,
        digest=job.digest,
    )


def recorded(effect: Effect) -> Job:
    """The job that the ledger recorded."""
    return Job(id=effect.job_id, location=effect.location, configuration=effect.configuration, digest=effect.digest)


def digest(configuration: Mapping[str, Any]) -> str:
    """63 hexadecimal digits of SHA-256 over the configuration, but for the label that carries them."""
    labels = {key: value for key, value in configuration.get("labels", {}).items() if key != DIGEST_LABEL}
    canonical = json.dumps({**configuration, "labels": labels}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:_LABEL_LENGTH]


def job_id(head: Head, read: Read, step: str, attempt: int) -> str:
    """The id that makes an effect happen once: derived from the target, the read, the step and the attempt."""
    micros = (read.read_at - EPOCH) // MICROSECOND
    return f"floodmark_{head.uuid.hex}_{micros}_{step}_{attempt}"


def label(text: str) -> str:
    """Any text as the value of a label: lower case, ``-`` for what a label can't hold, at most 63 characters."""
    return _NOT_IN_A_LABEL.sub("-", text.lower())[:_LABEL_LENGTH]


def marks(source: str, table: str, step: str = "") -> dict[str, str]:
    """Whose job it is: labels of every job and query, so that a bill tells source, table and step (R20)."""
    said = {SOURCE_LABEL: source, TABLE_LABEL: table, STEP_LABEL: step}
    return {name: label(text) for name, text in said.items() if text}


def _job(
    head: Head,
    read: Read,
    configuration: dict[str, Any],
    *,
    step: str,
    attempt: int,
    location: str,
    labels: Mapping[str, str] | None,
) -> Job:
    marks = {TABLE_LABEL: label(head.target), **(labels or {}), STEP_LABEL: label(step)}
    return whole(job_id(head, read, step, attempt), configuration, location=location, labels=marks)


def whole(id: str, configuration: Mapping[str, Any], *, location: str, labels: Mapping[str, str]) -> Job:
    """A job with its labels, one of which is the digest of all that it is."""
    found = digest({**configuration, "labels": labels})
    labelled = {**configuration, "labels": {**labels, DIGEST_LABEL: found}}
    return Job(id=id, location=location, configuration=labelled, digest=found)


def console(project: str, job: Job) -> str:
    """Where people look at a job, in Google's console."""
    return f"https://console.cloud.google.com/bigquery?project={project}&j=bq:{job.location}:{job.id}&page=queryresults"
