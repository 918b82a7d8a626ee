"""Floodmark's own way from the source to Parquet. The argument is the number of readers."""

import importlib.util
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

if importlib.util.find_spec("floodmark") is None:
    sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "plugins"))

import pyarrow.parquet  # noqa: F401  (what is imported lazily is not part of a read)
from slice_query import HIGH, LOW

import floodmark.adapters.arrow.rows
import floodmark.adapters.postgres.opening  # noqa: F401
from floodmark.adapters.postgres.source import PostgresSource
from floodmark.adapters.stage.parquet import ParquetFile
from floodmark.adapters.stage.pump import pump
from floodmark.core.ledger.manifest import Manifest, StagedObject
from floodmark.core.ledger.portion import Span
from floodmark.core.ports import Rows, Selection
from floodmark.core.time.interval import Interval

SLICE = Span(interval=Interval(low=datetime.fromisoformat(LOW), high=datetime.fromisoformat(HIGH)))


class FolderStage:
    """What of a stage a read needs, in a folder of this machine: one Parquet file for each object."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, name: str, rows: Rows) -> Manifest:
        """As the stage writes it: by a thread of its own."""
        path = self._folder / name

        def written(batches: Iterator[Any]) -> int:
            with path.open("wb") as sink:
                file = ParquetFile(sink, rows.arrow_schema)
                count = 0
                for batch in batches:
                    file.write(batch)
                    count += batch.num_rows
                file.close()
            return count

        count = pump(rows, written, ready=lambda: None, undo=lambda _: None)
        size = path.stat().st_size
        staged = StagedObject(uri=str(path), generation=1, crc32c="", rows=count, bytes=size)
        return Manifest(objects=(staged,), rows=count, bytes=size, digest=rows.digest)


def read(argument: str, dsn: str, table: str, folder: Path) -> int:
    """One reader reads the slice; several read the whole table, which is the same rows, in one snapshot."""
    readers = int(argument)
    source, stage = PostgresSource(dsn, UUID(int=1)), FolderStage(folder)
    described = source.describe("public", table)
    selection = Selection(
        schema="public",
        name=table,
        key=described.key,
        cursor=("updated_at",),
        columns=described.names,
        partition_by="created_at" if "created_at" in described.names else "",
        readers=readers,
    )
    moment = datetime.now(UTC)
    with source.open(selection) as reading:
        manifest = reading.staged("rows", lambda: stage, None, moment) if readers > 1 else None  # type: ignore[arg-type]
        manifest = manifest or stage.write("rows.parquet", reading.rows([SLICE], moment))
        if not reading.durable():
            raise SystemExit("the snapshot was not durable")
    if len(manifest.objects) != readers:
        raise SystemExit(
            f"{len(manifest.objects)} of {readers} readers read it: the table is too small to be shared out"
        )
    return manifest.rows
