"""What of a stage a read needs, in a folder of this machine: so a benchmark measures reading, and no upload."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from floodmark.adapters.stage.parquet import ParquetFile
from floodmark.adapters.stage.pump import pump
from floodmark.core.ledger.manifest import Manifest, StagedObject
from floodmark.core.ports import Rows


class FolderStage:
    """One Parquet file for each object."""

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
