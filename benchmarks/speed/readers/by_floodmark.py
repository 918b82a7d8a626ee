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
    """The slice, by one reader or several; a table too small to share a slice of as a whole: the rows are the same."""
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
        manifest = None
        for spans in ([SLICE], None) if readers > 1 else ():
            manifest = manifest or reading.staged("rows", lambda: stage, spans, moment)  # type: ignore[arg-type, return-value]
        manifest = manifest or stage.write("rows.parquet", reading.rows([SLICE], moment))
        if not reading.durable():
            raise SystemExit("the snapshot was not durable")
    if len(manifest.objects) != readers:
        raise SystemExit(
            f"{len(manifest.objects)} of {readers} readers read it: the table is too small to be shared out"
        )
    return manifest.rows
