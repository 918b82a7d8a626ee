"""One table in one run, wired: what every step of the pipeline is given."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from floodmark.core.bigquery import jobs
from floodmark.core.command_line import command_line
from floodmark.core.config.source import SourceConfig
from floodmark.core.config.table import TableConfig
from floodmark.core.ledger.head import Head
from floodmark.core.ledger.portion import Kind
from floodmark.core.ledger.requested import Requester
from floodmark.core.ports import Ledger, Source, Stage, Warehouse
from floodmark.core.time.interval import Interval
from floodmark.pipeline import lease as leases
from floodmark.pipeline.lease import Lease
from floodmark.pipeline.mask_keys import Secret, no_secret
from floodmark.pipeline.meter import Meter

JOB_PATIENCE = timedelta(minutes=1)


class Ports:
    """The four ports of one source, each opened when first used: an idle table never imports Google's clients."""

    def __init__(
        self,
        *,
        source: Callable[[], Source],
        stage: Callable[[], Stage],
        warehouse: Callable[[], Warehouse],
        ledger: Callable[[], Ledger],
        secret: Secret = no_secret,
    ) -> None:
        self._source, self._stage, self._warehouse, self._ledger = source, stage, warehouse, ledger
        self.secret = secret
        """The password of a connection, by its id: the key of a mask."""

    @cached_property
    def source(self) -> Source:
        """The operational database."""
        return self._source()

    @cached_property
    def stage(self) -> Stage:
        """Object storage."""
        return self._stage()

    @cached_property
    def warehouse(self) -> Warehouse:
        """BigQuery."""
        return self._warehouse()

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger."""
        return self._ledger()

    def close(self) -> None:
        """Give back what was opened."""
        for name in ("source", "ledger"):
            if name in self.__dict__:
                self.__dict__.pop(name).close()


@contextmanager
def closing(ports: Ports) -> Iterator[Ports]:
    """The ports, closed at the end."""
    try:
        yield ports
    finally:
        ports.close()


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a run wants of a table. ``interval`` is its data interval, and ``by`` who wants it; a reload needs none.

    ``anew``: a reload for which a person has the open read given up, and both target tables dropped and made again, so
    that nothing of theirs has to fit (R29).
    """

    kind: Kind
    run_id: str
    interval: Interval | None = None
    by: Requester = Requester.PERSON
    anew: bool = False


@dataclass(frozen=True, kw_only=True)
class TargetRun(ABC):
    """One target of one source in one run, with its ports. ``holder`` names this very step in the lease.

    ``file`` is the configuration's, for messages, ``named`` how a command line names the source, where not by its name.
    ``job_patience`` is how long a step waits in place for a BigQuery job before it gives the lease back (R14).
    ``seen`` is the head as the ledger had it not long ago, where somebody asked for it (:func:`leases.lease`).
    ``meter`` has what BigQuery billed and the ledger doesn't know yet. ``summaries`` gives the source's summaries, as
    the ledger names them: what they billed counts to its budget.
    """

    config: SourceConfig
    ports: Ports
    holder: str
    file: str = ""
    named: str = ""
    time_to_live: timedelta = leases.TIME_TO_LIVE
    job_patience: timedelta = JOB_PATIENCE
    seen: Head | None = field(default=None, repr=False, compare=False)
    meter: Meter = field(default_factory=Meter, compare=False)
    summaries: Callable[[], Sequence[str]] = tuple

    @property
    @abstractmethod
    def name(self) -> str:
        """What commands call it."""

    @property
    @abstractmethod
    def target(self) -> str:
        """``project.dataset.table``: the head's name in the ledger."""

    @property
    @abstractmethod
    def lease_wait(self) -> timedelta:
        """How long to wait for its lease."""

    @property
    def tried_again(self) -> str:
        """The command that tries a job again which failed for good, once its cause is mended."""
        return self.command("unblock")

    @property
    def spent_shown(self) -> str:
        """The command that shows what was billed."""
        return self.command("cost", "--table")

    def command(self, words: str, option: str = "") -> str:
        """A command line on this target, as a person can type it: ``floodmark WORDS source [option] name``."""
        return command_line(words, self.named or self.config.source, option, self.name)

    def labels(self, step: str = "") -> dict[str, str]:
        """What every job and query of this target bears: the source's own labels, and whose it is (R20)."""
        return {**self.config.bigquery.labels, **jobs.marks(self.config.source, self.name, step)}

    def ask(
        self, step: str, sql: str, parameters: Mapping[str, Any] | None = None, *, dataset: str = ""
    ) -> list[dict[str, Any]]:
        """The rows of a question to BigQuery, asked for ``step``; names without a dataset are of ``dataset``."""

        def bill(billed: int) -> None:
            self.meter.add(str(step), billed)

        return self.ports.warehouse.query(sql, parameters, labels=self.labels(step), bill=bill, dataset=dataset)

    def lease(self) -> AbstractContextManager[Lease]:
        """This target's lease, for this step."""
        return leases.lease(
            self.ports.ledger,
            self.target,
            holder=self.holder,
            wait=self.lease_wait,
            time_to_live=self.time_to_live,
            meter=self.meter,
            seen=self.seen,
        )


@dataclass(frozen=True, kw_only=True)
class TableRun(TargetRun):
    """One table of one source.

    ``own_select`` gives the text of the user's SELECT, where there is one; it is read when it is needed, so that a file
    that vanished is an error of this table. ``declared`` gives the text of its schema file, likewise.
    """

    table: TableConfig
    own_select: Callable[[], str] = str
    declared: Callable[[], str] = str

    @property
    def name(self) -> str:
        """The table's name in the file."""
        return self.table.name

    @property
    def target(self) -> str:
        """``project.dataset.table`` of the current table: the head's name in the ledger."""
        return self.config.bigquery.current_table(self.table)

    @property
    def view(self) -> str:
        """``project.dataset.table`` of its history, whether there is one or not."""
        return self.config.bigquery.history_view(self.table)

    @property
    def lease_wait(self) -> timedelta:
        """As the table has it."""
        return self.table.lease_wait

    @property
    def start(self) -> datetime:
        """From when rows are promised, UTC."""
        return self.table.start

    @property
    def recheck(self) -> timedelta:
        """How far behind the newest sealed moment each run looks again (R12)."""
        return self.table.recheck * self.table.cadence.longest
