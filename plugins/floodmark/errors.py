"""What can go wrong, grouped by what to do about it.

    FloodmarkError
    ├── ConfigurationError      mend what you wrote, or what is installed: carries every problem at once
    │   └── LedgerMissing       a command that only reads found no ledger; none is made for it
    ├── RetriableError          try again later; Airflow's retries do
    │   ├── LeaseTaken          another step works on this target table
    │   ├── LeaseLost           another step took this target's lease over; this one must stop
    │   ├── SourceUnavailable   the database could not be reached, or cancelled the read
    │   ├── StageUnavailable    object storage could not be reached
    │   ├── WarehouseUnavailable  BigQuery could not be reached, or is over a quota
    │   ├── LedgerUnavailable   the ledger could not be reached, or somebody holds it locked
    │   ├── AdoptedChanged      a table that is adopted changed since it was compared: nothing is adopted, try again
    │   ├── TooMuchInFlight     too many keys are not settled yet for a reconcile: run the slices first (R25)
    │   └── JobRunning          a BigQuery job still runs; look again when it has ended
    │       └── ExportRunning   an export of the source's does (Cloud SQL)
    ├── ServerFailed            a server of the demo could not be made or started on this machine
    └── FatalError              a retry gives the same; the table stays blocked until a person acts
        ├── SourceRefused       the source can't be read as configured: privileges, keys, row security
        ├── SourceChanged       the table changed under the read, or is no longer the one the ledger knows
        ├── SettingChanged      what was read counts no more, and nobody said that it may be read anew (R29)
        ├── RowsRequired        a read brings no row, or would leave none, under ``require_rows``
        ├── BadValue            a value that the target can't hold, under ``bad_values: fail``
        ├── RawLost             raw doesn't hold what was loaded any more; its slices are read again (R33)
        ├── CountMismatch       rows read, rows staged and rows loaded differ (R28)
        │   └── KeysDoubled     current holds a key more than once; only a reload mends it (R20, R28)
        ├── ChecksumMismatch    columns hold other values at one end than at the other (R28)
        ├── BudgetReached       more would be billed than the budget leaves; by itself it goes on later (R20)
        ├── SummaryRefused      what a summary's build has made isn't what it must be; the table stands as it was
        ├── JobFailed           a BigQuery job ended with a permanent error
        ├── TargetMismatch      a target bears another ledger's label (R19)
        ├── TooManyPartitions   current would have more partitions than BigQuery takes (R20)
        ├── TargetTouched       current holds other rows than we left there: somebody else writes to it (R36)
        ├── Unbalanced          rows of the source are missing from current, or differ there (R36)
        ├── TablesNeedSomebody  tables are blocked, stale or unbalanced, at the end of a run (R36)
        ├── LedgerUnusable      the ledger's version or place does not fit
        └── Unlawful            a step that a read's states don't allow: a defect of ours, never of the data

Every message says what, where, the value and the remedy. The drawing is held equal to the classes by a test; one that
needs a name of another floor (``Unlawful``, of ``core/ledger/head.py``) stands there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class FloodmarkError(Exception):
    """Base of every error that Floodmark raises on purpose."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing wrong in a configuration: ``file: path: message; remedy``."""

    file: str
    path: str
    message: str
    remedy: str = ""

    def __str__(self) -> str:
        """The problem on one line."""
        where = f"{self.file}: {self.path}: " if self.path else f"{self.file}: "
        return where + self.message + (f"; {self.remedy}" if self.remedy else "")


class ConfigurationError(FloodmarkError):
    """What was written can't be used. ``problems`` holds every one found, not only the first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class LedgerMissing(ConfigurationError):
    """There is no ledger at ``place``, where it was looked for. Only what writes makes one."""

    def __init__(self, place: str) -> None:
        self.place = place
        remedy = (
            "the first run makes it; if Airflow or another machine has one, write its place as ledger: in the source's "
            "file, or set FLOODMARK_STATE to its folder"
        )
        super().__init__([Problem(file=f"ledger {place}", path="", message="there is none", remedy=remedy)])


class ServerFailed(FloodmarkError):
    """A local server could not be made or started; the message says which, why, and where its log is."""


class RetriableError(FloodmarkError):
    """Try again later: nothing was half done."""


class LeaseTaken(RetriableError):
    """Another step holds the lease of this target table; the message names the holder."""


class LeaseLost(RetriableError):
    """The ledger moved on under another token: what this step did since is void."""


class SourceUnavailable(RetriableError):
    """The database can't be reached, or ended the read."""


