"""The end of every extract: what was read lies in the stage, and the ledger hears of it (R3, R16)."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta

from floodmark.core.config.object_names import as_part
from floodmark.core.config.source import SourceConfig
from floodmark.core.ledger import head as heads
from floodmark.core.ledger.manifest import Manifest
from floodmark.core.ledger.read import Read, State
from floodmark.core.ports import Reading, Rows
from floodmark.errors import FatalError, StageUnavailable
from floodmark.pipeline.clock import now
from floodmark.pipeline.lease import Lease
from floodmark.pipeline.table_run import TableRun

log = logging.getLogger(__name__)


def record(run: TableRun, lease: Lease, reading: Reading, read: Read, manifest: Manifest) -> None:
    """The manifest's own object, last of all, and whether what was seen is durable (R3): ``reading -> staged``."""
    verdict = read if reading.durable() else read.undurable()
    if manifest.objects:
        name = f"{object_name(run, read)}.json"
        manifest = replace(manifest, uri=run.ports.stage.write_manifest(name, document(verdict, manifest)))
    if left := left_elsewhere(run.config, lease.head.last):
        log.warning("%s: %s", run.target, left)
    lease.note(lambda head: heads.stage(head, manifest, verdict=verdict, now=now()))


def staged(run: TableRun, read: Read, rows: Rows) -> Manifest:
    """The rows in one object, in the table's format."""
    return run.ports.stage.write(object_name(run, read), rows, run.table.format)


def tell_bad_values(run: TableRun, manifest: Manifest) -> None:
    """Say what did not travel as it is (R31)."""
    for values, said in (
        (manifest.tally.unheld, "values that BigQuery can't hold are NULL there, their texts beside them"),
        (
            manifest.tally.held_out,
            f"values for which {manifest.quarantined} rows are held out: {manifest.quarantine_uri}",
        ),
    ):
        if values:
            log.warning("%s: %s %s", run.target, ", ".join(f"{column}: {rows}" for column, rows in values), said)


def close_unchanged(lease: Lease) -> Read | None:
    """Close the open read, of which nothing is to be loaded or merged: a ledger's row and nothing else (R16)."""
    if lease.head.open and lease.head.open.state is State.STAGED:
        lease.note(heads.load)
    lease.note(lambda head: heads.apply(head, changed=False, now=now()))
    return lease.head.last


def clear(run: TableRun, read: Read) -> None:
    """Under ``retention: {stage: 0}`` delete what the read staged, once nothing needs it any more.

    Of a read that is applied that is before it is closed: whoever is killed in between leaves it open, the next step
    finishes it, and deletes what is left. Files that can't be deleted now are told, and left to the upkeep; so are
    those of a read that was given up.
    """
    if run.config.retention.stage == timedelta(0) and read.manifest:
        try:
            run.ports.stage.remove(read.manifest)
            for export in read.exports:
                run.ports.stage.remove(Manifest(uri=export.job_id))
        except (StageUnavailable, FatalError) as error:
            log.warning("%s: files stay in the stage until the upkeep sweeps it: %s", run.target, error)


def files_of(read: Read) -> list[str]:
    """The URIs of all that a read staged: its rows, those that were held out, the manifest's own."""
    manifest = read.manifest or Manifest()
    held_out = manifest.quarantine_uri.split(", ") if manifest.quarantine_uri else []
    own = [manifest.uri] if manifest.uri else []
    return [*(one.uri for one in manifest.objects), *held_out, *own, *(one.job_id for one in read.exports)]


def left_elsewhere(config: SourceConfig, last: Read | None) -> str:
    """That files lie where the stage was when a table was read last, in words; empty where it is the same still."""
    uris = files_of(last) if last else []
    place = next((uri for uri in uris if not uri.startswith(f"{config.stage}/{config.source}/")), "")
    if not place:
        return ""
    former = place.partition("/dt=")[0]
    return (
        f"files of earlier reads lie in {former}, and the stage is {config.stage} by now: no sweep looks there; let "
        "a lifecycle rule of that bucket delete them, or do so once each table of it has been read again: "
        f"gcloud storage rm --recursive {former}"
    )


def object_name(run: TableRun, read: Read) -> str:
    """``<source>/<schema>.<table>/dt=YYYY-MM-DD/hr=HH/<read>``, by the first slice that it reads.

    What an object's name had better not hold is encoded: see :mod:`floodmark.core.config.object_names`.
    """
    moment: datetime = read.portion.moment or read.read_at
    name = f"{read.read_at:%Y%m%dT%H%M%S.%fZ}-{read.token}"
    return f"{folder(run)}/dt={moment:%Y-%m-%d}/hr={moment:%H}/{name}"


def folder(run: TableRun) -> str:
    """``<source>/<schema>.<table>``: all of a table's objects are below it."""
    schema, table = as_part(run.table.relation.schema), as_part(run.table.relation.name)
    return f"{run.config.source}/{schema}.{table}"


def document(read: Read, manifest: Manifest) -> dict[str, object]:
    """The manifest as it is written beside the files it lists."""
    return {
        "target": read.target,
        "read_at": read.read_at.isoformat(),
        "kind": read.kind.value,
        "intervals": [str(span.interval) for span in read.spans],
        "watermark": read.watermark.isoformat() if read.watermark else None,
        "basis": read.basis.value,
        "format": manifest.format,
        **({"null_marker": manifest.null_marker} if manifest.null_marker else {}),
        "rows": manifest.rows,
        "bytes": manifest.bytes,
        "digest": manifest.digest,
        "objects": [
            {"uri": one.uri, "generation": one.generation, "crc32c": one.crc32c, "rows": one.rows, "bytes": one.bytes}
            for one in manifest.objects
        ],
        "columns": [{"name": column.name, "type": column.landing} for column in read.columns],
    }
