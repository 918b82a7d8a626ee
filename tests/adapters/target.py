"""A target table in BigQuery with its raw table, loaded and merged as the pipeline does it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pyarrow as pa

from floodmark.adapters.bigquery.warehouse import BigQueryWarehouse
from floodmark.adapters.stage.gcs import GcsStage
from floodmark.core.bigquery.googlesql import name as quoted
from floodmark.core.bigquery.jobs import load_job, merge_job
from floodmark.core.bigquery.merge import Merge, SoftDelete, SoftMode, merges
from floodmark.core.bigquery.partitions import Partitioning
from floodmark.core.bigquery.tables import Targets, targets
from floodmark.core.ledger import head as heads
from floodmark.core.ledger.portion import Slices
from floodmark.core.ledger.read import Read, State
from floodmark.core.ports import Job, JobResult
from floodmark.core.schema import Carried
from tests.adapters.rows import Staged

MINUTE = timedelta(minutes=1)
_ARROW = {
    "INT64": pa.int64(),
    "STRING": pa.string(),
    "FLOAT64": pa.float64(),
    "BOOL": pa.bool_(),
    "DATE": pa.date32(),
    "TIMESTAMP": pa.timestamp("us", tz="UTC"),
}


def at(hour: int, minute: int = 0, day: int = 1) -> datetime:
    """A moment of November 2026."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


@dataclass(kw_only=True)
class Target:
    """``columns`` are (name, landing, target, convert); ``key`` some of them."""

    warehouse: BigQueryWarehouse
    stage: GcsStage
    project: str
    current_dataset: str
    raw_dataset: str
    columns: tuple[Carried, ...]
    key: tuple[str, ...] = ("id",)
    table: str = "orders"
    soft_delete: SoftDelete | None = None
    partitioning: Partitioning | None = None
    jobs: list[tuple[Job, JobResult]] = field(default_factory=list)
    attempts: int = 0
    ledger: UUID = field(default_factory=uuid4)

    def __post_init__(self) -> None:
        self.head = heads.fresh(f"shop.{self.table}", self.ledger)
        for table in (self.tables.raw, self.tables.current):
            self.warehouse.ensure(table)

    @property
    def tables(self) -> Targets:
        cut = self.partitioning
        return targets(
            project=self.project,
            dataset=self.current_dataset,
            raw_dataset=self.raw_dataset,
            table=self.table,
            columns=self.columns,
            key=self.key,
            ledger=self.ledger,
            target=self.head.uuid,
            partition_by=cut.column if cut else "",
            partition_unit=cut.unit if cut else "day",
            flag_deleted=self.soft_delete is not None and self.soft_delete.mode is SoftMode.FLAG,
        )

    def staged(self, read_at: datetime, *rows: tuple[Any, ...], cursor: datetime | None = None) -> Read:
        """Stage rows: their columns' values, and the cursor last unless one is given for all."""
        names = [*(each.name for each in self.columns), "_floodmark_cursor", "_floodmark_read_at"]
        types = [*(_ARROW[each.landing] for each in self.columns), _ARROW["TIMESTAMP"], _ARROW["TIMESTAMP"]]
        schema = pa.schema(list(zip(names, types, strict=True)))
        full = [(*row, *([cursor] if cursor else []), read_at) for row in rows]
        batch = pa.RecordBatch.from_pylist([dict(zip(names, row, strict=True)) for row in full], schema=schema)
        manifest = self.stage.write(f"{self.table}/{read_at.isoformat()}.parquet", Staged([batch], schema=schema))
        return Read(
            target=self.head.target,
            read_at=read_at,
            token=1,
            run_id="r",
            portion=Slices(spans=()),
            state=State.STAGED,
            watermark=None,
            manifest=manifest,
        )

    def loaded(self, read_at: datetime, *rows: tuple[Any, ...], cursor: datetime | None = None) -> Read:
        """Stage rows and load them into raw; no rows, no job."""
        read = self.staged(read_at, *rows, cursor=cursor)
        if rows:
            self.run(load_job(self.head, read, raw=self.tables.raw, location="EU"))
        return read

    def merge(self, read_at: datetime, **changes: Any) -> Merge:
        """The merge of a read."""
        both = self.tables
        values: dict[str, Any] = {
            "raw": both.raw.reference,
            "current": both.current.reference,
            "columns": self.columns,
            "key": self.key,
            "read_at": read_at,
            "soft_delete": self.soft_delete,
            "partitioning": self.partitioning,
        }
        return Merge(**(values | changes))

    def apply(self, read: Read, *, most: int = 3500, **changes: Any) -> list[JobResult]:
        """Merge a read; as another attempt each time, so that nothing but the statement guards against a second one."""
        self.attempts += 1
        statements = merges(self.merge(read.read_at, **changes), most=most)
        return [
            self.run(merge_job(self.head, read, sql, location="EU", step=f"apply{number}", attempt=self.attempts))
            for number, sql in enumerate(statements)
        ]

    def table_run(self, read_at: datetime, *rows: tuple[Any, ...], **changes: Any) -> list[JobResult]:
        """Load and merge."""
        return self.apply(self.loaded(read_at, *rows, cursor=changes.pop("cursor", None)), **changes)

    def run(self, job: Job) -> JobResult:
        self.warehouse.submit(job)
        result = self.warehouse.wait(job, MINUTE)
        assert result.done
        assert not result.error
        self.jobs.append((job, result))
        return result

    def current(self, *columns: str) -> list[tuple[Any, ...]]:
        """The current table's rows, in order."""
        chosen = columns or tuple(each.name for each in self.columns)
        listed = ", ".join(quoted(each) for each in chosen)
        rows = self.warehouse.query(f"SELECT {listed} FROM {quoted(self.tables.current.reference)}")
        return sorted((tuple(row.values()) for row in rows), key=repr)

    def count_raw(self) -> int:
        """Rows in raw."""
        return int(self.warehouse.query(f"SELECT COUNT(*) AS n FROM {quoted(self.tables.raw.reference)}")[0]["n"])
