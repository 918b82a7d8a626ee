"""The stage in Cloud Storage: a read's rows as one object, written once, and its manifest after it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING, Any

from floodmark.adapters.google_errors import of_bucket, translated
from floodmark.adapters.stage.parquet import ROW_GROUP_BYTES, ParquetFile
from floodmark.adapters.stage.progress import watched
from floodmark.adapters.stage.pump import pump
from floodmark.adapters.stage.resumable import PATIENCE
from floodmark.adapters.stage.texts import TextFile, null_marker
from floodmark.adapters.stage.upload import CHUNK, Finished, Upload
from floodmark.core.config.formats import CONTENT_TYPES, EXTENSIONS, PARQUET
from floodmark.core.ledger.manifest import Manifest, StagedObject
from floodmark.core.ports import Rows
from floodmark.core.time.interval import utc
from floodmark.errors import StageUnavailable

if TYPE_CHECKING:
    import pyarrow as pa
    from google.cloud.storage import Blob, Client

_QUARANTINE = ".quarantine.ndjson"


@dataclass(frozen=True, kw_only=True)
class _Written:
    finished: Finished
    rows: int


class GcsStage:
    """One folder of a bucket. Names are relative to it; every object is written once (generation match 0)."""

    def __init__(
        self,
        client: Client,
        bucket: str,
        prefix: str = "",
        *,
        chunk: int = CHUNK,
        row_group: int = ROW_GROUP_BYTES,
        patience: float = PATIENCE,
    ) -> None:
        """``prefix`` bears no slash at either end.

        ``chunk`` (bytes, a multiple of 256 KiB) is what one request carries,
        ``row_group`` (bytes in Arrow) what one row group holds, ``patience`` (seconds) how long a request is repeated.
        """
        self._client, self._bucket, self._prefix = client, bucket, prefix.strip("/")
        self._chunk, self._row_group, self._patience = chunk, row_group, patience

    def write(self, name: str, rows: Rows, format: str = PARQUET) -> Manifest:
        """Stream rows into one object of that format; a manifest without ``uri`` comes back. No rows, no object.

        Memory is flat: a few batches, one row group, one chunk. On any error, in either thread, the upload is not
        finalised and nothing is left. Quarantined rows (R27) go into an object of their own beside it, as NDJSON.
        Raises ``StageUnavailable``, ``FatalError``, and whatever ``rows`` raises.
        """
        name = name.removesuffix(EXTENSIONS[format])
        batches = watched(rows, name)
        first = next(batches, None)
        beside = _Beside(self, name + _QUARANTINE, rows)
        name, marker = name + EXTENSIONS[format], null_marker() if format == "csv" else ""
        if first is None:
            beside.write()
            return _manifest(rows, (), beside.uri)
        try:
            written = pump(
                chain([first], batches),
                lambda received: self._write(name, rows.arrow_schema, received, format, marker),
                ready=beside.write,
                undo=lambda written: self._delete(name, written.finished.generation),
            )
        except BaseException:
            beside.remove()
            raise
        manifest = _manifest(rows, (self._staged(name, written),), beside.uri)
        header = tuple(rows.arrow_schema.names) if format != PARQUET else ()
        return replace(manifest, format=format, header=header, null_marker=marker)

    def write_manifest(self, name: str, document: Mapping[str, Any]) -> str:
        """Write the manifest as JSON, last of all; its URI. Raises ``StageUnavailable``, ``FatalError``."""
        text = json.dumps(document, indent=2, sort_keys=True, default=_json)
        self.put(name, text.encode(), content_type="application/json")
        return self.uri(name)

    def publish(self, name: str, data: bytes, *, content_type: str, compressed: bool = True) -> str:
        """Write an object that is written anew each time; its URI. Whoever reads it is served plain text, and fresh."""
        blob = self._blob(name)
        blob.content_encoding, blob.cache_control = "gzip" if compressed else None, "no-cache"
        with self._translated(name):
            blob.upload_from_string(gzip.compress(data, mtime=0) if compressed else data, content_type=content_type)
        return self.uri(name)

    def remove(self, manifest: Manifest) -> None:
        """Delete a read's objects, these very generations, and the manifest's own; not its quarantine.

        By their whole names: the stage may be another place by now. Raises ``StageUnavailable``, ``FatalError``.
        """
        written: list[tuple[str, int | None]] = [(one.uri, one.generation) for one in manifest.objects]
        for uri, generation in [*written, *([(manifest.uri, None)] if manifest.uri else [])]:
            bucket, _, path = uri.removeprefix("gs://").partition("/")
            with self._translated(path, bucket):
                self._remove(self._client.bucket(bucket).blob(path), generation)

    def delete_before(self, prefix: str, moment: datetime) -> int:
        """Delete objects in the folder ``prefix`` that were made before ``moment``; how many."""
        moment, deleted = utc(moment), 0
        folder = self._path(prefix.strip("/")).rstrip("/") + "/"
        with self._translated(folder):
            for blob in self._client.list_blobs(self._bucket, prefix=folder.lstrip("/")):
                if blob.time_created is not None and blob.time_created < moment:
                    deleted += self._remove(blob)
        return deleted

    def uri(self, name: str) -> str:
        """``gs://bucket/prefix/name``."""
        return f"gs://{self._bucket}/{self._path(name)}"

    def put(self, name: str, data: bytes, *, content_type: str) -> Finished:
        """Write a small object, once."""
        upload = self._upload(name, content_type)
        try:
            upload.write(data)
            return upload.finish()
        except BaseException:
            upload.abandon()
            raise

    def _write(
        self, name: str, schema: pa.Schema, batches: Iterator[pa.RecordBatch], format: str, marker: str
    ) -> _Written:
        """In the writer's thread: a file into the upload. Whatever goes wrong, it is not finished."""
        upload = self._upload(name, CONTENT_TYPES[format])
        count = 0
        try:
            file = self._file(upload, schema, format, marker)
            for batch in batches:
                count += batch.num_rows
                file.write(batch)
            file.close()
            return _Written(finished=upload.finish(), rows=count)
        except BaseException:
            upload.abandon()
            raise

    def _file(self, upload: Upload, schema: pa.Schema, format: str, marker: str) -> ParquetFile | TextFile:
        if format == PARQUET:
            return ParquetFile(upload, schema, row_group=self._row_group)
        return TextFile(upload, schema, null_marker=marker)

    def _upload(self, name: str, content_type: str) -> Upload:
        return Upload(self._blob(name), content_type=content_type, chunk=self._chunk, patience=self._patience)

    def _staged(self, name: str, written: _Written) -> StagedObject:
        finished = written.finished
        return StagedObject(
            uri=self.uri(name),
            generation=finished.generation,
            crc32c=finished.crc32c,
            rows=written.rows,
            bytes=finished.bytes,
        )

    def _delete(self, name: str, generation: int) -> None:
        blob = self._blob(name)
        with self._translated(name):
            self._remove(blob, generation)

    def _remove(self, blob: Blob, generation: int | None = None) -> int:
        from google.api_core.exceptions import NotFound

        try:
            blob.delete(if_generation_match=generation or blob.generation)
        except NotFound:
            return 0
        return 1

    def _path(self, name: str) -> str:
        return f"{self._prefix}/{name}" if self._prefix else name

    def _blob(self, name: str) -> Blob:
        blob: Blob = self._client.bucket(self._bucket).blob(self._path(name))
        return blob

    def _translated(self, name: str, bucket: str = "") -> Any:
        bucket = bucket or self._bucket
        return translated(f"gs://{bucket}/{name}", unavailable=StageUnavailable, remedies=of_bucket(bucket))


