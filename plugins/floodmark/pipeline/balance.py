"""Both ends of a table counted and compared, at three depths, in one snapshot under the lease (R36).

Nothing is read or healed here: what was found goes to the ledger, and ``status`` and ``prove`` say it.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace

from floodmark.core.balance import Depth
from floodmark.core.ledger import head as heads
from floodmark.core.ledger.balance import NOT_LOOKED, Balance
from floodmark.pipeline.both_ends import BothEnds
from floodmark.pipeline.extent import may_hold_more
from floodmark.pipeline.extract import tidy
from floodmark.pipeline.table_run import TableRun
from floodmark.pipeline.touched import columns_left

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Balanced:
    """What was found of one table. ``left_alone`` says why nothing was; ``asked`` is the depth that was wanted.

    ``more``: current may hold rows that the source has no more.
    """

    table: str
    target: str
    asked: Depth
    balance: Balance = NOT_LOOKED
    left_alone: str = ""
    more: bool = True

    @property
    def well(self) -> bool:
        """Whether it balances, as far as was looked."""
        return self.balance.balances(more=self.more)


def balance(run: TableRun, depth: Depth | None = None, *, everything: bool = False, daily: bool = False) -> Balanced:
    """Compare one table, down to ``depth`` (None: its own), and write down what was found.

    ``everything`` compares all rows rather than the share of a day. ``daily``: what is not due yet waits, and so does
    what would process too much for every day.

    Raises what reading does; and what :func:`columns_left` does, which the head then says.
    """
    asked = depth or Depth(run.table.balance)
    blank = Balanced(table=run.table.name, target=run.target, asked=asked)
    if asked is Depth.NONE:
        return replace(blank, left_alone="its configuration says balance: none")
    with run.lease() as lease:
        tidy(run, lease)
        last = lease.head.last
        if last is None or last.portion.continues:
            return replace(blank, left_alone="its first load is under way" if last else "nothing of it was read yet")
        there = columns_left(run, lease, last)
        ends = BothEnds(run=run, head=lease.head, there=there, asked=asked, everything=everything, daily=daily)
        found = ends.found()
        if isinstance(found, str):
            return replace(blank, left_alone=found)
        lease.write(lambda head: heads.balanced(head, found))
        done = replace(blank, balance=found, more=may_hold_more(run.table, lease.head))
    _tell(run, done)
    return done


def _tell(run: TableRun, done: Balanced) -> None:
    level = logging.INFO if done.well else logging.ERROR
    found, counts = done.balance, done.balance.counts
    log.log(
        level,
        "%s: the source has %d rows, current %d: %d missing, %d too many; %d ranges of rows differ%s%s",
        run.target,
        counts.source.rows if counts else 0,
        counts.current if counts else 0,
        found.missing,
        found.surplus,
        found.differing,
        "; current is not what was read" if found.changed else "",
        "".join(f"; {reason}" for reason in found.skipped),
    )
