"""Why a table stands still, in its head: whatever failed for good, from whichever step, until a good read clears it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from floodmark.core.ledger import giving_up
from floodmark.core.ledger import head as heads
from floodmark.core.ledger.read import State
from floodmark.errors import FatalError, RawLost, RetriableError, reason
from floodmark.pipeline.lease import Lease


@contextmanager
def told(lease: Lease) -> Iterator[None]:
    """Around what decides and reads: its error is the head's, unless a retry may mend it.

    Refused, misconfigured or a defect of ours: the table gets no new rows, and ``status`` must say so.
    """
    try:
        yield
    except RetriableError:
        raise
    except Exception as error:
        stand_still(lease, error)
        raise


def stand_still(lease: Lease, error: Exception) -> None:
    """Say in the ledger why the table stands still; a read that was never staged is void."""
    if lease.head.open and lease.head.open.state is State.READING:
        lease.note(lambda head: giving_up.void(head, str(error)))
    lease.write(lambda head: heads.block(head, reason(error)))


@contextmanager
def told_once(lease: Lease) -> Iterator[None]:
    """Around what loads and applies: its error is the head's, unless that tells already why the read stays open.

    A failure for good once the read is closed says that current holds what was not read.
    """
    try:
        yield
    except (RetriableError, RawLost):
        raise  # a lost read is void already, and its slices are due again
    except Exception as error:
        text, fatal = reason(error), isinstance(error, FatalError)
        if not lease.head.error:
            lease.write(lambda head: heads.block(head, text, wrong=fatal and head.open is None))
        raise


def go_on(lease: Lease) -> None:
    """A run that could decide, and found nothing due, says that the table stands still no more.

    What waits for a person stays: a read that is open, and a current table that holds what was not read.
    """
    head = lease.head
    if head.error and head.open is None and not (head.last and head.last.error):
        lease.note(heads.unblock)
