"""Exit codes: what a script may rely on."""

from __future__ import annotations

from enum import IntEnum

from floodmark.cli.machine import told
from floodmark.errors import ConfigurationError, FloodmarkError, RetriableError


class Exit(IntEnum):
    """One code for each thing that a script would do next."""

    OK = 0
    FINDINGS = 1
    USAGE = 2
    RETRY = 3
    DEFECT = 4
    INTERRUPTED = 130


MEANINGS = {
    Exit.OK: "done, and all is well",
    Exit.FINDINGS: "done, and something is not well: a table failed for good, is blocked, or is not proved",
    Exit.USAGE: "usage or configuration error: mend what was written",
    Exit.RETRY: "try again later: the source, BigQuery, the ledger or a lease could not be had",
    Exit.DEFECT: "a defect of Floodmark; FLOODMARK_DEBUG=1 shows the traceback",
    Exit.INTERRUPTED: "interrupted (Ctrl-C); leases are released, the next run goes on from the ledger",
}


def code(error: BaseException) -> Exit:
    """The exit code of an error."""
    error = told(error)
    if isinstance(error, ConfigurationError):
        return Exit.USAGE
    if isinstance(error, RetriableError):
        return Exit.RETRY
    return Exit.FINDINGS if isinstance(error, FloodmarkError) else Exit.DEFECT


def worst(codes: list[Exit]) -> Exit:
    """One code for several tables: what needs a person comes before what needs only time."""
    order = (Exit.INTERRUPTED, Exit.DEFECT, Exit.USAGE, Exit.FINDINGS, Exit.RETRY, Exit.OK)
    return next((one for one in order if one in codes), Exit.OK)
