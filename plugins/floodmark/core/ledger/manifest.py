"""What a read staged."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from floodmark.core import checksum, unheld
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
    ``quarantine_uri`` is the object that holds the ``quarantined`` rows, empty where there are none (R27), several
    with ``, `` between where several readers held some out; ``tally``
    says of which columns, and what else did not travel as it is (R31). ``null_cursors`` and ``future_cursors`` are the
    source's rows that no slice can hold, and those whose slice is yet to come, at the read's snapshot (R22).
    ``checksum`` is what the rows come to, where ``verify`` asked for it (R28). ``format`` is that of the objects;
    of texts, ``header`` are their columns in order, and ``null_marker`` is what stands for NULL in a CSV: no value.
    ``rechecked`` are the rows in slices that are only looked at again; None where nobody counted them.
    """

    uri: str = ""
    format: str = "parquet"
    header: tuple[str, ...] = ()
    null_marker: str = ""
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


def together(shards: Sequence[Manifest]) -> Manifest:
    """One manifest of what several readers staged of one table, in order.

    Its digest is that of theirs: equal ones prove equal tables all the same, and one that was cut otherwise is another.
    """
    sums = [one.checksum for one in shards if one.checksum is not None]
    rechecked = [one.rechecked for one in shards if one.rechecked is not None]
    digests = [one.digest for one in shards]
    return Manifest(
        objects=tuple(staged for one in shards for staged in one.objects),
        rows=sum(one.rows for one in shards),
        bytes=sum(one.bytes for one in shards),
        digest=hashlib.sha256("\n".join(digests).encode()).hexdigest() if all(digests) else "",
        partitions=_in_order(one.partitions for one in shards),
        quarantined=sum(one.quarantined for one in shards),
        quarantine_uri=", ".join(one.quarantine_uri for one in shards if one.quarantine_uri),
        checksum=checksum.together(sums) if len(sums) == len(shards) else None,
        tally=unheld.together([one.tally for one in shards]),
        rechecked=Rechecked(
            rows=sum(one.rows for one in rechecked), partitions=_in_order(one.partitions for one in rechecked)
        )
        if len(rechecked) == len(shards)
        else None,
    )


def _in_order(several: Iterable[tuple[str | None, ...]]) -> tuple[str | None, ...]:
    """Partitions, each once, NULL last."""
    found = {value for values in several for value in values}
    return (*sorted(value for value in found if value is not None), *([None] if None in found else []))