class StageUnavailable(RetriableError):
    """Object storage can't be reached, or refused a write that a retry may do."""


class WarehouseUnavailable(RetriableError):
    """BigQuery can't be reached, or is over a rate or quota."""


class AdoptedChanged(RetriableError):
    """A table that is to be adopted is not any more what was compared with the source; nothing of it is taken."""


class TooMuchInFlight(RetriableError):
    """More keys of the source are not settled than a reconcile can leave out (R25)."""


class JobRunning(RetriableError):
    """A BigQuery job takes longer than a step waits for it. The ledger holds it; any step may go on from there."""

    def __init__(self, message: str, *, job_id: str, location: str) -> None:
        super().__init__(message)
        self.job_id = job_id
        self.location = location


class ExportRunning(JobRunning):
    """An export takes longer than a step waits for it. The ledger holds it too; ``job_id`` is its operation.

    ``pause``: after so many seconds it may be looked at again; until then nobody needs to wait.
    """

    def __init__(self, message: str, *, job_id: str, location: str, pause: float) -> None:
        super().__init__(message, job_id=job_id, location=location)
        self.pause = pause


class LedgerUnavailable(RetriableError):
    """The ledger can't be reached, or somebody holds it locked."""


class FatalError(FloodmarkError):
    """A retry gives the same. The table is blocked, and ``status`` says so."""


class SourceRefused(FatalError):
    """The source can't be read as configured."""


class SourceChanged(FatalError):
    """The source's table is not, or no longer, what the read began with."""


class SettingChanged(FatalError):
    """What decides the rows is another than at the last read, and what follows is for a person to say (R29)."""


class RowsRequired(FatalError):
    """Under ``require_rows``: the source gave no row, or current would hold none; what is there stays."""


class BadValue(FatalError):
    """A value that the target type can't hold (R27)."""


class RawLost(FatalError):
    """Raw doesn't hold what was staged, or won't for long: the read is void, and its slices are due again (R33)."""


class CountMismatch(FatalError):
    """Rows read, rows in the manifest and rows loaded differ (R28)."""


class KeysDoubled(CountMismatch):
    """Current holds a key more than once: somebody else writes to it, or its partition_by changes (R20, R28)."""


class ChecksumMismatch(FatalError):
    """Under ``verify``: ``columns`` hold other values at one end than at the other (R28)."""

    def __init__(self, message: str, *, columns: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.columns = columns


class BudgetReached(FatalError):
    """More would be billed than the source's budget leaves: nothing is done, and the next day or run goes on (R20)."""


class SummaryRefused(FatalError):
    """A summary can't be built, or what was built isn't what its file says it must be. Its table stands as it was."""


class JobFailed(FatalError):
    """A BigQuery job ended with an error that a retry repeats."""


class TargetMismatch(FatalError):
    """A target table bears the label of another ledger (R19)."""


class TooManyPartitions(FatalError):
    """Current would have more partitions than BigQuery takes in a table, or in a job (R20)."""


class TargetTouched(FatalError):
    """Current holds another number of rows than our last effect left: somebody else writes to it (R36)."""


class Unbalanced(FatalError):
    """Rows of the source are missing from current, or differ there (R36)."""


class LedgerUnusable(FatalError):
    """The ledger's schema, version or place does not fit this program."""


PERMANENT = (FatalError, ConfigurationError)
"""Only a person mends these: a retry gives the same."""


def reason(error: BaseException) -> str:
    """What the ledger keeps of an error: its kind and its message."""
    return f"{type(error).__name__}: {error}"
