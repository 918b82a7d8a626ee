"""What a read staged."""

from __future__ import annotations

from dataclasses import dataclass, field

from floodmark.core.checksum import Checksum
from floodmark.core.unheld import Tally


@dataclass(frozen=True, kw_only=True)
class StagedObject:
    """One file in object storage, written once: ``generation`` and ``crc32c`` (base64) name these very bytes."""

    uri: str
    generation: int
    crc32c: str
    rows: int
    bytes: int


@dataclass(frozen=True, kw_only=True)
class Rechecked:
    """The rows whose cursor lies in a slice that was sealed before (R12), and the partitions that they touch."""

    rows: int = 0
    partitions: tuple[str | None, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a read staged. ``rows`` is the sum over ``objects``; ``uri`` is that of the manifest's own object.

    ``partitions`` are the values of the partitioning column that the rows have, as ISO dates, hours, months or years
    (None for NULL); empty where the target has no such column. ``digest`` is the SHA-256 of the rows in the order
    read, without Floodmark's own columns: equal digests prove equal tables, unequal ones nothing (R23). A slice has
    none.
    ``quarantine_uri`` is the object that holds the ``quarantined`` rows, empty where there are none (R27); ``tally``
    says of which columns, and what else did not travel as it is (R31). ``null_cursors`` and ``future_cursors`` are the
    source's rows that no slice can hold, and those whose slice is yet to come, at the read's snapshot (R22).
    ``checksum`` is what the rows come to, where ``verify`` asked for it (R28). ``format`` is that of the objects.
    ``rechecked`` are the rows in slices that are only looked at again; None where nobody counted them.
    """

    uri: str = ""
    format: str = "parquet"
    objects: tuple[StagedObject, ...] = ()
    rows: int = 0
    bytes: int = 0
    digest: str = ""
    partitions: tuple[str | None, ...] = ()
    quarantined: int = 0
    quarantine_uri: str = ""
    null_cursors: int = 0
    future_cursors: int = 0
    checksum: Checksum | None = None
    tally: Tally = field(default_factory=Tally)
    rechecked: Rechecked | None = None
