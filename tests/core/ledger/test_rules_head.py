"""What a head refuses, whichever step asks for it (R15-R17)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from floodmark.core.ledger import giving_up
from floodmark.core.ledger import head as heads
from floodmark.core.ledger.head import Head, Unlawful
from floodmark.core.ledger.read import State
from tests.fakes.examples import ZERO, effect, manifest, reading

HEAD = Head(target="p.d.t", uuid=UUID(int=5), version=3, token=1, holder="me", last_read_at=ZERO)


@pytest.mark.parametrize("back", [0, 1], ids=["the same", "earlier"])
def test_a_read_at_that_does_not_grow_is_refused(back: int) -> None:
    """R15."""
    with pytest.raises(Unlawful, match="is not after"):
        heads.begin(HEAD, reading(at=ZERO - timedelta(microseconds=back)))
    assert heads.begin(HEAD, reading(at=ZERO + timedelta(microseconds=1))).open


def test_a_second_read_is_not_opened_beside_an_open_one() -> None:
    """R14."""
    with pytest.raises(Unlawful, match="a read is open already"):
        heads.begin(replace(HEAD, open=reading()), reading(at=ZERO + timedelta(hours=1)))


def test_a_read_whose_job_may_still_run_is_not_void() -> None:
    """R17: nobody knows what became of it; its id must be occupied first."""
    staged = replace(reading(), state=State.STAGED, manifest=manifest(), effects=(effect(),))
    with pytest.raises(Unlawful, match="occupy its id"):
        giving_up.void(replace(HEAD, open=staged), "no more")
