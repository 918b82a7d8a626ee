"""What the task of a batch does: its tables side by side, each from source to current. Imported inside ``execute``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from floodmark.airflow import failures, steps
from floodmark.airflow.interval import interval_of
from floodmark.airflow.run_began import since
from floodmark.airflow.side_by_side import SideBySide
from floodmark.airflow.thread_ports import ThreadPorts
from floodmark.airflow.work import Context, Work
from floodmark.core.ledger.head import Head
from floodmark.core.ledger.portion import Kind
from floodmark.core.ledger.weight import weight
from floodmark.core.time.interval import Interval
from floodmark.pipeline.datasets import Datasets
from floodmark.pipeline.load import load as load_table
from floodmark.pipeline.outcome import Outcome
from floodmark.pipeline.table_run import closing


def begin(work: Work, tables: tuple[str, ...], context: Context) -> Batch:
    """The tables whose start the run's interval has reached, not yet begun; the heaviest of them comes first.

    Raises ``ConfigurationError`` where one of them was never read and a dataset is missing, before any work.
    """
    slice_ = interval_of(context["dag_run"], work.cadence) if work.kind is Kind.SLICE else None
    begun = steps.begun(work, tables, slice_)
    datasets = Datasets(work.config, work.file.name)
    heads = _heads(work, begun, datasets) if begun else {}
    ordered = _heaviest_first(begun, heads)
    ports = ThreadPorts(partial(steps.open_ports, work))
    shared = _Tables(
        work=work, context=context, slice_=slice_, since=since(work, context), datasets=datasets, ports=ports,
        heads=heads,
    )  # fmt: skip
    return Batch(ordered, shared.sync, ports)


def _heads(work: Work, tables: Sequence[str], datasets: Datasets) -> dict[str, Head]:
    """The heads of all, in one request. BigQuery is asked only where a table is new: an idle batch needs no client."""
    known = [name for name in tables if name in work.config.tables]
    with closing(steps.open_ports(work)) as ports:
        targets = [work.config.bigquery.current_table(work.table(name)) for name in known]
        heads = dict(zip(known, ports.ledger.heads(targets), strict=True))
        if any(weight(head) == float("inf") for head in heads.values()):
            datasets.require(ports.warehouse)
    return heads


def _heaviest_first(tables: Sequence[str], heads: Mapping[str, Head]) -> tuple[str, ...]:
    weights = {name: weight(head) for name, head in heads.items()}
    return tuple(sorted(tables, key=lambda name: -weights.get(name, 0.0)))


@dataclass(frozen=True, kw_only=True)
class _Tables:
    """What the tables of a batch share. ``since``: a moment before all that this run may have done of them.

    ``heads`` are the tables' as the batch began; each serves once: later it is another.
    """

    work: Work
    context: Context
    slice_: Interval | None
    since: datetime | None
    datasets: Datasets
    ports: ThreadPorts
    heads: dict[str, Head]

    def sync(self, name: str) -> Outcome:
        """Source to stage to current; what this run has done of it already isn't done again."""
        with failures.told(self.work, name, self.context), self.ports.borrowed() as ports:
            run = steps.table_run(self.work, name, self.context, ports)
            run = replace(run, seen=self.heads.pop(name, None))

            def ready() -> None:
                self.datasets.require(ports.warehouse)

            extracted = steps.extract_one(run, self.work, self.context, self.slice_, self.since, ready=ready)
            if not extracted.pending:
                return extracted
            ready()
            loaded = steps.told(load_table(run, extracted.read_at))
            return replace(loaded, reconciled=extracted.reconciled or loaded.reconciled)


class Batch:
    """Tables side by side, in the order in which they begin."""

    def __init__(self, tables: tuple[str, ...], sync: Callable[[str], Outcome], ports: ThreadPorts) -> None:
        self.tables, self._ports = tables, ports
        self._together = SideBySide(tables, sync)

    def go_on(self) -> dict[str, Outcome]:
        """As :meth:`SideBySide.go_on`; nothing is open afterwards."""
        try:
            return self._together.go_on()
        finally:
            self._ports.close()
