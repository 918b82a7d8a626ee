"""How many readers a table is worth by itself."""

from __future__ import annotations

import pytest

from floodmark.adapters.several_readers import by_size, of_the_free

MIB = 2**20


@pytest.mark.parametrize(
    ("size", "cores", "readers"),
    [
        (0, 16, 1),
        (512 * MIB - 1, 16, 1),  # one for each 256 MiB
        (512 * MIB, 16, 2),
        (512 * MIB, 1, 1),
        (2**40, 16, 4),  # more only where it is written
        (2**40, 3, 3),
    ],
)
def test_readers_grow_with_the_table_up_to_what_the_worker_bears(size: int, cores: int, readers: int) -> None:
    assert by_size(size, cores) == readers


@pytest.mark.parametrize(("left", "readers"), [(-3, 1), (0, 1), (7, 1), (8, 2), (100, 25)])
def test_they_leave_three_of_four_connections_to_others(left: int, readers: int) -> None:
    assert of_the_free(left) == readers
