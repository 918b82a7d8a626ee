"""The outside world as the pipeline sees it. Adapters stand behind these; tests bring fakes of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from floodmark.core.checksum import Checksum
from floodmark.core.head import Head
from floodmark.core.read import Buckets, Leaf, Manifest, Part, Read, Snapshot, Span
from floodmark.core.reconcile import Heal, Scope, Standing, Sum
from floodmark.core.schema import TableSchema
from floodmark.core.seal import Look, Mark


@dataclass(frozen=True, kw_only=True)
class Selection:
    """What of a table is read, and how its rows are told apart and in time.

    ``cursor`` are the timestamp columns, the first that is not null counting; empty for a table without one.
    ``columns`` are those that are carried, in the table's order. ``where`` and ``sql`` are the user's own words.
    ``timezone`` is that of a cursor without zone. ``partition_by`` with ``partition_unit`` (hour, day, month, year)
    is the target's partitioning column, whose touched values the manifest lists. ``verify`` (none, sample, full) asks
    for a checksum of what is read.
    """

    schema: str
    name: str
    key: tuple[str, ...]
    cursor: tuple[str, ...]
    columns: tuple[str, ...]
    where: str = ""
    sql: str = ""
    null_cursor: str = "fail"
    timezone: str = "UTC"
    partition_by: str = ""
    partition_unit: str = "day"
    bad_values: str = "quarantine"
    verify: str = "none"
    lock_timeout: timedelta = timedelta(seconds=30)
    statement_timeout: timedelta | None = None


class Rows(Protocol):
    """Rows on their way from the source: Arrow record batches of landing types, in the order read.

    The batches carry ``_floodmark_cursor`` and ``_floodmark_read_at`` beside the selection's columns. ``digest`` and
    the counts are complete once the batches are exhausted.
    """

    @property
    def arrow_schema(self) -> Any:
        """The ``pyarrow.Schema`` of every batch."""

    def empty(self) -> bool:
        """Whether there are no rows. Reads the first batch, which iterating then still gives."""

    def __iter__(self) -> Iterator[Any]:
        """``pyarrow.RecordBatch`` after ``pyarrow.RecordBatch``."""

    @property
    def digest(self) -> str:
        """SHA-256 of the rows in the order read, without Floodmark's own columns."""

    @property
    def partitions(self) -> tuple[str | None, ...]:
        """The partitioning column's values among the rows, as in :class:`~floodmark.core.read.Manifest`."""

    @property
    def checksum(self) -> Checksum | None:
        """What the rows come to, where that was asked for (R28)."""

    @property
    def quarantined(self) -> tuple[Mapping[str, Any], ...]:
        """Rows whose values the target can't hold: key, column, reason and the value as text (R27)."""


class Comparison(Protocol):
    """A table's keys and rows by their hashes, within a scope, in one snapshot (R25)."""

    @property
    def scope(self) -> Scope:
        """What is compared."""

    def sums(self, bits: int) -> tuple[dict[int, Sum], tuple[int, ...]]:
        """What the settled rows come to, by bucket; and the loose ones' keys."""

    def rows(self, buckets: Buckets) -> Iterator[tuple[int, Standing, int]]:
        """Every row of some buckets: its key's hash, its standing, its own hash."""

    def named(self, keys: Sequence[int]) -> tuple[str, ...]:
        """The keys behind these hashes, as texts, for people."""

    def standing(self, keys: Sequence[tuple[Any, ...]]) -> tuple[str, ...]:
        """Some of these keys (BigQuery's values) that are in the source, if any are; as texts, for people."""

    def query(self, buckets: Buckets, read_at: datetime) -> str:
        """The text that :meth:`healing` runs."""

    def healing(self, heal: Heal, read_at: datetime) -> Rows:
        """The rows that heal what differs. Raises ``SourceUnavailable``, ``BadValue``."""


class Reading(Protocol):
    """A table held still, in one snapshot (R1)."""

    @property
    def schema(self) -> TableSchema:
        """The table as the snapshot sees it."""

    @property
    def snapshot(self) -> Snapshot:
        """Where the read stands."""

    @property
    def leaves(self) -> tuple[Leaf, ...]:
        """The physical tables that it touches (R11)."""

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What this server kept to itself, so that the read's mark is only assumed (R7)."""

    def query(self, spans: Sequence[Span] | None, read_at: datetime, part: Part | None = None) -> str:
        """The text that :meth:`rows` runs; the ledger and the log keep it.

        ``spans`` None is the whole table, or the ``part`` of it that a first load reads (R24).
        """

    def rows(self, spans: Sequence[Span] | None, read_at: datetime, part: Part | None = None) -> Rows:
        """Read. Raises ``SourceUnavailable``, ``SourceChanged``, ``BadValue``."""

    def part_end(self, low: tuple[str, ...], rows: int) -> tuple[str, ...]:
        """The key, as texts, of the so-manieth row after ``low``; empty where there are fewer (R24)."""

    def counts(self) -> tuple[int, int]:
        """Rows whose cursor is null or infinite, and rows whose cursor lies in the future (R22)."""

    def fresh(self, spans: Sequence[Span]) -> tuple[int, ...]:
        """For each span, how many rows it would read: those written since its base, or of its leaves (R21)."""

    def comparison(self, scope: Scope) -> Comparison:
        """Its keys and rows by hash (R25)."""

    def durable(self) -> bool:
        """Whether all that the snapshot saw has reached the disk, waiting a moment for it (R3)."""


