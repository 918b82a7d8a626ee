"""An operational database, a table of it held still, and its rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from floodmark.core.checksum import Sum
from floodmark.core.config.masks import Mask
from floodmark.core.config.target_types import NOTHING_CHOSEN, Choices
from floodmark.core.ledger.balance import Census
from floodmark.core.ledger.fingerprint import CatalogPart
from floodmark.core.ledger.manifest import Manifest
from floodmark.core.ledger.portion import Buckets, Part, Span
from floodmark.core.ledger.snapshot import History, Leaf, Snapshot
from floodmark.core.ledger.watermark import Look, Seen
from floodmark.core.ports.export import Exporter
from floodmark.core.ports.rows import Rows
from floodmark.core.ports.stage import Stage
from floodmark.core.reconcile import Heal, Ranges, Scope, Standing
from floodmark.core.schema import TableSchema


@dataclass(frozen=True, kw_only=True)
class Selection:
    """What of a table is read, and how its rows are told apart and in time.

    ``cursor`` are the timestamp columns, the first that is not null counting; empty for a table without one.
    ``columns`` are those that are carried, in the table's order; ``rename`` has the names that some have in the target,
    and all others here are the source's. ``masks`` say what stands in the place of the values of some of
    them, and is all that leaves the source of those; ``choices``, which types some are to have. ``where`` and ``sql``
    are the user's own words;
    ``leaving``: of a slice's rows that ``where`` doesn't select the key is read, to say that it leaves the target.
    ``timezone`` is that of a cursor without zone. ``partition_by`` with ``partition_unit`` (hour, day, month, year)
    is the target's partitioning column, whose touched values the manifest lists. ``soft`` is the column that marks a
    row as deleted, unless it holds ``live`` (the source's text of a value). ``bad_values`` is one of
    :class:`~floodmark.core.unheld.BadValues`. ``verify`` (none, sample, full) asks for a checksum of what is read.
    ``readers`` are how many may read the whole table side by side, in one snapshot; None: as many as its size is worth.
    ``whole``: it, or a part of it, is to be read, as far as is known before the snapshot. ``max_rate`` is the most that
    they may take together, in bytes per second; None is no limit.
    ``offload``: a source that exports reads a copy of the database, where it can make one.
    """

    schema: str
    name: str
    key: tuple[str, ...]
    cursor: tuple[str, ...]
    columns: tuple[str, ...]
    rename: Mapping[str, str] = field(default_factory=dict)
    masks: Mapping[str, Mask] = field(default_factory=dict)
    choices: Choices = NOTHING_CHOSEN
    where: str = ""
    leaving: bool = False
    sql: str = ""
    null_cursor: str = "fail"
    timezone: str = "UTC"
    partition_by: str = ""
    partition_unit: str = "day"
    bad_values: str = "encode"
    soft: str = ""
    live: str = ""
    verify: str = "none"
    readers: int | None = 1
    max_rate: int | None = None
    whole: bool = False
    lock_timeout: timedelta = timedelta(seconds=30)
    statement_timeout: timedelta | None = None
    offload: bool = False

    def in_target(self, column: str) -> str:
        """What a column of the source is called in the target."""
        return self.rename.get(column, column)

    def all_in_target(self, columns: Sequence[str]) -> tuple[str, ...]:
        """The same of several."""
        return tuple(self.in_target(column) for column in columns)

    def hides(self, names: Sequence[str]) -> bool:
        """Whether values of a table of these columns must not leave the source: some are masked, or not carried."""
        return bool(self.masks) or not set(names) <= set(self.columns)


class Comparison(Protocol):
    """A table's keys and rows by their hashes, within a scope, in one snapshot (R25)."""

    @property
    def scope(self) -> Scope:
        """What is compared."""

    def sums(
        self, bits: int, *, keys_only: bool = False, stretch: Ranges | None = None
    ) -> tuple[dict[int, Sum], tuple[int, ...]]:
        """What the settled rows come to, by bucket; and the loose ones' keys.

        Of keys alone, or of some ranges of them, where that is wanted (R36).
        """

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
    def catalog(self) -> tuple[CatalogPart, ...]:
        """What beside the columns decides values: a view's text, an enum's labels ... (R29)."""

    @property
    def exporter(self) -> Exporter | None:
        """How its rows come, where the source exports them; None where :meth:`rows` and :meth:`staged` have them."""

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What this server kept to itself, so that the read's watermark is only assumed (R7)."""

    def query(self, spans: Sequence[Span] | None, read_at: datetime, part: Part | None = None) -> str:
        """The text that :meth:`rows` runs; the ledger and the log keep it.

        ``spans`` None is the whole table, or the ``part`` of it that a first load reads (R24).
        """

    def rows(self, spans: Sequence[Span] | None, read_at: datetime, part: Part | None = None) -> Rows:
        """Read. Raises ``SourceUnavailable``, ``SourceChanged``, ``BadValue``."""

    def staged(
        self,
        name: str,
        stage: Callable[[], Stage],
        spans: Sequence[Span] | None,
        read_at: datetime,
        part: Part | None = None,
    ) -> Manifest | None:
        """Put the rows into the stage itself, in objects whose names begin with ``name``; None: :meth:`rows` has them.

        ``stage`` is not opened before it is called.
        """

    def part_end(self, low: tuple[str, ...], rows: int) -> tuple[str, ...]:
        """The key, as texts, of the row that comes ``rows`` after ``low``; empty where there are fewer (R24)."""

    def counts(self) -> tuple[int, int]:
        """Rows whose cursor is null or infinite, and rows whose cursor lies in the future (R22)."""

    def fresh(self, spans: Sequence[Span]) -> tuple[int, ...]:
        """For each span, how many rows it would read: those written since its base, or of its leaves (R21)."""

    def census(self, scope: Scope) -> Census:
        """All selected rows of the snapshot, by class (R36)."""

    def comparison(self, scope: Scope) -> Comparison:
        """Its keys and rows by hash (R25)."""

    def durable(self) -> bool:
        """Whether all that the snapshot saw has reached the disk, waiting a moment for it (R3)."""


class Source(Protocol):
    """One operational database."""

    def look(self, before: Seen | None = None) -> Look:
        """Which transactions are open, held against what the table's last look had ``seen`` (R4).

        What it says is true of every snapshot that is taken after it has returned.
        """

    def describe(
        self, schema: str, name: str, *, sql: str = "", where: str = "", choices: Choices = NOTHING_CHOSEN
    ) -> TableSchema:
        """One table from the catalog; or, with ``sql``, what that SELECT of the user's own returns.

        Columns travel by the types that are chosen for them; one that its type can't have is its ``misfit``.

        Raises ``SourceRefused`` where it isn't there or can't be read, or where ``sql`` or ``where`` doesn't hold.
        """

    def open(self, selection: Selection, last: Snapshot | None = None) -> AbstractContextManager[Reading]:
        """Hold the table still and take a snapshot (R1, R2), not older than the table's ``last`` one (R8)."""

    def history(self, before: Snapshot, this: Snapshot) -> History:
        """What ``before``, the table's last, still proves, now that ``this`` was taken (R3, R10). Asks nothing."""

    def until_exported(self, request: Mapping[str, Any]) -> None:
        """Wait until the export of a request that an earlier step wrote down is over; at once where there is none.

        Raises ``ExportRunning`` where it takes longer than a step waits.
        """

    def close(self) -> None:
        """Give every connection back."""
