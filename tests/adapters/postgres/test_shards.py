"""How a table's blocks are shared out among readers."""

from __future__ import annotations

from itertools import pairwise

import pytest

from floodmark.adapters.postgres.shards import LEAST_BLOCKS, shared_out
from floodmark.core import checksum
from floodmark.core.checksum import Checksum, ColumnSum
from floodmark.core.ledger.manifest import Manifest, Rechecked, StagedObject, together
from floodmark.core.unheld import Tally


@pytest.mark.parametrize("blocks", [0, 1, LEAST_BLOCKS, 2 * LEAST_BLOCKS, 1_000, 99_999, 2**32 - 1])
@pytest.mark.parametrize("most", [2, 3, 16])
def test_stretches_meet_and_leave_nothing_out_at_either_end(blocks: int, most: int) -> None:
    stretches = shared_out(blocks, most)
    assert len(stretches) == (0 if blocks < 2 * LEAST_BLOCKS else min(most, blocks // LEAST_BLOCKS))
    if stretches:
        assert stretches[0].low is None
        assert stretches[-1].high is None
        assert all(one.high == other.low is not None for one, other in pairwise(stretches))
        cuts = [0, *(one.high or 0 for one in stretches[:-1]), blocks]
        assert all(other - one >= LEAST_BLOCKS for one, other in pairwise(cuts))


def staged(number: int, **more: object) -> Manifest:
    one = StagedObject(uri=f"gs://b/{number}", generation=1, crc32c="", rows=number, bytes=10)
    return Manifest(objects=(one,), rows=number, bytes=10, digest=str(number), **more)  # type: ignore[arg-type]


def test_a_manifest_of_several_tells_all_objects_and_what_they_come_to() -> None:
    column = ColumnSum(name="a", sum=5, xor=6)
    first = staged(
        1,
        partitions=("2026-11-02", None),
        quarantined=1,
        quarantine_uri="gs://b/q1",
        checksum=Checksum(level="full", rows=1, columns=(column,)),
        tally=Tally(unheld=(("a", 1),), leaving=1),
        rechecked=Rechecked(),
    )
    second = staged(
        2,
        partitions=("2026-11-01", "2026-11-02"),
        quarantined=2,
        quarantine_uri="gs://b/q2",
        checksum=Checksum(level="full", rows=2, columns=(ColumnSum(name="a", sum=7, xor=3),)),
        tally=Tally(unheld=(("a", 2), ("b", 1)), anywhere=True),
        rechecked=Rechecked(rows=1, partitions=("2026-11-01",)),
    )
    whole = together([first, second])
    assert [one.uri for one in whole.objects] == ["gs://b/1", "gs://b/2"]
    assert (whole.rows, whole.bytes, whole.quarantined) == (3, 20, 3)
    assert whole.partitions == ("2026-11-01", "2026-11-02", None)
    assert whole.quarantine_uri == "gs://b/q1, gs://b/q2"
    assert whole.checksum == Checksum(level="full", rows=3, columns=(ColumnSum(name="a", sum=12, xor=5),))
    assert whole.tally == Tally(unheld=(("a", 3), ("b", 1)), leaving=1, anywhere=True)
    assert whole.rechecked == Rechecked(rows=1, partitions=("2026-11-01",))
    assert whole.digest != together([second, first]).digest
    assert together([first, staged(2)]).checksum is None
    with pytest.raises(ValueError, match="only parts of one read"):
        checksum.together([Checksum(level="full", rows=0, columns=()), Checksum(level="sample", rows=0, columns=())])