class Source(Protocol):
    """One operational database."""

    def look(self) -> Look:
        """Which transactions are open. Three statements, each its own transaction (R4)."""

    def tables(self) -> Sequence[tuple[str, str]]:
        """``(schema, name)`` of every table that the role may read."""

    def describe(self, schema: str, name: str) -> TableSchema:
        """One table from the catalog. Raises ``SourceRefused`` where it isn't there or can't be read."""

    def open(self, selection: Selection, last: Snapshot | None = None) -> AbstractContextManager[Reading]:
        """Hold the table still and take a snapshot (R1, R2), not older than the table's ``last`` one (R8)."""

    def close(self) -> None:
        """Give every connection back."""


class Stage(Protocol):
    """Object storage. Names are relative to the stage's own prefix; every object is written once."""

    def write(self, name: str, rows: Rows) -> Manifest:
        """Stream rows into one Parquet object; a manifest without ``uri`` comes back. No rows, no object.

        On any error the upload is not finalised, and nothing is left. Raises ``StageUnavailable``.
        """

    def write_manifest(self, name: str, document: Mapping[str, Any]) -> str:
        """Write the manifest, last of all; its URI."""

    def delete_before(self, prefix: str, moment: datetime) -> int:
        """Delete objects under a prefix that are older than a moment; how many."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """A BigQuery job, whole: what :class:`~floodmark.core.read.Effect` records."""

    id: str
    location: str
    configuration: dict[str, Any]
    digest: str


@dataclass(frozen=True, kw_only=True)
class JobResult:
    """What became of a job. ``done`` False: still running. ``error`` empty: it succeeded.

    ``transient`` says that a further attempt, under another id, may succeed. ``statistics`` has ``output_rows`` for
    loads and ``inserted``, ``updated``, ``deleted`` for merges, and ``bytes_billed``, where the service tells.
    ``occupied`` says that the id was taken by a trivial job: the job itself can't run any more (R17).
    """

    done: bool
    error: str = ""
    transient: bool = False
    occupied: bool = False
    statistics: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class TargetTable:
    """A BigQuery table as it should be. ``fields`` are ``(name, type, description)``, all NULLABLE.

    ``partition_unit`` is empty where the table is not partitioned.
    """

    project: str
    dataset: str
    table: str
    fields: tuple[tuple[str, str, str], ...]
    description: str = ""
    partition_by: str = ""
    partition_unit: str = ""
    partition_expiration: timedelta | None = None
    cluster_by: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    kms_key: str = ""

    @property
    def reference(self) -> str:
        """``project.dataset.table``."""
        return f"{self.project}.{self.dataset}.{self.table}"


class Warehouse(Protocol):
    """BigQuery."""

    def ensure(self, table: TargetTable) -> bool:
        """Create the table where it is missing (True), else check its labels. Raises ``TargetMismatch`` (R19)."""

    def submit(self, job: Job) -> None:
        """Insert the job, or attach to the one that bears its id (R17). Raises ``JobFailed`` where another's does."""

    def wait(self, job: Job, timeout: timedelta) -> JobResult:
        """Wait for a job, no longer than ``timeout``."""

    def occupy(self, job: Job) -> JobResult:
        """Take the id of a job that may never have been submitted; what the id stands for now."""

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """Rows of a small query."""

    def fields(self, project: str, dataset: str, table: str) -> tuple[tuple[str, str], ...] | None:
        """``(name, type)`` of a table's columns; None where there is no such table."""

    def standing(self, table: TargetTable) -> tuple[tuple[str, str], ...] | None:
        """``(name, type)`` of its columns as it stands; None where it doesn't. Raises ``TargetMismatch`` (R19)."""

    def labels(self, project: str, dataset: str, table: str) -> dict[str, str] | None:
        """A table's labels; None where there is no such table (R19)."""

    def relabel(self, project: str, dataset: str, table: str, labels: Mapping[str, str]) -> None:
        """Put these labels on a table; those of other names stay (R19). Nobody else may change it in between."""

    def stamp(self, project: str, dataset: str, table: str) -> str:
        """What a table says of itself for nothing: when it was last changed, and its rows. Empty: no table (R23)."""

    def dry_run(self, sql: str, parameters: Mapping[str, Any] | None = None) -> int:
        """The bytes that a statement would process."""


class Conflict(Exception):
    """The stored head is not the one that a change began with: somebody else moved it."""


class Ledger(Protocol):
    """The record of every read. One head per target, changed by compare-and-swap on its version."""

    @property
    def uuid(self) -> UUID:
        """The ledger's own name, made when it was (R19)."""

    def targets(self) -> Sequence[str]:
        """Every target that has a head."""

    def head(self, target: str) -> Head:
        """The stored head; a fresh one, at version 0, where there is none. Nothing is written."""

    def swap(self, old: Head, new: Head, closed: Read | None = None) -> None:
        """Store ``new`` if the stored version is still ``old.version``, and ``closed`` with it, or nothing at all.

        Raises ``Conflict`` otherwise.
        """

    def reads(self, target: str, *, newest: int | None = None) -> Sequence[Read]:
        """Closed reads of a target with their effects, in order of ``read_at``; the newest so many only."""

    def close(self) -> None:
        """Give every connection back."""


__all__ = [
    "Comparison", "Conflict", "Job", "JobResult", "Ledger", "Mark", "Reading", "Rows", "Selection", "Source", "Stage",
    "TargetTable", "Warehouse",
]  # fmt: skip