class _Beside:
    """The object that holds the rows which the target can't, if there are any."""

    def __init__(self, stage: GcsStage, name: str, rows: Rows) -> None:
        self._stage, self._name, self._rows = stage, name, rows
        self._generation = 0
        self.uri = ""

    def write(self) -> None:
        """Write it, once all rows are read."""
        if self._rows.quarantined:
            lines = "".join(json.dumps(dict(row), default=_json) + "\n" for row in self._rows.quarantined)
            finished = self._stage.put(self._name, lines.encode(), content_type="application/x-ndjson")
            self._generation, self.uri = finished.generation, self._stage.uri(self._name)

    def remove(self) -> None:
        """Take it back, since the read was not staged."""
        if self._generation:
            self._stage._delete(self._name, self._generation)  # one module, one thing


def _manifest(rows: Rows, objects: tuple[StagedObject, ...], quarantine_uri: str) -> Manifest:
    return Manifest(
        objects=objects,
        rows=sum(staged.rows for staged in objects),
        bytes=sum(staged.bytes for staged in objects),
        digest=rows.digest,
        partitions=rows.partitions,
        quarantined=len(rows.quarantined),
        quarantine_uri=quarantine_uri,
        checksum=rows.checksum,
        tally=rows.tally,
        rechecked=rows.rechecked,
    )


def _json(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
