"""Floodmark's own way from the source to Parquet. The argument is the number of readers."""

import importlib.util
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

if importlib.util.find_spec("floodmark") is None:
    sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "plugins"))
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import pyarrow.parquet  # noqa: F401  (what is imported lazily is not part of a read)
from folder_stage import FolderStage
from slice_query import HIGH, LOW

import floodmark.adapters.arrow.rows
import floodmark.adapters.postgres.opening  # noqa: F401
from floodmark.adapters.postgres.source import PostgresSource
from floodmark.core.ledger.portion import Span
from floodmark.core.ports import Selection
from floodmark.core.time.interval import Interval

SLICE = Span(interval=Interval(low=datetime.fromisoformat(LOW), high=datetime.fromisoformat(HIGH)))


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
