"""Which table of a batch is begun first."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from math import inf
from uuid import UUID

from floodmark.core.ledger.head import fresh
from floodmark.core.ledger.weight import weight
from tests.fakes.examples import ZERO, reading


def test_a_table_weighs_what_its_last_read_took_and_a_new_one_most() -> None:
    head = fresh("p.d.t", UUID(int=1))
    assert weight(head) == inf
    read = replace(reading("p.d.t"), began_at=ZERO, applied_at=ZERO + timedelta(seconds=90))
    assert weight(replace(head, last=read)) == 90.0
    assert weight(replace(head, last=replace(read, began_at=None))) == 0.0
