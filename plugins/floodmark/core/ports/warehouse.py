"""BigQuery: its tables and its jobs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol


@dataclass(frozen=True, kw_only=True)
class Job:
    """A BigQuery job, whole: what :class:`~floodmark.core.ledger.read.Effect` records."""

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
    """A BigQuery table as it should be. ``fields`` are ``(name, type, description)``, all NULLABLE but ``required``.

    ``described`` are the descriptions that a schema file gives columns, also those of a table that stands.
    ``policy_tags`` are by column; of others, whatever somebody put there stays. ``partition_unit`` is empty where the
    table is not partitioned. For messages, ``anew`` is the command that drops it
    and makes it again, ``lost`` what that costs, ``rebuild`` the one by which another ledger takes it over.
    """

    project: str
    dataset: str
    table: str
    fields: tuple[tuple[str, str, str], ...]
    policy_tags: Mapping[str, str] = field(default_factory=dict)
    described: Mapping[str, str] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    description: str = ""
    partition_by: str = ""
    partition_unit: str = ""
    partition_expiration: timedelta | None = None
    cluster_by: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    kms_key: str = ""
    anew: str = "floodmark reload --anew SOURCE TABLE"
    lost: str = "raw's history is lost"
    rebuild: str = "floodmark ledger rebuild SOURCE"

    @property
    def reference(self) -> str:
        """``project.dataset.table``."""
        return f"{self.project}.{self.dataset}.{self.table}"


def ignored(_bytes: int) -> None:
    """Who asks doesn't want to know what it billed."""


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

    def query(
        self,
        sql: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        labels: Mapping[str, str] | None = None,
        bill: Callable[[int], None] = ignored,
        dataset: str = "",
    ) -> list[dict[str, Any]]:
        """Rows of a small query, whose job bears ``labels``; ``bill`` is told the bytes that it billed.

        Or none, of a statement that may run twice without harm: no ledger knows of its job. ``dataset``
        (``project.dataset``) is that of names without one.
        """

    def shaped(
        self,
        table: TargetTable,
        sql: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        dataset: str,
        like: str = "",
        labels: Mapping[str, str] | None = None,
    ) -> tuple[tuple[str, str], ...]:
        """See that the table stands with a query's columns, empty where it is made; their ``(name, type)``.

        Columns have the descriptions and policy tags that those of the same names have in ``like``
        (``project.dataset.table``), where that stands. Raises ``TargetMismatch`` where it isn't ours (R19), ``Refused``
        where ``table`` names columns that the query doesn't give.
        """

    def columns_of(
        self, sql: str, parameters: Mapping[str, Any] | None = None, *, dataset: str = ""
    ) -> tuple[tuple[str, str], ...]:
        """``(name, type)`` of a query's columns, which bills nothing. Raises ``FatalError`` for one that can't run."""

    def fields(self, project: str, dataset: str, table: str) -> tuple[tuple[str, str], ...] | None:
        """``(name, type)`` of a table's columns; None where there is no such table."""

    def has_dataset(self, project: str, dataset: str) -> bool:
        """Whether a dataset stands, or may: one that can't be looked at is not said to be missing."""

    def is_table(self, project: str, dataset: str, table: str) -> bool:
        """Whether a table of rows stands there: no view, nothing external."""

    def standing(self, table: TargetTable) -> tuple[tuple[str, str], ...] | None:
        """``(name, type)`` of its columns as it stands; None where it doesn't. Raises ``TargetMismatch`` (R19)."""

    def partitions_live(self, table: TargetTable) -> timedelta | None:
        """How long its partitions live, as it stands; None for ever, and where there is none."""

    def partition_count(self, reference: str) -> int | None:
        """How many partitions a table says that it has; None where it doesn't say, or isn't there."""

    def ours(self, table: TargetTable) -> bool:
        """Whether it stands, however that may be. Raises ``TargetMismatch`` where it is another ledger's (R19)."""

    def labels(self, project: str, dataset: str, table: str) -> dict[str, str] | None:
        """A table's labels; None where there is no such table (R19)."""

    def relabel(self, project: str, dataset: str, table: str, labels: Mapping[str, str]) -> None:
        """Put these labels on a table; those of other names stay (R19). Nobody else may change it in between."""

    def stamp(self, project: str, dataset: str, table: str, *, labels: Mapping[str, str] | None = None) -> str:
        """What a table says of itself for nothing: when it was last changed, and its rows. Empty: no table (R23)."""

    def dry_run(
        self,
        sql: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        labels: Mapping[str, str] | None = None,
        dataset: str = "",
    ) -> int:
        """The bytes that a statement would process. Raises ``FatalError`` for one that can't run."""
