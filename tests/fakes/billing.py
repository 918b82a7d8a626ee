"""A warehouse that says what each job billed, where the server behind it bills nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from floodmark.core.ports import Job, JobResult
from floodmark.pipeline.table_run import Ports, TableRun
from tests.fakes.watched import PORTS


class Billing:
    """``of`` says what a statement bills and would process, in bytes; a load bills nothing."""

    def __init__(self, port: Any, of: Callable[[str], int]) -> None:
        self._port, self._of = port, of

    def __getattr__(self, name: str) -> Any:
        return getattr(self._port, name)

    def query(
        self, sql: str, parameters: Any = None, *, labels: Any, bill: Callable[[int], None], dataset: str = ""
    ) -> Any:
        """The real answer, and the bytes."""
        rows = self._port.query(sql, parameters, labels=labels, dataset=dataset)
        bill(self._of(sql))
        return rows

    def dry_run(self, sql: str, parameters: Any = None, *, labels: Any = None, dataset: str = "") -> int:
        """The bytes."""
        self._port.dry_run(sql, parameters, labels=labels, dataset=dataset)
        return self._of(sql)

    def wait(self, job: Job, timeout: Any) -> JobResult:
        """The real result, and the bytes."""
        result: JobResult = self._port.wait(job, timeout)
        text = job.configuration.get("query", {}).get("query")
        billed = self._of(text) if text and result.done else 0
        return replace(result, statistics={**result.statistics, "bytes_billed": billed})


def billing(run: TableRun, of: Callable[[str], int]) -> TableRun:
    """The same step, before a warehouse that bills so."""
    inner = run.ports
    opened: dict[str, Callable[[], Any]] = {name: lambda name=name: getattr(inner, name) for name in PORTS}
    opened["warehouse"] = lambda: Billing(inner.warehouse, of)
    return replace(run, ports=Ports(**opened))
