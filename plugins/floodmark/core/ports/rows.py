"""Rows on their way from the source to the stage."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from floodmark.core.checksum import Checksum
from floodmark.core.ledger.manifest import Rechecked
from floodmark.core.unheld import Tally


class Rows(Protocol):
    """Rows on their way from the source: Arrow record batches of landing types, in the order read.

    The batches carry ``_floodmark_cursor``, ``_floodmark_read_at`` and ``_floodmark_unheld`` beside the selection's
    columns; ``_floodmark_gone`` too where rows may say that their key leaves the target. ``digest`` and
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
        """The partitioning column's values among the rows, as in :class:`~floodmark.core.ledger.read.Manifest`."""

    @property
    def rechecked(self) -> Rechecked | None:
        """The rows among them in slices that were sealed before, complete once the batches are exhausted (R12).

        None where nobody counted them: then BigQuery is asked each time.
        """

    @property
    def checksum(self) -> Checksum | None:
        """What the rows come to, where that was asked for (R28)."""

    @property
    def quarantined(self) -> tuple[Mapping[str, Any], ...]:
        """Rows that were held out: their key, and the values that the target can't hold, with reasons (R27, R31)."""

    @property
    def tally(self) -> Tally:
        """What did not travel as it is; complete once the batches are exhausted (R31)."""
