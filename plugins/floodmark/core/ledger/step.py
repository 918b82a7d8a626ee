"""The steps that bring a read from the stage to current, by their names in the ledger and in jobs' ids."""

from __future__ import annotations

from enum import StrEnum


class Step(StrEnum):
    """What one job does. A read that takes several statements to apply has numbered ones, see :func:`apply_step`."""

    DROP_RAW = "drop_raw"
    """Raw loses the columns that are excluded by now."""
    DROP_CURRENT = "drop_current"
    """So does current."""
    RENAME_RAW = "rename_raw"
    """With a number: one of raw's columns is called as the source calls it by now."""
    RENAME_CURRENT = "rename_current"
    """So is current's."""
    ALTER_RAW = "alter_raw"
    """Raw gains the columns that the read brings. With a number: one of its columns becomes wider."""
    ALTER_CURRENT = "alter_current"
    """So does current."""
    REMAKE_RAW = "remake_raw"
    """Raw is dropped, to be made anew."""
    REMAKE_CURRENT = "remake_current"
    """So is current."""
    LOAD = "load"
    """Stage to raw."""
    TAKE_OVER = "take_over"
    """A table that somebody else filled to raw."""
    APPLY = "apply"
    """Raw to current; of a summary, from aside to its place."""
    BUILD = "build"
    """A summary's query to a table aside."""


class Question(StrEnum):
    """What BigQuery is asked beside the jobs: the step that its label and the ledger's account of bytes name (R20)."""

    HELD = "held"
    """Whether raw holds the read (R33)."""
    TOUCHED = "touched"
    """How many rows current holds (R36)."""
    EMPTIED = "emptied"
    """Whether current will hold a row (``require_rows``)."""
    LATE = "late"
    """How many rows of sealed slices will change current (R12)."""
    KEYS = "keys"
    """Whether a key stands twice: in the read, in the touched partitions (R2, R28)."""
    KEYS_IN_ALL = "keys_in_all"
    """The same of the whole table (R20)."""
    PARTITIONS = "partitions"
    """Which partitions current has, where that may be more than BigQuery takes (R20)."""
    VERIFY = "verify"
    """What the rows come to, column by column (R28)."""
    RECONCILE = "reconcile"
    """Current held against the source (R25)."""
    ADOPT = "adopt"
    """A table that somebody else filled, before it is taken over."""
    BALANCE = "balance"
    """Both ends counted (R36)."""
    STAMP = "stamp"
    """How a full refresh left current (R23)."""
    FORGET = "forget"
    """Rows of keys that are to be forgotten, or that came again."""
    HISTORY = "history"
    """Made, or taken away: the view that shows every version of each row."""
    REBUILD = "rebuild"
    """What stands in the tables of a ledger that was lost (R19)."""
    SUMMARY = "summary"
    """What a summary's build has made: its rows, its keys, its assertions."""
    TABLES = "tables"
    """Where the source's tables stand, written for those who read them."""
    PLAN = "plan"
    """What it would cost: asked, and not run."""


def apply_step(number: int) -> str:
    """The name of the statement that comes ``number``-th among those that apply a read, from 1."""
    return str(Step.APPLY) if number == 1 else f"{Step.APPLY}_{number}"


def is_apply(step: str) -> bool:
    """Whether a step changes what current holds."""
    return step == Step.APPLY or step.startswith(f"{Step.APPLY}_")


def fits(step: str) -> bool:
    """Whether a step has a table fit what the read brings."""
    return step.startswith(_FITTING)


_FITTING = (
    Step.DROP_RAW, Step.DROP_CURRENT, Step.RENAME_RAW, Step.RENAME_CURRENT, Step.ALTER_RAW, Step.ALTER_CURRENT,
)  # fmt: skip
