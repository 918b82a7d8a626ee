"""What the next run would send to BigQuery, each statement by a dry run of its own, and its bytes beside plan's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from floodmark.cli.findings.finding import Finding, examination, failed, note, ok, said, warning
from floodmark.cli.options import Wanted
from floodmark.cli.plan import requests
from floodmark.core.bigquery.price import ALLOW_MORE
from floodmark.core.ledger.step import Question
from floodmark.errors import RetriableError
from floodmark.pipeline.reports.plan import Plan
from floodmark.pipeline.reports.plan import plan as planned
from floodmark.pipeline.reports.too_dear import Sent, too_dear
from floodmark.pipeline.table_run import Request, TableRun

if TYPE_CHECKING:
    from floodmark.cli.sources import SourceFile

_ABOUT = "statements"
_Asked = Callable[[str], int]


@examination(_ABOUT)
def of_statements(file: SourceFile, dsn: str = "") -> Iterator[Finding]:
    """Of each table: what one is refused, or can't be planned for, says nothing of the others."""
    from floodmark.pipeline import wiring

    inspection = wiring.inspection_of(file.config, file.connections(dsn))
    with closing(file.ports(dsn, missing="empty")) as ports, closing(inspection):
        for table, request in requests(file, file.tables(None), Wanted(), ports):
            run = file.table_run(table, ports, "doctor")
            yield from _of_table(run, request, inspection.estimate)


def _of_table(run: TableRun, request: Request, estimate: _Asked) -> Iterator[Finding]:
    name = run.table.name
    answers = _Answers(run)
    try:
        plan = planned(run, request, estimate, answers.ask)
    except Exception as error:  # this table's alone, a defect too
        can_wait = isinstance(error, RetriableError)
        text = f"{name} can't be planned: {said(error)}"
        yield warning(_ABOUT, text) if can_wait else failed(_ABOUT, text, f"see: {run.command('plan', '--table')}")
        return
    for refused in plan.refused:
        yield failed(_ABOUT, f"{name}: {refused}", "")
    if plan.refused:
        return
    if not plan.query:
        yield ok(_ABOUT, f"{name}: the next run has nothing to read")
    elif plan.creates:
        yield note(_ABOUT, f"{name}: BigQuery can't be asked before there is {', '.join(plan.creates)}{_guess(plan)}")
    else:
        yield from _dry_runs(run, plan, answers)


def _guess(plan: Plan) -> str:
    return f"; plan guesses {plan.bytes:,} bytes" if plan.guessed and plan.bytes is not None else ""


def _dry_runs(run: TableRun, plan: Plan, answers: _Answers) -> Iterator[Finding]:
    """Each statement with the labels that the run's own job would bear."""
    name, troubles = run.table.name, 0
    alters = tuple(Sent(what=step, statement=one, is_job=True) for step, one in plan.alters)
    sent: list[Sent] = []
    for one in alters or plan.sent():
        asked = _dry_run(run, one, answers)
        if isinstance(asked, Finding):
            troubles += 1
            yield asked
        else:
            sent.append(asked)
    for dear in too_dear(run, plan.tables, sent):
        troubles += 1
        yield failed(_ABOUT, f"{name}: {dear}", ALLOW_MORE)
    if alters:
        yield note(_ABOUT, f"{name}: its tables are altered first, the rest can't be asked before that{_guess(plan)}")
    elif not troubles:
        total = sum(one.bytes or 0 for one in sent)
        yield ok(_ABOUT, f"{name}: {len(sent)} statements would be taken, {total:,} bytes in all, as plan says")


def _dry_run(run: TableRun, one: Sent, answers: _Answers) -> Sent | Finding:
    """The statement with its bytes; else what is wrong with it."""
    where = f"{run.table.name}: {one.what}"
    step = one.what if one.is_job else Question.PLAN
    try:
        size = run.ports.warehouse.dry_run(one.statement, one.parameters, labels=run.labels(step))
    except RetriableError as error:
        return warning(_ABOUT, f"{where} couldn't be asked: {said(error)}")
    except Exception as error:
        see = f"see the statement: {run.command('plan', '--table')}"
        return failed(_ABOUT, f"{where} is refused: {said(error)}", see)
    plan_says = answers.bytes.get(one.statement, size)
    if plan_says != size:
        why = "somebody writes to its tables meanwhile: ask again"
        return warning(_ABOUT, f"{where} would process {size:,} bytes, plan says {plan_says:,}", why)
    return replace(one, bytes=size)


class _Answers:
    """What plan is told; a statement that is refused counts nothing there, since it is asked and named here."""

    def __init__(self, run: TableRun) -> None:
        self._run = run
        self.bytes: dict[str, int] = {}

    def ask(self, statement: str, parameters: Any = None) -> int:
        """``dry_run`` as plan asks it."""
        try:
            labels = self._run.labels(Question.PLAN)
            self.bytes[statement] = self._run.ports.warehouse.dry_run(statement, parameters, labels=labels)
        except Exception:
            return 0
        return self.bytes[statement]
